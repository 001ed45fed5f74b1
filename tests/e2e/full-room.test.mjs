// More waiters than there is room for: some are answered early, and requests that do not wait get in, for long polls never take the last
// connections. Silent sockets take none at all.
import assert from 'node:assert/strict';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { startInstance, until } from '../support/instance.mjs';

const CONNECTIONS = 40, ROOM = 30;

let instance, ada, eve;

before(async () => {
	instance = await startInstance({ simulator: true, env: { LONGREEL_MAX_CONNECTIONS: String(CONNECTIONS), LONGREEL_MAX_WAITERS_PER_USER: '25', LONGREEL_RATE_CREATE: '0' } });
	[ada, eve] = [await new Client(instance.base).join('ada'), await new Client(instance.base).join('eve')];
});
after(() => instance?.stop());

/** A request on a connection of its own. `answer` is the promise of {status, headers, body}; ends with the test. */
function hold(t, client, path) {
	const agent = new Agent({ maxSockets: 1 }), held = { done: false };
	t.after(() => agent.destroy());
	held.answer = new Promise((done, fail) => {
		const request = get(client.base + path, { agent, headers: { authorization: `Bearer ${client.token}` } }, async (response) => {
			const text = Buffer.concat(await response.toArray()).toString();
			held.done = true;
			done({ status: response.statusCode, headers: response.headers, body: JSON.parse(text) });
		});
		request.on('error', fail);
	});
	held.answer.catch(() => {}); // of those that the end of the test cuts off
	return held;
}

const poll = (t, client, cursor) => hold(t, client, `/api/video/updates?cursor=${cursor}&wait=60`);
const held = () => instance.log.split(/path=\S+ held/).length - 1;

/** Requests that never wait. */
async function othersGetIn() { // before any silent one is cut off, which takes ten seconds
	const begun = performance.now();
	const guest = new Client(instance.base);
	assert.equal((await guest.data('POST', '/api/auth/login', { username: 'ada', password: 'correct horse battery' })).user.username, 'ada');
	assert.equal((await fetch(instance.base)).status, 200);
	await ada.create({ prompt: 'a full room', model: 'm:never' });
	assert.ok(performance.now() - begun < 8000, `login, page and creation took ${performance.now() - begun} ms`);
}

test('the start says in one line how many there may be', async () => {
	await instance.logged(new RegExp(`max_connections=${CONNECTIONS} long_polls=${ROOM} from=configuration memory_mb=\\d+ descriptors=\\d+`));
});

test('a full room: those of the user with the most are answered early, and others get in', async (t) => {
	const cursor = await eve.cursor(), before = held();
	const few = Array.from({ length: 8 }, () => poll(t, ada, cursor));
	const many = Array.from({ length: ROOM - 8 }, () => poll(t, eve, cursor));
	await until(() => held() === before + ROOM, 'a full room');
	assert.ok(![...few, ...many].some(({ done }) => done), 'it is full, not too full');
	const more = Array.from({ length: 3 }, () => poll(t, eve, cursor));
	await until(() => many.filter(({ done }) => done).length === 3, 'three early answers');
	const rests = [];
	for (const { answer } of many.filter(({ done }) => done)) {
		const { status, headers, body } = await answer;
		assert.equal(status, 200);
		assert.deepEqual(body.data, { updates: [], cursor, more: false });
		assert.equal(headers.connection, 'close', 'who rests is not in the way meanwhile');
		rests.push(Number(headers['retry-after']));
	}
	assert.ok(rests.every((s) => s >= 1 && s <= 5), `Retry-After: ${rests}`);
	assert.ok(new Set(rests).size > 1, 'they do not all come back at once');
	assert.ok(![...few, ...more].some(({ done }) => done), 'users with few waiters, and the last to come, wait on');
	await othersGetIn();
});

test('as many long polls as connections, of both kinds, and more', async (t) => {
	const { videoId } = await eve.create({ prompt: 'waits', model: 'm:never' }), cursor = await eve.cursor();
	const polls = [];
	for (let i = 0; i < CONNECTIONS + 20; i++)
		polls.push(i % 3 ? poll(t, eve, cursor) : hold(t, eve, `/v1/videos/${videoId}?wait=60`));
	await until(() => polls.filter(({ done }) => done).length >= polls.length - ROOM, 'early answers');
	await othersGetIn();
	for (const one of polls.filter(({ done }) => done)) {
		const { status, headers } = await one.answer;
		assert.equal(status, 200);
		assert.match(headers['retry-after'], /^[1-5]$/);
	}
	await eve.data('POST', `/api/video/tasks/${videoId}/cancel`, '');
	const told = await until(async () => polls.every(({ done }) => done) && Promise.all(polls.map(({ answer }) => answer)), 'the news for all that wait');
	assert.equal(told.filter(({ headers }) => !headers['retry-after']).length, ROOM - 5, 'what waited until then, of a user with 25 at a time');
});

test('clients that neither read nor close, ten times as many as connections, and silent ones among them: others get in at once', async (t) => {
	const { hostname, port } = new URL(instance.base), [hers, his] = [await ada.cursor(), await eve.cursor()];
	const open = (i) => new Promise((done, fail) => {
		const socket = connect({ host: hostname, port: Number(port), localAddress: `127.0.1.${1 + i % 200}` }, () => done(socket)).on('error', fail);
		t.after(() => socket.destroy());
		const [cursor, { token }] = i % 2 ? [hers, ada] : [his, eve];
		if (i % 5 < 4)
			socket.write(`GET /api/video/updates?cursor=${cursor}&wait=50 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
	});
	await Promise.all(Array.from({ length: 10 * CONNECTIONS }, (_, i) => open(i)));
	for (let i = 0; i < 5; i++)
		await othersGetIn();
});

test('silent sockets take no connection', async (t) => {
	const { hostname, port } = new URL(instance.base);
	const silent = await Promise.all(Array.from({ length: 3 * CONNECTIONS }, (_, i) => new Promise((done, fail) => {
		const socket = connect({ host: hostname, port: Number(port), localAddress: `127.0.1.${1 + i % 200}` }, () => done(socket));
		socket.on('error', fail);
	})));
	t.after(() => silent.forEach((socket) => socket.destroy()));
	await othersGetIn();
	silent[0].end('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
	assert.match(Buffer.concat(await silent[0].toArray()).toString(), /^HTTP\/1\.1 200 /, 'a silent client that sends later is answered');
});

test('ten seconds without a byte end a request that is not whole, and a connection between two', async (t) => {
	const { hostname, port } = new URL(instance.base);
	const lived = (bytes) => new Promise((done) => {
		const socket = connect(Number(port), hostname, () => socket.write(bytes)), begun = performance.now();
		t.after(() => socket.destroy());
		socket.resume().on('error', () => {}).once('close', () => done(performance.now() - begun));
	});
	const times = await Promise.all(['P', 'GET /health HTTP/1.1\r\nHost: x\r\nX-Half: ', 'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{',
		'GET /health HTTP/1.1\r\nHost: x\r\n\r\n'].map(lived));
	assert.ok(times.every((ms) => ms > 8000 && ms < 30_000), `${times.map(Math.round)} ms`);
});

test('a stop answers all waiters', async (t) => {
	const cursor = await eve.cursor(), before = held();
	const polls = Array.from({ length: 20 }, () => poll(t, eve, cursor));
	await until(() => held() === before + polls.length, 'all of them');
	await instance.restart();
	for (const { answer } of polls)
		assert.deepEqual((await answer).body.data, { updates: [], cursor, more: false });
});
