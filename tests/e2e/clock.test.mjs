// A clock that jumps: an hour forward, and back again. Leases run out early or late by it; nothing is doubled, nothing waits for an hour.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { freeze, startInstance, until } from '../support/instance.mjs';
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
	await control({ answer_delay_ms: 8000, duration_ms: 100 });
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

test('back: what was due in what is the future now is looked at; what was told to come later waits for that, and no longer', async () => {
	const cursor = await ada.cursor();
	await control({ duration_ms: HOUR });
	const running = await ada.create({ prompt: 'running' });
	await control({ submit: '503', retry_after: 4, duration_ms: 100 });
	const told = performance.now(), queued = await ada.create({ prompt: 'queued' });
	assert.equal(queued.status, 'queued');
	await control({ duration_ms: 100 });
	await world.clock(-HOUR);
	await until(() => /the clock was set back/.test(instance.log), 'a poller that notices');
	await until(async () => (await jobs('queued')).length === 1, 'the submission of what was queued');
	assert.ok(performance.now() - told > 3900, `it came after ${performance.now() - told} ms`);
	const polls = (await jobs('running'))[0].polls;
	await until(async () => (await jobs('running'))[0].polls > polls, 'a poll');
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

/** Calls that a clock must not keep from working: a sign-in, a registration, a creation that is completed. */
async function works(at, name, password) {
	const client = new Client(at.base);
	client.token = (await client.data('POST', '/api/auth/login', { username: name, password })).token;
	await new Client(at.base).join();
	const cursor = await client.cursor();
	const made = await client.create({ prompt: 'works', model: 'sora_video2:fast' });
	assert.equal(made.status, 'processing');
	assert.equal((await client.ended(cursor, made.videoId)).task.status, 'COMPLETED');
	return client;
}

test('a day back and a restart: logins, registrations and creations go on, with all limits on', async (t) => {
	const day = await newWorld(), password = 'correct horse battery';
	await day.clock(24 * HOUR);
	const other = await startInstance({ simulator: true, env: { ...day.env, LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_RATE_LOGIN: '4', LONGREEL_RATE_REGISTER: '4',
		LONGREEL_RATE_CREATE: '4' } });
	t.after(async () => {
		await other.stop();
		await day.remove();
	});
	const bea = await new Client(other.base).join();
	const running = await bea.create({ prompt: 'running', model: 'sora_video2:never' });
	/* All buckets are as full of the future as they can be. */
	for (let i = 0; i < 6; i++)
		await bea.create({ prompt: `fill ${i}`, model: 'sora_video2:fast' }).catch(() => {});
	for (let i = 0; i < 6; i++) {
		await bea.call('POST', '/api/auth/login', { username: bea.user.username, password: 'wrong horse battery' });
		await bea.call('POST', '/api/auth/register', { username: `filler${i}`, password });
	}
	assert.equal((await bea.call('POST', '/api/auth/login', { username: bea.user.username, password })).status, 429);
	const { code } = await other.halt();
	assert.equal(code, 0);
	await day.clock(0);
	await other.start();
	bea.base = other.base;
	await works(other, bea.user.username, password);
	/* The simulator's job is as old as the clock says; but it is looked at. */
	const polls = async () => (await (await fetch(`${other.base}/simulator/jobs`)).json()).jobs.find((j) => j.id === running.externalTaskId).polls;
	const before = await polls();
	await until(async () => (await polls()) > before + 1, 'polls');
	await other.logged(/the clock was set back by 86\d{6} ms/);
});

test('a week forward: no task times out, no login ends, no kept video goes; and back again all is as it was', async (t) => {
	const week = await newWorld();
	await week.clock(0);
	const other = await startInstance({ simulator: true, env: { ...week.env, LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_ARCHIVE_KEEP: '2d',
		LONGREEL_TOKEN_LIFETIME: '1d' } });
	t.after(async () => {
		await other.stop();
		await week.remove();
	});
	const bea = await new Client(other.base).join(), cursor = await bea.cursor();
	const kept = await bea.create({ prompt: 'kept', model: 'sora_video2:fast' });
	await bea.ended(cursor, kept.videoId);
	await until(() => other.log.includes(`a video is kept: task=${kept.videoId}`), 'a kept video');
	/* A poll is under way most of the time, also while the clock is set. */
	await fetch(`${other.base}/simulator/control`, { method: 'PUT', body: JSON.stringify({ poll_delay_ms: 120 }), headers: { 'content-type': 'application/json' } });
	const open = await bea.create({ prompt: 'open', model: 'sora_video2:never' });
	for (const [ms, restart] of [[7 * 24 * HOUR, false], [0, false], [7 * 24 * HOUR, true]]) {
		const lines = () => [...other.log.matchAll(/the clock was set (forward|back)/g)].length, before = lines();
		const waiting = !restart && bea.call('GET', `/api/video/updates?cursor=${await bea.cursor()}&wait=10`);
		if (!restart)
			await freeze(other.child('longreel-poller'));
		await week.clock(ms);
		if (restart)
			await other.restart();
		bea.base = other.base;
		const { status } = await bea.call('GET', '/api/auth/sessions');
		if (!restart) {
			await bea.call('POST', '/api/relay/sora/videos', { prompt: 'wakes who waits', model: 'sora_video2:never' });
			const woken = await waiting;
			process.kill(other.child('longreel-poller'), 'SIGCONT');
			assert.equal(woken.status, 200, 'it waits on');
		}
		assert.equal(status, 200, 'also before a poller notices');
		await until(() => lines() > before, 'a poller that notices');
		/* The sweep of a start goes by age. */
		await other.restart();
		bea.base = other.base;
		const made = await bea.create({ prompt: `at ${ms}`, model: 'sora_video2:fast' });
		const { task } = await bea.ended('0', made.videoId);
		await until(() => other.log.includes(`a video is kept: task=${task.videoId}`), 'the archiver to have swept');
		assert.equal((await bea.data('GET', `/api/video/tasks/${open.videoId}`)).status, 'PROCESSING');
		assert.equal((await fetch(`${other.base}/api/video/tasks/${kept.videoId}/content`, { headers: { authorization: `Bearer ${bea.token}` } })).status, 200);
		assert.ok(existsSync(join(other.data, 'archive')) && readdirSync(join(other.data, 'archive'), { recursive: true }).some((name) => name.includes(kept.videoId)),
			'the file of the video');
	}
});
