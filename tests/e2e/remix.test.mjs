// Remixes: one, with an image, of a whole batch, of what cannot be remixed; and the family that they make.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Client, PNG } from '../support/client.mjs';
import { startInstance } from '../support/instance.mjs';

let instance, ada, source;

before(async () => {
	instance = await startInstance({ simulator: true, env: { LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_RATE_CREATE: '0' } });
	ada = await new Client(instance.base).join();
	source = await made({ prompt: 'the first', model: 'sora_video2:fast', size: '720x1280', seconds: 7, aspect_ratio: '9:16' });
});
after(() => instance?.stop());

const jobs = async () => (await (await fetch(`${instance.base}/simulator/jobs`)).json()).jobs;

/** A task that has been completed. */
async function made(fields) {
	const { videoId } = await ada.create(fields);
	return (await ada.ended('0', videoId)).task;
}

async function remixed(of, fields) {
	const { videoId } = await ada.data('POST', `/api/video/tasks/${of}/remix`, fields);
	return (await ada.ended('0', videoId)).task;
}

test('a remix goes to the remix path of its source, and has what it inherits', async () => {
	const answer = await ada.data('POST', `/api/video/tasks/${source.videoId}/remix`,
		{ prompt: '换成夜晚', clientRequestId: 'r-1' }, { 'accept-language': 'zh-CN' });
	assert.equal(answer.remixed_from, source.videoId);
	assert.equal(answer.message, 'Remix 任务已提交');
	const { task } = await ada.ended('0', answer.videoId);
	assert.deepEqual([task.size, task.seconds, task.aspectRatio, task.model], ['720x1280', 7, '9:16', 'sora_video2:fast']);
	assert.deepEqual(task.metadata, { type: 'remix', remix_from: source.videoId, remix_from_external: source.externalTaskId });
	const job = (await jobs()).find((j) => j.id === answer.externalTaskId);
	assert.deepEqual([job.remixed_from, job.prompt], [source.externalTaskId, '换成夜晚']);

	const again = await ada.call('POST', `/api/relay/sora/videos/${source.videoId}/remix`, { prompt: '换成夜晚', clientRequestId: 'r-1' });
	assert.deepEqual([again.status, again.body.data.videoId, again.headers.get('idempotent-replayed')], [200, answer.videoId, 'true']);
	const other = await ada.call('POST', `/api/video/tasks/${answer.videoId}/remix`, { prompt: '换成夜晚', clientRequestId: 'r-1' });
	assert.deepEqual([other.status, other.body.code], [422, 'client_request_id_reused'], 'another source is another content');
});

test('with an image it goes as multipart, byte for byte; metadata of the client stays', async () => {
	const form = new FormData();
	form.set('prompt', 'with a picture');
	form.set('metadata', '{"scene":3}');
	form.set('input_reference', new Blob([PNG]), 'a.png');
	const answer = await ada.data('POST', `/api/video/tasks/${source.videoId}/remix`, form);
	const job = (await jobs()).find((j) => j.id === answer.externalTaskId);
	assert.equal(job.input_reference.sha256, createHash('sha256').update(PNG).digest('hex'));
	const { metadata } = await ada.data('GET', `/api/video/tasks/${answer.videoId}`);
	assert.deepEqual([metadata.scene, metadata.remix_from], [3, source.videoId]);
});

test('what cannot be remixed is refused, and leaves nothing', async () => {
	const running = await ada.create({ prompt: 'not yet', model: 'sora_video2:never' });
	const refused = await ada.call('POST', '/api/relay/sora/videos', { prompt: 'no', model: 'sora_video2:reject', clientRequestId: 'no' });
	assert.equal(refused.status, 422);
	const [failed] = (await ada.data('POST', '/api/video/tasks/recover', { clientRequestIds: ['no'] })).tasks;
	const eve = await new Client(instance.base).join();
	const before = [(await jobs()).length, (await ada.data('GET', '/api/video/tasks')).total];
	for (const [who, id, fields, status, code] of [
		[ada, running.videoId, { prompt: 'x' }, 409, 'not_completed'], [ada, failed.videoId, { prompt: 'x' }, 409, 'no_external_id'],
		[ada, 'video_1_x', { prompt: 'x' }, 404, 'task_not_found'], [eve, source.videoId, { prompt: 'x' }, 404, 'task_not_found'],
		[ada, source.videoId, {}, 400, 'bad_field'], [ada, source.videoId, { prompt: ' ' }, 400, 'bad_field'],
		[ada, source.videoId, { prompt: 'x', metadata: { type: 'mine' } }, 400, 'bad_field'],
	]) {
		const answer = await who.call('POST', `/api/video/tasks/${id}/remix`, fields);
		assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify([id, fields]));
	}
	assert.deepEqual([(await jobs()).length, (await ada.data('GET', '/api/video/tasks')).total], before);
});

test('a batch: each source succeeds or fails by itself', async () => {
	const second = await made({ prompt: 'the second', model: 'sora_video2:fast' });
	const { results } = await ada.data('POST', '/api/video/tasks/remix', { videoIds: [source.videoId, 'video_1_x', second.videoId, source.videoId],
		prompt: 'all at once', clientRequestIds: ['b1', 'b2', 'b3', 'b1'] });
	assert.deepEqual(results.map((r) => [r.videoId, r.success, r.code]), [[source.videoId, true, undefined],
		['video_1_x', false, 'task_not_found'], [second.videoId, true, undefined], [source.videoId, true, undefined]]);
	assert.equal(results[3].data.videoId, results[0].data.videoId, 'the same id is the same task');
	assert.equal((await jobs()).filter((j) => j.prompt === 'all at once').length, 2);
	const many = Array.from({ length: 51 }, () => source.videoId);
	assert.equal((await ada.call('POST', '/api/video/tasks/remix', { videoIds: many, prompt: 'x' })).status, 400);
	assert.equal((await ada.call('POST', '/api/video/tasks/remix', { videoIds: many.slice(1), prompt: 'x', clientRequestIds: ['a'] })).status, 400);
});

test('lineage: ancestors and all below, with parents, and no other user\'s', async () => {
	const root = await made({ prompt: 'root', model: 'sora_video2:fast' });
	const left = await remixed(root.videoId, { prompt: 'left' });
	const right = await remixed(root.videoId, { prompt: 'right' });
	const leaf = await remixed(left.videoId, { prompt: 'leaf' });
	const tree = (id) => ada.data('GET', `/api/video/tasks/${id}/lineage`);
	const whole = await tree(root.videoId);
	assert.deepEqual(whole.tasks.map((t) => [t.videoId, t.parent]), [[root.videoId, null], [left.videoId, root.videoId],
		[right.videoId, root.videoId], [leaf.videoId, left.videoId]]);
	assert.deepEqual([whole.root, whole.more], [root.videoId, false]);
	assert.deepEqual((await tree(leaf.videoId)).tasks.map((t) => t.videoId), [root.videoId, left.videoId, leaf.videoId]);
	const eve = await new Client(instance.base).join();
	assert.equal((await eve.call('GET', `/api/video/tasks/${root.videoId}/lineage`)).status, 404);
});
