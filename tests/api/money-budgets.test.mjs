// Budgets of a channel and of all together: how the operator sets, sees and removes them, what they refuse, and where a task goes that a
// channel has no room for.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { newPaid } from '../support/paid.mjs';

const PRICE = 800_000, FULL = 100_000_000, CREATE = '/api/relay/sora/videos';
const NO_BUDGET = ['--budget-day', 'none', '--budget-week', 'none', '--budget-month', 'none', '--budget-total', 'none'];
let paid, plain;

before(async () => {
	paid = await newPaid({ LONGREEL_TIMEZONE: 'Asia/Shanghai' });
	plain = paid.api.env;
	await paid.api.user('first');
	paid.price({ model: 'm', perSecond: 100_000, seconds: 8 });
});
afterEach(async () => {
	paid.api.env = plain;
	paid.api.upstream.refusal = undefined;
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
	assert.deepEqual([midnight % 86_400_000, midnight > paid.now() - 60_000], [16 * 3_600_000, true], 'of the time zone');
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
