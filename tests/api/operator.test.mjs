// The operator's commands about users, groups, keys, codes and money: what they do, what they refuse, that each leaves
// a row in the audit log, and that all that list or show also speak JSON.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Caller, newApi } from '../support/api.mjs';
import { BUILD } from '../support/cgi.mjs';
import { newWorld } from '../support/world.mjs';

let api, ada;
before(async () => {
	api = await newApi({ LONGREEL_BILLING: 'on' });
	ada = await api.user('ada');
});
after(() => api?.close());

const cli = (...words) => api.run('longreel', ...words, '--data', api.data);
const json = async (...words) => JSON.parse(await cli(...words, '--json'));

/** What a command that fails says. */
async function refused(...words) {
	const child = spawn(join(BUILD, 'longreel'), [...words, '--data', api.data], { env: { ...process.env, ...api.env }, stdio: ['ignore', 'pipe', 'pipe'] });
	let said = '';
	child.stderr.on('data', (piece) => (said += piece));
	const [code] = await once(child, 'close');
	assert.notEqual(code, 0, words.join(' '));
	return said.trim();
}

/** The latest row of the audit log. */
const audited = async () => {
	const [{ actor, action, subject, detail }] = (await json('audit', 'list', '--limit', '1')).audit;
	return [actor, action, subject, JSON.parse(detail)];
};

test('groups: added, changed, listed, removed once they have no users', async () => {
	await cli('group', 'add', 'friends', '--multiplier', '0.9', '--models', 'wan*, sora*', '--budget-month', '20', '--rate', '10/min', '--max-open', '3');
	assert.deepEqual(await audited(), ['cli', 'group.add', 'friends', { operands: ['friends'], models: 'wan*, sora*', rate: 10, 'max-open': 3, multiplier: '0.9', 'budget-month': '20' }]);
	await cli('group', 'set', 'FRIENDS', '--budget-month', 'none', '--budget-day', '0.50', '--default-rate');
	assert.deepEqual((await json('group', 'list')).groups, [{ name: 'friends', users: 0, multiplierPpm: 900_000, maxOpen: 3, rate: null, budgetDayMicro: 500_000, budgetWeekMicro: null,
		budgetMonthMicro: null, models: 'wan*, sora*' }]);
	assert.match(await refused('group', 'add', 'Friends'), /there is a group/);
	assert.match(await refused('group', 'add', 'two\tcells'), /no control characters/);
	assert.match(await refused('group', 'set', 'nobody', '--rate', '1'), /there is no group nobody/);
	for (const [option, value] of [['multiplier', '-1'], ['multiplier', '0.1234567'], ['multiplier', 'x'], ['budget-day', '-1'], ['budget-day', '1e3'], ['budget-day', '1.1234567']])
		assert.match(await refused('group', 'set', 'friends', `--${option}`, value), new RegExp(`--${option} must be`), value);
	await cli('user', 'set', 'ada', '--group', 'friends');
	assert.match(await refused('group', 'remove', 'friends'), /has users/);
	await cli('user', 'set', 'ada', '--group', '');
	await cli('group', 'remove', 'friends');
	assert.deepEqual((await json('group', 'list')).groups, []);
});

test('users: what is set holds, what is not given stays', async () => {
	const plain = { name: 'ada', group: null, maxOpen: null, rate: null, budgetDayMicro: null, budgetWeekMicro: null, budgetMonthMicro: null, budgetTotalMicro: null, note: '' };
	assert.deepEqual(await json('user', 'set', 'ada'), plain);
	assert.deepEqual(await json('user', 'set', 'ada', '--max-open', '3', '--rate', '10/min', '--budget-day', '5', '--note', '一位朋友'),
		{ ...plain, maxOpen: 3, rate: 10, budgetDayMicro: 5_000_000, note: '一位朋友' });
	assert.deepEqual(await json('user', 'set', 'ada', '--budget-day', 'none', '--budget-total', '7', '--default-rate', '--default-max-open', '--note', ''), { ...plain, budgetTotalMicro: 7_000_000 });
	assert.deepEqual(await json('user', 'set', 'ada', '--budget-total', 'none'), plain);
	const before = (await json('audit', 'list')).audit.length;
	await cli('user', 'set', 'ada');
	assert.equal((await json('audit', 'list')).audit.length, before, 'to look at it is no act');
	assert.match(await refused('user', 'set', 'eve', '--rate', '1'), /there is no user eve/);
	assert.match(await refused('user', 'set', 'ada', '--group', 'none-such'), /there is no group none-such/);
	assert.match(await refused('user', 'set', 'ada', '--note', 'a\nb'), /--note must/);
	assert.deepEqual((await json('user', 'list')).users.map((u) => [u.name, u.role, u.state]), [['ada', 'user', 'enabled']]);
});

