// Turns at a channel that makes two jobs at a time, as the upstream sees them.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { longreel, newDataDir, startInstance, until } from '../support/instance.mjs';
import { PROFILE, newUpstream } from '../support/upstream.mjs';

let instance, upstream, ada, eve;

const prompts = () => upstream.jobs.map((job) => job.body.order.lines[0].say);

beforeEach(async () => {
	const data = await newDataDir();
	upstream = await newUpstream();
	upstream.mood = () => 'dreaming';
	await mkdir(join(data, 'dialects'), { mode: 0o700 });
	await writeFile(join(data, 'dialects', 'klecks.json'), PROFILE);
	await writeFile(join(data, 'key'), 'k1\n', { mode: 0o600 });
	instance = await startInstance({ data, env: { LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_POLL_INTERVAL_MAX: '50ms', LONGREEL_RATE_CREATE: '0' } });
	const { code, err } = await longreel(['channel', 'add', 'two', '--base', upstream.base, '--dialect', 'klecks', '--key-file', join(data, 'key'),
		'--private', '--concurrency', '2', '--priority', '1', '--data', data]);
	assert.equal(code, 0, err);
	ada = await new Client(instance.base).join();
	eve = await new Client(instance.base).join();
});

afterEach(async () => {
	await instance?.stop();
	await upstream?.close();
});

test('a single task behind forty of another user is among the next three', async () => {
	for (let i = 0; i < 40; i++)
		await ada.create({ prompt: `ada ${i}` });
	await until(() => upstream.jobs.length === 2, 'two jobs');
	const { videoId } = await eve.create({ prompt: 'eve' });
	const { queue } = await eve.data('GET', `/api/video/tasks/${videoId}`);
	assert.ok(queue.ahead <= 2, `ahead: ${queue.ahead}`);
	upstream.mood = () => 'awake';
	await until(() => upstream.jobs.length === 41, 'all jobs');
	assert.ok(prompts().indexOf('eve') < 5, prompts().join(', '));
	assert.deepEqual(prompts().filter((prompt) => prompt !== 'eve'), Array.from({ length: 40 }, (_, i) => `ada ${i}`), 'in order');
	assert.ok(upstream.most <= 2);
});

test('two users with many take turns', async () => {
	for (let i = 0; i < 10; i++)
		await ada.create({ prompt: `ada ${i}` });
	for (let i = 0; i < 10; i++)
		await eve.create({ prompt: `eve ${i}` });
	upstream.mood = () => 'awake';
	await until(() => upstream.jobs.length === 20, 'all jobs');
	const order = prompts().slice(2).map((prompt) => prompt.slice(0, 3));
	for (let i = 2; i < 16; i++) /* the last one of each may go first */
		assert.notEqual(order.slice(i - 2, i + 1).join(), [order[i], order[i], order[i]].join(), order.join(', '));
	assert.deepEqual(prompts().filter((prompt) => prompt.startsWith('eve')), Array.from({ length: 10 }, (_, i) => `eve ${i}`), 'in order');
});
