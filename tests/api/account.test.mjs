// What users see of their money: account, statement, charges, usage, prices, quotes, codes; and what strangers see of
// the server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Caller, newApi, PASSWORD } from '../support/api.mjs';
import { newWorld, untilNoon } from '../support/world.mjs';

let api, ada, eve, world, passed;
const now = () => Date.now() + passed;
const cli = (...words) => api.run('longreel', ...words, '--data', api.data);
before(async () => {
	world = await newWorld();
	await world.passed(passed = untilNoon());
	api = await newApi({ ...world.env, LONGREEL_BILLING: 'on', LONGREEL_TIMEZONE: 'Asia/Shanghai' });
	[ada, eve] = [await api.user('ada'), await api.user('eve')];
	await cli('price', 'set', '*', '--per-second', '0.10', '--default-seconds', '8', '--max-seconds', '20', '--default-size', '1280x720');
	await cli('price', 'set', '', '--per-second', '0.10', '--default-seconds', '8', '--max-seconds', '20');
	await cli('credit', 'add', 'ada', '10', '--reference', 'order-1', '--note', 'thanks');
});
after(() => Promise.all([api?.close(), world?.remove()]));

const get = (who, path) => who.data('GET', path);
const today = () => new Date(now() + 8 * 3_600_000).toISOString().slice(0, 10);

test('about: what a page needs before anyone signs in', async () => {
	const { status, json } = await api.call('GET', '/api/about');
	const { version, ...rest } = json.data;
	assert.deepEqual([status, rest], [200, { registration: 'open', billing: true, currency: 'USD', currencyDecimals: 2, timezone: 'Asia/Shanghai' }]);
	assert.match(version, /^\d+\.\d+/);
	assert.equal((await api.call('GET', '/api/about', { env: { LONGREEL_REGISTRATION: 'invite' } })).json.data.registration, 'invite');
});

test('a video that is made, one that fails: account, statement, charges, usage', async () => {
	const key = await ada.data('POST', '/api/auth/keys', { name: 'camera, "one"', budgets: { month: 5_000_000 } }), program = new Caller(api, key.key);
	const good = await program.create({ model: 'sora-2' });
	let account = await get(program, '/api/account');
	assert.deepEqual([account.user, account.group, account.balance, account.maxOpen, account.open],
		[{ id: ada.user.id, username: 'ada' }, null, { availableMicro: 9_200_000, heldMicro: 800_000, creditLineMicro: 0 }, 0, 1]);
	assert.deepEqual(account.budgets.map(({ resetsAt, ...rest }) => rest), [{ subject: 'key', window: 'month', limitMicro: 5_000_000, usedMicro: 800_000 }]);
	const reset = new Date(account.budgets[0].resetsAt);
	assert.deepEqual([reset > now(), reset.toISOString().slice(11)], [true, '16:00:00.000Z'], 'local midnight');
	assert.deepEqual((await get(ada, '/api/account')).budgets, [], 'the budget is the key\'s');
	const change = (budgets) => ada.call('PATCH', `/api/auth/keys/${key.id}`, { body: { budgets } });
	assert.deepEqual((await change({ day: 900_000, total: 7 })).json.data.budgets, { day: 900_000, week: null, month: 5_000_000, total: 7 });
	assert.deepEqual((await change({ day: null, total: null })).json.data.budgets, { day: null, week: null, month: 5_000_000, total: null });
	for (const bad of [{ year: 1 }, { day: -1 }, { day: 1.5 }, { day: '1' }, { day: 1e16 }])
		assert.deepEqual((await change(bad)).json.details.field, 'budgets', JSON.stringify(bad));

	for (const [id] of api.upstream.jobs)
		api.upstream.jobs.set(id, { status: 'completed', progress: 100, video_url: `${api.upstream.base}/video/1` });
	await api.polled(ada, good.videoId, 'COMPLETED');
	const bad = await ada.create({ model: 'sora-2', seconds: 15 });
	for (const [id, job] of api.upstream.jobs)
		api.upstream.jobs.set(id, job.status === 'completed' ? job : { status: 'failed', error: { message: 'no' } });
	await api.polled(ada, bad.videoId, 'FAILED');

	account = await get(ada, '/api/account');
	assert.deepEqual(account.balance, { availableMicro: 9_200_000, heldMicro: 0, creditLineMicro: 0 });
	const { transfers, nextCursor } = await get(ada, '/api/account/statement');
	assert.deepEqual(transfers.map((t) => [t.kind, t.amountMicro, t.balanceMicro, t.videoId, t.note]), [
		['release', 1_500_000, 9_200_000, bad.videoId, undefined], ['reserve', 1_500_000, 7_700_000, bad.videoId, undefined],
		['settle', 800_000, 9_200_000, good.videoId, undefined], ['reserve', 800_000, 9_200_000, good.videoId, undefined],
		['grant', 10_000_000, 10_000_000, undefined, 'thanks']]);
	assert.equal(nextCursor, null);
	const first = await get(ada, '/api/account/statement?limit=2'), second = await get(ada, `/api/account/statement?limit=3&cursor=${first.nextCursor}`);
	assert.deepEqual([...first.transfers, ...second.transfers], transfers);
	assert.equal(second.nextCursor, null);

	const { charges } = await get(ada, '/api/account/charges');
	assert.deepEqual(charges.map((c) => [c.videoId, c.attempt, c.key, c.model, c.job, c.size, c.seconds, c.state, c.reservedMicro, c.chargedMicro]), [
		[bad.videoId, 1, null, 'sora-2', 'create', '1280x720', 15, 'released', 1_500_000, 0],
		[good.videoId, 1, { id: key.id, name: key.name }, 'sora-2', 'create', '1280x720', 8, 'settled', 800_000, 800_000]]);
	for (const [query, count] of [['model=sora-2', 2], ['model=wan', 0], ['state=settled', 1], ['state=held', 0], [`key=${key.id}`, 1], ['key=0', 1], [`from=${today()}`, 2], [`to=${today()}`, 2],
		['to=2020-01-01', 0], [`from=${now() + 1e6}`, 0], ['from=2020-01-01&to=2020-12-31', 0], [`from=0&to=${now() + 1e6}`, 2]])
		assert.equal((await get(ada, `/api/account/charges?${query}`)).charges.length, count, query);
	const page = await get(ada, '/api/account/charges?limit=1');
	assert.deepEqual((await get(ada, `/api/account/charges?cursor=${page.nextCursor}`)).charges, charges.slice(1));

	const sums = { completed: 1, failed: 1, cancelled: 0, seconds: 8, chargedMicro: 800_000 };
	assert.deepEqual(await get(ada, '/api/account/usage'), { rows: [{ group: today(), name: null, ...sums }], total: sums });
	assert.deepEqual((await get(ada, '/api/account/usage?groupBy=model')).rows, [{ group: 'sora-2', name: null, ...sums }]);
	assert.deepEqual((await get(ada, '/api/account/usage?groupBy=key')).rows.map((r) => [r.group, r.name, r.completed, r.failed]), [['0', null, 0, 1], [String(key.id), key.name, 1, 0]]);
	assert.deepEqual((await get(ada, '/api/account/usage?from=2020-01-01&to=2020-12-31')).rows, []);

	for (const path of ['/api/account/statement', '/api/account/charges', '/api/account/usage'])
		assert.deepEqual(Object.values(await get(eve, path))[0], [], `eve sees nothing of ada at ${path}`);
});