test('keys: with limits; of the scope admin for administrators alone', async () => {
	const { id, key } = await json('key', 'create', 'ada', '--name', 'robot', '--models', 'wan*', '--address', '10.0.0.0/8,::1', '--budget-month', '5', '--max-open', '2', '--rate', '7', '--scope', 'read');
	const program = new Caller(api, key), seen = (await program.call('GET', '/api/auth/key', { env: { REMOTE_ADDR: '10.1.1.1' } })).json.data;
	assert.deepEqual([seen.models, seen.addresses, seen.maxOpen, seen.rate, seen.scope, seen.budgets], [['wan*'], ['10.0.0.0/8', '::1'], 2, 7, 'read', { day: null, week: null, month: 5_000_000, total: null }]);
	await cli('key', 'set', String(id), '--address', '', '--disable', '--budget-month', 'none', '--scope', 'all');
	assert.equal((await program.call('GET', '/api/auth/key')).status, 401);
	await cli('key', 'set', String(id), '--enable');
	const { scope, budgets, addresses, models } = await program.data('GET', '/api/auth/key');
	assert.deepEqual([scope, budgets.month, addresses, models], ['all', null, [], ['wan*']]);
	const [row] = (await json('key', 'list', 'ada')).keys;
	assert.deepEqual([row.id, row.state, row.scope, row.maxOpen, row.models, row.name], [id, 'enabled', 'all', 2, 'wan*', 'robot']);
	assert.match(await refused('key', 'create', 'ada', '--scope', 'admin'), /no administrator/);
	assert.match(await refused('key', 'set', String(id), '--scope', 'admin'), /no administrator/);
	assert.match(await refused('key', 'set', String(id), '--scope', 'some'), /--scope must/);
	assert.match(await refused('key', 'set', String(id), '--name', 'two\nlines'), /--name must/);
	assert.match(await refused('key', 'set', String(id), '--address', '10.0.0.0/99'), /--address must/);
	await cli('user', 'add', 'chief', '--admin');
	const admin = (await json('key', 'create', 'chief', '--scope', 'admin')).key;
	assert.equal((await new Caller(api, admin).call('GET', '/metrics')).status, 200);
	await cli('key', 'revoke', String(id));
	assert.deepEqual((await audited()).slice(0, 3), ['cli', 'key.revoke', String(id)]);
	const log = (await json('audit', 'list', '--limit', '100')).audit.map((row) => JSON.stringify(row)).join('\n');
	assert.ok(!log.includes(key) && !log.includes(admin), 'no key stands in the log');
});

test('credit: given once for a reference, taken, with a line', async () => {
	assert.deepEqual(await json('credit', 'add', 'ada', '9.20', '--reference', 'order-7', '--note', 'thanks'), { user: 'ada', availableMicro: 9_200_000, heldMicro: 0, creditLineMicro: 0 });
	assert.deepEqual((await audited()).slice(1), ['credit.add', 'ada', { operands: ['ada', '9.20'], reference: 'order-7', note: 'thanks' }]);
	assert.match(await cli('credit', 'add', 'ada', '9.20', '--reference', 'order-7', '--note', 'thanks'), /nothing was done/);
	assert.match(await refused('credit', 'add', 'ada', '1', '--reference', 'order-7'), /reference/);
	assert.match(await refused('credit', 'add', 'ada', '1', '--reference', 'two\nlines'), /--reference must have/);
	assert.equal((await json('credit', 'take', 'ada', '1.2')).availableMicro, 8_000_000);
	assert.match(await refused('credit', 'take', 'ada', '8.000001'), /less credit/);
	assert.equal((await json('credit', 'line', 'ada', '5')).creditLineMicro, 5_000_000);
	assert.deepEqual(await json('credit', 'show', 'ada'), { user: 'ada', availableMicro: 8_000_000, heldMicro: 0, creditLineMicro: 5_000_000 });
	for (const amount of ['-1', '0', '1e3', '0.1234567', '', '99999999999'])
		assert.match(await refused('credit', 'add', 'ada', ...amount.startsWith('-') ? ['--', amount] : [amount]), /amount|argument|unexpected/, amount);
	assert.deepEqual((await json('ledger', 'list', '--user', 'ada')).transfers.map((t) => [t.kind, t.amountMicro, t.reference]), [['take', 1_200_000, null], ['grant', 9_200_000, 'order-7']]);
});

