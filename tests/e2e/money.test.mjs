// Money over HTTP: fifty creations at once where there is enough for one, over both surfaces, FastCGI and CGI mixed; and what the official
// client makes of a 402.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { cgi } from '../support/cgi.mjs';
import { Client } from '../support/client.mjs';
import { longreel, startInstance } from '../support/instance.mjs';
import * as money from '../support/money.mjs';

const PRICE = 800_000, MODEL = 'm:fast';
let instance, env;

before(async () => {
	env = { LONGREEL_BILLING: 'on', LONGREEL_RATE_CREATE: '0', LONGREEL_RATE_REDEEM: '0', LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_ARCHIVE: 'off' };
	instance = await startInstance({ simulator: true, env });
	await new Client(instance.base).join('first');
	money.price(instance.data, { perSecond: 100_000, seconds: 8 });
});
after(async () => {
	money.check(instance.data);
	await instance?.stop();
});

async function rich(amount) {
	const user = await new Client(instance.base).join();
	money.grant(instance.data, amount, user.user.username);
	return user;
}

/** One creation, until it is answered for good: a database that others write to may be said to be busy. */
async function creation(token, i) {
	for (;;) {
		const answer = await attempt(token, i);
		if (answer[0] !== 503)
			return answer;
	}
}

/** One attempt at it, by the way of its number: FastCGI or CGI, /api or /v1. @returns {Promise<[number, string|undefined]>} status and code */
async function attempt(token, i) {
	const ours = i % 2 === 0, path = ours ? '/api/relay/sora/videos' : '/v1/videos';
	const body = { prompt: `number ${i}`, model: MODEL, ...ours && { clientRequestId: `id ${i}` } };
	const headers = { authorization: `Bearer ${token}`, ...!ours && { 'idempotency-key': `id ${i}` } };
	if (i % 4 < 2) {
		const answer = await new Client(instance.base).call('POST', path, body, headers);
		return [answer.status, answer.body.code ?? answer.body.error?.code];
	}
	const { status, json } = await cgi('relay', { path, body, headers, env: { ...env, LONGREEL_DATA: instance.data,
		LONGREEL_UPSTREAM_BASE: `${instance.base}/simulator`, LONGREEL_UPSTREAM_KEY: 'simulator' } });
	return [status, json.code ?? json.error?.code];
}

/** Fifty at once: one is made, and the ids of the others are free. `codes`: of /api, of /v1. */
async function race(ada, token, codes, topUp) {
	const jobs = async () => (await (await fetch(`${instance.base}/simulator/jobs`)).json()).jobs.length, before = await jobs();
	const numbers = Array.from({ length: 50 }, (_, i) => i), answers = await Promise.all(numbers.map((i) => creation(token, i)));
	const refused = numbers.filter((i) => answers[i][0] !== 200);
	assert.equal(refused.length, 49, JSON.stringify(answers));
	for (const i of refused)
		assert.deepEqual(answers[i], [402, codes[i % 2]]);
	assert.equal(await jobs(), before + 1, 'nothing was sent for those');
	await topUp();
	for (const i of refused)
		assert.deepEqual(await creation(token, i), [200, undefined], 'its id was free');
	for (const i of numbers)
		assert.deepEqual(await creation(token, i), [200, undefined], 'and is a repetition now');
	assert.equal(await jobs(), before + 50);
	assert.equal(money.sql(instance.data, "SELECT count(*) AS n FROM transfer WHERE kind = 'reserve' AND user_id = ?", ada.user.id)[0].n, 50);
}

test('enough for one, fifty at once: one is made', async () => {
	const ada = await rich(1_000_000), { username } = ada.user;
	await race(ada, ada.token, ['insufficient_credit', 'insufficient_quota'], () => {
		const { available, held } = money.balance(instance.data, username);
		assert.ok(available === 200_000 && (held === PRICE || held === 0));
		money.grant(instance.data, 49 * PRICE, username);
	});
});

