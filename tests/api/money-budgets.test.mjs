// Budgets of a channel and of all together: how the operator sets, sees and removes them, what they refuse, and where a task goes that a
// channel has no room for.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Caller } from '../support/api.mjs';
import { BUILD } from '../support/cgi.mjs';
import { newPaid } from '../support/paid.mjs';

const HOUR = 3_600_000, DAY = 24 * HOUR, PRICE = 800_000, FULL = 100_000_000, CREATE = '/api/relay/sora/videos';
const NO_BUDGET = ['--budget-day', 'none', '--budget-week', 'none', '--budget-month', 'none', '--budget-total', 'none'];
/** The channels, by the beginnings of their paths, that take nothing now. */
const away = new Set();
let paid, plain;

before(async () => {
	paid = await newPaid({ LONGREEL_TIMEZONE: 'Asia/Shanghai' });
	plain = paid.api.env;
	await paid.api.user('first');
	paid.price({ model: 'm', perSecond: 100_000, seconds: 8 });
	const { answer } = paid.api.upstream;
	paid.api.upstream.answer = function (request, response) {
		if (request.method !== 'POST' || !away.has(request.url.split('/')[1]))
			return answer.call(this, request, response);
		request.resume();
		response.writeHead(503, { 'content-type': 'application/json' }).end('{}');
	};
});
afterEach(async () => {
	paid.api.env = plain;
	away.clear();
	await paid.cli('budget', 'set', ...NO_BUDGET);
	return paid.check();
});
after(() => paid?.close());

const json = async (...words) => JSON.parse(await paid.cli(...words, '--json'));
const budgets = async () => (await json('budget', 'list')).budgets;
const make = (who, fields) => who.create({ model: 'm', ...fields });
const cancel = (who, { videoId }) => who.data('POST', `/api/video/tasks/${videoId}/cancel`);

/** What a creation is refused with. */
async function refused(who, fields = {}) {
	const { status, json: { code, details, error } } = await who.call('POST', CREATE, { body: { prompt: 'x', model: 'm', ...fields } });
	assert.deepEqual([status, code], [402, 'budget_exceeded']);
	return { ...details, error };
}

/** What the latest row of the audit log says was done. */
async function audited() {
	const [{ action, subject, detail }] = (await json('audit', 'list', '--limit', '1')).audit;
	return [action, subject, JSON.parse(detail)];
}

test('the budget of all together: set, seen with what is used, kept to by everybody, removed', async () => {
	const [ada, eve] = [await paid.rich(FULL), await paid.rich(FULL)];
	assert.deepEqual((await json('budget', 'set')).budgets, []);
	const [day, total] = (await json('budget', 'set', '--budget-total', '9', '--budget-day', '1.50')).budgets;
	assert.deepEqual(await audited(), ['budget.set', 'all', { operands: [], 'budget-total': '9', 'budget-day': '1.50' }]);
	assert.deepEqual({ ...day, resetsAt: null }, { subject: 'all', name: null, window: 'day', limitMicro: 1_500_000, usedMicro: 0, resetsAt: null });
	assert.deepEqual(total, { subject: 'all', name: null, window: 'total', limitMicro: 9_000_000, usedMicro: 0, resetsAt: null });
	const midnight = Date.parse(day.resetsAt);
	assert.deepEqual([midnight % DAY, midnight > paid.now(), midnight < paid.now() + DAY], [16 * HOUR, true, true], 'of the time zone');
	const made = await make(ada);
	const { error, ...details } = await refused(eve);
	assert.deepEqual(details, { requiredMicro: PRICE, subject: 'all', window: 'day', limitMicro: 1_500_000, usedMicro: PRICE, resetsAt: day.resetsAt, currency: 'USD' });
	assert.match(error, /all, day/);
	assert.deepEqual((await json('budget', 'set')).budgets.map(({ usedMicro }) => usedMicro), [PRICE, PRICE]);
	assert.match(await paid.cli('budget', 'list'), /all\t-\tday\t1[.]5\t0[.]8\t\d{4}-/);
	await cancel(ada, made);
	await make(eve);
	await refused(ada);
	await paid.cli('budget', 'set', '--budget-day', 'none');
	await make(ada);
	assert.deepEqual((await budgets()).map(({ window, usedMicro }) => [window, usedMicro]), [['total', 2 * PRICE]]);
	const { length } = (await json('audit', 'list', '--limit', '100')).audit;
	await paid.cli('budget', 'set');
	await paid.cli('budget', 'list');
	assert.equal((await json('audit', 'list', '--limit', '100')).audit.length, length, 'to look at them is no act');
});

