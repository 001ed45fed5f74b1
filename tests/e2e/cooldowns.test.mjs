// A cooldown is as narrow as its reason: what one task, one model, one key or the polls are told holds nothing else up.
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { longreel, newDataDir, startInstance, until } from '../support/instance.mjs';
import { PROFILE, newUpstream } from '../support/upstream.mjs';
import { newWorld } from '../support/world.mjs';

let data, instance, ada, bob, upstream, world, passed;

/** So many ms pass. */
const pass = (ms) => world.passed(passed += ms);
const now = () => Date.now() + passed;

const says = (status, body = {}, headers = {}) => ({ status, body, headers });
const said = (body) => body.order.lines[0].say;
const tasksOf = async (client) => (await client.data('GET', '/api/video/tasks?pageSize=100')).tasks;
const metrics = async () => (await fetch(`${instance.base}/metrics`)).text();

/** Creates a task. @returns {Promise<[number, any]>} */
async function post(client, prompt, model = 'm') {
	const { status, body } = await client.call('POST', '/api/relay/sora/videos', { prompt, model });
	return [status, body.data];
}

async function start(env = {}) {
	instance = await startInstance({ data, env: { LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_POLL_INTERVAL_MAX: '1s', LONGREEL_RATE_CREATE: '0', ...world.env, ...env } });
	[ada, bob] = [await new Client(instance.base).join(), await new Client(instance.base).join()];
	const key = join(data, 'one.key');
	await writeFile(key, 'k1\n', { mode: 0o600 });
	const { code, out, err } = await longreel(['channel', 'add', 'one', '--base', upstream.base, '--dialect', 'klecks', '--key-file', key, '--private', '--data', data]);
	assert.equal(code, 0, err + out);
}

beforeEach(async () => {
	[data, world, passed] = [await newDataDir(), await newWorld(), 0];
	await pass(0);
	await mkdir(join(data, 'dialects'), { mode: 0o700 });
	await writeFile(join(data, 'dialects', 'klecks.json'), PROFILE);
	upstream = await newUpstream();
	await start();
});

afterEach(async () => {
	await instance.stop();
	await upstream.close();
	await world.remove();
	await rm(data, { recursive: true, force: true });
});

test('one task that is always told to come later holds none of fifteen others up, and waits as it is told', async () => {
	const asked = [];
	upstream.answer = (body) => (said(body) === 'poison' ? (asked.push(Date.now()), says(429, {}, { 'retry-after': '2' })) : undefined);
	const [status, poison] = await post(ada, 'poison');
	assert.equal(status, 202);
	const { queue } = await ada.data('GET', `/api/video/tasks/${poison.videoId}`);
	assert.equal(queue.reason, 'rate_limited');
	assert.ok(Date.parse(queue.nextTryAt) - asked[0] >= 2000, queue.nextTryAt);
	let held = 0;
	for (let i = 0; i < 15; i++) {
		held += (await post(bob, `other ${i}`))[0] !== 200;
		if (i % 7 === 6) // its retries between
			await until(() => asked.length > (i + 1) / 7, 'another try of the poisoned task');
	}
	assert.equal(held, 0, `${held} of 15 others are queued`);
	await until(async () => (await tasksOf(bob)).every((t) => t.status === 'COMPLETED'), 'the others');
	for (let i = 1; i < asked.length; i++)
		assert.ok(asked[i] - asked[i - 1] >= 2000 * 2 ** (i - 1) / (i > 1 ? 2 : 1) - 20, `try ${i} came after ${asked[i] - asked[i - 1]} ms`);
	assert.equal(JSON.parse(await (await fetch(`${instance.base}/ready`)).text()).data?.modelsCoolingDown, undefined);
});

