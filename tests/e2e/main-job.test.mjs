// The main job: a person submits a prompt with an image and watches the video arrive; with nothing but HTTP. Done twice: the
// programs under FastCGI, and the same binaries as plain CGI, one request a process.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { Client, PNG } from '../support/client.mjs';
import { startInstance, until } from '../support/instance.mjs';

for (const cgi of [false, true]) describe(cgi ? 'as plain CGI' : 'under FastCGI', () => {
	let instance, ada;

	before(async () => {
		instance = await startInstance({ simulator: true, cgi, env: { LONGREEL_POLL_INTERVAL_MIN: '50ms', LONGREEL_RATE_CREATE: '0' } });
		await fetch(`${instance.base}/simulator/control`, { method: 'PUT', body: JSON.stringify({ duration_ms: 1500 }),
			headers: { 'content-type': 'application/json' } });
		ada = await new Client(instance.base).join('ada');
	});
	after(() => instance?.stop());

	const jobs = async () => (await (await fetch(`${instance.base}/simulator/jobs`)).json()).jobs;

	test('from the prompt to the video', async () => {
		const cursor = await ada.cursor();
		const form = new FormData();
		const prompt = '夕阳下，一只猫在滑板上 🛹';
		for (const [name, value] of Object.entries({ prompt, model: 'sora_video2:slow=4s', size: '1280x720', seconds: '10',
			aspect_ratio: '16:9', clientRequestId: '1764291396110', metadata: '{"scene":"夜"}' }))
			form.set(name, value);
		form.set('input_reference', new Blob([PNG], { type: 'text/plain' }), '猫.txt');
		const created = await ada.data('POST', '/api/relay/sora/videos', form);
		assert.match(created.videoId, /^video_\d+_[0-9a-z]+$/);
		assert.equal(created.clientRequestId, '1764291396110');
		assert.equal(created.status, 'processing');
		assert.equal(created.progress, 0);
		assert.ok(created.externalTaskId && created.message);

		const { task, seen } = await ada.ended(cursor, created.videoId);
		assert.equal(task.status, 'COMPLETED');
		assert.equal(task.progress, 100);
		assert.equal(task.prompt, prompt);
		assert.deepEqual(task.metadata, { scene: '夜' });
		assert.deepEqual([task.model, task.size, task.seconds, task.aspectRatio, task.mediaType],
			['sora_video2:slow=4s', '1280x720', 10, '16:9', 'VIDEO']);
		assert.equal(task.externalTaskId, created.externalTaskId);
		const progress = seen.map((t) => t.progress);
		assert.deepEqual(progress, [...progress].sort((a, b) => a - b), 'progress never goes back');
		assert.ok(progress.some((p) => p > 0 && p < 100), 'progress was seen on the way');

		const job = (await jobs()).find((j) => j.id === created.externalTaskId);
		assert.equal(job.prompt, prompt, 'the prompt arrived intact');
		assert.equal(job.input_reference.sha256, createHash('sha256').update(PNG).digest('hex'), 'byte for byte');
		assert.equal(job.input_reference.size, PNG.length);

		/* A tag has only what is kept. */
		const whole = await until(async () => {
			const answer = await ada.call('GET', `/api/video/tasks/${created.videoId}/content`);
			assert.equal(answer.status, 200);
			return answer.headers.has('etag') && answer;
		}, 'a video that is kept');
		assert.equal(whole.headers.get('content-type'), 'video/mp4');
		assert.equal(whole.bytes.subarray(4, 8).toString(), 'ftyp');
		const part = await ada.call('GET', `/api/video/tasks/${created.videoId}/content`, undefined, { range: 'bytes=4-7' });
		assert.equal(part.status, 206);
		assert.equal(part.bytes.toString(), 'ftyp');
		assert.equal(part.headers.get('content-range'), `bytes 4-7/${whole.bytes.length}`);
		const same = await ada.call('GET', `/api/video/tasks/${created.videoId}/content`, undefined,
			{ 'if-none-match': whole.headers.get('etag') });
		assert.equal(same.status, 304);
	});

	test('the same clientRequestId again: one task, one job; other content is refused', async () => {
		const first = await ada.create({ prompt: 'twice', clientRequestId: 'again' });
		const second = await ada.call('POST', '/api/relay/sora/videos', { prompt: 'twice', clientRequestId: 'again' });
		assert.equal(second.status, 200);
		assert.equal(second.headers.get('idempotent-replayed'), 'true');
		assert.equal(second.body.data.videoId, first.videoId);
		const third = await ada.call('POST', '/api/relay/sora/videos', { prompt: 'other', clientRequestId: 'again' });
		assert.deepEqual([third.status, third.body.code], [422, 'client_request_id_reused']);
		const twelve = await Promise.all(Array.from({ length: 12 }, () => ada.create({ prompt: 'dozen', clientRequestId: 'dozen' })));
		assert.equal(new Set(twelve.map((t) => t.videoId)).size, 1);
		const prompts = (await jobs()).map((j) => j.prompt);
		assert.equal(prompts.filter((p) => p === 'twice').length, 1);
		assert.equal(prompts.filter((p) => p === 'dozen').length, 1);
	});

	test('a device that was away finds everything: recover, list, full sync', async () => {
		const eve = await new Client(instance.base).join();
		const cursor = await eve.cursor();
		const made = await eve.create({ prompt: 'away', clientRequestId: 'c-1' });
		const { task } = await eve.ended(cursor, made.videoId);
		const recovered = await eve.data('POST', '/api/video/tasks/recover', { clientRequestIds: ['c-1', 'c-2', '1764291396110'] });
		assert.deepEqual(recovered.tasks, [task], 'the same object everywhere');
		assert.deepEqual([recovered.matched, recovered.requested, recovered.missing], [1, 3, ['c-2', '1764291396110']]);
		const list = await eve.data('GET', '/api/video/tasks?status=COMPLETED');
		assert.deepEqual([list.tasks, list.total], [[task], 1]);
		const sync = await eve.data('GET', '/api/video/updates?cursor=0&wait=0');
		assert.deepEqual(sync.updates.map((u) => u.payload), [task]);
		assert.equal(sync.more, false);
	});

	test('a user does not see the tasks of others', async () => {
		const eve = await new Client(instance.base).join();
		const made = await ada.create({ prompt: 'mine' });
		for (const path of ['', '/content']) {
			const other = await eve.call('GET', `/api/video/tasks/${made.videoId}${path}`);
			const unknown = await eve.call('GET', `/api/video/tasks/video_1_nobody${path}`);
			delete other.body.requestId;
			delete unknown.body.requestId;
			assert.equal(other.status, 404);
			assert.deepEqual(other.body, unknown.body, 'exactly as an unknown id');
		}
		const filtered = await eve.call('GET', `/api/video/updates?cursor=0&wait=0&videoId=${made.videoId}`);
		assert.equal(filtered.status, 404);
		assert.equal((await eve.data('GET', '/api/video/tasks')).total, 0);
		assert.equal((await eve.call('GET', `/api/relay/sora/videos/${made.videoId}`)).status, 404);
		assert.equal((await ada.call('GET', `/api/relay/sora/videos/${made.videoId}`)).status, 200);
	});

	test('a failure of the upstream reaches the client in its words', async () => {
		const cursor = await ada.cursor();
		const made = await ada.create({ prompt: 'fails', model: 'sora_video2:fail' });
		const { task } = await ada.ended(cursor, made.videoId);
		assert.equal(task.status, 'FAILED');
		assert.ok(task.errorCode && task.errorMessage);
		const content = await ada.call('GET', `/api/video/tasks/${made.videoId}/content`);
		assert.deepEqual([content.status, content.body.code], [409, 'not_completed']);
	});

	test('a refusal of the upstream: 422, FAILED, and the reason, under its own code', async () => {
		const answer = await ada.call('POST', '/api/relay/sora/videos',
			{ prompt: 'refused', model: 'sora_video2:reject', clientRequestId: 'refused' });
		assert.deepEqual([answer.status, answer.body.code], [422, 'upstream_rejected']);
		const [task] = (await ada.data('POST', '/api/video/tasks/recover', { clientRequestIds: ['refused'] })).tasks;
		assert.deepEqual([task.status, task.errorCode], ['FAILED', 'simulated_rejection'], 'the code is the upstream\'s');
	});
});