test('the budgets of channels: given when one is added or later, listed beside the others, gone with the channel', async () => {
	const ada = await paid.rich(FULL), name = ada.user.username;
	const add = (channel, ...words) => paid.cli('channel', 'add', channel, '--base', paid.api.upstream.base, '--dialect', 'paid', '--models', channel, '--private', ...words);
	paid.price({ model: 'one', perSecond: 100_000, seconds: 8 });
	await add('one', '--budget-week', '2', '--budget-total', '1');
	assert.deepEqual((await audited())[2]['budget-week'], '2');
	await paid.cli('channel', 'set', 'one', '--budget-week', 'none', '--budget-month', '0.9');
	assert.deepEqual(await audited(), ['channel.set', 'one', { operands: ['one'], 'budget-week': 'none', 'budget-month': '0.9' }]);
	await paid.cli('channel', 'set', 'default', '--budget-day', '0');
	const [{ usedMicro: before }] = await budgets();
	await paid.cli('user', 'set', name, '--budget-day', '50');
	const { id } = await ada.data('POST', '/api/auth/keys', { name: 'k', budgets: { total: 7 } });
	await make(ada, { model: 'one' });
	const rows = (await budgets()).map(({ resetsAt, ...row }) => Object.values(row));
	assert.deepEqual(rows, [['channel', 'default', 'day', 0, before], ['channel', 'one', 'month', 900_000, PRICE], ['channel', 'one', 'total', 1_000_000, PRICE],
		['user', name, 'day', 50_000_000, PRICE], ['key', String(id), 'total', 7, 0]]);
	assert.deepEqual([(await refused(ada, { model: 'one' })).window, (await refused(ada)).subject], ['month', 'channel']);
	await paid.cli('channel', 'set', 'default', '--budget-day', 'none');
	await paid.cli('channel', 'set', 'one', '--priority', '3');
	assert.equal((await budgets()).length, 4, 'another change leaves them as they are');
	await ada.data('DELETE', `/api/auth/keys/${id}`);
	for (const { videoId } of (await ada.data('GET', '/api/video/tasks')).tasks.filter(({ model }) => model === 'one'))
		await cancel(ada, { videoId });
	await paid.cli('channel', 'remove', 'one');
	assert.deepEqual((await budgets()).map(({ subject }) => subject), ['user']);
});

test('what is no amount is refused, and nothing is changed by it', async () => {
	for (const bad of ['-1', '1e3', 'x', '', ' 1', '1.1234567', '1000000000.000001', 'NONE', '0x10', '1,5', '+1'])
		for (const words of [['budget', 'set'], ['channel', 'set', 'default'], ['channel', 'add', 'other', '--base', paid.api.upstream.base, '--dialect', 'paid', '--private']])
			await assert.rejects(paid.cli(...words, '--budget-total', '3', '--budget-day', bad), /--budget-day must/, `${words}: ${bad}`);
	await assert.rejects(paid.cli('channel', 'set', 'none-such', '--budget-day', '1'), /there is no channel none-such/);
	await assert.rejects(paid.cli('budget', 'set', 'all', '--budget-day', '1'), /all/);
	assert.deepEqual((await budgets()).filter(({ subject }) => subject !== 'user'), []);
});

