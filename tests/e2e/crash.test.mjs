// A kill -9 at every named point of submitting and polling (base/fault.h: compiled into the sanitizer builds only), while a client
// behaves as a good client does: it repeats its request, under the same id, until it is answered. Then what the simulator has on record must
// agree with what the client was told: no job twice, no task without its job, none forgotten, and states that only went forward.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { BUILD, newDataDir, startInstance, until } from '../support/instance.mjs';

/** The points, as the sources have them. */
const points = ['lib', 'poller'].flatMap((top) => readdirSync(top, { recursive: true }).map((f) => join(top, f)))
	.filter((f) => f.endsWith('.c')).flatMap((f) => [...readFileSync(f, 'utf8').matchAll(/fault_point\("([a-z.]+)"\)/g)].map((m) => m[1]));
const armed = readFileSync(join(BUILD, 'cgi-bin', 'relay')).includes('LONGREEL_FAULT_FILE');
const ORDER = ['QUEUED', 'PROCESSING', 'COMPLETED'];

let instance, ada, fault, kills = 0;

before(async () => {
	fault = join(await newDataDir(), 'fault');
	instance = await startInstance({ simulator: true, env: { LONGREEL_FAULT_FILE: fault, LONGREEL_RATE_CREATE: '0', LONGREEL_LOG_LEVEL: 'error',
		LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_SUBMIT_TIMEOUT: '1s', LONGREEL_POLL_TIMEOUT: '1s', LONGREEL_LEASE_MARGIN: '300ms' } });
	ada = await new Client(instance.base).join();
});
after(() => instance?.stop());

const jobs = async () => (await (await fetch(`${instance.base}/simulator/jobs`)).json()).jobs;
const control = (settings) => fetch(`${instance.base}/simulator/control`, { method: 'PUT', body: JSON.stringify(settings),
	headers: { 'content-type': 'application/json' } });
const isArmed = () => { try { readFileSync(fault); return true; } catch { return false; } };

/** Sends a creation until it is answered for good: a 5xx or a cut connection may mean anything. */
async function insist(fields) {
	return until(async () => {
		const answer = await ada.call('POST', '/api/relay/sora/videos', fields).catch(() => null);
		return answer?.status === 200 || answer?.status === 202 ? answer.body.data : null;
	}, 'an answer to the creation');
}

/** Follows one task to its end, over whatever dies meanwhile. */
async function follow(videoId, cursor) {
	const words = [];
	return until(async () => {
		const answer = await ada.call('GET', `/api/video/updates?cursor=${cursor}&wait=5`).catch(() => null);
		if (answer?.status !== 200)
			return null;
		cursor = answer.body.data.cursor;
		for (const { payload } of answer.body.data.updates.filter((u) => u.payload.videoId === videoId)) {
			words.push(payload.status);
			if (payload.completedAt)
				return { task: payload, words };
		}
		return null;
	}, 'the end of the task', 30_000);
}

async function check(prompt, task, words) {
	const mine = (await jobs()).filter((j) => j.prompt === prompt);
	assert.ok(mine.length <= 1, 'no job twice');
	if (task.status === 'COMPLETED')
		assert.equal(task.externalTaskId, mine[0]?.id, 'the task has its job');
	else
		assert.deepEqual([task.status, task.errorCode], ['FAILED', 'submission_unknown'], 'or nobody can know');
	const forward = words.filter((w) => w !== 'FAILED').map((w) => ORDER.indexOf(w));
	assert.deepEqual(forward, [...forward].sort((a, b) => a - b), 'states went forward');
}

test('the points are known', () => {
	assert.ok(points.length >= 10 && new Set(points).size === points.length, points.join());
});

for (const point of armed ? points : [])
	test(`killed at ${point}`, async () => {
		const prompt = `killed at ${point}`;
		const cursor = await ada.cursor();
		/* For the poller's own submissions the upstream is away at first. */
		if (point.startsWith('due.'))
			await control({ submit: '503', times: 1 });
		await writeFile(fault, point);
		const made = await insist({ prompt, model: 'sora_video2:fast', clientRequestId: prompt });
		const { task, words } = await follow(made.videoId, cursor);
		await until(() => !isArmed(), 'a death');
		kills++;
		await check(prompt, task, words);
		/* What was written before the first byte, or after the answer, loses nothing at all. */
		if (!['create.written', 'submit.started', 'submit.answered', 'submit.settled', 'due.settled'].includes(point))
			assert.equal(task.status, 'COMPLETED');
	});

test('and all of them together: every task of the list has its job, every job its task or an unknown end', async () => {
	const { tasks } = await ada.data('GET', '/api/video/tasks?pageSize=100');
	const record = await jobs();
	for (const task of tasks.filter((t) => t.externalTaskId))
		assert.equal(record.filter((j) => j.id === task.externalTaskId && j.prompt === task.prompt).length, 1);
	for (const job of record)
		assert.ok(tasks.some((t) => t.externalTaskId === job.id || (t.prompt === job.prompt && t.errorCode === 'submission_unknown')), job.prompt);
	assert.equal(kills, armed ? points.length : 0);
});
