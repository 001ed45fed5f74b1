// Money follows the task: the rows of that table which a program, an upstream or its answers bring about, with the real programs. That each
// edge and event has its word is shown by tests/unit/domain/task/money.c.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Caller } from '../support/api.mjs';
import { newPaid } from '../support/paid.mjs';

const MINUTE = 60_000, FULL = 10_000_000, PRICE = 800_000, CREATE = '/api/relay/sora/videos';
const SENT = { LONGREEL_CANCEL_CHARGE: 'sent' };
let paid, plain, cancelling;

before(async () => {
	paid = await newPaid();
	plain = paid.api.env;
	await paid.api.user('first');
	paid.price({ model: 'm', perSecond: 100_000, seconds: 8 });
	/* What an upstream says to a cancellation. */
	const { answer } = paid.api.upstream;
	paid.api.upstream.answer = function (request, response) {
		if (!request.url.endsWith('/cancel'))
			return answer.call(this, request, response);
		request.resume();
		this.cancels = (this.cancels ?? 0) + 1;
		response.writeHead(cancelling, { 'content-type': 'application/json' }).end('{}');
	};
});
afterEach(() => {
	paid.api.env = plain;
	paid.api.upstream.refusal = undefined;
	return paid.check();
});
after(() => paid?.close());

const make = (who, fields) => who.create({ model: 'm', ...fields });
const states = (videoId) => paid.charges(videoId).map((c) => `${c.state} ${c.reason} ${c.charged}`);
const cancel = (who, { videoId }) => who.data('POST', `/api/video/tasks/${videoId}/cancel`);

/** Has time pass, and the poller look, until this is so. */
async function passes(is) {
	for (let count = 0; !await is(); count++) {
		assert.ok(count < 40, 'it does not come');
		await paid.pass(MINUTE);
		await paid.poll();
	}
}

/** … until nothing of the task is on hold. @returns how it has ended */
async function ended({ videoId }) {
	await passes(() => !states(videoId).at(-1).startsWith('held'));
	return states(videoId);
}

test('refused at once: nothing was made', async () => {
	const ada = await paid.rich(FULL);
	paid.api.upstream.refusal = { status: 400, body: { error: 'no' } };
	const { json } = await ada.call('POST', CREATE, { body: { prompt: 'x', model: 'm', clientRequestId: 'r' } });
	paid.api.upstream.refusal = undefined;
	const [{ video_id: videoId }] = paid.sql('SELECT video_id FROM task WHERE user_id = ?', ada.user.id);
	assert.deepEqual([json.success, states(videoId), paid.balance(ada)], [false, ['released refuse 0'], { available: FULL, held: 0 }]);
});

test('what waits is on hold, is sent later, and expires for nothing', async () => {
	const ada = await paid.rich(FULL);
	paid.api.upstream.refusal = { status: 503, body: { error: 'not now' } };
	const waits = await make(ada);
	assert.deepEqual([waits.status, states(waits.videoId), paid.balance(ada).held], ['queued', ['held null 0'], PRICE]);
	paid.api.env = { ...plain, LONGREEL_TASK_DEADLINE: '30m' };
	const expires = await make(ada, { prompt: 'late' });
	await paid.pass(31 * MINUTE);
	await paid.poll();
	assert.deepEqual([states(expires.videoId), states(waits.videoId)], [['released expire 0'], ['held null 0']]);
	paid.api.upstream.refusal = undefined;
	await passes(async () => (await ada.task(waits.videoId)).status === 'PROCESSING');
	assert.deepEqual([states(waits.videoId), paid.balance(ada)], [['held null 0'], { available: FULL - PRICE, held: PRICE }]);
	paid.job({ externalTaskId: (await ada.task(waits.videoId)).externalTaskId }, { status: 'cancelled' });
	assert.deepEqual([await ended(waits), paid.balance(ada)], [['released stopped 0'], { available: FULL, held: 0 }]);
});

test('cancelled by the user, which costs nothing by default', async () => {
	const ada = await paid.rich(FULL), task = await make(ada);
	cancelling = 200;
	await cancel(ada, task);
	assert.deepEqual([states(task.videoId), paid.balance(ada)], [['released cancel_running 0'], { available: FULL, held: 0 }]);
});

test('cancel_charge = sent: on hold until the upstream says that it has stopped', async () => {
	paid.api.env = { ...plain, ...SENT };
	const ada = await paid.rich(FULL), task = await make(ada);
	paid.job(task, { status: 'in_progress' });
	cancelling = 200;
	assert.deepEqual([(await cancel(ada, task)).charge ?? 'held', states(task.videoId), paid.balance(ada).held], ['held', ['held null 0'], PRICE]);
	assert.deepEqual([await ended(task), paid.balance(ada)], [['released confirm_cancel 0'], { available: FULL, held: 0 }]);
});