test('the check of the ledger tells a budget that was not kept to from one that was lowered', async () => {
	const ada = await paid.rich(FULL), name = ada.user.username, { id, key } = await ada.data('POST', '/api/auth/keys', { name: 'k', budgets: { week: 2 * PRICE } });
	await new Caller(paid.api, key).create({ model: 'm' });
	const total = paid.sql('SELECT sum(amount) AS n FROM spend_channel')[0].n;
	const rows = [['budget', 'set', '--budget-month', '50'], ['channel', 'set', 'default', '--budget-day', '40'], ['user', 'set', name, '--budget-total', '30'], []];
	for (const words of rows)
		await paid.cli(...words.length > 0 ? words : ['key', 'set', String(id), '--budget-week', '20']);
	await paid.check();
	await make(ada);
	await new Caller(paid.api, key).create({ model: 'm' });
	/* By a hand in the database, as if creations had not looked. */
	const told = async (subject) => {
		paid.sql('UPDATE budget SET amount = 1 WHERE subject = ?', subject);
		const said = await Promise.all([['ledger', 'check'], ['check']].map((words) => promisify(execFile)(join(BUILD, 'longreel'), [...words, '--data', paid.api.data],
			{ env: { ...process.env, ...paid.api.env } }).then(() => 'all is well', ({ stdout }) => stdout)));
		for (const text of said)
			assert.match(text, new RegExp(`the budget of ${subject}.* is 1, used are [0-9]+`), subject);
		return said[0];
	};
	assert.match(await told('all'), new RegExp(`budget of all for the month is 1, used are ${total + 2 * PRICE}`));
	await paid.cli('budget', 'set', '--budget-month', '0.5');
	assert.match(await told('channel'), /channel default for the day/);
	await paid.cli('channel', 'set', 'default', '--budget-day', '0.5');
	assert.match(await told('user'), /for the total/);
	await paid.cli('user', 'set', name, '--budget-total', '0');
	assert.match(await told('key'), new RegExp(`key ${id} for the week is 1, used are ${2 * PRICE}`));
	await paid.cli('key', 'set', String(id), '--budget-week', '0.000001');
	await paid.check();
	await paid.cli('channel', 'set', 'default', ...NO_BUDGET);
});

/* ---- which channel a task goes to ---- */

const at = (task) => paid.sql('SELECT t.channel, c.channel AS charged FROM task AS t JOIN charge AS c ON c.task_id = t.id WHERE video_id = ? ORDER BY c.attempt DESC LIMIT 1', task.videoId)
	.map(({ channel, charged }) => (assert.equal(charged, channel), channel))[0];
const budget = (channel, total) => paid.cli('channel', 'set', channel, '--budget-total', total);
const used = async (channel) => (await budgets()).find(({ subject, name }) => subject === 'channel' && name === channel).usedMicro;
let pairs = 0;

/** Two channels for one model, of which the first is taken first, with these budgets. @returns their names, and how a task for them is made */
async function pair(first, second) {
	const model = `pair${++pairs}`, names = [`near${pairs}`, `far${pairs}`];
	paid.price({ model, perSecond: 100_000, seconds: 8 });
	for (const [i, name] of names.entries())
		await paid.cli('channel', 'add', name, '--base', `${paid.api.upstream.base}/${name}`, '--dialect', 'paid', '--private', '--models', model,
			'--priority', String(9 - i), '--budget-total', [first, second][i]);
	return { near: names[0], far: names[1], model };
}

test('a channel without room is passed over for one that has some; only where none has is it refused, and no channel is named', async () => {
	const ada = await paid.rich(FULL), { near, far, model } = await pair('1', '1');
	const made = [await ada.create({ model }), await ada.create({ model })];
	assert.deepEqual(made.map(at), [near, far], 'whatever the priority');
	const { error, ...details } = await refused(ada, { model, clientRequestId: 'third' });
	assert.deepEqual(details, { requiredMicro: PRICE, subject: 'channel', window: 'total', limitMicro: 1_000_000, usedMicro: PRICE, resetsAt: null, currency: 'USD' });
	assert.ok(!error.includes(near) && !error.includes(far), error);
	await cancel(ada, made[1]);
	assert.deepEqual([await used(near), await used(far)], [PRICE, 0]);
	assert.equal(at(await ada.create({ model, clientRequestId: 'third' })), far, 'there is room again, and the id is as good as new');
});

