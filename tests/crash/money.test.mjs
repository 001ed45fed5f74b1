// A kill -9 in the middle of what moves money beside the tasks: an order of the operator, a code that is redeemed, the sweep of what lingers.
// Nothing of it stands, and repeated it is done once.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { longreel, newDataDir, startInstance, until } from '../support/instance.mjs';
import * as money from '../support/money.mjs';
import { newWorld } from '../support/world.mjs';

const UNIT = 1_000_000, HOUR = 3_600_000;
let dir, fault, world, instance, ada, home, names = 0, hours = 0;
const armed = new Set();

before(async () => {
	dir = await newDataDir();
	fault = join(dir, 'fault');
	world = await newWorld();
	await world.passed(0);
	const env = { ...world.env, LONGREEL_BILLING: 'on', LONGREEL_TASK_DEADLINE: '1h', LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_LOG_LEVEL: 'error', LONGREEL_FAULT_FILE: fault };
	instance = await startInstance({ simulator: true, env: { ...env, LONGREEL_LATE_HOLD: '1h', LONGREEL_LATE_WINDOW: '0s' } });
	ada = await new Client(instance.base).join('ada');
	money.price(instance.data, { flat: UNIT });
	/* Another, where what has timed out lingers, and who comes is given something. */
	home = await startInstance({ simulator: true, env: { ...env, LONGREEL_LATE_HOLD: '7d', LONGREEL_SIGNUP_CREDIT: '5', LONGREEL_RATE_CREATE: '0', LONGREEL_RATE_REGISTER: '0' } });
	await new Client(home.base).join();
	money.price(home.data, { flat: UNIT });
});
after(async () => {
	await Promise.all([instance?.stop(), home?.stop()]);
	await world?.remove();
	await rm(dir, { recursive: true, force: true });
});

const arm = (point) => (armed.add(point), writeFile(fault, point));
/** Two hours pass: deadlines, and what lingers for an hour. */
const pass = () => world.passed((hours += 2) * HOUR);
const orderOf = (at, ...words) => longreel([...words, '--data', at.data], { env: { ...world.env, LONGREEL_FAULT_FILE: fault, LONGREEL_BILLING: 'on' } });
const order = (...words) => orderOf(instance, ...words);
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
	const made = await ada.create({ prompt: 'for ever', model: 'sora_video2:never' });
	await pass();
	assert.equal((await ada.ended(cursor, made.videoId)).task.errorCode, 'timeout');
	await pass();
	const shown = await until(async () => { const task = await ada.data('GET', `/api/video/tasks/${made.videoId}`); return task.charge !== 'held' && task; }, 'the release');
	assert.deepEqual([existsSync(fault), shown.charge, shown.chargedMicro], [false, 'released', 0]);
	assert.deepEqual(sums(), { ...before, transfers: before.transfers + 2 });
	money.check(instance.data);
});

/* ---- what users ask for, and what ends what is on hold ---- */

/** A user of the other instance, with 5.00; how that stands; what asks until it is answered; a task that has timed out. */
async function newcomer() {
	const name = `user${++names}`, user = await new Client(home.base).join(name);
	const rows = () => money.sql(home.data, 'SELECT id, state, reason FROM charge WHERE user_id = ? ORDER BY id', user.user.id);
	const state = () => ({ ...money.balance(home.data, name), charges: rows().map((c) => c.reason ? `${c.state} ${c.reason}` : c.state) });
	/* A call whose program is killed there has done nothing, and is answered when it is made again. */
	const killedAt = async (point, method, path, body) => {
		const before = state();
		await arm(point);
		/* A connection that was kept may have been closed meanwhile: then nothing has come to the point. */
		await until(async () => {
			const answer = await user.call(method, path, body).catch(() => null);
			assert.ok(answer === null || answer.status >= 500, `${point}: no answer, or that there is none`);
			return !existsSync(fault);
		}, `a death at ${point}`);
		assert.deepEqual(state(), before, point);
		money.check(home.data);
		return until(async () => { const answer = await user.call(method, path, body).catch(() => null); return answer?.status < 500 && answer; }, 'an answer');
	};
	const timesOut = async () => {
		const cursor = await user.cursor(), { videoId } = await user.insist({ prompt: 'for ever', model: 'sora_video2:never', clientRequestId: 'for ever' });
		await pass();
		assert.equal((await user.ended(cursor, videoId)).task.errorCode, 'timeout');
		return videoId;
	};
	return { user, rows, state, killedAt, timesOut };
}

