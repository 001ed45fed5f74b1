// Strangers who mean harm, on raw sockets from many addresses of the loopback; for tests, and for bench/attack.mjs. They reach nothing else: an
// address that does not begin with 127. is refused. Bounded in sockets and by stop().
import { connect } from 'node:net';

/** Every kind of route that takes a body, as a stranger may name it. */
export const ROUTES = ['/api/auth/login', '/api/auth/register', '/api/auth/verify', '/api/auth/keys', '/api/video/webhook/default', '/api/webhooks',
	'/api/video/tasks/recover', '/api/video/tasks/remix', '/api/video/tasks/v1/remix', '/api/relay/sora/videos', '/v1/videos', '/v1/videos/edits',
	'/v1/videos/extensions', '/v1/videos/v1/remix'];

const SOCKETS_MOST = 10_000, BODY = 15_000_000, PIECE = Buffer.alloc(64 * 1024, 'a');

const head = (route, ...lines) => [`POST ${route} HTTP/1.1`, 'Host: x', 'Content-Type: application/json', ...lines].join('\r\n');
const whole = (route, ...lines) => `${head(route, ...lines)}\r\n\r\n`;

/** Writes the bytes `count` times, as fast as they are taken; none of it may be. */
function pour(socket, bytes, count) {
	while (count > 0 && !socket.destroyed && socket.write(bytes))
		count--;
	if (count > 0 && !socket.destroyed)
		socket.once('drain', () => pour(socket, bytes, count - 1));
}

function drip(socket, pace) {
	const timer = setInterval(() => socket.write('a'), pace);
	socket.once('close', () => clearInterval(timer));
}

/** What each kind does with a socket that is connected. */
const KINDS = {
	silent: () => {},
	'one byte': (socket) => socket.write('P'),
	'header drip': (socket, route, pace) => { socket.write(`${head(route)}\r\nX-Slow: `); drip(socket, pace); },
	'body drip': (socket, route, pace) => { socket.write(whole(route, 'Content-Length: 1000')); drip(socket, pace); },
	'half a body': (socket, route) => { socket.write(whole(route, `Content-Length: ${BODY}`)); pour(socket, PIECE, Math.floor(BODY / 2 / PIECE.length)); },
	chunked: (socket, route) => {
		socket.write(whole(route, 'Transfer-Encoding: chunked'));
		pour(socket, Buffer.concat([Buffer.from(`${PIECE.length.toString(16)}\r\n`), PIECE, Buffer.from('\r\n')]), Math.floor(BODY / PIECE.length));
	},
	'16 kB of headers': (socket, route) => socket.write(`${head(route, ...Array.from({ length: 16 }, (_, i) => `X-Fat-${i}: ${'a'.repeat(1000)}`))}\r\nX-Last: `),
	'headers and 64 of 65 kB': (socket, route) => socket.write(whole(route, ...Array.from({ length: 7 }, (_, i) => `X-Fat-${i}: ${'a'.repeat(1000)}`),
		'Content-Length: 65000') + 'a'.repeat(64_900)),
};

/** The names of what attackers can do. */
export const ATTACKS = Object.keys(KINDS);

export class Attackers {
	#sockets = new Set(); #timers = new Set(); #stopped = false; #next = 0;
	/** How many connections there have been, and how many were refused or cut. */
	connects = 0; cut = 0;

	/**
	 * @param {string} base of whom it is done to, on the loopback  @param {string} kind one of ATTACKS
	 * @param {{sockets: number, addresses?: number, paceMs?: number, againMs?: number}} options `againMs`: after so long whoever is cut off comes back
	 */
	constructor(base, kind, { sockets, addresses = 200, paceMs = 5000, againMs = 500 }) {
		const { hostname, port } = new URL(base);
		if (!/^127\.\d+\.\d+\.\d+$/.test(hostname) || sockets > SOCKETS_MOST || !KINDS[kind])
			throw new Error('only the loopback, only so many, only what is known');
		Object.assign(this, { hostname, port: Number(port), kind, addresses, paceMs, againMs });
		for (let i = 0; i < sockets; i++)
			this.#open();
	}

	#open() {
		if (this.#stopped)
			return;
		const n = this.#next++;
		const socket = connect({ host: this.hostname, port: this.port, localAddress: `127.0.1.${1 + n % this.addresses}` });
		this.#sockets.add(socket);
		this.connects++;
		socket.once('connect', () => KINDS[this.kind](socket, ROUTES[n % ROUTES.length], this.paceMs));
		socket.on('error', () => {});
		socket.resume();
		socket.once('close', () => {
			this.#sockets.delete(socket);
			this.cut++;
			if (this.#stopped)
				return;
			const timer = setTimeout(() => { this.#timers.delete(timer); this.#open(); }, this.againMs);
			this.#timers.add(timer);
		});
	}

	/** How many are connected, as far as they know. */
	get open() {
		return [...this.#sockets].filter((socket) => !socket.connecting).length;
	}

	/** They leave, all at once, without a word. */
	stop() {
		this.#stopped = true;
		this.#timers.forEach(clearTimeout);
		/* Node cannot reset a socket whose shutdown is under way: it stays open for ever, and the process with it. One that still waits to be
		   accepted would be reset only then. */
		this.#sockets.forEach((socket) => socket.connecting || socket.writableEnded ? socket.destroy() : socket.resetAndDestroy());
	}
}
