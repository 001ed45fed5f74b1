// What users do to their tasks: cancel, try again, delete; and what others hear of it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client, PNG } from '../support/client.mjs';
import { startInstance } from '../support/instance.mjs';

let instance, ada;

before(async () => {
	instance = await startInstance({ simulator: true, env: { LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_RATE_CREATE: '0' } });
	ada = await new Client(instance.base).join();
});
after(() => instance?.stop());

const jobs = async (prompt) => (await (await fetch(`${instance.base}/simulator/jobs`)).json()).jobs.filter((j) => j.prompt === prompt);
const path = (task, verb) => `/api/video/tasks/${task.videoId}${verb ? `/${verb}` : ''}`;
const control = (settings) => fetch(`${instance.base}/simulator/control`, { method: settings ? 'PUT' : 'DELETE',
	body: settings && JSON.stringify(settings), headers: { 'content-type': 'application/json' } });

test('cancel ends an open task at once and for good', async () => {
	const cursor = await ada.cursor();
	const made = await ada.create({ prompt: 'cancelled', model: 'sora_video2:slow=2s' });
	const task = await ada.data('POST', path(made, 'cancel'));
	assert.deepEqual([task.status, task.externalTaskId], ['CANCELLED', made.externalTaskId]);
	assert.deepEqual([task.cancelledBy, Boolean(task.completedAt)], ['user', true]);
	assert.deepEqual((await ada.data('GET', path(made))), task);
	assert.deepEqual((await ada.ended(cursor, made.videoId)).task, task);
	assert.deepEqual(await ada.data('POST', path(made, 'cancel')), task, 'twice is once');
	const done = await ada.create({ prompt: 'done', model: 'sora_video2:fast' });
	await ada.ended(cursor, done.videoId);
	const late = await ada.call('POST', path(done, 'cancel'));
	assert.deepEqual([late.status, late.body.code], [409, 'not_open']);
	assert.equal((await ada.data('GET', path(made))).status, 'CANCELLED', 'polls change nothing any more');
});

test('cancelled while the upstream is asked: CANCELLED, and the id that comes is kept', async () => {
	const cursor = await ada.cursor();
	await control({ answer_delay_ms: 700 });
	const creating = ada.call('POST', '/api/relay/sora/videos', { prompt: 'called back', clientRequestId: 'cb' });
	const { task } = await ada.follow(cursor, (t) => t.clientRequestId === 'cb');
	assert.equal(task.status, 'QUEUED');
	assert.equal((await ada.data('POST', path(task, 'cancel'))).status, 'CANCELLED');
	const answer = await creating;
	await control();
	assert.equal(answer.status, 200);
	const after = await ada.data('GET', path(task));
	const [job] = await jobs('called back');
	assert.deepEqual([after.status, after.externalTaskId], ['CANCELLED', job.id]);
});

test('retry: the same task, another attempt with the same inputs, the image included', async () => {
	const cursor = await ada.cursor();
	const form = new FormData();
	for (const [name, value] of Object.entries({ prompt: 'again', model: 'sora_video2:fast', seconds: '5', clientRequestId: 'again' }))
		form.set(name, value);
	form.set('input_reference', new Blob([PNG]), 'a.png');
	await control({ submit: 'reject', times: 1 });
	const refused = await ada.call('POST', '/api/relay/sora/videos', form);
	assert.equal(refused.status, 422);
	const [failed] = (await ada.data('POST', '/api/video/tasks/recover', { clientRequestIds: ['again'] })).tasks;
	const answer = await ada.data('POST', path(failed, 'retry'));
	assert.equal(answer.videoId, failed.videoId);
	const { task } = await ada.follow(cursor, (t) => t.videoId === failed.videoId && t.status === 'COMPLETED');
	assert.deepEqual([task.attempt, task.errorCode, task.seconds], [2, null, 5]);
	const [job] = await jobs('again');
	assert.equal(job.input_reference.sha256, createHash('sha256').update(PNG).digest('hex'));
	const ended = await ada.call('POST', path(failed, 'retry'));
	assert.deepEqual([ended.status, ended.body.code], [409, 'not_ended']);
});

