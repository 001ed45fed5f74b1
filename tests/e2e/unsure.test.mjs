// Submissions whose outcome is unknown: found in the upstream's list, repeated under the same key where the upstream promises to
// know it, and never doubled. And what is cancelled here is cancelled there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { freeze, startInstance, until } from '../support/instance.mjs';

/** Starts an instance with this environment, and gives what a test needs of it. */
async function start(env) {
	const instance = await startInstance({ simulator: true, env: { LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_RATE_CREATE: '0', ...env } });
	const simulator = `${instance.base}/simulator`;
	return {
		instance,
		ada: await new Client(instance.base).join(),
		jobs: async (prompt) => (await (await fetch(`${simulator}/jobs`)).json()).jobs.filter((j) => j.prompt === prompt),
		control: (settings) => fetch(`${simulator}/control`, { method: 'PUT', body: JSON.stringify(settings),
			headers: { 'content-type': 'application/json' } }),
	};
}

let listing, knowing, plain;

before(async () => {
	listing = await start({ LONGREEL_UPSTREAM_DIALECT: 'openai' });
	knowing = await start({ LONGREEL_UPSTREAM_IDEMPOTENCY: 'on' });
	plain = await start({});
});
after(() => Promise.all([listing, knowing, plain].map((world) => world?.instance.stop())));

for (const fault of ['hangup', '500', 'garbage', 'no-id'])
	test(`a submission that was taken and answered by ${fault} is found in the list`, async () => {
		const { ada, jobs } = listing, prompt = `listed ${fault} 猫`;
		const cursor = await ada.cursor();
		const answer = await ada.call('POST', '/api/relay/sora/videos', { prompt, model: `m:${fault}+fast`, clientRequestId: prompt.slice(0, 12) });
		assert.deepEqual([answer.status, answer.body.data.status, answer.body.data.externalTaskId], [202, 'queued', null]);
		assert.match(answer.body.data.message, /finds out/);
		const { task } = await ada.ended(cursor, answer.body.data.videoId);
		const record = await jobs(prompt);
		assert.deepEqual([task.status, task.externalTaskId], ['COMPLETED', record[0].id]);
		assert.equal(record.length, 1);
	});

test('each of several unsure tasks with the same content gets a job of its own', async () => {
	const { ada, jobs } = listing, prompt = 'three of a kind';
	const cursor = await ada.cursor();
	const made = await Promise.all([1, 2, 3].map((i) => ada.create({ prompt, model: 'm:hangup+fast', clientRequestId: `same${i}` })));
	for (const { videoId } of made)
		await ada.ended(cursor, videoId);
	const ids = await Promise.all(made.map(async (t) => (await ada.data('GET', `/api/video/tasks/${t.videoId}`)).externalTaskId));
	assert.deepEqual(ids.sort(), (await jobs(prompt)).map((j) => j.id).sort());
	assert.equal(new Set(ids).size, 3);
});

test('what a stranger made and deleted, and was never taken, makes no job unknowable', async () => {
	const { ada, jobs, control, instance } = listing, prompt = 'a job of ours alone';
	const eve = await new Client(instance.base).join();
	await control({ submit: '429', times: 2, retry_after: 60 });
	/* The first two are turned away, and the third waits for the end of that: nothing is sent of it. */
	for (const fields of [{ prompt: 'another' }, { prompt: 'and another' }, { prompt }]) {
		const made = await eve.create({ model: 'm:fast', ...fields });
		await eve.data('POST', `/api/video/tasks/${made.videoId}/cancel`);
		await eve.data('DELETE', `/api/video/tasks/${made.videoId}`);
	}
	const cursor = await ada.cursor();
	const made = await ada.create({ prompt, model: 'm:hangup+fast' });
	const { task } = await ada.ended(cursor, made.videoId);
	assert.deepEqual([task.status, task.externalTaskId], ['COMPLETED', (await jobs(prompt))[0].id]);
});

test('what is not in the list either is given up, and may be tried again', async () => {
	const { ada, jobs, instance } = listing, prompt = 'lost and not found';
	const cursor = await ada.cursor();
	const poller = instance.child('longreel-poller');
	await freeze(poller); // else it may have found the job before it is gone
	const made = await ada.create({ prompt, model: 'm:hangup+fast' });
	const [job] = await jobs(prompt);
	await fetch(`${instance.base}/simulator/v1/videos/${job.id}`, { method: 'DELETE', headers: { authorization: 'Bearer x' } });
	process.kill(poller, 'SIGCONT');
	const { task } = await ada.ended(cursor, made.videoId);
	assert.deepEqual([task.status, task.errorCode], ['FAILED', 'submission_unknown']);
	const answer = await ada.call('POST', `/api/video/tasks/${made.videoId}/retry`);
	assert.equal(answer.status, 202, 'the model hangs up again');
});