test('… settled where the upstream refuses to, and where six tries have failed', async () => {
	paid.api.env = { ...plain, ...SENT };
	const ada = await paid.rich(FULL), task = await make(ada), other = await make(ada, { prompt: 'other' });
	cancelling = 409;
	await cancel(ada, task);
	assert.deepEqual(await ended(task), [`settled cancel_in_vain ${PRICE}`]);
	cancelling = 500;
	paid.api.upstream.cancels = 0;
	await cancel(ada, other);
	assert.deepEqual([await ended(other), paid.api.upstream.cancels], [[`settled cancel_in_vain ${PRICE}`], 6]);
	assert.deepEqual(paid.balance(ada), { available: FULL - 2 * PRICE, held: 0 });
});

test('… settled where the dialect cannot cancel', async () => {
	paid.api.env = { ...plain, ...SENT, LONGREEL_UPSTREAM_DIALECT: 'sora' };
	const ada = await paid.rich(FULL), task = await make(ada);
	await cancel(ada, task);
	assert.deepEqual([await ended(task), paid.balance(ada)], [[`settled cancel_in_vain ${PRICE}`], { available: FULL - PRICE, held: 0 }]);
});

test('… also where it is tried again before that is known', async () => {
	paid.api.env = { ...plain, ...SENT, LONGREEL_UPSTREAM_DIALECT: 'sora' };
	const ada = await paid.rich(2 * PRICE), task = await make(ada), path = `/api/video/tasks/${task.videoId}/retry`;
	await cancel(ada, task);
	await ada.data('POST', path);
	assert.deepEqual([states(task.videoId), paid.balance(ada)], [[`settled retry ${PRICE}`, 'held null 0'], { available: 0, held: PRICE }]);
	await cancel(ada, task);
	assert.equal((await ada.call('POST', path)).status, 402);
	assert.deepEqual([states(task.videoId), paid.balance(ada)], [[`settled retry ${PRICE}`, 'held null 0'], { available: 0, held: PRICE }]);
	assert.deepEqual([(await ended(task)).at(-1), paid.balance(ada)], [`settled cancel_in_vain ${PRICE}`, { available: 0, held: 0 }]);
});

test('what was delivered is paid for, at most what was held; what it has cost, as far as it is known', async () => {
	const { sql } = paid, ada = await paid.rich(FULL);
	await paid.cli('price', 'set', 'd', '--per-second', '0.10', '--default-seconds', '8', '--settle', 'delivered');
	await paid.cli('price', 'set', 'd', '--per-second', '0.40', '--default-seconds', '8', '--settle', 'delivered', '--size', '1080p');
	await paid.cli('cost', 'set', 'default', 'd', '--per-second', '0.04', '--settle', 'delivered');
	await paid.cli('cost', 'set', 'default', 'd', '--per-second', '0.05', '--settle', 'delivered', '--size', '1080p');
	for (const [wish, answer, charged, cost, from] of [
		[{}, {}, PRICE, 320_000, 'tariff'], // it says nothing: as asked for
		[{}, { seconds: '5' }, 500_000, 200_000, 'tariff'],
		[{}, { seconds: '12' }, PRICE, 480_000, 'tariff'], // more than was shown is not taken
		[{ size: '1920x1080' }, { size: '1280x720', seconds: '5' }, 500_000, 200_000, 'tariff'],
		[{ size: '1280x720' }, { size: '1920x1080' }, PRICE, 400_000, 'tariff'],
		[{}, { cost: 0.123456 }, PRICE, 123_456, 'upstream'],
		[{ model: 'm' }, { cost: 0 }, PRICE, 0, 'upstream'],
		[{ model: 'm' }, {}, PRICE, null, null]]) { // which no tariff tells
		const task = await ada.create({ model: 'd', prompt: JSON.stringify([wish, answer]), ...wish });
		paid.job(task, { status: 'completed', ...answer });
		assert.deepEqual(await ended(task), [`settled complete ${charged}`], JSON.stringify(answer));
		const [charge] = paid.charges(task.videoId);
		assert.deepEqual([charge.cost, charge.cost_from], [cost, from], JSON.stringify(answer));
		const { chargedMicro, priceMicro } = await ada.task(task.videoId);
		assert.ok(chargedMicro === charged && priceMicro === charge.reserved);
	}
	/* Of a price or a cost of each second it must be known how many there are; else it is paid as agreed, and the cost is not known. */
	await paid.cli('price', 'set', 'f', '--flat', '0.80', '--settle', 'delivered');
	await paid.cli('price', 'set', 'f', '--per-second', '0.10', '--min-seconds', '2', '--settle', 'delivered', '--size', '1080p');
	await paid.cli('cost', 'set', 'default', 'f', '--per-second', '0.04', '--min-seconds', '2');
	for (const [answer, charged, cost] of [[{}, PRICE, null], [{ size: '1920x1080' }, PRICE, null], [{ size: '1920x1080', seconds: '3' }, 300_000, 120_000]]) {
		const task = await ada.create({ model: 'f', prompt: JSON.stringify(answer) });
		paid.job(task, { status: 'completed', ...answer });
		assert.deepEqual([await ended(task), paid.charges(task.videoId)[0].cost], [[`settled complete ${charged}`], cost], JSON.stringify(answer));
	}
	const { rows } = JSON.parse(await paid.cli('usage', '--by', 'model', '--json')), [m] = rows.filter((r) => r.group === 'm');
	assert.ok(m.costUnknown >= 1, 'unknown, not 0');
	assert.equal(sql("SELECT count(*) AS n FROM charge WHERE state = 'settled' AND cost IS NULL AND user_id = ?", ada.user.id)[0].n, 3);
	const failed = await make(ada);
	paid.job(failed, { status: 'failed', error: 'no', cost: 0.5 });
	assert.deepEqual([await ended(failed), paid.charges(failed.videoId)[0].cost], [['released fail 0'], 500_000]);
});

