// Webhooks in: an upstream says that a job has ended, signed by the standardwebhooks package; the next poll comes now instead of in an hour, and
// that is all that ever comes of it. What is unsigned, stale, wrong or played back has no effect at all.
import assert from 'node:assert/strict';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { newApi } from '../support/api.mjs';
import { openDatabase } from '../support/database.mjs';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', OTHER = 'whsec_bm9ib2R5IGtub3dzIHRoaXMgb25l', file = join(tmpdir(), `longreel-secret-${process.pid}`);

let api, ada, ids = 0;
before(async () => {
	await writeFile(file, `${SECRET}\n`, { mode: 0o600 });
	api = await newApi({ LONGREEL_UPSTREAM_WEBHOOK_SECRET_FILE: file, LONGREEL_POLL_INTERVAL_MIN: '1h', LONGREEL_POLL_INTERVAL_MAX: '1h' });
	ada = await api.user('ada');
});
after(async () => {
	await rm(file, { force: true });
	await api?.close();
});

const event = (id, type = 'video.completed') => JSON.stringify({ id: 'evt_1', object: 'event', created_at: 1, type, data: { id } });

/** Headers with a signature of now, or of so many seconds later. */
function signed(body, { secret = SECRET, id = `wh_${++ids}`, seconds = 0 } = {}) {
	const at = new Date(Date.now() + seconds * 1000);
	return { 'webhook-id': id, 'webhook-timestamp': String(Math.floor(at / 1000)), 'webhook-signature': new Webhook(secret).sign(id, at, body) };
}
const post = (body, headers, channel = 'default', more = {}) => api.call('POST', `/api/video/webhook/${channel}`, { body,
	headers: { 'content-type': 'application/json', ...headers }, ...more });

/** An open task whose job has ended, which longreel does not know yet. */
async function job(status = 'completed') {
	const { videoId, externalTaskId } = await ada.create({});
	api.upstream.jobs.set(externalTaskId, { status, progress: 100, video_url: 'https://v.example/1.mp4' });
	return { videoId, externalTaskId };
}
/** Runs the poller; how often it asked for the job. */
async function polls({ externalTaskId }) {
	const before = api.upstream.requests.length;
	await api.run('longreel-poller', '--data', api.data, '--once');
	return api.upstream.requests.slice(before).filter((r) => r.method === 'GET' && r.url.endsWith(externalTaskId)).length;
}
function withResolvers() {
	let resolve;
	return { promise: new Promise((done) => (resolve = done)), resolve };
}
const refused = (answer, what) => assert.deepEqual([answer.status, answer.json.code], [401, 'bad_signature'], what);

test('news bring the next poll forward, and the poll says what is true', async () => {
	const one = await job(), two = await job('failed'), lie = await job('processing');
	assert.equal(await polls(one), 0);
	for (const [{ externalTaskId }, type] of [[one, 'video.completed'], [two, 'video.failed'], [lie, 'video.completed']]) {
		const body = event(externalTaskId, type), { status, json } = await post(body, signed(body));
		assert.deepEqual([status, json.data], [200, {}]);
	}
	assert.equal((await ada.task(one.videoId)).status, 'PROCESSING', 'a webhook says nothing itself');
	assert.equal(await polls(one), 1);
	assert.deepEqual([(await ada.task(one.videoId)).status, (await ada.task(two.videoId)).status, (await ada.task(lie.videoId)).status],
		['COMPLETED', 'FAILED', 'PROCESSING']);
	assert.equal(await polls(lie), 0);
});

test('news that come while the task is being looked at lead to another look, in the same run', async () => {
	for (const status of [200, 500]) {
		const { videoId, externalTaskId } = await ada.create({}), body = event(externalTaskId), answer = api.upstream.answer;
		assert.equal((await post(body, signed(body))).status, 200);
		const asked = withResolvers(), ended = withResolvers(), before = api.upstream.requests.length;
		api.upstream.answer = async (request, response) => { // it looked before the job ended, and answers after
			api.upstream.answer = answer;
			asked.resolve();
			await ended.promise;
			response.writeHead(status).end(JSON.stringify({ id: externalTaskId, status: 'processing', progress: 10 }));
		};
		const poller = api.run('longreel-poller', '--data', api.data, '--once');
		await asked.promise;
		api.upstream.jobs.set(externalTaskId, { status: 'completed', progress: 100, video_url: 'https://v.example/1.mp4' });
		assert.equal((await post(body, signed(body))).status, 200);
		ended.resolve();
		await poller;
		assert.equal(api.upstream.requests.slice(before).filter((r) => r.method === 'GET' && r.url.endsWith(externalTaskId)).length, 1);
		assert.equal((await ada.task(videoId)).status, 'COMPLETED');
		assert.equal(await polls({ externalTaskId }), 0);
	}
});

test('more webhooks for one look than can be counted are to be sent again', async () => {
	const one = await job('processing'), body = event(one.externalTaskId);
	const database = openDatabase(api.data);
	await database.rows('UPDATE task SET due_at = 99 WHERE video_id = ?', one.videoId);
	await database.close();
	assert.equal((await post(body, signed(body))).status, 200);
	const headers = signed(body), over = await post(body, headers);
	assert.deepEqual([over.status, over.json.code, Number(over.headers.get('retry-after')) > 0], [503, 'busy', true]);
	assert.equal(await polls(one), 1, 'one look for all of them');
	assert.equal((await post(body, headers)).status, 200, 'the same webhook, sent again');
	assert.equal(await polls(one), 1);
	assert.equal(await polls(one), 0);
});