test('a channel whose budget is used up is told the user on /v1 as any budget', async () => {
	const ada = await paid.rich(FULL), { model } = await pair('0', '0.79');
	const { status, json: { error }, headers } = await ada.call('POST', '/v1/videos', { body: { prompt: 'x', model } });
	assert.deepEqual([status, error.type, error.code, headers.get('x-should-retry')], [402, 'insufficient_quota', 'billing_hard_limit_reached', 'false']);
});

test('where the one channel that has the model is full, that is the answer, and not that there is no such model', async () => {
	const ada = await paid.rich(FULL), { near, far, model } = await pair('9', '0.79');
	await paid.cli('channel', 'set', near, '--models', 'another');
	const wanted = { requiredMicro: PRICE, subject: 'channel', window: 'total', limitMicro: 790_000, usedMicro: 0, resetsAt: null, currency: 'USD' };
	const details = async () => {
		const { error, ...rest } = await refused(ada, { model });
		assert.ok(!error.includes(near) && !error.includes(far), error);
		return rest;
	};
	assert.deepEqual(await details(), wanted, 'the other does not list it');
	await paid.cli('channel', 'set', near, '--models', model);
	paid.sql('INSERT INTO channel_lack (channel, model, until) VALUES (?, ?, ?)', near, model, paid.now() + 540_000);
	assert.deepEqual(await details(), wanted, 'the other has said lately that it lacks it');
	await budget(far, '0.8');
	assert.equal(at(await ada.create({ model })), far);
});

test('a set: its first goes where there is room for all of it, and so is there for each', async () => {
	const ada = await paid.rich(FULL), { near, far, model } = await pair('1', '2');
	assert.equal((await refused(ada, { model, n: 3 })).requiredMicro, 3 * PRICE);
	assert.deepEqual(paid.balance(ada), { available: FULL, held: 0 });
	const { tasks } = await ada.create({ model, n: 2 });
	assert.deepEqual([tasks.map(at), await used(near), await used(far)], [[far, near], PRICE, PRICE], 'as the second alone fits in');
	assert.equal(at(await ada.create({ model })), far);
	/* Those of a set are chosen one by one: the first channel takes one job at a time. */
	const other = await pair('9', '9');
	await paid.cli('channel', 'set', other.near, '--concurrency', '1');
	const spread = (await ada.create({ model: other.model, n: 3 })).tasks.map(at);
	assert.deepEqual([spread, await used(other.near), await used(other.far)], [[other.near, other.far, other.far], PRICE, 2 * PRICE]);
});

test('many at once: no more than there is room for, at each', async () => {
	const ada = await paid.rich(FULL), { near, far, model } = await pair('2', '1');
	const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => ada.call('POST', CREATE, { body: { prompt: `x${i}`, model } })));
	assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(3).fill(200), ...Array(9).fill(402)]);
	assert.deepEqual([await used(near), await used(far), paid.balance(ada).held], [2 * PRICE, PRICE, 3 * PRICE]);
});

test('a task that waits goes to no channel without room, and goes once there is some', async () => {
	const ada = await paid.rich(FULL), { near, far, model } = await pair('1', '0.79');
	away.add(near);
	const task = await ada.create({ model });
	const waits = async (why) => {
		await paid.pass(60_000);
		await paid.poll();
		assert.deepEqual([at(task), (await ada.task(task.videoId)).status, await used(near), await used(far)], [near, 'QUEUED', PRICE, 0], why);
	};
	assert.deepEqual([task.status, at(task)], ['queued', near]);
	await waits('its channel rests, the other has no room');
	await paid.cli('channel', 'disable', near);
	await waits('its channel gets no new work');
	await paid.cli('channel', 'set', near, '--models', 'another');
	await waits('its channel does not make it any more');
	await budget(far, '0.8');
	for (let count = 0; (await ada.task(task.videoId)).status !== 'PROCESSING'; count++) {
		assert.ok(count < 20, 'it goes');
		await paid.pass(60_000);
		await paid.poll();
	}
	assert.deepEqual([at(task), await used(near), await used(far), paid.balance(ada).held], [far, 0, PRICE, PRICE]);
});