test('a program is killed while who registers is given credit', async () => {
	const { user, killedAt } = await newcomer();
	assert.equal((await killedAt('credit.granted', 'POST', '/api/auth/register', { username: 'eve', password: 'correct horse battery' })).status, 201);
	assert.deepEqual([money.balance(home.data, 'eve').available, money.balance(home.data, user.user.username).available], [5 * UNIT, 5 * UNIT]);
	money.check(home.data);
});

test('a program is killed at the hold of a set: none of it is made, then all', async () => {
	const { state, killedAt } = await newcomer();
	const body = { prompt: 'three', model: 'sora_video2:never', n: 3, clientRequestId: 'three' };
	assert.equal((await killedAt('hold.added', 'POST', '/api/relay/sora/videos', body)).body.data.tasks.length, 3);
	assert.deepEqual(state(), { available: 2 * UNIT, held: 3 * UNIT, charges: ['held', 'held', 'held'] });
	money.check(home.data);
});

for (const point of ['hold.ended', 'hold.added'])
	test(`a program is killed while a task is tried again (${point})`, async () => {
		const { state, killedAt, timesOut } = await newcomer(), videoId = await timesOut();
		assert.equal((await killedAt(point, 'POST', `/api/video/tasks/${videoId}/retry`)).status, 200);
		assert.deepEqual(state(), { available: 4 * UNIT, held: UNIT, charges: ['released retry', 'held'] });
		money.check(home.data);
	});

test('a program is killed while a task that lingers is deleted, and while one is cancelled', async () => {
	const { user, state, killedAt, timesOut } = await newcomer(), videoId = await timesOut();
	assert.equal((await killedAt('hold.ended', 'DELETE', `/api/video/tasks/${videoId}`)).status, 200);
	assert.deepEqual(state(), { available: 5 * UNIT, held: 0, charges: ['released delete'] });
	const other = await user.insist({ prompt: 'another', model: 'sora_video2:never', clientRequestId: 'another' });
	assert.equal((await killedAt('hold.ended', 'POST', `/api/video/tasks/${other.videoId}/cancel`)).status, 200);
	assert.deepEqual(state(), { available: 5 * UNIT, held: 0, charges: ['released delete', 'released cancel_running'] });
	money.check(home.data);
});

test('the operator is killed while a charge is released, and while one is refunded', async () => {
	const { user, rows, state, timesOut } = await newcomer();
	const charge = async (verb, point, id) => {
		const before = state(), ordered = () => orderOf(home, 'charge', verb, String(id));
		await arm(point);
		assert.equal((await ordered()).code, null, 'it was killed');
		assert.ok(!existsSync(fault));
		assert.deepEqual(state(), before);
		assert.equal((await ordered()).code, 0);
		assert.notEqual((await ordered()).code, 0, 'once');
		money.check(home.data);
	};
	await timesOut();
	await charge('release', 'hold.ended', rows()[0].id);
	assert.deepEqual(state(), { available: 5 * UNIT, held: 0, charges: ['released operator'] });
	const { videoId } = await user.insist({ prompt: 'good', model: 'sora_video2:fast', clientRequestId: 'good' });
	await until(async () => (await user.data('GET', `/api/video/tasks/${videoId}`)).status === 'COMPLETED', 'the video');
	assert.deepEqual([state().available, rows()[1].state], [4 * UNIT, 'settled']);
	await charge('refund', 'credit.refunded', rows()[1].id);
	assert.deepEqual([state().available, rows()[1].state], [5 * UNIT, 'settled']);
});

test('no point of money is left out', () => {
	const points = readdirSync('lib/domain', { recursive: true }).filter((f) => f.endsWith('.c'))
		.flatMap((f) => [...readFileSync(join('lib/domain', f), 'utf8').matchAll(/kill_point\("((?:hold|lapse|credit|code)\.[a-z.]+)"\)/g)].map((m) => m[1]));
	assert.deepEqual([...armed].sort(), points.sort());
});