test('prices and costs: versions, quotes, what is missing', async () => {
	await cli('channel', 'add', 'wan', '--base', api.upstream.base, '--dialect', 'sora', '--models', 'wan2.5 wan2.6');
	assert.match(await refused('price', 'check'), /^$/, 'it lists them, and fails');
	const { id } = await json('price', 'set', 'wan*', '--per-second', '0.10', '--size', '720p', '--default-seconds', '8', '--max-seconds', '20');
	await cli('price', 'set', 'wan*', '--flat', '2', '--job', 'remix', '--from', '2099-01-01');
	await cli('cost', 'set', 'wan', 'wan*', '--per-second', '0.04', '--settle', 'delivered');
	const { prices } = await json('price', 'list'), { costs } = await json('cost', 'list');
	assert.deepEqual(prices.map((p) => [p.model, p.job, p.size, p.flatMicro, p.perSecondMicro, p.defaultSeconds, p.maxSeconds, p.validUntil]),
		[['wan*', 'any', '720p', 0, 100_000, 8, 20, null], ['wan*', 'remix', 'any', 2_000_000, 0, 0, 0, null]]);
	assert.deepEqual(costs.map((c) => [c.channel, c.model, c.perSecondMicro, c.settle]), [['wan', 'wan*', 40_000, 'delivered']]);
	assert.deepEqual(await json('price', 'quote', 'wan2.6', '--size', '1280x720', '--seconds', '5', '--user', 'ada'),
		{ amountMicro: 500_000, seconds: 5, size: '1280x720', multiplierPpm: 1_000_000, tariffId: id });
	assert.match(await refused('price', 'quote', 'wan2.6', '--size', '1280x720', '--seconds', '21', '--user', 'ada'), /at most 20/);
	assert.match(await refused('price', 'quote', 'kling', '--user', 'ada'), /no price/);
	const seen = await json('price', 'set', 'seen', '--flat', '2', '--with-image', 'yes', '--images', '2');
	assert.equal((await json('price', 'quote', 'seen', '--user', 'ada', '--images', '3')).amountMicro, 2_000_000, 'references are images');
	assert.match(await refused('price', 'quote', 'seen', '--user', 'ada', '--images', '1'), /no price/);
	await cli('price', 'remove', String(seen.id));
	/* A price that began earlier would change what was held by another: it begins now. */
	const began = Date.now(), late = await json('price', 'set', 'late', '--flat', '1', '--from', '2001-01-01');
	assert.ok(Date.parse((await json('price', 'list')).prices.find((p) => p.id === late.id).validFrom) >= began);
	assert.match(await refused('price', 'set', 'wan*'), /--per-second or --flat/);
	assert.match(await refused('price', 'set', 'w*n', '--flat', '1'), /model must/);
	assert.match(await refused('price', 'set', 'wan', '--flat', '1', '--job', 'sing'), /job must/);
	assert.match(await refused('price', 'set', 'wan', '--flat', '-1'), /--flat must/);
	await cli('price', 'remove', String(id));
	assert.match(await refused('price', 'remove', String(id)), /no price/);
	await cli('price', 'set', '*', '--per-second', '0.10', '--default-seconds', '8');
	await cli('price', 'set', '', '--per-second', '0.10', '--default-seconds', '8');
	assert.deepEqual((await json('price', 'check')).models, []);
	await cli('channel', 'remove', 'wan');
});

