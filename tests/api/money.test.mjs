// What a task costs, on both surfaces: prices, holds, refusals, and what is not bought for nothing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { newApi } from '../support/api.mjs';
import { BUILD } from '../support/cgi.mjs';
import * as money from '../support/money.mjs';

const CREATE = '/api/relay/sora/videos';
let api, ada, names = 0;

const sql = (text, ...values) => money.sql(api.data, text, ...values);
const price = (model, fields) => money.price(api.data, { model, ...fields });
const grant = (name, amount) => money.grant(api.data, amount, name);
const balance = (user) => money.balance(api.data, user.user.username);

/** A new user with so much. */
const rich = async (amount) => {
	const name = `user${++names}`;
	const user = await api.user(name);
	user.user = { username: name };
	if (amount > 0)
		grant(name, amount);
	return user;
};

before(async () => {
	api = await newApi({ LONGREEL_RATE_CREATE: '0', LONGREEL_RATE_REGISTER: '0', LONGREEL_BILLING: 'on' });
	await api.user('first');
	price('sora', { perSecond: 100_000, seconds: 8, most: 20 });
	price('sora', { perSecond: 300_000, seconds: 8, size: '1080p' });
	price('sized', { flat: 500_000, defaultSize: '1280x720' });
	price('strict', { perSecond: 1 });
	price('gift');
});
beforeEach(async () => {
	ada = await rich(10_000_000);
});
after(() => {
	money.check(api.data);
	return api.close();
});

const sent = () => api.upstream.submissions().at(-1).body.toString();

test('the price is held, told in the object, and paid when the video is there', async () => {
	const made = await ada.create({ model: 'sora' });
	assert.match(sent(), /\b8\b/); // the tariff's seconds go upstream
	assert.deepEqual(balance(ada), { available: 9_200_000, held: 800_000 });
	const held = await ada.task(made.videoId);
	assert.deepEqual([held.priceMicro, held.charge, held.chargedMicro, held.seconds], [800_000, 'held', 0, 8]);
	const video = (await ada.call('GET', `/v1/videos/${made.videoId}`)).json;
	assert.deepEqual(video.usage, { cost: 0.8, currency: 'USD' });
	api.upstream.jobs.set(made.externalTaskId, { status: 'completed', video_url: `${api.upstream.base}/video/x` });
	await api.polled(ada, made.videoId, 'COMPLETED');
	const done = await ada.task(made.videoId);
	assert.deepEqual([done.priceMicro, done.charge, done.chargedMicro], [800_000, 'charged', 800_000]);
	assert.deepEqual(balance(ada), { available: 9_200_000, held: 0 });
});

test('a job that fails costs nothing; a retry is priced anew', async () => {
	const made = await ada.create({ model: 'sora', seconds: 15 });
	assert.deepEqual(balance(ada), { available: 8_500_000, held: 1_500_000 });
	api.upstream.jobs.set(made.externalTaskId, { status: 'failed', error: { code: 'x', message: 'no' } });
	await api.polled(ada, made.videoId, 'FAILED');
	assert.deepEqual(balance(ada), { available: 10_000_000, held: 0 });
	assert.equal((await ada.task(made.videoId)).charge, 'released');
	const path = `/api/video/tasks/${made.videoId}/retry`;
	const dear = await ada.call('POST', path, { body: { maxPriceMicro: 1_499_999 } });
	assert.deepEqual([dear.status, dear.json.code, dear.headers.get('x-should-retry')], [409, 'price_changed', 'false']);
	assert.deepEqual(dear.json.details, { amountMicro: 1_500_000, currency: 'USD' });
	assert.deepEqual([(await ada.task(made.videoId)).status, balance(ada).held], ['FAILED', 0]);
	assert.equal((await ada.call('POST', path, { body: { maxPriceMicro: 1_500_000 } })).status, 200);
	assert.deepEqual(balance(ada), { available: 8_500_000, held: 1_500_000 });
	assert.equal((await ada.call('POST', `/api/video/tasks/${made.videoId}/cancel`)).status, 200);
	assert.deepEqual(balance(ada), { available: 10_000_000, held: 0 });
});