test('a price that changes between the quote and the creation, and one that changes afterwards', async () => {
	const ada = await paid.rich(FULL), fields = { prompt: 'x', model: 'c' };
	await paid.cli('price', 'set', 'c', '--per-second', '0.10', '--default-seconds', '8');
	const { amountMicro } = await ada.data('POST', '/api/prices/quote', fields);
	const before = await make(ada, { ...fields, maxPriceMicro: amountMicro });
	await paid.pass(1000);
	await paid.cli('price', 'set', 'c', '--per-second', '0.20', '--default-seconds', '8');
	const changed = await ada.call('POST', CREATE, { body: { ...fields, maxPriceMicro: amountMicro } });
	assert.deepEqual([changed.status, changed.json.code, changed.json.details.amountMicro], [409, 'price_changed', 2 * amountMicro]);
	const theirs = await ada.call('POST', '/v1/videos', { body: fields, headers: { 'x-max-price-micro': String(amountMicro) } });
	assert.deepEqual([theirs.status, theirs.json.error.code, theirs.headers.get('x-should-retry')], [409, 'price_changed', 'false']);
	await paid.cli('group', 'add', 'dear', '--multiplier', '3');
	await paid.cli('user', 'set', ada.user.username, '--group', 'dear');
	paid.job(before, { status: 'completed' });
	assert.deepEqual(await ended(before), [`settled complete ${amountMicro}`], 'what was made keeps its price');
	assert.equal((await ada.data('POST', '/api/prices/quote', fields)).amountMicro, 6 * amountMicro);
});

test('with billing, extra cannot buy what was not priced: on both surfaces, at any depth, and whatever the channel allows', async () => {
	const ada = await paid.rich(FULL), submissions = () => paid.api.upstream.submissions();
	const { length } = submissions(), body = (extra) => ({ prompt: 'x', model: 'm', extra });
	for (const extra of [{ duration: 20 }, { seconds: 20 }, { deep: { duration: 20 } }, { mood: { resolution: '4k' } }, { n: 2 }, { list: [{ quality: 'pro' }] },
		{ deep: { seconds: 20 } }, { deep: { mood: [{ Seconds: 20 }] } }, { mood: { size: '4k' } }, { deluxe: true }, { deep: { de_luxe: true } }]) {
		const { status, json } = await ada.call('POST', CREATE, { body: body(extra) });
		assert.deepEqual([status, json.details?.field], [400, 'extra'], JSON.stringify(extra));
		const theirs = await ada.call('POST', '/v1/videos', { body: body(extra) });
		assert.deepEqual([theirs.status, theirs.json.error.param], [400, 'extra'], JSON.stringify(extra));
	}
	assert.equal(submissions().length, length);
	const { models } = await ada.data('GET', '/api/models');
	assert.ok(models.every(({ options }) => options.includes('extra')));
	await make(ada, { extra: { mood: 'blue', deep: [{ mood: 1 }] } });
	assert.deepEqual([JSON.parse(submissions().at(-1).body).mood, JSON.parse(submissions().at(-1).body).deep], ['blue', [{ mood: 1 }]]);
	assert.equal((await ada.call('POST', '/v1/videos', { body: body({ mood: 'red' }) })).status, 200);
	assert.equal(JSON.parse(submissions().at(-1).body).mood, 'red');
	paid.api.env = { ...plain, LONGREEL_UPSTREAM_EXTRA_ALLOW: '' };
	assert.equal((await ada.call('POST', CREATE, { body: body({ mood: 'blue' }) })).status, 400);
	assert.ok((await ada.data('GET', '/api/models')).models.every(({ options }) => !options.includes('extra')));
	paid.api.env = { ...plain, LONGREEL_BILLING: 'off' };
	await make(ada, { extra: { duration: 20 } });
});