test('… and with a key whose budget is enough for one', async () => {
	const ada = await rich(100_000_000), { id, key } = await ada.data('POST', '/api/auth/keys', { name: 'k', budgets: { total: 1_000_000 } });
	await race(ada, key, ['budget_exceeded', 'billing_hard_limit_reached'], () =>
		ada.data('PATCH', `/api/auth/keys/${id}`, { budgets: { total: 50 * PRICE } }));
});

test('the official client raises a 402 at once, and does not repeat it', async () => {
	const ada = await rich(1), { key } = await ada.data('POST', '/api/auth/keys', { name: 'official' });
	let calls = 0;
	const counted = (url, init) => (String(url).startsWith(instance.base) && calls++, fetch(url, init));
	const openai = new OpenAI({ baseURL: `${instance.base}/v1`, apiKey: key, fetch: counted, maxRetries: 5 });
	const raised = async (what, fields, headers) => {
		calls = 0;
		const error = await openai.videos.create({ prompt: 'a cat', model: MODEL, ...fields }, { headers }).then(() => null, (e) => e);
		assert.ok(error instanceof OpenAI.APIError, what);
		assert.equal(calls, 1, what);
		return [error.status, error.type, error.code];
	};
	assert.deepEqual(await raised('no credit'), [402, 'insufficient_quota', 'insufficient_quota']);
	money.grant(instance.data, 100_000_000, ada.user.username);
	const budget = (total) => ada.data('GET', '/api/auth/keys').then(({ keys: [{ id }] }) => ada.data('PATCH', `/api/auth/keys/${id}`, { budgets: { total } }));
	await budget(1);
	assert.deepEqual(await raised('a budget'), [402, 'insufficient_quota', 'billing_hard_limit_reached']);
	await budget(null);
	assert.deepEqual((await raised('a price', {}, { 'X-Max-Price-Micro': '1' })).toSpliced(1, 1), [409, 'price_changed']);
	const { usage } = await openai.videos.create({ prompt: 'a cat', model: MODEL }, { headers: { 'X-Max-Price-Micro': String(PRICE) } });
	assert.deepEqual(usage, { cost: 0.8, currency: 'USD' });
});

/* A program has several threads: under ThreadSanitizer this is where those that move or read money meet. */
test('each call about money, many at a time', async () => {
	const ada = await rich(1_000_000_000), { id } = await ada.data('POST', '/api/auth/keys', { name: 'many' });
	const { code, out, err } = await longreel(['code', 'create', '--count', '20', '--amount', '1', '--json', '--data', instance.data]);
	assert.equal(code, 0, err);
	const { codes } = JSON.parse(out), made = [];
	for (let i = 0; i < 4; i++)
		made.push(...(await ada.data('POST', '/api/relay/sora/videos', { prompt: `many ${i}`, model: 'm:never', n: 10 })).tasks);
	const get = (path) => () => ['GET', path], task = (i) => `/api/video/tasks/${made[i % made.length].videoId}`;
	const calls = [get('/api/account'), get('/api/account/statement'), get('/api/account/charges'), get('/api/account/charges.csv'), get('/api/account/usage?groupBy=model'),
		get('/api/prices'), () => ['POST', '/api/prices/quote', { prompt: 'x', model: MODEL }], (i) => ['PATCH', `/api/auth/keys/${id}`, { budgets: { day: 1_000_000 + i } }],
		(i) => ['POST', '/api/account/redeem', { code: codes[i % codes.length].code }], (i) => ['POST', '/api/relay/sora/videos', { prompt: `more ${i}`, model: MODEL, n: 2 }],
		(i) => ['POST', `${task(i)}/cancel`], (i) => ['POST', `${task(i)}/retry`], (i) => ['GET', task(i)], (i) => ['DELETE', task(i)]];
	for (const call of calls)
		for (let i = 0; i < made.length; i += 10)
			await Promise.all(Array.from({ length: 10 }, async (_, j) => {
				const [method, path, body] = call(i + j), answer = await ada.call(method, path, body);
				assert.ok(answer.status < 500 || answer.body.code === 'busy', `${method} ${path}: ${answer.status} ${answer.bytes}`);
			}));
	money.check(instance.data);
});