test('too little credit is 402 on both surfaces, nothing is sent, and the id stays free', async () => {
	const poor = await rich(350_000);
	const before = api.upstream.submissions().length, body = { prompt: 'a cat', model: 'sora', clientRequestId: 'mine' };
	const ours = await poor.call('POST', CREATE, { body });
	assert.deepEqual([ours.status, ours.json.code, ours.headers.get('x-should-retry')], [402, 'insufficient_credit', 'false']);
	assert.equal(ours.json.error, 'This costs $0.80; $0.35 is available.');
	assert.deepEqual(ours.json.details, { requiredMicro: 800_000, availableMicro: 350_000, heldMicro: 0, shortMicro: 450_000, currency: 'USD' });
	const zh = await poor.call('POST', CREATE, { body, headers: { 'accept-language': 'zh' } });
	assert.match(zh.json.error, /余额/);
	const theirs = await poor.call('POST', '/v1/videos', { body: { prompt: 'a cat', model: 'sora' } });
	assert.deepEqual([theirs.status, theirs.json.error.type, theirs.json.error.code, theirs.headers.get('x-should-retry')],
		[402, 'insufficient_quota', 'insufficient_quota', 'false']);
	assert.equal(api.upstream.submissions().length, before);
	grant(poor.user.username, 450_000);
	const made = await poor.call('POST', CREATE, { body });
	assert.equal(made.status, 200);
	const again = await poor.call('POST', CREATE, { body });
	assert.deepEqual([again.status, again.headers.get('idempotent-replayed')], [200, 'true']);
	assert.deepEqual(balance(poor), { available: 0, held: 800_000 });
});

test('what was agreed to is not exceeded: in the body, in the header, for a set together', async () => {
	const fields = { prompt: 'a cat', model: 'sora' };
	assert.equal((await ada.call('POST', CREATE, { body: { ...fields, maxPriceMicro: 799_999 } })).json.code, 'price_changed');
	const header = await ada.call('POST', '/v1/videos', { body: fields, headers: { 'x-max-price-micro': '799999' } });
	assert.deepEqual([header.status, header.json.error.code, header.headers.get('x-should-retry')], [409, 'price_changed', 'false']);
	const set = await ada.call('POST', CREATE, { body: { ...fields, n: 3, maxPriceMicro: 2_399_999 } });
	assert.deepEqual([set.json.code, set.json.details.amountMicro], ['price_changed', 2_400_000]);
	for (const wrong of ['x', '-1', '9999999999999999999'])
		assert.equal((await ada.call('POST', CREATE, { body: fields, headers: { 'x-max-price-micro': wrong } })).json.code, 'bad_field');
	const both = await ada.call('POST', CREATE, { body: { ...fields, maxPriceMicro: 1 }, headers: { 'x-max-price-micro': '2' } });
	assert.equal(both.json.code, 'bad_field');
	assert.deepEqual(balance(ada), { available: 10_000_000, held: 0 });
	assert.equal((await ada.call('POST', CREATE, { body: { ...fields, n: 3, maxPriceMicro: 2_400_000 } })).status, 200);
	assert.deepEqual(balance(ada), { available: 7_600_000, held: 2_400_000 });
});

test('a set is made wholly, or not at all', async () => {
	const poor = await rich(1_600_000);
	const three = await poor.call('POST', CREATE, { body: { prompt: 'a cat', model: 'sora', n: 3 } });
	assert.deepEqual([three.status, three.json.details.requiredMicro], [402, 2_400_000]);
	assert.deepEqual(balance(poor), { available: 1_600_000, held: 0 });
	assert.equal((await poor.call('POST', CREATE, { body: { prompt: 'a cat', model: 'sora', n: 2 } })).status, 200);
	assert.deepEqual(balance(poor), { available: 0, held: 1_600_000 });
});

test('each size by its class, what is unpriced is refused, and nothing is sent', async () => {
	for (const [fields, micro] of [[{ size: '1920x1080' }, 2_400_000], [{ size: '1792x1024' }, 2_400_000], [{ size: '1280x720' }, 800_000],
		[{ seconds: 20 }, 2_000_000], [{ model: 'sized' }, 500_000]]) {
		const { videoId } = await ada.create({ model: 'sora', ...fields });
		assert.equal((await ada.task(videoId)).priceMicro, micro);
	}
	assert.match(sent(), /1280x720/);
	const before = api.upstream.submissions().length;
	for (const [fields, code, field] of [[{ model: 'unknown' }, 'model_not_priced', undefined], [{}, 'model_not_priced', undefined],
		[{ model: 'sora', seconds: 21 }, 'bad_field', 'seconds'], [{ model: 'strict' }, 'model_not_priced', 'seconds']]) {
		const answer = await ada.call('POST', CREATE, { body: { prompt: 'a cat', ...fields } });
		assert.deepEqual([answer.status, answer.json.code, answer.json.details?.field], [400, code, field]);
	}
	assert.equal(api.upstream.submissions().length, before);
	const gift = await (await rich(0)).create({ model: 'gift' });
	assert.equal(gift.status, 'processing');
});

