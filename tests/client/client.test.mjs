// web/client.js against a server of the test's own: what it sends, and what it makes of the answers. How watch() goes on is in watch.test.mjs.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { test } from 'node:test';
import { ApiError, Client, newRequestId } from '../../web/client.js';

/** A server that gives the answers in turn and keeps the requests. An answer is [status, body, headers] or 'cut'. */
async function serverOf(t, answers) {
	const requests = [];
	const server = createServer(async (request, response) => {
		const pieces = await request.toArray().catch(() => []);
		requests.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(pieces).toString() });
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

test('a call bears the token and the language and gives the data', async (t) => {
	const { client, requests } = await serverOf(t, [good({ username: 'ada' })]);
	client.language = 'zh';
	assert.deepEqual(await client.verify(), { username: 'ada' });
	assert.equal(requests[0].headers.authorization, 'Bearer secret');
	assert.equal(requests[0].headers['accept-language'], 'zh');
});

test('an error says what the server said', async (t) => {
	const { client } = await serverOf(t, [bad(429, 'rate_limited', { 'retry-after': '7' }), [502, '<html>'], [200, '{"succ'], 'cut']);
	await assert.rejects(client.verify(), (e) => e instanceof ApiError && e.status === 429 && e.code === 'rate_limited' &&
		e.field === 'prompt' && e.requestId === 'r1' && e.retryAfterMs === 7000 && e.message === 'No.');
	await assert.rejects(client.verify(), (e) => e.status === 502 && e.code === 'bad_answer');
	await assert.rejects(client.verify(), (e) => e.status === 200 && e.code === 'bad_answer');
	await assert.rejects(client.verify(), (e) => e.status === 0 && e.code === 'unreachable');
});

test('Retry-After may be a date', async (t) => {
	const { client } = await serverOf(t, [bad(503, 'busy', { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }), bad(503, 'busy', { 'retry-after': 'soon' })]);
	await assert.rejects(client.verify(), (e) => e.retryAfterMs > 50_000 && e.retryAfterMs <= 61_000); // by the answer's own date, in whole seconds
	await assert.rejects(client.verify(), (e) => e.retryAfterMs === null);
});

test('an answer that comes early says when to ask again', async (t) => {
	const [status, body] = page('a0');
	const { client } = await serverOf(t, [[status, body, { 'retry-after': '3' }], page('a0')]);
	assert.equal((await client.cursorOfNow()).retryAfterMs, 3000);
	assert.deepEqual(await client.cursorOfNow(), { cursor: 'a0', more: false, updates: [] });
});

test('signing in and out', async (t) => {
	const { client, requests } = await serverOf(t, [good({ token: 'new', user: { id: 1 } }), good({})]);
	await client.login('ada', 'pass word');
	assert.deepEqual(JSON.parse(requests[0].body), { username: 'ada', password: 'pass word' });
	await client.logout();
	assert.equal(requests[1].headers.authorization, 'Bearer new');
	assert.equal(client.token, null);
});

test('a creation is a form; what is not said is not sent', async (t) => {
	const { client, requests } = await serverOf(t, [good({ videoId: 'v' }), [200, { success: true, data: { videoId: 'v' } }, { 'idempotent-replayed': 'true' }]]);
	const made = await client.createVideo({ prompt: 'A cat, 夕阳', clientRequestId: 'c1', seconds: 10, model: '', image: new Blob(['png'], { type: 'image/png' }) });
	assert.deepEqual(made, { videoId: 'v', replayed: false });
	const form = await new Response(requests[0].body, { headers: { 'content-type': requests[0].headers['content-type'] } }).formData();
	assert.deepEqual([...form.keys()], ['prompt', 'seconds', 'clientRequestId', 'input_reference']);
	assert.equal(form.get('prompt'), 'A cat, 夕阳');
	assert.equal((await client.remixVideo('a/b', { prompt: 'x', clientRequestId: 'c2' })).replayed, true);
	assert.equal(requests[1].url, '/api/video/tasks/a%2Fb/remix');
});

test('recovery and batches go in pieces that the server takes', async (t) => {
	const found = (ids) => good({ tasks: [], matched: 0, requested: ids, missing: [`m${ids}`] });
	const { client, requests } = await serverOf(t, [found(1000), found(5), good({ results: [{ videoId: 'a' }] }), good({ results: [{ videoId: 'b' }] })]);
	const ids = Array.from({ length: 1005 }, (_, n) => `c${n}`);
	assert.deepEqual(await client.recoverTasks(ids), { tasks: [], missing: ['m1000', 'm5'] });
	assert.deepEqual(requests.map((r) => JSON.parse(r.body).clientRequestIds.length), [1000, 5]);
	const batch = await client.batchRemix({ videoIds: ids.slice(0, 60), clientRequestIds: ids.slice(0, 60), prompt: 'x' });
	assert.equal(batch.length, 2);
	assert.deepEqual(requests.slice(2).map((r) => [JSON.parse(r.body).videoIds.length, JSON.parse(r.body).clientRequestIds[0]]), [[50, 'c0'], [10, 'c50']]);
});

test('sessions are shown and ended, and a password is changed', async (t) => {
	const sessions = [{ id: '0a', current: true }];
	const { client, requests } = await serverOf(t, [good({ sessions }), good({}), good({ ended: 3 }), good({})]);
	assert.deepEqual(await client.listSessions(), sessions);
	await client.endSession('a/b');
	assert.equal(await client.endOtherSessions(), 3);
	await client.changePassword('old one', 'new one');
	assert.deepEqual(requests.map((r) => `${r.method} ${r.url} ${r.body}`), ['GET /api/auth/sessions ', 'DELETE /api/auth/sessions/a%2Fb ', 'DELETE /api/auth/sessions ',
		'POST /api/auth/password {"password":"old one","newPassword":"new one"}']);
});

test('charges are asked for by what is named of the filter, as a page and as a table; a key may ask for itself', async (t) => {
	const { client, requests } = await serverOf(t, [good({ charges: [], nextCursor: 'c1' }), [200, 'time_utc\r\n', { 'content-type': 'text/csv' }], good({ id: 7, budgets: { day: null } })]);
	assert.deepEqual(await client.charges({ from: '2026-11-01', to: '2026-11-30', model: '', key: 0, state: 'held', limit: 20 }), { charges: [], nextCursor: 'c1' });
	assert.equal(await (await client.chargesCsv({ key: 7, bom: 1 })).text(), 'time_utc\r\n');
	assert.equal((await client.ownKey()).id, 7);
	assert.deepEqual(requests.map((r) => r.url), ['/api/account/charges?from=2026-11-01&to=2026-11-30&key=0&state=held&limit=20', '/api/account/charges.csv?key=7&bom=1', '/api/auth/key']);
});

test('a list leaves out what is not asked for', async (t) => {
	const { client, requests } = await serverOf(t, [good({ tasks: [] })]);
	await client.listTasks({ q: '夕阳', status: '', cursor: null, pageSize: 5 });
	assert.equal(requests[0].url, `/api/video/tasks?q=${encodeURIComponent('夕阳')}&pageSize=5`);
});

test('a video\'s link is used only where it is of our own origin', () => {
	const client = new Client({ base: 'https://reel.example' });
	assert.equal(client.contentLink({ videoUrl: '/files/a.mp4?sig=1' }), 'https://reel.example/files/a.mp4?sig=1');
	for (const videoUrl of [null, 'https://cdn.example/a.mp4', 'http://reel.example/a.mp4', '//cdn.example/a', 'javascript:alert(1)', 'http://['])
		assert.equal(client.contentLink({ videoUrl }), null, videoUrl);
	assert.equal(client.contentUrl('a b', { download: true }), 'https://reel.example/api/video/tasks/a%20b/content?download=1');
});

test('watch asks from its cursor and gives what came', async (t) => {
	const { client, requests } = await serverOf(t, [page('c1', 'a', 'b'), bad(401, 'unauthorized')]);
	const heard = [];
	await new Promise((done) => client.watch('c0', (update) => { heard.push(update); if (update.type === 'expired') done(); }, { locks: null }));
	assert.deepEqual(heard, [{ type: 'updates', updates: [{ videoId: 'a' }, { videoId: 'b' }], cursor: 'c1', more: false }, { type: 'expired' }]);
	assert.deepEqual(requests.map((r) => r.url.replace(/.*\?/, '')), ['cursor=c0&wait=25', 'cursor=c1&wait=25']);
});

test('a call that is aborted says so', async (t) => {
	const { client } = await serverOf(t, []), abort = new AbortController();
	const call = client.listTasks({}, abort.signal);
	abort.abort(new Error('enough'));
	await assert.rejects(call, { message: 'enough' });
});

test('request ids are new each time and fit the contract', () => {
	const ids = new Set(Array.from({ length: 1000 }, newRequestId));
	assert.equal(ids.size, 1000);
	assert.ok([...ids].every((id) => /^[\x21-\x7e]{1,128}$/.test(id)));
});

test('an image that a task was made from, by its place', async (t) => {
	const { client, requests } = await serverOf(t, [[200, 'bytes', { 'content-type': 'image/png' }], bad(410, 'input_lost')]);
	const made = { videoId: 'v1', inputs: [{ role: 'first', url: '/api/video/tasks/v1/input?role=first' }, { role: 'reference', url: '/api/video/tasks/v1/input?role=reference&index=0' }] };
	assert.equal(await (await client.input(made, 1)).text(), 'bytes');
	assert.equal(requests[0].url, '/api/video/tasks/v1/input?role=reference&index=0');
	assert.equal(requests[0].headers.authorization, 'Bearer secret');
	await assert.rejects(client.input(made), { code: 'input_lost' });
});