test('charges: listed, refunded once, released; usage; the ledger adds up', async () => {
	const held = await ada.create({ model: 'sora-2' }), paid = await ada.create({ model: 'sora-2', seconds: 4 });
	const job = [...api.upstream.jobs.keys()].at(-1);
	api.upstream.jobs.set(job, { status: 'completed', progress: 100, video_url: `${api.upstream.base}/video/1` });
	await api.polled(ada, paid.videoId, 'COMPLETED');
	const { charges } = await json('charge', 'list', '--user', 'ada'), [settled] = charges.filter((c) => c.state === 'settled'), [open] = charges.filter((c) => c.state === 'held');
	assert.deepEqual([settled.videoId, settled.chargedMicro, settled.user, open.videoId, open.reservedMicro], [paid.videoId, 400_000, 'ada', held.videoId, 800_000]);
	assert.deepEqual((await json('charge', 'list', '--status', 'held')).charges.map((c) => c.id), [open.id]);
	assert.deepEqual((await json('charge', 'list', '--to', '2020-01-01')).charges, []);
	assert.equal((await json('charge', 'show', String(settled.id))).videoId, paid.videoId);
	assert.match(await refused('charge', 'refund', String(open.id)), /Nothing was charged/);
	await cli('charge', 'refund', String(settled.id), '--note', 'sorry');
	assert.match(await refused('charge', 'refund', String(settled.id)), /refunded already/);
	assert.match(await refused('charge', 'release', String(settled.id)), /Nothing is on hold/);
	await cli('charge', 'release', String(open.id));
	assert.deepEqual((await audited()).slice(1, 3), ['charge.release', String(open.id)]);
	assert.equal((await ada.task(held.videoId)).charge, 'released');
	assert.match(await refused('charge', 'show', '999'), /no charge 999/);
	const [by] = (await json('usage', '--by', 'user')).rows;
	assert.deepEqual([by.group, by.completed, by.chargedMicro], ['ada', 1, 400_000]);
	assert.match(await cli('usage', '--by', 'model', '--csv'), /^model,completed,failed,cancelled,seconds,charged,cost,cost_unknown\r\nsora-2,1,/);
	assert.match(await refused('usage', '--by', 'colour'), /--by must/);
	assert.match(await refused('usage', '--csv', '--json'), /give one of them/);
	assert.match(await cli('ledger', 'check'), /the accounts add up/);
	assert.deepEqual(await json('ledger', 'check'), { faults: [] });
	assert.match(await cli('check'), /^ok +ledger +the accounts add up$/m);
});

test('codes: shown once, listed by what they begin with', async () => {
	const { codes } = await json('code', 'create', '--count', '3', '--amount', '5', '--expires', '90d', '--batch', 'spring');
	assert.equal(new Set(codes.map((c) => c.code)).size, 3);
	const { batches } = await json('code', 'list');
	assert.deepEqual(batches.map((b) => [b.batch, b.kind, b.codes, b.amountMicro]), [['spring', 'credit', 3, 5_000_000]]);
	assert.ok(Math.abs(Date.parse(batches[0].expiresAt) - Date.now() - 90 * 86_400_000) < 60_000);
	const list = await cli('code', 'list', 'spring');
	for (const { code } of codes)
		assert.ok(list.includes(code.split('-')[0]) && !list.includes(code));
	await cli('code', 'disable', 'spring');
	assert.ok((await json('code', 'list', 'spring')).codes.every((c) => c.disabled));
	assert.match(await refused('code', 'disable', 'autumn'), /no batch autumn/);
	for (const [option, value] of [['amount', '0'], ['amount', '-1'], ['expires', '2020-01-01'], ['expires', 'soon'], ['batch', 'a b'], ['count', '10001']])
		assert.match(await refused('code', 'create', ...option === 'amount' ? [] : ['--amount', '1'], `--${option}`, value), new RegExp(`--${option} must`), value);
	assert.match(await refused('invite', 'create', '--group', 'none-such'), /there is no group/);
});