test('a task that is unsure can be cancelled, and its job is found all the same, and cancelled', async () => {
	const { ada, jobs } = listing, prompt = 'cancelled before it is found';
	const made = await ada.create({ prompt, model: 'm:hangup+never' });
	const cancelled = await ada.call('POST', `/api/video/tasks/${made.videoId}/cancel`);
	assert.deepEqual([cancelled.status, cancelled.body.data.status], [200, 'CANCELLED']);
	await until(async () => (await jobs(prompt))[0].deleted_at !== null, 'the cancellation upstream');
	assert.equal((await ada.data('GET', `/api/video/tasks/${made.videoId}`)).status, 'CANCELLED');
});

test('a task that is unsure can be deleted, prompt and all: its job is found and cancelled', async () => {
	const { ada, jobs, instance } = listing, prompt = 'deleted before it is found 猫';
	const made = await ada.create({ prompt, model: 'm:hangup+never' });
	await ada.data('DELETE', `/api/video/tasks/${made.videoId}`);
	await until(async () => (await jobs(prompt))[0].deleted_at !== null, 'the cancellation upstream');
	await instance.logged(new RegExp(`a lost submission is found: task=${made.videoId} `));
});

test('a cancelled task is cancelled upstream', async () => {
	const { ada, jobs } = listing, prompt = 'called off';
	const made = await ada.create({ prompt, model: 'm:never' });
	assert.equal((await jobs(prompt))[0].deleted_at, null);
	await ada.data('POST', `/api/video/tasks/${made.videoId}/cancel`);
	await until(async () => (await jobs(prompt))[0].deleted_at !== null, 'the cancellation upstream');
	const gone = await ada.create({ prompt: `${prompt}: deleted`, model: 'm:never' });
	await ada.data('DELETE', `/api/video/tasks/${gone.videoId}`);
	await until(async () => (await jobs(`${prompt}: deleted`))[0].deleted_at !== null, 'that of a deleted task');
});

test('a channel that knows a repetition by its key: submitted again, and one job', async () => {
	const { ada, jobs, control } = knowing, prompt = 'once, twice';
	const cursor = await ada.cursor();
	await control({ keys: true, submit: 'hangup', times: 2, duration_ms: 100 });
	const answer = await ada.call('POST', '/api/relay/sora/videos', { prompt });
	assert.equal(answer.status, 202);
	const { task, seen } = await ada.ended(cursor, answer.body.data.videoId);
	const record = await jobs(prompt);
	assert.equal(record.length, 1);
	assert.equal(record[0].idempotency_key, `${task.videoId}-1`);
	assert.deepEqual([task.status, task.externalTaskId, task.attempt], ['COMPLETED', record[0].id, 1]);
	const words = [...new Set(seen.map((t) => t.status))]; // of each as much as there was time for
	assert.deepEqual(words, ['QUEUED', 'PROCESSING', 'COMPLETED'].filter((word) => words.includes(word)));
});

test('a new attempt has a new key, and is a new job', async () => {
	const { ada, jobs, control } = knowing, prompt = 'again';
	await control({ keys: true, duration_ms: 60_000 });
	const made = await ada.create({ prompt });
	await ada.data('POST', `/api/video/tasks/${made.videoId}/cancel`);
	await ada.data('POST', `/api/video/tasks/${made.videoId}/retry`);
	assert.deepEqual((await jobs(prompt)).map((j) => j.idempotency_key), [`${made.videoId}-1`, `${made.videoId}-2`]);
});

test('a channel that promises nothing is never asked twice', async () => {
	const { ada, jobs } = plain, prompt = 'no promise';
	const answer = await ada.call('POST', '/api/relay/sora/videos', { prompt, model: 'm:hangup', clientRequestId: 'np' });
	assert.equal(answer.body.code, 'submission_unknown');
	const { tasks: [task] } = await ada.data('POST', '/api/video/tasks/recover', { clientRequestIds: ['np'] });
	assert.deepEqual([task.status, task.errorCode], ['FAILED', 'submission_unknown']);
	assert.equal((await jobs(prompt)).length, 1);
});

test('what an official client repeats by itself is no new task; what a person asks for again is', async () => {
	const { ada, jobs } = plain, fields = { prompt: 'stainless', model: 'm:fast' };
	const create = (count) => ada.call('POST', '/api/relay/sora/videos', fields, { 'x-stainless-retry-count': String(count) });
	const first = await create(0), again = await create(1), twice = await create(2);
	for (const answer of [again, twice]) {
		assert.equal(answer.body.data.videoId, first.body.data.videoId);
		assert.equal(answer.headers.get('idempotent-replayed'), 'true');
	}
	const second = await create(0);
	assert.notEqual(second.body.data.videoId, first.body.data.videoId);
	assert.equal((await jobs('stainless')).length, 2);
});
