// The task object: the same shape wherever a task is shown, and an ETag that changes with it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { newApi } from '../support/api.mjs';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let api, ada;
before(async () => {
	api = await newApi();
	ada = await api.user('ada');
});
after(() => api?.close());

test('all members, as they were sent', async () => {
	const made = await ada.create({ prompt: '猫 "🛹"\n\t\\', model: 'sora_video2', size: '1280x720', seconds: '10', aspect_ratio: '16:9',
		clientRequestId: '1764291396110', metadata: { scene: { n: 7, list: [null, true, 1.5] } }, hd: true });
	const { createdAt, updatedAt, ...rest } = await ada.task(made.videoId);
	assert.deepEqual(rest, {
		videoId: made.videoId, externalTaskId: made.externalTaskId, clientRequestId: '1764291396110', status: 'PROCESSING', progress: 0,
		prompt: '猫 "🛹"\n\t\\', model: 'sora_video2', requestedModel: 'sora_video2', size: '1280x720', seconds: 10, aspectRatio: '16:9', mediaType: 'VIDEO',
		videoUrl: null, imageUrl: null, errorCode: null, errorMessage: null, attempt: rest.attempt,
		metadata: { scene: { n: 7, list: [null, true, 1.5] } }, seed: null, negativePrompt: null, audio: null, watermark: null, hd: true, private: null,
		extra: null, hasInput: false, inputs: [], completedAt: null, expiresAt: null, priceMicro: null, charge: null, chargedMicro: null, queue: null, etaMs: null,
	});
	assert.match(createdAt, TIME);
	assert.match(updatedAt, TIME);
	assert.ok(Math.abs(Date.parse(createdAt) - Date.now()) < 60_000);
	assert.match(made.videoId, /^video_\d{13}_[0-9a-z]+$/);
});

test('what was not given is null', async () => {
	const task = await ada.task((await ada.create()).videoId);
	assert.deepEqual([task.clientRequestId, task.model, task.size, task.seconds, task.aspectRatio, task.metadata],
		[null, null, null, null, null, {}]);
	assert.equal((await ada.task((await ada.create({ aspectRatio: '9:16' })).videoId)).aspectRatio, '9:16', 'an alias');
});

test('the same everywhere', async () => {
	const { videoId } = await ada.create({ clientRequestId: 'everywhere' });
	const task = await ada.task(videoId);
	assert.deepEqual(await ada.data('GET', `/api/relay/sora/videos/${videoId}`), task);
	assert.deepEqual((await ada.data('GET', '/api/video/tasks?pageSize=1')).tasks, [task]);
	assert.deepEqual((await ada.data('POST', '/api/video/tasks/recover', { clientRequestIds: ['everywhere'] })).tasks, [task]);
	const { updates } = await ada.data('GET', '/api/video/updates?cursor=0&wait=0');
	assert.deepEqual(updates.at(-1).payload, task);
});

test('through progress to its end, each with an ETag of its own', async () => {
	const { videoId, externalTaskId } = await ada.create();
	const tags = new Set();
	const look = async (headers) => {
		const answer = await ada.call('GET', `/api/video/tasks/${videoId}`, { headers });
		assert.equal(answer.headers.get('cache-control'), 'private, no-cache');
		tags.add(answer.headers.get('etag'));
		return answer;
	};
	await look();
	api.upstream.jobs.set(externalTaskId, { status: 'in_progress', progress: '42%' });
	let task = await api.polled(ada, videoId, (t) => t.progress > 0);
	await look();
	assert.deepEqual([task.status, task.progress], ['PROCESSING', 42]);
	api.upstream.jobs.set(externalTaskId, { status: 'completed', video_url: `${api.upstream.base}/video/x.mp4` });
	task = await api.polled(ada, videoId, 'COMPLETED');
	assert.deepEqual([task.progress, task.errorCode], [100, null]);
	assert.ok(task.videoUrl);
	assert.match(task.completedAt, TIME);
	const last = (await look()).headers.get('etag');
	assert.equal(tags.size, 3);
	for (const tag of tags)
		assert.match(tag, /^"[^"]+"$/);

	for (const match of [last, `W/${last}`, `"a", ${last}`, '*']) {
		const same = await look({ 'if-none-match': match });
		assert.deepEqual([same.status, same.body.length, same.headers.get('etag')], [304, 0, last], match);
	}
	for (const match of ['"a"', [...tags][0], last.slice(1, -1), ''])
		assert.equal((await look({ 'if-none-match': match })).status, 200, match);
});

test('what the upstream says of it is taken over, at each answer', async () => {
	const { fresh } = api.upstream, end = Math.floor(Date.now() / 1000) + 3600;
	api.upstream.fresh = { ...fresh, ...{ model: 'sora-2-2025-12-08', size: '720x1280', seconds: '4' } };
	const { videoId, externalTaskId } = await ada.create({ model: 'sora-2', seconds: '5' });
	api.upstream.fresh = fresh;
	let task = await ada.task(videoId);
	assert.deepEqual([task.model, task.size, task.seconds, task.expiresAt], ['sora-2-2025-12-08', '720x1280', 4, null]);
	api.upstream.jobs.set(externalTaskId, { status: 'queued', seconds: 8, size: '', model: null });
	task = await api.polled(ada, videoId, (t) => t.seconds === 8);
	assert.deepEqual([task.model, task.size], ['sora-2-2025-12-08', '720x1280']);
	api.upstream.jobs.set(externalTaskId, { status: 'completed', video_url: `${api.upstream.base}/video/x.mp4`, model: 'sora-2', size: '1280*720', expires_at: end });
	task = await api.polled(ada, videoId, 'COMPLETED');
	assert.deepEqual([task.model, task.size, task.seconds, task.expiresAt], ['sora-2', '1280x720', 8, new Date(end * 1000).toISOString()]);
	assert.deepEqual(await ada.data('GET', '/api/video/tasks?pageSize=1').then(({ tasks }) => tasks), [task]);
});

