// A kill -9 in the middle of what moves money beside the tasks: an order of the operator, a code that is redeemed, the sweep of what lingers.
// Nothing of it stands, and repeated it is done once.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { longreel, newDataDir, startInstance, until } from '../support/instance.mjs';
import * as money from '../support/money.mjs';

const UNIT = 1_000_000;
let dir, fault, instance, ada;

before(async () => {
	dir = await newDataDir();
	fault = join(dir, 'fault');
	instance = await startInstance({ simulator: true, env: { LONGREEL_BILLING: 'on', LONGREEL_TASK_DEADLINE: '1s', LONGREEL_LATE_HOLD: '1s',
		LONGREEL_LATE_WINDOW: '0s', LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_LOG_LEVEL: 'error', LONGREEL_FAULT_FILE: fault } });
	ada = await new Client(instance.base).join('ada');
	money.price(instance.data, { flat: UNIT });
});
after(async () => {
	await instance?.stop();
	await rm(dir, { recursive: true, force: true });
});

const arm = (point) => writeFile(fault, point);
const order = (...words) => longreel([...words, '--data', instance.data], { env: { LONGREEL_FAULT_FILE: fault, LONGREEL_BILLING: 'on' } });
const sums = () => ({ transfers: money.sql(instance.data, 'SELECT count(*) AS n FROM transfer')[0].n, ...money.balance(instance.data, 'ada') });

test('the operator is killed while credit is given, and while it is taken', async () => {
	for (const [verb, amount, after] of [['add', '5', 5 * UNIT], ['take', '2', 3 * UNIT]]) {
		const words = ['credit', verb, 'ada', amount, '--reference', verb], before = sums();
		await arm('credit.added');
		assert.equal((await order(...words)).code, null, 'it was killed');
		assert.ok(!existsSync(fault));
		assert.deepEqual(sums(), before);
		for (let times = 0; times < 2; times++)
			assert.equal((await order(...words)).code, 0);
		assert.deepEqual(sums(), { transfers: before.transfers + 1, available: after, held: 0 });
		money.check(instance.data);
	}
});

test('a program is killed while a code is redeemed', async () => {
	const made = await order('code', 'create', '--amount', '4', '--json'), [{ code }] = JSON.parse(made.out).codes, before = sums();
	await arm('code.used');
	const redeem = () => ada.call('POST', '/api/account/redeem', { code }).catch(() => null);
	const first = await redeem();
	assert.ok(first === null || first.status >= 500, 'no answer, or that there is none');
	assert.ok(!existsSync(fault));
	assert.deepEqual(sums(), before);
	const second = await until(async () => { const answer = await redeem(); return answer?.status < 500 && answer; }, 'an answer');
	assert.deepEqual([second.status, second.body.data.availableMicro], [200, before.available + 4 * UNIT]);
	assert.equal((await redeem()).body.code, 'code_used');
	assert.deepEqual(sums(), { ...before, transfers: before.transfers + 1, available: before.available + 4 * UNIT });
	money.check(instance.data);
});

test('a poller is killed in the sweep of what lingers', async () => {
	const before = sums(), cursor = await ada.cursor();
	await arm('lapse.decided');
	const made = await ada.create({ prompt: 'for ever', model: 'sora_video2:slow=60s' });
	assert.equal((await ada.ended(cursor, made.videoId)).task.errorCode, 'timeout');
	const shown = await until(async () => { const task = await ada.data('GET', `/api/video/tasks/${made.videoId}`); return task.charge !== 'held' && task; }, 'the release');
	assert.deepEqual([existsSync(fault), shown.charge, shown.chargedMicro], [false, 'released', 0]);
	assert.deepEqual(sums(), { ...before, transfers: before.transfers + 2 });
	money.check(instance.data);
});
