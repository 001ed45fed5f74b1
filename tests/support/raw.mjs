// HTTP by hand, for requests that no client makes: half of a body, a byte now and then, a header too many.
//
//	const raw = await newRaw(instance.base);
//	raw.send(head('POST', '/v1/videos', { 'content-length': '15000000' }), Buffer.alloc(100_000));
//	const { status, headers, body } = await raw.answer();
//	raw.close();
import { once } from 'node:events';
import { connect } from 'node:net';
import { until } from './instance.mjs';

/** The head of a request. */
export function head(method, path, headers = {}) {
	return `${method} ${path} HTTP/1.1\r\nHost: longreel.test\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

class Raw {
	constructor(socket) {
		this.socket = socket;
		this.text = '';
		this.ended = false;
		socket.setEncoding('utf8');
		socket.on('data', (piece) => (this.text += piece));
		for (const end of ['end', 'close', 'error'])
			socket.on(end, () => (this.ended = true));
	}

	send(...pieces) {
		for (const piece of pieces)
			this.socket.write(piece);
		return this;
	}

	/** The interim answer "100 Continue" or the first final one, whichever comes first. */
	async first() {
		await until(() => this.text.includes('\r\n\r\n') || this.ended, 'an answer');
		return Number(/^HTTP\/1\.1 (\d+)/.exec(this.text)?.[1]);
	}

	/** The final answer, whole. */
	async answer() {
		let parts;
		await until(() => (parts = /^(?:HTTP\/1\.1 100 .*\r\n\r\n)?HTTP\/1\.[01] ([2-5]\d\d) .*\r\n((?:.+\r\n)*)\r\n([^]*)$/.exec(this.text)) || this.ended, 'an answer');
		if (!parts)
			throw new Error(`no answer: ${JSON.stringify(this.text)}`);
		const headers = new Headers(parts[2].trim().split('\r\n').map((line) => line.split(/: ?(.*)/).slice(0, 2)));
		const length = Number(headers.get('content-length'));
		await until(() => Buffer.byteLength(this.text.slice(this.text.length - parts[3].length)) >= length || this.ended, 'the whole answer');
		const body = this.text.slice(this.text.indexOf(parts[2]) + parts[2].length + 2);
		return { status: Number(parts[1]), headers, body, json: headers.get('content-type')?.startsWith('application/json') ? JSON.parse(body) : undefined };
	}

	close() {
		this.socket.destroy();
	}
}

/** A connection to the instance at `base`, from another address of 127.0.0.0/8 where that is named. */
export async function newRaw(base, localAddress) {
	const { hostname, port } = new URL(base);
	const socket = connect({ host: hostname, port: Number(port), localAddress });
	await once(socket, 'connect');
	return new Raw(socket);
}