test('a task goes to channels alone that allow all that its extra has, when it is created, moved and tried again', async () => {
	const ada = await paid.rich(FULL), channel = (...words) => paid.cli('channel', ...words);
	const add = (name, priority, allow) => channel('add', name, '--base', paid.api.upstream.base, '--dialect', 'paid', '--models', 'pair', '--private', '--priority', priority, ...allow);
	const body = { prompt: 'x', model: 'pair', extra: { hue: 1 } }, at = (task) => paid.sql('SELECT channel FROM task WHERE video_id = ?', task.videoId)[0].channel;
	paid.price({ model: 'pair', perSecond: 100_000, seconds: 8 });
	await add('strict', '9', []);
	await add('broad', '1', ['--extra-allow', 'mood,hue']);
	const rows = async () => Object.fromEntries(JSON.parse(await channel('list', '--json')).channels.map((row) => [row.name, row.extra_allow]));
	assert.deepEqual(await rows(), { default: 'mood deep Seconds deluxe', strict: '', broad: 'mood,hue' });
	assert.deepEqual([at(await ada.create({ ...body, extra: undefined })), at(await ada.create(body))], ['strict', 'broad'], 'whatever the priority');
	paid.api.upstream.refusal = { status: 503, body: { error: 'not now' } };
	const waits = await ada.create(body);
	await channel('disable', 'broad');
	paid.api.upstream.refusal = undefined;
	await paid.pass(MINUTE);
	await paid.poll();
	assert.deepEqual([at(waits), (await ada.task(waits.videoId)).status], ['broad', 'QUEUED'], 'the other one is not sent it');
	const { status, json } = await ada.call('POST', CREATE, { body });
	assert.deepEqual([status, json.details?.field, paid.balance(ada).held], [400, 'extra', 3 * PRICE]);
	await cancel(ada, waits);
	const again = await ada.call('POST', `/api/video/tasks/${waits.videoId}/retry`);
	assert.deepEqual([again.status, again.json.details?.field], [400, 'extra']);
	await channel('set', 'strict', '--extra-allow', 'hue');
	assert.equal((await rows()).strict, 'hue');
	await ada.data('POST', `/api/video/tasks/${waits.videoId}/retry`);
	assert.deepEqual([at(waits), JSON.parse(paid.api.upstream.submissions().at(-1).body).hue], ['strict', 1]);
	await channel('set', 'strict', '--extra-allow', '');
	assert.equal((await rows()).strict, '');
	await assert.rejects(channel('set', 'strict', '--extra-allow', `a ${'x'.repeat(129)}`), /cannot be a name: x/);
});