test('what is made from a video is made at its channel, whatever room another has', async () => {
	const ada = await paid.rich(FULL), { near, far, model } = await pair('1', '9'), source = await ada.create({ model }), path = `/api/video/tasks/${source.videoId}/remix`;
	paid.job(source, { status: 'completed' });
	await paid.api.polled(ada, source.videoId, 'COMPLETED');
	const one = await ada.call('POST', path, { body: { prompt: 'x', clientRequestId: 'remix' } });
	assert.deepEqual([one.status, one.json.code, one.json.details.subject, one.json.details.usedMicro], [402, 'budget_exceeded', 'channel', PRICE]);
	const { results } = await ada.data('POST', '/api/video/tasks/remix', { videoIds: [source.videoId], prompt: 'x' });
	assert.deepEqual([results[0].code, results[0].details.limitMicro], ['budget_exceeded', 1_000_000]);
	await budget(near, '1.6');
	assert.equal(at(await ada.data('POST', path, { prompt: 'x', clientRequestId: 'remix' })), near);
	assert.deepEqual([await used(near), await used(far)], [2 * PRICE, 0]);
});

test('a task that is tried again: what its last attempt holds is room for the next', async () => {
	paid.api.env = { ...plain, LONGREEL_TASK_DEADLINE: '30m' };
	const ada = await paid.rich(FULL), { near, far, model } = await pair('1', '1');
	const silent = await ada.create({ model });
	await paid.pass(31 * 60_000);
	await paid.poll();
	assert.equal((await ada.task(silent.videoId)).status, 'FAILED');
	assert.equal(at(await ada.create({ model })), far);
	assert.equal(await used(near), PRICE, 'it lingers');
	await refused(ada, { model });
	const tooDear = await ada.call('POST', `/api/video/tasks/${silent.videoId}/retry`, { body: { maxPriceMicro: 1 } });
	assert.deepEqual([tooDear.status, await used(near), paid.charges(silent.videoId).map(({ state }) => state)], [409, PRICE, ['held']], 'a refusal undoes all');
	await ada.data('POST', `/api/video/tasks/${silent.videoId}/retry`);
	assert.deepEqual([at(silent), await used(near), paid.charges(silent.videoId).map(({ state }) => state)], [near, PRICE, ['released', 'held']]);
});

test('a retry spends the budget of the key that asks, and of no other', async () => {
	const ada = await paid.rich(FULL);
	const key = (name, total) => ada.data('POST', '/api/auth/keys', { name, budgets: { total } });
	const [poor, rich] = [await key('poor', PRICE), await key('rich', 5 * PRICE)];
	const [byPoor, byRich] = [poor, rich].map((made) => new Caller(paid.api, made.key));
	const failed = async (who) => {
		const task = await make(who);
		paid.job(task, { status: 'failed', error: 'no' });
		await paid.pass(HOUR / 60);
		await paid.poll();
		return `/api/video/tasks/${task.videoId}/retry`;
	};
	const [theirs, own] = [await failed(byRich), await failed(ada)];
	const used = async (who) => (await who.data('GET', '/api/account')).budgets[0].usedMicro;
	await byPoor.data('POST', theirs);
	assert.deepEqual([await used(byPoor), await used(byRich)], [PRICE, 0]);
	const refusal = await byPoor.call('POST', own);
	assert.deepEqual([refusal.status, refusal.json.code, refusal.json.details.subject], [402, 'budget_exceeded', 'key']);
	await ada.data('POST', own);
	assert.deepEqual([await used(byPoor), await used(byRich)], [PRICE, 0]);
});
