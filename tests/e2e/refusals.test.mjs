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
	assert.deepEqual([task.status, task.errorCode, task.errorMessage], ['FAILED', 'moderation_blocked', 'Not this one.']);
	assert.match(instance.log, /warn .*a task is refused: .*channel=one status=400 code=moderation_blocked reason="Not this one\."/);
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
