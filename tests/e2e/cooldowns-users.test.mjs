// Cooldowns where several users share a channel, and where a task has several channels.
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { longreel, newDataDir, startInstance, until } from '../support/instance.mjs';
import { PROFILE, newUpstream } from '../support/upstream.mjs';

const PATH = '/api/relay/sora/videos';
let data, instance, ada, bob, upstreams;

const later = (seconds) => ({ status: 429, body: {}, headers: { 'retry-after': `${seconds}` } });
const said = (body) => body.order.lines[0].say;

async function channel(...words) {
	const { code, out, err } = await longreel(['channel', ...words, '--data', data]);
	assert.equal(code, 0, err + out);
}

beforeEach(async () => {
	data = await newDataDir();
	await mkdir(join(data, 'dialects'), { mode: 0o700 });
	await writeFile(join(data, 'dialects', 'klecks.json'), PROFILE);
	await writeFile(join(data, 'key'), 'k1\n', { mode: 0o600 });
	upstreams = [await newUpstream(), await newUpstream()];
	instance = await startInstance({ data, env: { LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_POLL_INTERVAL_MAX: '1s', LONGREEL_RATE_CREATE: '0' } });
	[ada, bob] = [await new Client(instance.base).join(), await new Client(instance.base).join()];
	await channel('add', 'one', '--base', upstreams[0].base, '--dialect', 'klecks', '--key-file', join(data, 'key'), '--private', '--priority', '2');
});

afterEach(async () => {
	await instance.stop();
	await Promise.all(upstreams.map((u) => u.close()));
	await rm(data, { recursive: true, force: true });
});

test('tasks of one user that are always told to come later hold no other user up', async () => {
	const [one] = upstreams;
	one.answer = (body) => (said(body) === 'poison' ? later(30) : undefined);
	for (let i = 0; i < 3; i++)
		assert.equal((await ada.call('POST', PATH, { prompt: 'poison', model: 'm' })).status, 202);
	await instance.logged(/a model cools down: channel=one model=m failures=2 .*of="one user"/);
	assert.equal(one.submissions, 2, 'the third waits: two have proved it for their user');
	for (let i = 0; i < 15; i++)
		assert.equal((await bob.call('POST', PATH, { prompt: `other ${i}`, model: 'm' })).status, 200, `other ${i} is queued`);
});

test('a second user’s task proves it for all', async () => {
	const [one] = upstreams;
	const carl = await new Client(instance.base).join();
	one.answer = () => later(30);
	for (const client of [ada, ada, bob, bob, carl])
		assert.equal((await client.call('POST', PATH, { prompt: 'x', model: 'm' })).status, 202);
	assert.equal(one.submissions, 3);
	await instance.logged(/a model cools down: channel=one model=m failures=2 .*of=all/);
});

test('a task does not come back to a channel before this has told it to, whatever another says', async () => {
	const [one, two] = upstreams, asked = [];
	await channel('add', 'two', '--base', two.base, '--dialect', 'klecks', '--key-file', join(data, 'key'), '--private', '--priority', '1');
	one.answer = (body) => (said(body) === 'poison' ? (asked.push(performance.now()), later(4)) : undefined);
	two.answer = (body) => (said(body) === 'poison' ? later(1) : undefined);
	const { videoId } = await ada.data('POST', PATH, { prompt: 'poison', model: 'm' });
	await until(() => two.submissions >= 1, 'the second channel');
	for (let i = 0; i < 5; i++) /* taken meanwhile: the wait was the one task's */
		assert.equal((await bob.call('POST', PATH, { prompt: `other ${i}`, model: 'm' })).status, 200);
	await until(() => two.submissions >= 2, 'another try there');
	await until(() => asked.length >= 2, 'another try at the first');
	assert.ok(asked[1] - asked[0] > 3950, `it came back after ${asked[1] - asked[0]} ms`);
	assert.equal((await ada.data('GET', `/api/video/tasks/${videoId}`)).status, 'QUEUED');
});