test('unsigned, signed by another, stale, from the future, or changed: 401 and no effect', async () => {
	const one = await job(), body = event(one.externalTaskId), good = signed(body);
	const without = (name) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
	for (const [what, headers, text = body] of [['nothing', {}], ['no id', without('webhook-id')], ['no time', without('webhook-timestamp')],
		['no signature', without('webhook-signature')], ['another secret', signed(body, { secret: OTHER })], ['stale', signed(body, { seconds: -310 })],
		['early', signed(body, { seconds: 310 })], ['another body', good, event('job_0')], ['another id', { ...good, 'webhook-id': 'wh_x' }],
		['another time', { ...good, 'webhook-timestamp': String(good['webhook-timestamp'] - 1) }], ['no time at all', { ...good, 'webhook-timestamp': 'now' }],
		['a long time', { ...good, 'webhook-timestamp': '9'.repeat(40) }], ['a long id', { ...good, 'webhook-id': 'x'.repeat(1000) }]])
		refused(await post(text, headers), what);
	assert.equal(await polls(one), 0);
	assert.equal((await post(body, good)).status, 200, 'what was refused has not been remembered');
	assert.equal(await polls(one), 1);
});

test('the answer does not tell which channels exist; one without a secret accepts nothing', async () => {
	const one = await job(), body = event(one.externalTaskId);
	const wrong = await post(body, signed(body, { secret: OTHER })), unknown = await post(body, signed(body), 'nobody');
	const none = await post(body, signed(body), 'default', { env: { LONGREEL_UPSTREAM_WEBHOOK_SECRET_FILE: '' } });
	for (const answer of [wrong, unknown, none])
		refused(answer);
	assert.deepEqual({ ...unknown.json, requestId: 0 }, { ...wrong.json, requestId: 0 });
	await chmod(file, 0o644);
	refused(await post(body, signed(body)), 'a secret that others can read is none');
	await chmod(file, 0o600);
	assert.equal(await polls(one), 0);
});

test('played back, it is taken once', async () => {
	const one = await job('processing'), body = event(one.externalTaskId), headers = signed(body);
	assert.equal((await post(body, headers)).status, 200);
	assert.equal(await polls(one), 1);
	assert.equal((await post(body, headers)).status, 200);
	assert.equal(await polls(one), 0);
	assert.equal((await post(body, signed(body))).status, 200);
	assert.equal(await polls(one), 1, 'another one is news');
});

test('one of several signatures is enough', async () => {
	const one = await job(), body = event(one.externalTaskId), headers = signed(body);
	const others = Array(20).fill(signed(body, { secret: OTHER })['webhook-signature']).join(' '); // of twenty secrets in turn
	headers['webhook-signature'] = `v1a,AAAA ${others} ${headers['webhook-signature']}`;
	assert.equal((await post(body, headers)).status, 200);
	assert.equal(await polls(one), 1);
});

test('an event of an unknown job, or of another kind, is accepted and has no effect', async () => {
	const one = await job();
	for (const body of [event('job_unknown'), event(one.externalTaskId, 'response.completed'), event(''), event('x'.repeat(5000)), '{}', '[]', '{"type":5,"data":"x"}'])
		assert.equal((await post(body, signed(body))).status, 200, body.slice(0, 60));
	for (const body of ['', 'nonsense', '{"type":"video.completed"'])
		assert.equal((await post(body, signed(body))).json.code, 'bad_json', body);
	const long = event('x'.repeat(70_000));
	assert.equal((await post(long, signed(long))).status, 413);
	assert.equal(await polls(one), 0);
});

test("an operator's channel has a secret of its own, and it alone", async () => {
	const own = join(tmpdir(), `longreel-own-${process.pid}`), key = join(tmpdir(), `longreel-key-${process.pid}`);
	await writeFile(own, `${OTHER}\n`, { mode: 0o600 });
	await writeFile(key, 'k\n', { mode: 0o600 });
	try {
		await api.run('longreel', 'channel', 'add', 'second', '--base', api.upstream.base, '--dialect', 'sora', '--private', '--key-file', key,
			'--models', 'theirs', '--webhook-secret-file', own, '--data', api.data);
		const { videoId, externalTaskId } = await ada.create({ model: 'theirs' });
		api.upstream.jobs.set(externalTaskId, { status: 'completed', progress: 100, video_url: 'https://v.example/1.mp4' });
		const body = event(externalTaskId);
		refused(await post(body, signed(body), 'second'), 'by the secret of another channel');
		refused(await post(body, signed(body, { secret: OTHER })), 'at another channel');
		assert.equal(await polls({ externalTaskId }), 0);
		assert.equal((await post(body, signed(body, { secret: OTHER }), 'second')).status, 200);
		assert.equal(await polls({ externalTaskId }), 1);
		assert.equal((await ada.task(videoId)).status, 'COMPLETED');
	} finally {
		await rm(own, { force: true });
		await rm(key, { force: true });
	}
});