test('a size is the same however it is written, and one that is not named is priced as it is sent', async () => {
	const cost = async (fields) => {
		const { amountMicro, size } = await ada.data('POST', '/api/prices/quote', { prompt: 'a cat', ...fields }), { videoId } = await ada.create(fields), task = await ada.task(videoId);
		const [charge] = sql('SELECT c.size, c.reserved FROM charge AS c JOIN task AS t ON t.id = c.task_id WHERE t.video_id = ?', videoId);
		assert.deepEqual([size, amountMicro, charge.size, charge.reserved], [task.size, task.priceMicro, task.size, task.priceMicro], JSON.stringify(fields));
		return [task.size, task.priceMicro, videoId];
	};
	price('turned', { flat: 1, defaultSize: '1280x720' });
	price('turned', { flat: 2, size: '1280x720' });
	price('turned', { flat: 3, size: '720x1280' });
	price('upright', { flat: 4, defaultSize: '720x1280' });
	for (const [fields, size, micro] of [[{}, '1280x720', 2], [{ aspectRatio: '16:9' }, '1280x720', 2], [{ aspectRatio: '9:16' }, '720x1280', 3], [{ aspect_ratio: '1:1' }, '1280x720', 2],
		[{ size: '01280x720' }, '01280x720', 2], [{ size: '720x01280' }, '720x01280', 3], [{ size: '1920x1080' }, '1920x1080', 1], [{ model: 'upright', aspectRatio: '16:9' }, '1280x720', 4]])
		assert.deepEqual((await cost({ model: 'turned', ...fields })).slice(0, 2), [size, micro], JSON.stringify(fields));
	const [, before, videoId] = await cost({ model: 'turned', aspectRatio: '9:16', prompt: 'again' });
	await ada.data('POST', `/api/video/tasks/${videoId}/cancel`);
	await ada.data('POST', `/api/video/tasks/${videoId}/retry`);
	assert.equal((await ada.task(videoId)).priceMicro, before, 'tried again it costs the same');
	/* A quote is refused as a creation is, word for word. */
	for (const fields of [{ size: '1280X720' }, { size: '+1280x720' }, { size: '720p' }, { aspectRatio: 'wide' }, { aspect_ratio: '16:0' }, { model: 'strict' }, { model: 'none' }, { model: 'sora', seconds: 21 }])
		for (const headers of [{}, { 'accept-language': 'zh' }]) {
			const body = { prompt: 'a cat', model: 'turned', ...fields }, [asked, made] = [await ada.call('POST', '/api/prices/quote', { body, headers }), await ada.call('POST', CREATE, { body, headers })];
			assert.deepEqual([asked.status, asked.json.error, asked.json.details], [400, made.json.error, made.json.details], JSON.stringify(body));
		}
});

test('a budget refuses by name, and a release gives its room back', async () => {
	const [{ id }] = sql('SELECT id FROM user WHERE username = ?', ada.user.username);
	sql("INSERT INTO budget (subject, who, period, amount) VALUES ('user', ?, 'day', 1000000)", String(id));
	const first = await ada.create({ model: 'sora' });
	const refused = await ada.call('POST', CREATE, { body: { prompt: 'a cat', model: 'sora' } });
	assert.deepEqual([refused.status, refused.json.code, refused.json.error], [402, 'budget_exceeded', 'This costs $0.80; of the budget of $1.00 (user, day), $0.80 is used.']);
	const zh = await ada.call('POST', CREATE, { body: { prompt: 'a cat', model: 'sora' }, headers: { 'accept-language': 'zh' } });
	assert.equal(zh.json.error, '此操作需要 $0.80，预算 $1.00（用户，每日）已使用 $0.80。');
	const { resetsAt, ...details } = refused.json.details;
	assert.deepEqual(details, { requiredMicro: 800_000, subject: 'user', window: 'day', limitMicro: 1_000_000, usedMicro: 800_000, currency: 'USD' });
	assert.ok(Date.parse(resetsAt) > Date.now() && Date.parse(resetsAt) <= Date.now() + 86_400_000);
	const theirs = await ada.call('POST', '/v1/videos', { body: { prompt: 'a cat', model: 'sora' } });
	assert.deepEqual([theirs.status, theirs.json.error.type, theirs.json.error.code], [402, 'insufficient_quota', 'billing_hard_limit_reached']);
	await ada.data('POST', `/api/video/tasks/${first.videoId}/cancel`);
	await ada.create({ model: 'sora' });
});