test('the budget of a channel: a task on hold counts for the channel that it is at, alone, when it moves and after its end', async () => {
	const ada = await paid.rich(100 * FULL), channel = (...words) => paid.cli('channel', ...words), LIMIT = 1_000_000;
	const only = async (name, other) => {
		await channel('set', name, '--models', `both,${name}`);
		await channel('set', other, '--models', other);
	};
	for (const name of ['near', 'far']) {
		await channel('add', name, '--base', paid.api.upstream.base, '--dialect', 'paid', '--models', name, '--private');
		await channel('set', name, '--budget-total', '1');
		paid.price({ model: name, flat: LIMIT + 1 });
	}
	paid.price({ model: 'both', perSecond: 100_000, seconds: 8 });
	/* What a creation is told that is dearer than the budget. */
	const used = async (name) => {
		const { status, json: { code, details } } = await ada.call('POST', CREATE, { body: { prompt: 'x', model: name } });
		assert.deepEqual([status, code, details.subject, details.limitMicro], [402, 'budget_exceeded', 'channel', LIMIT]);
		return details.usedMicro;
	};
	const both = async () => [await used('near'), await used('far')];
	const at = (task) => paid.sql('SELECT t.channel, c.channel AS charged FROM task AS t JOIN charge AS c ON c.task_id = t.id WHERE video_id = ?', task.videoId);
	/* It waits at the one, which does not make it any more when it is sent. */
	const moved = async (prompt) => {
		await only('near', 'far');
		paid.api.upstream.refusal = { status: 503, body: { error: 'not now' } };
		const task = await make(ada, { model: 'both', prompt });
		paid.api.upstream.refusal = undefined;
		assert.deepEqual([task.status, at(task)], ['queued', [{ channel: 'near', charged: 'near' }]]);
		assert.deepEqual(await both(), [PRICE, 0], 'it counts where it waits');
		await only('far', 'near');
		await passes(async () => (await ada.task(task.videoId)).status === 'PROCESSING');
		assert.deepEqual([at(task), states(task.videoId)], [[{ channel: 'far', charged: 'far' }], ['held null 0']]);
		assert.deepEqual(await both(), [0, PRICE], 'and moves with it');
		return { externalTaskId: (await ada.task(task.videoId)).externalTaskId, videoId: task.videoId };
	};
	const fails = await moved('fails');
	paid.job(fails, { status: 'failed', error: 'no' });
	assert.deepEqual([await ended(fails), await both()], [['released fail 0'], [0, 0]]);
	const completes = await moved('completes');
	paid.job(completes, { status: 'completed' });
	assert.deepEqual([await ended(completes), await both()], [[`settled complete ${PRICE}`], [0, PRICE]]);
});

test('billing that begins between a creation and its retry: what it is priced by must be what its channel makes', async () => {
	const ada = await paid.rich(FULL);
	paid.price({ model: 'five', perSecond: 100_000, seconds: 8 });
	paid.api.env = { ...plain, LONGREEL_BILLING: 'off' };
	const task = await ada.create({ model: 'five' });
	paid.job(task, { status: 'failed', error: 'no' });
	await passes(async () => (await ada.task(task.videoId)).status === 'FAILED');
	paid.api.env = plain;
	const { length } = paid.api.upstream.submissions(), retry = () => ada.call('POST', `/api/video/tasks/${task.videoId}/retry`);
	const refused = await retry();
	assert.deepEqual([refused.status, refused.json.details?.field, paid.api.upstream.submissions().length], [400, 'seconds', length]);
	assert.deepEqual([(await ada.task(task.videoId)).seconds, paid.balance(ada)], [null, { available: FULL, held: 0 }], 'it is as it was');
	await paid.pass(1000);
	await paid.cli('price', 'set', 'five', '--per-second', '0.10', '--default-seconds', '5');
	assert.equal((await retry()).status, 200);
	assert.deepEqual([JSON.parse(paid.api.upstream.submissions().at(-1).body).seconds, paid.balance(ada).held], [5, 500_000]);
});

test('the order of refusals: the key, the model, the open tasks, the rate, the money', async () => {
	const ada = await paid.rich(0);
	const { id, key } = await ada.data('POST', '/api/auth/keys', { name: 'k', addresses: ['192.0.2.1'], scope: 'read', models: ['none'], maxOpen: 1, rate: 1 });
	const program = new Caller(paid.api, key), create = async (env) => {
		const { status, json } = await program.call('POST', CREATE, { body: { prompt: 'x', model: 'm' }, env });
		return [status, json.code];
	};
	const change = (fields) => ada.data('PATCH', `/api/auth/keys/${id}`, fields), home = { REMOTE_ADDR: '192.0.2.1' };
	await change({ disabled: true });
	assert.equal((await create())[0], 401);
	await change({ disabled: false });
	assert.deepEqual(await create(), [403, 'address_not_allowed']);
	assert.deepEqual(await create(home), [403, 'forbidden']);
	await change({ scope: 'all' });
	assert.deepEqual(await create(home), [403, 'model_not_allowed']);
	await change({ models: [], budgets: { day: 1 } });
	assert.deepEqual(await create(home), [402, 'insufficient_credit']);
	await paid.cli('credit', 'add', ada.user.username, '10');
	assert.deepEqual(await create(home), [402, 'budget_exceeded'], 'and the rate is as it was');
	await change({ budgets: { day: null } });
	assert.deepEqual(await create(home), [200, undefined]);
	await change({ budgets: { day: 1 } });
	assert.deepEqual(await create(home), [429, 'too_many_open'], 'before the rate, before the money');
	await change({ maxOpen: 0 });
	assert.deepEqual(await create(home), [429, 'rate_limited']);
});
