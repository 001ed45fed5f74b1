// What an upstream says when it does not take a task: whose trouble it is, and what the user, the operator and the log hear of it.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { longreel, newDataDir, startInstance, until } from '../support/instance.mjs';
import { PROFILE, newUpstream } from '../support/upstream.mjs';

const BALANCE = 'Your balance of $-3.20 is too low.';

let data, instance, ada, one, two;

async function add(name, upstream, ...words) {
	const key = join(data, `${name}.key`);
	await writeFile(key, 'k1\n', { mode: 0o600 });
	const { code, out, err } = await longreel(['channel', 'add', name, '--base', upstream.base, '--dialect', 'klecks', '--key-file', key, '--private', ...words, '--data', data]);
	assert.equal(code, 0, err + out);
}

const says = (status, body) => () => ({ status, body });
/** Creates a task. @returns {Promise<[number, any]>} */
async function post(prompt, fields) {
	const { status, body } = await ada.call('POST', '/api/relay/sora/videos', { prompt, ...fields });
	return [status, body];
}

const metrics = async () => (await fetch(`${instance.base}/metrics`)).text();
const tasks = async () => (await ada.data('GET', '/api/video/tasks')).tasks;

beforeEach(async () => {
	data = await newDataDir();
	await mkdir(join(data, 'dialects'), { mode: 0o700 });
	await writeFile(join(data, 'dialects', 'klecks.json'), PROFILE);
	[one, two] = await Promise.all([newUpstream(), newUpstream()]);
	instance = await startInstance({ data, env: { LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_POLL_INTERVAL_MAX: '1s', LONGREEL_RATE_CREATE: '0',
		LONGREEL_SUBMIT_TIMEOUT: '5s' } });
	ada = await new Client(instance.base).join();
	await add('one', one, '--priority', '2');
});

afterEach(async () => {
	await instance.stop();
	await Promise.all([one.close(), two.close()]);
});

test('a refusal keeps status, code and sentence, at /api, in the task and in the log', async () => {
	one.answer = says(400, { error: { code: 'moderation_blocked', message: 'Not this one.' } });
	const [status, json] = await post('a');
	assert.deepEqual([status, json.code, json.error, json.details],
		[422, 'upstream_rejected', 'Not this one.', { upstreamStatus: 400, upstreamCode: 'moderation_blocked' }]);
	const [task] = await tasks();
	assert.deepEqual([task.status, task.errorCode, task.errorMessage, task.upstreamMessage, task.errorReason], ['FAILED', 'moderation_blocked', 'Not this one.', 'Not this one.', null]);
	await instance.logged(/warn .*a task is refused: .*channel=one status=400 code=moderation_blocked reason="Not this one\."/);
});

test('of an unknown outcome both our words and the upstream’s are told', async () => {
	one.answer = says(500, { error: { message: 'It broke.' } });
	const [status, body] = await post('a');
	assert.deepEqual([status, body.code], [502, 'submission_unknown']);
	const words = 'It is unknown whether the upstream accepted the task; it was not sent again. (It broke.)';
	const [task] = await tasks();
	assert.deepEqual([body.error, task.errorMessage, task.upstreamMessage, task.errorReason], [words, words, 'It broke.', null]);
	assert.match((await longreel(['task', 'show', (await tasks())[0].videoId, '--data', data])).out, /^errorMessage +It is unknown .*\(It broke\.\)$/m);
	await instance.logged(/outcome of a submission is not known: .*channel=one status=500 .*It broke/);
});

test('where the list cannot be read either, an unknown outcome ends all the same, with the upstream’s words', async () => {
	const list = { path: '/all', accepted: [200], items: ['/tickets'], prompt: ['/say'], created_at: ['/at'] };
	await writeFile(join(data, 'dialects', 'klecks.json'), JSON.stringify({ ...JSON.parse(PROFILE), list }));
	await add('two', two, '--priority', '3');
	two.answer = says(500, { error: { message: 'It broke.' } });
	const [status, { data: { videoId, status: word } }] = await post('a', { clientRequestId: 'a' });
	assert.deepEqual([status, word], [202, 'queued']);
	const task = await until(async () => (await tasks()).find((t) => t.videoId === videoId && t.status === 'FAILED'), 'the end');
	assert.deepEqual([task.errorCode, task.errorMessage, task.upstreamMessage], ['submission_unknown',
		'It is unknown whether the upstream accepted the task; it was not sent again. (It broke.)', 'It broke.']);
	await instance.logged(new RegExp(`a lost submission is given up: task=${videoId} why="the upstream's list cannot be read"`));
	assert.equal(two.submissions, 1);
	const { status: again, body } = await ada.call('POST', `/api/video/tasks/${videoId}/retry`);
	assert.equal(again, 202, JSON.stringify(body));
	assert.equal(two.submissions, 2, 'the user may try again');
});

test('refusals in a success are final, and change nothing for the channel', async () => {
	const refusals = [{ error: { message: 'No.' } }, { base_resp: { status_code: 1026, status_msg: 'No.' } }, { detail: [{ msg: 'No.' }] },
		{ ErrCode: 7, ErrMsg: 'No.' }];
	for (const body of refusals) {
		one.answer = says(200, body);
		const [status, json] = await post('a');
		assert.deepEqual([status, json.code, json.error], [422, 'upstream_rejected', 'No.'], JSON.stringify(body));
	}
	assert.equal(one.submissions, refusals.length);
	one.answer = () => undefined;
	const [status] = await post('b');
	assert.equal(status, 200, 'the channel takes the next one at once');
});

