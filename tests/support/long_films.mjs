// An upstream (dialect sora) whose jobs are done at the first poll, and whose videos are longer than all buffers on the way to a client that
// does not read.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

export const LENGTH = 30_000_000;

/** A video that is whole: what does not matter to it follows. */
function film() {
	const head = readFileSync(new URL('../../simulator/sample.mp4', import.meta.url)), rest = Buffer.alloc(LENGTH - head.length);
	rest.writeUInt32BE(rest.length);
	rest.write('free', 4);
	return Buffer.concat([head, rest]);
}

/** @returns {Promise<{base: string, asked: string[], stop: () => void}>} asked: the methods of the requests for videos */
export async function longFilms() {
	const whole = film(), asked = [];
	const server = createServer(async (request, response) => {
		await request.toArray();
		if (request.url.startsWith('/video/')) {
			asked.push(request.method);
			response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': LENGTH });
			return response.end(request.method === 'HEAD' ? undefined : whole);
		}
		const id = request.method === 'POST' ? `job_${Math.random().toString(36).slice(2)}` : request.url.split('/').pop();
		response.setHeader('content-type', 'application/json');
		return response.end(JSON.stringify(request.method === 'POST' ? { id, status: 'queued' } : { id, status: 'completed', progress: 100, video_url: `${base}/video/${id}` }));
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const base = `http://127.0.0.1:${server.address().port}`;
	const stop = () => {
		server.close();
		server.closeAllConnections();
	};
	return { base, asked, stop };
}

/** Clients that read the head of an answer, and nothing more. */
export class Unread {
	#sockets = [];

	/** @param {string} base  @param {string} path  @param {string} [token]  @returns {Promise<number>} the status */
	async ask(base, path, token) {
		const socket = connect(new URL(base).port, '127.0.0.1');
		this.#sockets.push(socket);
		socket.on('error', () => {});
		socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${token ? `Authorization: Bearer ${token}\r\n` : ''}\r\n`);
		const [piece] = await once(socket, 'data');
		socket.pause();
		return Number(piece.toString().split(' ')[1]);
	}

	leave() {
		for (const socket of this.#sockets.splice(0))
			socket.destroy();
	}
}