test('retry while the upstream is away: queued, and submitted when it is back', async () => {
	const cursor = await ada.cursor();
	const made = await ada.create({ prompt: 'later', model: 'sora_video2:never' });
	await ada.data('POST', path(made, 'cancel'));
	await control({ submit: '503' });
	const answer = await ada.call('POST', path(made, 'retry'));
	assert.deepEqual([answer.status, answer.body.data.status], [202, 'queued']);
	await control();
	await ada.follow(cursor, (t) => t.videoId === made.videoId && t.attempt === 2 && t.status === 'PROCESSING');
	assert.equal((await jobs('later')).length, 2, 'one of each attempt');
});

test('delete hides a task everywhere, tells the feed, and removes the image', async () => {
	const form = new FormData();
	form.set('prompt', 'to be deleted');
	form.set('model', 'sora_video2:fast');
	form.set('clientRequestId', 'del');
	form.set('input_reference', new Blob([PNG]), 'a.png');
	const files = () => readdirSync(join(instance.data, 'uploads')).length;
	const before = files();
	const made = await ada.data('POST', '/api/relay/sora/videos', form);
	await ada.ended('0', made.videoId);
	assert.equal(files(), before + 1);
	const child = await ada.data('POST', path(made, 'remix'), { prompt: 'child', model: 'sora_video2:fast' });
	const cursor = await ada.cursor();
	assert.deepEqual(await ada.data('DELETE', path(made)), { videoId: made.videoId, deleted: true });
	assert.equal(files(), before);
	for (const [method, target] of [['GET', path(made)], ['GET', path(made, 'content')], ['DELETE', path(made)], ['POST', path(made, 'retry')]])
		assert.equal((await ada.call(method, target)).status, 404, `${method} ${target}`);
	assert.ok(!(await ada.data('GET', '/api/video/tasks?pageSize=100')).tasks.some((t) => t.videoId === made.videoId));
	assert.deepEqual((await ada.data('POST', '/api/video/tasks/recover', { clientRequestIds: ['del'] })).missing, ['del']);
	const { seen } = await ada.follow(cursor, (t) => t.videoId === made.videoId);
	assert.deepEqual(seen.find((t) => t.videoId === made.videoId), { videoId: made.videoId, deleted: true });
	const again = await ada.call('POST', '/api/relay/sora/videos', form);
	assert.deepEqual([again.status, again.body.code], [410, 'task_deleted'], 'a repeated request makes no second job');
	const { tasks } = await ada.data('GET', path(child, 'lineage'));
	assert.deepEqual(tasks.map((t) => [t.videoId, t.parent, t.deleted]), [[made.videoId, null, true], [child.videoId, made.videoId, undefined]]);
});

test('an open task that is deleted is cancelled by it', async () => {
	const made = await ada.create({ prompt: 'open and gone', model: 'sora_video2:slow=1s' });
	await ada.data('DELETE', path(made));
	const polls = async () => (await jobs('open and gone'))[0].polls;
	const first = await ada.create({ prompt: 'a while', model: 'sora_video2:fast' });
	await ada.ended('0', first.videoId);
	const last = await polls();
	const other = await ada.create({ prompt: 'another while', model: 'sora_video2:fast' });
	await ada.ended('0', other.videoId);
	assert.equal(await polls(), last, 'it is not polled any more, while another task is');
	assert.equal((await ada.call('GET', path(made))).status, 404);
});

test('only the owner may', async () => {
	const eve = await new Client(instance.base).join();
	const made = await ada.create({ prompt: 'mine', model: 'sora_video2:never' });
	for (const [method, verb] of [['POST', 'cancel'], ['POST', 'retry'], ['DELETE', '']])
		assert.equal((await eve.call(method, path(made, verb))).status, 404);
	assert.equal((await ada.data('GET', path(made))).status, 'PROCESSING');
});
