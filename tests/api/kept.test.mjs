// GET /api/video/tasks/:videoId/content of a video that is kept, without lighttpd: the program sends it, ranges and all, or tells another web server
// where it is. The upstream is not asked any more. A link is as good as its signature.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Caller, newApi, PASSWORD } from '../support/api.mjs';

const SAMPLE = await readFile(new URL('../../simulator/sample.mp4', import.meta.url)), SIZE = SAMPLE.length;

let api, ada, task, other;
before(async () => {
	api = await newApi();
	ada = await api.user('ada');
	[task, other] = [await kept(), await kept()];
	api.upstream.requests.length = 0;
});
after(() => api?.close());

/** A task whose video is kept: the upstream has it only for as long as that takes. */
async function kept(bytes = SAMPLE) {
	const { videoId, externalTaskId } = await ada.create();
	api.upstream.jobs.set(externalTaskId, { status: 'completed', video_url: `${api.upstream.base}/video/${videoId}.mp4` });
	api.upstream.video = (request, response) => response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
	const done = await api.polled(ada, videoId, 'COMPLETED');
	for (let pass = 0; !/^archive +kept$/m.test(await api.run('longreel', 'task', 'show', videoId, '--data', api.data)); pass++) {
		assert.ok(pass < 10, 'it is kept');
		await api.run('longreel-poller', '--data', api.data, '--once');
	}
	api.upstream.video = (request, response) => response.writeHead(410).end();
	return done;
}

const get = (headers = {}, env = {}, method = 'GET') => api.call(method, task.videoUrl, { headers, env });

test('the whole, a part, its headers only: sent by the program', async () => {
	const whole = await get();
	assert.deepEqual([whole.status, ...['content-type', 'content-length', 'accept-ranges', 'etag', 'content-disposition', 'x-content-type-options'].map((n) => whole.headers.get(n))],
		[200, 'video/mp4', String(SIZE), 'bytes', `"${task.videoId}"`, `inline; filename="${task.videoId}.mp4"`, 'nosniff']);
	assert.deepEqual([whole.headers.get('cache-control'), /^sandbox(?!.*allow-scripts).*; default-src 'none';/.test(whole.headers.get('content-security-policy'))],
		['private, max-age=86400', true]);
	assert.ok(whole.body.equals(SAMPLE));
	for (const [range, from, to] of [['bytes=0-0', 0, 1], ['bytes=100-199', 100, 200], [`bytes=${SIZE - 1}-`, SIZE - 1, SIZE], ['bytes=-5', SIZE - 5, SIZE],
		[`bytes=5-${SIZE * 2}`, 5, SIZE]]) {
		const part = await get({ range });
		assert.deepEqual([part.status, part.headers.get('content-range'), part.headers.get('content-length')], [206, `bytes ${from}-${to - 1}/${SIZE}`, String(to - from)], range);
		assert.ok(part.body.equals(SAMPLE.subarray(from, to)), range);
	}
	const beyond = await get({ range: `bytes=${SIZE}-` });
	assert.deepEqual([beyond.status, beyond.json.code, beyond.headers.get('content-range')], [416, 'range_not_satisfiable', `bytes */${SIZE}`]);
	for (const headers of [{ range: 'bytes=5-3' }, { range: 'bytes=0-1,5-6' }, { range: 'bytes=0-5', 'if-range': '"other"' }])
		assert.equal((await get(headers)).body.length, SIZE, JSON.stringify(headers));
	assert.equal((await get({ range: 'bytes=0-5', 'if-range': `"${task.videoId}"` })).body.length, 6);
	assert.equal((await get({ 'if-none-match': `"${task.videoId}"` })).status, 304);
	for (const [range, status, length] of [[undefined, 200, SIZE], ['bytes=0-9', 206, 10]]) {
		const head = await get(range && { range }, {}, 'HEAD');
		assert.deepEqual([head.status, head.headers.get('content-length'), head.body.length], [status, String(length), 0]);
	}
	assert.equal(api.upstream.requests.length, 0, 'the upstream is not asked');
});

test('another web server is told where the file is, and sends it', async () => {
	const file = join(task.videoId.slice(-2), task.videoId);
	for (const [sendfile, name, value] of [['x-sendfile', 'x-sendfile', join(api.data, 'archive', file)], ['x-accel', 'x-accel-redirect', `/kept/${file}`]]) {
		const answer = await get({}, { LONGREEL_SENDFILE: sendfile });
		assert.deepEqual([answer.status, answer.headers.get(name), answer.headers.get('content-type'), answer.body.length], [200, value, 'video/mp4', 0]);
	}
	assert.ok(!(await get()).headers.has('x-sendfile'));
});

test('a WebM is called one', async () => {
	const webm = Buffer.from('1a45dfa36d6f72656f662e74686174', 'hex'), { videoId, videoUrl } = await kept(webm);
	for (const env of [{}, { LONGREEL_SENDFILE: 'x-accel' }]) {
		const { headers, body } = await api.call('GET', videoUrl, { env });
		assert.deepEqual([headers.get('content-type'), headers.get('content-disposition')], ['video/webm', `inline; filename="${videoId}.webm"`]);
		assert.ok(env.LONGREEL_SENDFILE || body.equals(webm));
	}
});

test('a link that is bent, of another video, or too old is none', async () => {
	const url = new URL(task.videoUrl, 'http://localhost');
	const bent = (change) => {
		const copy = new URL(url);
		change(copy.searchParams, copy);
		return copy.pathname + copy.search;
	};
	for (const path of [bent((query) => query.set('signature', '0'.repeat(32))), bent((query) => query.set('expires', Number(query.get('expires')) + 1)),
		bent((query, copy) => (copy.pathname = copy.pathname.replace(task.videoId, other.videoId))), bent((query) => query.set('expires', '1'))]) {
		const answer = await api.call('GET', path);
		assert.deepEqual([answer.status, answer.json.code], [403, 'link_expired'], path);
	}
	assert.equal((await api.call('GET', url.pathname)).status, 401);
	assert.equal((await ada.call('GET', url.pathname)).body.length, SIZE, 'the token is as good');
	const eve = await api.user('eve');
	assert.equal((await eve.call('GET', url.pathname)).status, 404);
});

test('a link ends with its user\'s account, and with its task', async () => {
	const answer = async () => {
		const { status, json } = await api.call('GET', other.videoUrl);
		return [status, json?.code];
	};
	assert.deepEqual(await answer(), [200, undefined]);
	await api.run('longreel', 'user', 'disable', '--data', api.data, 'ada');
	assert.deepEqual(await answer(), [403, 'link_expired']);
	for (const env of [{ LONGREEL_SENDFILE: 'x-sendfile' }, { LONGREEL_SENDFILE: 'x-accel' }])
		assert.equal((await api.call('GET', other.videoUrl, { env, headers: { range: 'bytes=0-9', 'if-none-match': `"${other.videoId}"` } })).status, 403);
	await api.run('longreel', 'user', 'enable', '--data', api.data, 'ada');
	assert.deepEqual(await answer(), [200, undefined]);
	ada = new Caller(api, (await api.call('POST', '/api/auth/login', { body: { username: 'ada', password: PASSWORD } })).json.data.token);
	await ada.data('DELETE', `/api/video/tasks/${other.videoId}`);
	assert.deepEqual(await answer(), [404, 'task_not_found']);
});