test('metrics tell what is on hold, and that the accounts add up', async () => {
	const metrics = async (name) => Number(/^longreel_(\w+) (\S+)$/m.exec((await api.call('GET', '/metrics')).body.toString()
		.split('\n').find((line) => line.startsWith(`longreel_${name} `)))[2]);
	const before = await metrics('credit_held_micro');
	await ada.create({ model: 'sora' });
	assert.equal(await metrics('credit_held_micro'), before + 800_000);
	assert.equal(await metrics('ledger_imbalance'), 0);
	sql("UPDATE account SET balance = balance + 1 WHERE kind = 'held' AND id = (SELECT max(id) FROM account)");
	assert.equal(await metrics('ledger_imbalance'), 1);
	const broken = spawnSync(join(BUILD, 'longreel'), ['check', '--data', api.data], { encoding: 'utf8' });
	assert.match(broken.stdout, /BAD +ledger +account held of user \d+: 800001, by its transfers 800000/);
	sql("UPDATE account SET balance = balance - 1 WHERE kind = 'held' AND id = (SELECT max(id) FROM account)");
});

test('metrics count charges by state and reason, and what they have earned', async () => {
	const look = async () => {
		const text = (await api.call('GET', '/metrics')).body.toString();
		return { ...Object.fromEntries([...text.matchAll(/^longreel_charges\{state="(\w+)",reason="(\w+)"\} (\d+)$/gm)].map(([, state, reason, n]) => [`${state} ${reason}`, Number(n)])),
			earned: Number(/^longreel_revenue_micro (\d+)$/m.exec(text)[1]) };
	};
	let last = await look();
	const grown = async () => {
		const now = await look(), from = last;
		last = now;
		return Object.fromEntries(Object.entries(now).map(([kind, n]) => [kind, n - (from[kind] ?? 0)]).filter(([, n]) => n !== 0));
	};
	const [first, second] = [await ada.create({ model: 'sora' }), await ada.create({ model: 'gift' })];
	assert.deepEqual(await grown(), { 'held open': 2 });
	await ada.data('POST', `/api/video/tasks/${second.videoId}/cancel`);
	assert.deepEqual(await grown(), { 'held open': -1, 'released cancel_running': 1 });
	sql("UPDATE task SET state = 'failed' WHERE video_id = ?", first.videoId); /* as after a silence */
	sql("UPDATE charge SET linger_until = 9e15, linger_to = 'released' WHERE task_id = (SELECT id FROM task WHERE video_id = ?)", first.videoId);
	assert.deepEqual(await grown(), { 'held open': -1, 'held lingers': 1 });
	await ada.data('DELETE', `/api/video/tasks/${first.videoId}`);
	assert.deepEqual(await grown(), { 'held lingers': -1, 'released delete': 1 });
	const check = () => spawnSync(join(BUILD, 'longreel'), ['ledger', 'check', '--data', api.data], { encoding: 'utf8' }).stdout;
	assert.doesNotMatch(check(), /charge_tally/);
	sql("UPDATE charge_tally SET n = n + 1 WHERE reason = 'delete'");
	assert.match(check(), /charge_tally\s+released delete: 1 charges and 0 apart from its charges/);
	sql("UPDATE charge_tally SET n = n - 1 WHERE reason = 'delete'");
});

test('a hundred refusals leave the channel as it is', async () => {
	const poor = await rich(0), before = sql('SELECT * FROM channel');
	for (let i = 0; i < 20; i++)
		assert.equal((await poor.call('POST', CREATE, { body: { prompt: `cat ${i}`, model: 'sora' } })).status, 402);
	assert.deepEqual(sql('SELECT * FROM channel'), before);
	assert.equal(sql('SELECT count(*) AS n FROM rate WHERE bucket = ?', `create:${poor.user.id}`)[0].n, 0);
});
