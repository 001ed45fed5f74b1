// A clock that jumps: an hour forward, and back again. Leases run out early or late by it; nothing is doubled, nothing waits for an hour.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { startInstance, until } from '../support/instance.mjs';
import { newWorld } from '../support/world.mjs';

const HOUR = 3_600_000;
let world, instance, ada;

before(async () => {
	world = await newWorld();
	await world.clock(0);
	instance = await startInstance({ simulator: true, env: { ...world.env, LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_RATE_CREATE: '0' } });
	ada = await new Client(instance.base).join();
});
after(async () => {
	await instance?.stop();
	await world?.remove();
});

const jobs = async (prompt) => (await (await fetch(`${instance.base}/simulator/jobs`)).json()).jobs.filter((j) => j.prompt === prompt);
const control = (settings) => fetch(`${instance.base}/simulator/control`, { method: 'PUT', body: JSON.stringify(settings),
	headers: { 'content-type': 'application/json' } });

test('forward while the upstream is asked: the lease runs out, the answer is taken all the same', async () => {
	const cursor = await ada.cursor(), prompt = 'forward';
	await control({ answer_delay_ms: 3000, duration_ms: 100 });
	const creating = ada.call('POST', '/api/relay/sora/videos', { prompt, clientRequestId: prompt });
	await ada.follow(cursor, (t) => t.clientRequestId === prompt);
	await world.clock(HOUR);
	await ada.create({ prompt: 'rings the bell', model: 'm:fast+delay=0' });
	const given = await ada.follow(cursor, (t) => t.clientRequestId === prompt && t.status === 'FAILED');
	assert.equal(given.task.errorCode, 'submission_unknown', 'for the poller its holder has died');
	const answer = await creating;
	const [job] = await jobs(prompt);
	assert.deepEqual([answer.status, answer.body.data.externalTaskId], [200, job.id]);
	const { task } = await ada.follow(cursor, (t) => t.clientRequestId === prompt && t.status === 'COMPLETED');
	assert.equal(task.externalTaskId, job.id);
	assert.equal((await jobs(prompt)).length, 1);
});

test('back: what was due in what is the future now is looked at at once', async () => {
	const cursor = await ada.cursor();
	await control({ duration_ms: HOUR });
	const running = await ada.create({ prompt: 'running' });
	await control({ submit: '503', retry_after: 600, duration_ms: 100 });
	const queued = await ada.create({ prompt: 'queued' });
	assert.equal(queued.status, 'queued');
	await control({ duration_ms: 100 });
	await world.clock(-HOUR);
	await until(() => /the clock was set back/.test(instance.log), 'a poller that notices');
	await until(async () => (await jobs('queued')).length === 1, 'the submission of what was queued');
	const polls = (await jobs('running'))[0].polls;
	await until(async () => (await jobs('running'))[0].polls > polls + 2, 'polls');
	assert.equal((await ada.data('GET', `/api/video/tasks/${running.videoId}`)).status, 'PROCESSING');
	/* Its jobs are as old as the clock says, so the simulator is asked for new ones. */
	const made = await ada.create({ prompt: 'after', model: 'sora_video2:fast' });
	assert.equal((await ada.ended(cursor, made.videoId)).task.status, 'COMPLETED');
	const list = await ada.data('GET', '/api/video/tasks?pageSize=100');
	assert.deepEqual(list.tasks.slice(0, 3).map((t) => t.prompt), ['after', 'queued', 'running'], 'by order of creation, not by the clock');
	await world.clock(0);
});

test('and forward again: logins, the feed and new tasks work', async () => {
	const cursor = await ada.cursor();
	await world.clock(3 * HOUR);
	const made = await ada.create({ prompt: 'much later', model: 'sora_video2:fast' });
	assert.equal((await ada.ended(cursor, made.videoId)).task.status, 'COMPLETED');
	await world.clock(0);
	const again = await ada.create({ prompt: 'and now', model: 'sora_video2:fast' });
	assert.equal((await ada.ended(cursor, again.videoId)).task.status, 'COMPLETED');
});