test('CSV opens in a spreadsheet: quotes, no formulas, a mark for Excel', async () => {
	await cli('credit', 'add', 'eve', '5');
	const { key } = await eve.data('POST', '/api/auth/keys', { name: '=HYPERLINK("x","y")' });
	await new Caller(api, key).create({ model: '@sum' });
	const csv = async (query) => {
		const { status, headers, body } = await eve.call('GET', `/api/account/charges.csv${query}`);
		assert.deepEqual([status, headers.get('content-type')], [200, 'text/csv; charset=utf-8; header=present']);
		assert.match(headers.get('content-disposition'), /attachment; filename="charges\.csv"/);
		return body.toString();
	};
	const [header, row, end] = (await csv('')).split('\r\n');
	assert.equal(header, 'time_utc,time_local,user,key,video_id,attempt,model,job,size,seconds,state,reason,reserved,charged,currency');
	assert.match(row, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,eve,"'=HYPERLINK\(""x"",""y""\)",video_\w+,1,'@sum,create,1280x720,8,held,,0\.8,0,USD$/);
	assert.equal(end, '');
	const [utc, local] = row.split(',');
	assert.equal(Date.parse(`${local.replace(' ', 'T')}Z`) - Date.parse(`${utc.replace(' ', 'T')}Z`), 8 * 3_600_000);
	assert.ok((await csv('?bom=1')).startsWith('\uFEFFtime_utc,'));
	assert.equal((await csv('?state=settled')).split('\r\n').length, 2);
	assert.equal((await eve.call('GET', '/api/account/charges.csv?cursor=1')).status, 400);
});

test('what cannot be understood is refused by name', async () => {
	for (const [path, field] of [['charges?from=yesterday', 'from'], ['charges?to=2026-02-30', 'to'], ['charges?state=paid', 'state'], ['charges?key=-1', 'key'], ['charges?limit=0', 'limit'],
		['charges?limit=101', 'limit'], ['statement?limit=x', 'limit'], ['usage?groupBy=user', 'groupBy'], ['usage?colour=red', 'colour'], ['charges.csv?bom=2', 'bom']]) {
		const { status, json } = await ada.call('GET', `/api/account/${path}`);
		assert.deepEqual([status, json.code, json.details.field], [400, 'bad_field', field], path);
	}
	for (const path of ['charges?cursor=x', 'statement?cursor=0', 'statement?cursor=-1', 'charges?cursor=99999999999999999999'])
		assert.equal((await ada.call('GET', `/api/account/${path}`)).json.code, 'bad_cursor', path);
});

test('prices: with the multiplier of the caller, of models that it may use, with an ETag', async () => {
	await cli('group', 'add', 'friends', '--multiplier', '0.9', '--models', 'sora*');
	await cli('price', 'set', 'kling', '--flat', '0.000001');
	const all = await get(ada, '/api/prices');
	assert.deepEqual([all.currency, all.multiplierPpm, all.prices.map((p) => p.model).sort()], ['USD', 1_000_000, ['*', 'kling', null].sort()]);
	await cli('user', 'set', 'ada', '--group', 'friends');
	const { status, headers, json } = await ada.call('GET', '/api/prices');
	const [mine] = json.data.prices.filter((p) => p.model === '*');
	assert.deepEqual([status, json.data.prices.length, json.data.multiplierPpm, mine.perSecondMicro, mine.listPerSecondMicro, mine.defaultSeconds, mine.maxSeconds, mine.defaultSize, mine.settle],
		[200, 1, 900_000, 90_000, 100_000, 8, 20, '1280x720', 'asked']);
	assert.equal((await ada.call('GET', '/api/prices', { headers: { 'if-none-match': headers.get('etag') } })).status, 304);
	assert.deepEqual((await ada.call('GET', '/api/prices', { env: { LONGREEL_BILLING: 'off' } })).json.data.prices, []);
	await cli('user', 'set', 'ada', '--group', '');
});

test('a quote says what a creation would, and writes nothing', async () => {
	const quote = async (body, who = ada) => (await who.call('POST', '/api/prices/quote', { body })).json;
	assert.deepEqual((await quote({ prompt: 'x', model: 'sora-2' })).data, { amountMicro: 800_000, seconds: 8, size: '1280x720', enough: true, shortMicro: 0 });
	assert.deepEqual((await quote({ model: 'sora-2', seconds: 20, n: 10, size: '1920x1080' })).data,
		{ amountMicro: 20_000_000, seconds: 20, size: '1920x1080', enough: false, shortMicro: 10_800_000, refusedBy: 'insufficient_credit' });
	const odd = await quote({ prompt: 'x', frob: 1 });
	assert.deepEqual([odd.code, odd.details.field], ['bad_field', 'frob']);
	await cli('price', 'set', '*', '--per-second', '0.20', '--default-seconds', '8', '--max-seconds', '20', '--default-size', '1280x720', '--with-image', 'yes');
	assert.equal((await quote({ model: 'sora-2', image: 'data:image/png;base64,AAAA' })).data.amountMicro, 1_600_000);
	const long = await quote({ seconds: 21 });
	assert.deepEqual([long.code, long.details.field], ['bad_field', 'seconds']);
	await cli('user', 'set', 'ada', '--budget-day', '1');
	const over = (await quote({ model: 'sora-2', seconds: 9 })).data;
	assert.deepEqual([over.enough, over.refusedBy, over.shortMicro > 0], [false, 'budget_exceeded', true]);
	await cli('user', 'set', 'ada', '--budget-day', 'none');
	const { key } = await ada.data('POST', '/api/auth/keys', { name: 'k', models: ['wan'], scope: 'read' }), reader = new Caller(api, key);
	assert.equal((await quote({ model: 'sora-2' }, reader)).data.refusedBy, 'model_not_allowed');
	/* The first that would refuse a creation; credit is enough for it, or not, all the same. */
	const bob = await api.user('bob'), limited = { models: ['sora-2'], maxOpen: 1, rate: 1 }, made = await bob.data('POST', '/api/auth/keys', { name: 'k', ...limited }), program = new Caller(api, made.key);
	const refused = async (fields) => {
		const { enough, shortMicro, refusedBy } = (await quote({ model: 'sora-2', ...fields }, program)).data;
		return [enough, shortMicro, refusedBy];
	};
	await cli('credit', 'add', 'bob', '2');
	assert.deepEqual(await refused({}), [true, 0, undefined]);
	assert.deepEqual(await refused({ n: 2 }), [true, 0, 'too_many_open']);
	assert.deepEqual(await refused({ maxPriceMicro: 799_999 }), [true, 0, 'price_changed']);
	assert.deepEqual(await refused({ maxPriceMicro: 800_000 }), [true, 0, undefined]);
	assert.deepEqual((await quote({ model: 'sora-2', maxPriceMicro: -1 }, program)).details, { field: 'maxPriceMicro' });
	await program.create({ model: 'sora-2' });
	assert.deepEqual(await refused({ model: 'wan' }), [true, 0, 'model_not_allowed']);
	assert.deepEqual(await refused({ seconds: 20 }), [false, 800_000, 'too_many_open']);
	await bob.data('PATCH', `/api/auth/keys/${made.id}`, { maxOpen: 0 });
	assert.deepEqual(await refused({ maxPriceMicro: 1 }), [true, 0, 'rate_limited']);
	await bob.data('PATCH', `/api/auth/keys/${made.id}`, { rate: 0, budgets: { day: 1_000_000 } });
	assert.deepEqual(await refused({}), [false, 600_000, 'budget_exceeded']);
	assert.deepEqual(await refused({ maxPriceMicro: 1 }), [false, 600_000, 'price_changed']);
	const [{ videoId }] = (await get(ada, '/api/account/charges?state=settled')).charges;
	assert.deepEqual((await quote({ videoId })).data, { amountMicro: 800_000, seconds: 8, size: '1280x720', enough: true, shortMicro: 0 });
	assert.equal((await quote({ videoId }, eve)).code, 'task_not_found');
	assert.equal((await quote({ job: 'remix' })).details.field, 'videoId');
	assert.equal((await get(ada, '/api/account')).balance.heldMicro, 0);
});

test('a code gives its credit once; guesses are counted', async () => {
	const zoe = await api.user('zoe'), [one, two] = (await cli('code', 'create', '--count', '2', '--amount', '5', '--batch', 'spring')).trim().split('\n');
	const redeem = async (who, code) => {
		const { status, json } = await who.call('POST', '/api/account/redeem', { body: { code } });
		return [status, json.code ?? json.data];
	};
	assert.deepEqual(await redeem(zoe, ` ${one.toLowerCase().replaceAll('-', ' ')}`), [200, { amountMicro: 5_000_000, availableMicro: 5_000_000 }]);
	assert.deepEqual(await redeem(zoe, one), [409, 'code_used']);
	assert.deepEqual(await redeem(eve, one), [409, 'code_used']);
	assert.deepEqual(await redeem(eve, 'AAAAA-AAAAA-AAAAA-AAAAA'), [404, 'code_unknown']);
	await cli('code', 'disable', 'spring');
	assert.deepEqual(await redeem(eve, two), [404, 'code_unknown']);
	for (let i = 0; i < 7; i++)
		assert.deepEqual(await redeem(eve, 'x'), [404, 'code_unknown']);
	const many = await eve.call('POST', '/api/account/redeem', { body: { code: 'x' } });
	assert.deepEqual([many.status, many.json.code, many.headers.has('retry-after')], [429, 'rate_limited', true]);
	const [{ kind, amountMicro }] = (await get(zoe, '/api/account/statement')).transfers;
	assert.deepEqual([kind, amountMicro], ['redeem', 5_000_000]);
});

test('one code, many users at once: one has it', async () => {
	const code = (await cli('code', 'create', '--amount', '1')).trim(), users = [];
	for (const name of ['u1', 'u2', 'u3', 'u4', 'u5', 'u6'])
		users.push(await api.user(name));
	const statuses = (await Promise.all(users.map((who) => who.call('POST', '/api/account/redeem', { body: { code } })))).map((answer) => answer.status);
	assert.deepEqual(statuses.sort(), [200, 409, 409, 409, 409, 409]);
	assert.match(await cli('ledger', 'check'), /add up/);
});

test('registration by invitation', async () => {
	const env = { LONGREEL_REGISTRATION: 'invite' };
	await cli('group', 'add', 'guests', '--max-open', '1');
	const code = (await cli('invite', 'create', '--group', 'guests', '--amount', '2')).trim();
	const join = async (username, more) => {
		const { status, json } = await api.call('POST', '/api/auth/register', { body: { username, password: PASSWORD, ...more }, env });
		return [status, json.code];
	};
	assert.deepEqual(await join('kim'), [403, 'invite_required']);
	assert.deepEqual(await join('kim', { code: 'nonsense' }), [400, 'invite_invalid']);
	assert.deepEqual(await join('ada', { code }), [409, 'username_taken'], 'which uses nothing of it');
	assert.deepEqual(await join('kim', { code }), [201, undefined]);
	assert.deepEqual(await join('lee', { code }), [400, 'invite_invalid']);
	const { token } = (await api.call('POST', '/api/auth/login', { body: { username: 'kim', password: PASSWORD } })).json.data;
	const { group, balance, maxOpen } = await get(new Caller(api, token), '/api/account');
	assert.deepEqual([group, balance.availableMicro, maxOpen], ['guests', 2_000_000, 1]);
});