for (const [what, answer] of [['402', says(402, { error: { message: BALANCE } })], ['a code in a success', says(200, { code: 'insufficient_balance', message: BALANCE })],
	['a 308, by which its base leads elsewhere', says(308, {})],
	['a 403 whose key another call refuses by a 400', (body, upstream) => (upstream.whoami = () => [400, { code: 'invalid_api_key', why: BALANCE }], { status: 403, body: { why: BALANCE } })],
	['a 403 whose key fails elsewhere, too', (body, upstream) => (upstream.keys = ['another'], { status: 403, body: { why: BALANCE } })]])
	test(`${what}: the operator's trouble, and the task goes to another channel`, async () => {
		await add('two', two);
		one.answer = (body) => answer(body, one);
		const [status, body] = await post('a');
		assert.equal(status, 202, JSON.stringify(body));
		await until(() => two.jobs.length === 1, 'the other channel has it');
		await until(async () => (await tasks())[0].status === 'COMPLETED', 'it is made');
		assert.doesNotMatch(JSON.stringify([body, await tasks()]), /balance|3\.20/);
		const [second] = await post('b');
		assert.equal(second, 200, 'the next goes to the other at once');
		await instance.logged(/needs its operator: channel=one/);
		assert.equal(instance.log.match(/needs its operator: channel=one/g).length, 1);
		assert.match(await metrics(), /longreel_channel_account_trouble\{channel="one"\} 1/);
		assert.match(JSON.stringify((await ada.call('GET', '/ready')).body), /account of a channel needs its operator/);
	});

test('where there is no other channel the task waits, says for what, and is made once the account is in order', async () => {
	one.answer = says(402, { error: { message: BALANCE } });
	const [[status, { data: first }], [, { data: second }]] = [await post('a'), await post('b')];
	assert.deepEqual([status, first.status, first.message],
		[202, 'queued', "The provider's account needs its operator; the task will be submitted later."]);
	assert.equal(second.message, first.message);
	const { out } = await longreel(['task', 'show', first.videoId, '--data', data]);
	assert.match(out, /^turned away by +account\/one$/m);
	assert.match(out, /^waits for +the provider's account needs its operator \(key or balance\)\nnext try +\d{4}-/m);
	const [, { data: third }] = await post('c', { clientRequestId: 'c' });
	assert.equal(third.status, 'queued');
	assert.equal(one.submissions, 1, 'no other is sent while it rests');
	one.answer = () => undefined;
	await until(async () => (await tasks()).every((t) => t.status === 'COMPLETED'), 'all are made');
	assert.match(await metrics(), /longreel_channel_account_trouble\{channel="one"\} 0/);
});

test('a 403 is the task’s where the key is good', async () => {
	one.answer = says(403, { why: 'Not this one.' });
	const [status, body] = await post('a');
	assert.deepEqual([status, body.error, body.details], [422, 'Not this one.', { upstreamStatus: 403 }]);
});

test('a channel that took a task lately refuses by saying it twice', async () => {
	await post('a');
	one.answer = says(402, { error: { message: BALANCE } });
	const [status, { data }] = await post('b');
	assert.equal(status, 202);
	await until(async () => (await tasks()).find((t) => t.videoId === data.videoId).status === 'FAILED', 'it is refused');
	const task = (await tasks()).find((t) => t.videoId === data.videoId);
	assert.deepEqual([task.errorCode, task.errorMessage, task.upstreamMessage], ['upstream_rejected', 'The upstream refused the task.', null]);
	assert.equal(one.submissions, 3);
});

test('what two channels say of their accounts once each is no refusal: the task waits, and is made', async () => {
	const once = (upstream) => {
		const before = upstream.submissions;
		return () => (upstream.submissions === before + 1 ? { status: 402, body: { error: { message: BALANCE } } } : undefined);
	};
	await post('to one');
	await add('two', two);
	one.answer = once(one);
	await post('to the other');
	await until(() => two.jobs.length === 1, 'the other has it');
	await until(async () => (await post('to one again'), one.jobs.length >= 2), 'the first works again');
	[one.answer, two.answer] = [once(one), once(two)];
	const sent = one.submissions + two.submissions, [status, { data: { videoId } }] = await post('to both');
	const made = async () => (await tasks()).find((task) => task.videoId === videoId).status;
	assert.equal(status, 202);
	await until(async () => (await made()) !== 'QUEUED', 'it goes on');
	assert.notEqual(await made(), 'FAILED');
	assert.equal(one.submissions + two.submissions, sent + 3, 'each has turned it away once');
});

test('a model that one channel lacks is made by another that lists it; where none is left the user hears of it', async () => {
	const lacks = says(404, { error: { code: 'model_not_found', message: 'No model m.' } });
	await add('two', two, '--models', 'm');
	await longreel(['channel', 'set', 'one', '--models', 'm', '--data', data]);
	one.answer = lacks;
	const [status] = await post('a', { model: 'm' });
	assert.equal(status, 202);
	await until(() => two.jobs.length === 1, 'the other channel has it');
	assert.equal((await post('the next', { model: 'm' }))[0], 200, 'it goes to the other at once');
	assert.equal(one.submissions, 1);
	two.answer = lacks;
	await post('b', { model: 'm' });
	await until(async () => (await tasks())[0].status === 'FAILED', 'it is refused');
	assert.deepEqual([(await tasks())[0].errorCode, (await tasks())[0].errorMessage], ['model_not_found', 'No model m.']);
});