test('one under way says how long it will take, once three of its model are done', async () => {
	for (let n = 1; n <= 3; n++) {
		const { videoId, externalTaskId } = await ada.create({ model: 'timed' });
		assert.equal((await ada.task(videoId)).etaMs, null);
		api.upstream.jobs.set(externalTaskId, { status: 'completed', video_url: `${api.upstream.base}/video/x.mp4` });
		await api.polled(ada, videoId, 'COMPLETED');
	}
	const { status, stderr } = spawnSync('python3', ['-c', `import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as db:
	db.execute("UPDATE task SET completed_at = accepted_at + 90000 WHERE model = 'timed'")`, join(api.data, 'longreel.db')]);
	assert.equal(status, 0, stderr.toString());
	const { videoId } = await ada.create({ model: 'timed' });
	const { etaMs } = await ada.task(videoId);
	assert.ok(etaMs > 60_000 && etaMs <= 90_000, `${etaMs}`);
	assert.equal((await ada.task((await ada.create({ model: 'untimed' })).videoId)).etaMs, null);
});

test('a retry asks for what was asked for, whatever the upstream has called it', async () => {
	const { fresh } = api.upstream;
	api.upstream.fresh = { ...fresh, ...{ model: 'renamed', size: '4x4', seconds: 7 } };
	const { videoId, externalTaskId } = await ada.create({ model: 'sora-2', size: '1280x720', seconds: '5' });
	api.upstream.jobs.set(externalTaskId, { status: 'failed', error: { message: 'no' } });
	await api.polled(ada, videoId, 'FAILED');
	api.upstream.fresh = fresh;
	await ada.data('POST', `/api/video/tasks/${videoId}/retry`);
	const sent = api.upstream.submissions().at(-1).body.toString(), task = await ada.task(videoId);
	assert.match(sent, /name="model"\r\n\r\nsora-2\r\n/);
	assert.match(sent, /name="size"\r\n\r\n1280x720\r\n/);
	assert.deepEqual([task.model, task.size, task.seconds], ['sora-2', '1280x720', 5]);
});

test('one that fails says why', async () => {
	const { videoId, externalTaskId } = await ada.create();
	api.upstream.jobs.set(externalTaskId, { status: 'failed', error: { code: 'moderation_blocked', message: '内容\u0001违规' } });
	const task = await api.polled(ada, videoId, 'FAILED');
	assert.deepEqual([task.errorCode, task.videoUrl], ['moderation_blocked', null]);
	assert.match(task.errorMessage, /^内容.?违规$/);
	assert.match(task.completedAt, TIME);
});

test('a refusal that quotes the key has a sentence of ours', async (t) => {
	api.upstream.refusal = { status: 400, body: { error: { code: 'bad', message: 'not with the key sk-test' } } };
	t.after(() => (api.upstream.refusal = undefined));
	const { status } = await ada.call('POST', '/api/relay/sora/videos', { body: { prompt: 'x', clientRequestId: 'quoted' } });
	assert.equal(status, 422);
	const { tasks: [task] } = await ada.data('POST', '/api/video/tasks/recover', { clientRequestIds: ['quoted'] });
	assert.deepEqual([task.status, task.errorCode, task.errorMessage], ['FAILED', 'bad', 'The upstream refused the task.']);
});

test('HEAD answers as GET does', async () => {
	const { videoId } = await ada.create();
	const [get, head] = [await ada.call('GET', `/api/video/tasks/${videoId}`), await ada.call('HEAD', `/api/video/tasks/${videoId}`)];
	assert.deepEqual([head.status, head.headers.get('etag')], [200, get.headers.get('etag')]);
});

test('one that waits says why, and how many are ahead; its tag changes with that', async () => {
	const tag = async (id) => (await ada.call('GET', `/api/video/tasks/${id}`)).headers.get('etag');
	api.upstream.refusal = { status: 429, body: { error: { message: 'slow down' } } };
	const [turned, away] = [await ada.create({ prompt: 'turned' }), await ada.create({ prompt: 'away' })];
	api.upstream.refusal = undefined;
	for (const { videoId } of [turned, away])
		assert.equal((await ada.task(videoId)).queue.reason, 'rate_limited');
	const first = await ada.create({ prompt: 'first' });
	const second = await ada.create({ prompt: 'second' });
	const [one, two] = [await ada.task(first.videoId), await ada.task(second.videoId)];
	assert.deepEqual([one.status, one.queue.reason, one.queue.ahead, one.etaMs], ['QUEUED', 'rate_limited', 0, null]);
	assert.deepEqual([two.queue.reason, two.queue.ahead, two.queue.nextTryAt], ['rate_limited', 1, one.queue.nextTryAt]);
	assert.match(one.queue.nextTryAt, TIME);
	const [shown] = (await ada.data('GET', '/api/video/tasks?pageSize=1')).tasks;
	assert.deepEqual(shown, { ...two, queue: { ...two.queue, ahead: null } }, 'a list counts none');
	const { updates } = await ada.data('GET', '/api/video/updates?cursor=0&wait=0');
	assert.deepEqual(updates.at(-1).payload, shown);
	const before = await tag(second.videoId);
	await ada.data('POST', `/api/video/tasks/${first.videoId}/cancel`);
	assert.equal((await ada.task(second.videoId)).queue.ahead, 0);
	assert.notEqual(await tag(second.videoId), before);
	await ada.data('DELETE', `/api/video/tasks/${second.videoId}`);
});