test('refused prompts rest nothing, in whatever form they come', async () => {
	const forms = [says(400, { error: { code: 'moderation_blocked' } }), says(422, { why: 'No.' }), says(403, { why: 'No.' }), says(200, { error: { message: 'No.' } }),
		says(429, { error: { code: 'content_policy_violation' } }), says(500, { error: { code: 'content_policy_violation' } }),
		says(502, { error: { message: 'Rejected by the safety system.' } })];
	for (const form of [...forms, ...forms, ...forms]) {
		upstream.answer = () => form;
		await post(ada, 'refused');
	}
	upstream.answer = () => undefined;
	assert.equal((await post(bob, 'fine'))[0], 200);
	assert.ok((await tasksOf(ada)).every((t) => t.status === 'FAILED'));
	assert.doesNotMatch(await metrics(), /model_rest_seconds\{/);
	assert.match(await metrics(), /channel_rest_seconds\{channel="one"\} 0\n/);
});

test('a model that is limited rests alone; it is told where, and one probe ends it', async () => {
	const asked = [];
	let limited = true;
	upstream.answer = (body) => {
		if (body.order.film !== 'slow "one"')
			return undefined;
		asked.push(now());
		return limited ? says(429, {}, { 'retry-after': '60' }) : undefined;
	};
	const slow = (i) => post(ada, `slow ${i}`, 'slow "one"');
	await slow(1);
	await slow(2); // a second task proves that it is the model's
	for (let i = 3; i <= 6; i++)
		assert.equal((await slow(i))[0], 202);
	assert.equal((await post(bob, 'another model', 'quick'))[0], 200);
	assert.equal(asked.length, 2);
	const shown = (await tasksOf(ada)).map((t) => t.queue?.reason);
	assert.deepEqual(shown, Array(6).fill('rate_limited'));
	assert.match(await metrics(), /longreel_channel_model_rest_seconds\{channel="one",model="slow \\"one\\""\} ([1-5]?\d|60)\b/);
	const ready = (await (await fetch(`${instance.base}/ready`)).json());
	assert.match(JSON.stringify(ready), /A model cools down at a channel.*"modelsCoolingDown":1/);
	const { out } = await longreel(['channel', 'list', '--data', data]);
	assert.match(out, /slow "one" until \d{4}-/);
	assert.match((await longreel(['channel', 'check', '--data', data])).out, /^wait +one +cools down: slow "one" until \d{4}-/m);
	await instance.logged(/warn .*a model cools down: channel=one model="slow \\x22one\\x22" failures=2/);
	limited = false;
	await until(async () => (asked.length > 2 || await pass(1000), (await tasksOf(ada)).every((t) => t.status === 'COMPLETED')), 'all of them');
	assert.ok(asked[2] - asked[1] >= 59_000, `the probe came after ${asked[2] - asked[1]} ms`);
	assert.doesNotMatch(await metrics(), /model_rest_seconds\{/);
});

test('polls that are told to come later rest alone', async () => {
	upstream.pollAnswer = () => [429, { 'retry-after': '60' }];
	await post(ada, 'under way');
	await until(async () => /longreel_channel_poll_rest_seconds\{channel="one"\} [345]\d/.test(await metrics()), 'the rest of the polls');
	for (let i = 0; i < 5; i++)
		assert.equal((await post(bob, `new ${i}`))[0], 200);
	assert.match(await metrics(), /channel_rest_seconds\{channel="one"\} 0\n/);
});

test('trouble of a key ends with the key', async () => {
	upstream.answer = () => says(401, {}, { 'retry-after': '600' });
	assert.equal((await post(ada, 'a'))[0], 202);
	assert.equal((await post(ada, 'b'))[0], 202);
	assert.match(await metrics(), /account_trouble\{channel="one"\} 1/);
	assert.equal(upstream.submissions, 1, 'no other is sent');
	upstream.keys = ['k2'];
	upstream.answer = () => undefined;
	await writeFile(join(data, 'two.key'), 'k2\n', { mode: 0o600 });
	assert.equal((await longreel(['channel', 'set', 'one', '--key-file', join(data, 'two.key'), '--data', data])).code, 0);
	await until(async () => (await tasksOf(ada)).every((t) => t.status === 'COMPLETED'), 'both');
	await instance.logged(/channel=one state=working: "it has another key"/);
});

test('a lost connection rests all; at its end one submission probes, whatever the polls say', async () => {
	upstream.mood = () => 'dreaming';
	await post(bob, 'under way');
	upstream.answer = () => 'hangup';
	for (let i = 0; i < 3; i++)
		await post(ada, `lost ${i}`);
	assert.equal(upstream.submissions, 4);
	/* Each probe that is lost, too, puts it off for longer. */
	for (let i = 3; i < 9; i++) {
		await pass(70_000);
		await post(ada, `lost ${i}`);
	}
	const lost = upstream.submissions;
	assert.equal(lost, 10);
	for (let i = 0; i < 8; i++)
		assert.equal((await post(ada, `waits ${i}`))[0], 202);
	const polls = upstream.polls.length;
	await until(() => upstream.polls.length > polls, 'another poll');
	assert.equal(upstream.submissions, lost);
	await pass(70_000);
	await until(() => upstream.submissions > lost, 'the probe');
	const probed = upstream.submissions;
	const seen = upstream.polls.length;
	await until(() => upstream.polls.length > seen + 1, 'polls, which end nothing for new work');
	assert.ok(upstream.submissions <= probed + 1, `${upstream.submissions - lost} submissions to a channel that loses them`);
	upstream.mood = () => 'awake';
	upstream.answer = () => undefined;
	await pass(140_000);
	await until(async () => (await tasksOf(ada)).filter((t) => t.prompt.startsWith('waits')).every((t) => ['COMPLETED', 'FAILED'].includes(t.status)), 'the end of all');
	const failed = (await tasksOf(ada)).filter((t) => t.prompt.startsWith('waits') && t.status === 'FAILED').length;
	assert.ok(failed <= 2, `${failed} of 8 were lost`);
});
