// web/client.js against a server of the test's own: what it sends, and how watch() goes on after everything that can happen.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { test } from 'node:test';
import { ApiError, Client, newRequestId } from '../../web/client.js';

/** A server that gives the answers in turn and keeps the requests. An answer is [status, body, headers] or 'cut'. */
async function serverOf(t, answers) {
	const requests = [];
	const server = createServer((request, response) => {
		requests.push({ method: request.method, url: request.url, headers: request.headers });
		const answer = answers.shift() ?? 'hold';
		if (answer === 'cut')
			return request.socket.destroy();
		if (answer === 'hold')
			return undefined;
		const [status, body, headers = {}] = answer;
		response.writeHead(status, { 'content-type': 'application/json', ...headers });
		return response.end(typeof body === 'string' ? body : JSON.stringify(body));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => { server.closeAllConnections(); server.close(); });
	return { client: new Client({ base: `http://127.0.0.1:${server.address().port}`, token: 'secret' }), requests };
}

const good = (data) => [200, { success: true, data }];
const bad = (status, code, headers) => [status, { success: false, error: 'No.', code, requestId: 'r1', details: { field: 'prompt' } }, headers];
const page = (cursor, ...ids) => good({ cursor, more: false, updates: ids.map((videoId) => ({ type: 'taskUpdate', payload: { videoId } })) });

/** The first `count` changes, and then no more. */
async function take(generator, count) {
	const changes = [];
	for await (const change of generator)
		if (changes.push(change) === count)
			break;
	return changes;
}

test('a call bears the token and gives the data', async (t) => {
	const { client, requests } = await serverOf(t, [good({ username: 'ada' })]);
	assert.deepEqual(await client.verify(), { username: 'ada' });
	assert.equal(requests[0].headers.authorization, 'Bearer secret');
});

test('an error says what the server said', async (t) => {
	const { client } = await serverOf(t, [bad(429, 'rate_limited', { 'retry-after': '7' }), [502, '<html>'], 'cut']);
	await assert.rejects(client.verify(), (e) => e instanceof ApiError && e.status === 429 && e.code === 'rate_limited' &&
		e.field === 'prompt' && e.requestId === 'r1' && e.retryAfterMs === 7000 && e.message === 'No.');
	await assert.rejects(client.verify(), (e) => e.status === 502 && e.code === 'bad_answer');
	await assert.rejects(client.verify(), (e) => e.status === 0 && e.code === 'unreachable');
});

test('watch goes on from the cursor of the last answer', async (t) => {
	const { client, requests } = await serverOf(t, [page('c1', 'a', 'b'), page('c1'), page('c2', 'c')]);
	const changes = await take(client.watch('c0'), 3);
	assert.deepEqual(changes.map((c) => [c.task.videoId, c.cursor]), [['a', 'c1'], ['b', 'c1'], ['c', 'c2']]);
	assert.deepEqual(requests.map((r) => r.url.replace(/.*\?/, '')), ['cursor=c0&wait=25', 'cursor=c1&wait=25', 'cursor=c1&wait=25']);
});

test('watch waits errors out, says so, and loses nothing', async (t) => {
	const { client, requests } = await serverOf(t, ['cut', page('c1', 'a')]);
	const changes = await take(client.watch('c0'), 3);
	assert.deepEqual(changes.map((c) => c.type), ['offline', 'online', 'task']);
	assert.match(requests[1].url, /cursor=c0&wait=0$/);
});

test('a cursor of another database: a reset, then everything', async (t) => {
	const { client, requests } = await serverOf(t, [bad(410, 'cursor_gone'), page('n1', 'a')]);
	const changes = await take(client.watch('old'), 2);
	assert.deepEqual(changes.map((c) => c.type), ['reset', 'task']);
	assert.match(requests[1].url, /cursor=0&/);
});

test('an ended session ends the watch', async (t) => {
	const { client } = await serverOf(t, [bad(401, 'unauthorized')]);
	await assert.rejects(take(client.watch('c0'), 1), (e) => e.status === 401);
});

test('an aborted watch ends quietly', async (t) => {
	const { client } = await serverOf(t, []);
	const abort = new AbortController();
	const watching = take(client.watch('c0', abort.signal), 1);
	abort.abort();
	assert.deepEqual(await watching, []);
});

test('request ids are new each time and fit the contract', () => {
	const ids = new Set(Array.from({ length: 1000 }, newRequestId));
	assert.equal(ids.size, 1000);
	assert.ok([...ids].every((id) => /^[\x21-\x7e]{1,128}$/.test(id)));
});