test('what changes something shows it with --json, too', async () => {
	const help = await api.run('longreel', 'help');
	for (const [, verb, options] of help.matchAll(/^ {2}longreel ((?:credit|price|cost|group|code|invite|charge|usage|ledger|audit)[a-z ]*|user set|key set|key create|key list)(.*)$/gm))
		assert.match(options, / \[--json\]/, verb);
	const group = { name: 'fans', users: 0, multiplierPpm: 500_000, maxOpen: null, rate: null, budgetDayMicro: null, budgetWeekMicro: null, budgetMonthMicro: null, models: '' };
	assert.deepEqual(await json('group', 'add', 'fans', '--multiplier', '0.5'), group);
	assert.deepEqual(await json('group', 'set', 'Fans', '--max-open', '2', '--budget-week', '0.000001'), { ...group, maxOpen: 2, budgetWeekMicro: 1 });
	const before = (await json('audit', 'list', '--limit', '100')).audit.length;
	assert.deepEqual(await json('group', 'set', 'fans'), { ...group, maxOpen: 2, budgetWeekMicro: 1 });
	assert.deepEqual(await json('group', 'remove', 'fans'), { ...group, maxOpen: 2, budgetWeekMicro: 1 });

	const { id } = await json('key', 'create', 'ada', '--budget-day', '1.5'), changed = await json('key', 'set', String(id), '--budget-total', '7', '--name', 'second', '--models', 'sora*');
	assert.deepEqual([changed.id, changed.budgetDayMicro, changed.budgetWeekMicro, changed.budgetTotalMicro, changed.name, changed.models], [id, 1_500_000, null, 7_000_000, 'second', 'sora*']);
	assert.deepEqual(await json('key', 'set', String(id)), changed);
	assert.deepEqual((await json('key', 'list', 'ada')).keys[0], changed);
	assert.equal((await json('audit', 'list', '--limit', '100')).audit.length, before + 3, 'to look at them is no act');
	assert.match(await refused('key', 'set', '999', '--json'), /there is no key 999/);

	const price = await json('price', 'set', 'fleeting', '--flat', '1'), ended = await json('price', 'remove', String(price.id));
	assert.deepEqual([ended.id, ended.model, ended.flatMicro], [price.id, 'fleeting', 1_000_000]);
	assert.ok(Date.parse(ended.validUntil) <= Date.now());
	await cli('invite', 'create', '--batch', 'autumn', '--count', '2');
	const [batch] = (await json('code', 'disable', 'autumn')).batches;
	assert.deepEqual([batch.batch, batch.kind, batch.codes, batch.disabled], ['autumn', 'invite', 2, 2]);
	await cli('credit', 'add', 'ada', '2');
	await ada.create({ model: 'sora-2' });
	const [open] = (await json('charge', 'list', '--status', 'held')).charges, released = await json('charge', 'release', String(open.id));
	assert.deepEqual([released.id, released.state, released.reason], [open.id, 'released', 'operator']);
	const done = await ada.create({ model: 'sora-2', seconds: 4 });
	api.upstream.jobs.set([...api.upstream.jobs.keys()].at(-1), { status: 'completed', progress: 100, video_url: `${api.upstream.base}/video/2` });
	await api.polled(ada, done.videoId, 'COMPLETED');
	const [settled] = (await json('charge', 'list', '--status', 'settled', '--limit', '1')).charges;
	assert.equal((await json('charge', 'refund', String(settled.id))).refundedMicro, 400_000);
});

test('what operators have done is kept for audit_keep', async () => {
	await cli('credit', 'line', 'ada', '1');
	const world = await newWorld(), plain = api.env;
	api.env = { ...plain, ...world.env, LONGREEL_AUDIT_KEEP: '2d' };
	await world.passed(86_400_000);
	await api.run('longreel-poller', '--data', api.data, '--once');
	assert.notEqual((await json('audit', 'list')).audit.length, 0);
	await world.passed(3 * 86_400_000);
	await api.run('longreel-poller', '--data', api.data, '--once');
	assert.equal((await json('audit', 'list')).audit.length, 0);
	api.env = plain;
	await world.remove();
});
