// Guessing passwords is slowed down: by address and by name, for names that do not exist too.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newApi, PASSWORD } from '../support/api.mjs';

let api;
before(async () => (api = await newApi({ LONGREEL_RATE_LOGIN: '3' })));
after(() => api?.close());

const login = (username, password, address) =>
	api.call('POST', '/api/auth/login', { body: { username, password }, env: { REMOTE_ADDR: address } });

/** Logs in from a new address each time, or always from the same. */
async function statuses(count, name, password, address) {
	const result = [];
	for (let i = 0; i < count; i++)
		result.push((await login(name(i), password, address(i))).status);
	return result;
}

test('by name: failures from many addresses', async () => {
	await api.call('POST', '/api/auth/register', { body: { username: 'ada', password: PASSWORD } });
	assert.deepEqual(await statuses(4, () => 'ada', 'wrong password', (i) => `198.51.100.${i}`), [401, 401, 401, 429]);
	const right = await login('Ada', PASSWORD, '198.51.100.50');
	assert.deepEqual([right.status, right.json.code], [429, 'rate_limited'], 'not even the right password, in any case');
	const wait = Number(right.headers.get('retry-after'));
	assert.ok(wait >= 1 && wait <= 20, `${wait} s`);
	assert.deepEqual(await statuses(4, () => 'nobody', 'wrong password', (i) => `198.51.100.${i + 100}`), [401, 401, 401, 429],
		'a name that does not exist is no different');
});

test('by address: failures for many names', async () => {
	assert.deepEqual(await statuses(4, (i) => `name${i}`, 'wrong password', () => '203.0.113.1'), [401, 401, 401, 429]);
	assert.deepEqual(await statuses(4, (i) => `six${i}`, 'wrong password', (i) => `2001:db8::${i}`), [401, 401, 401, 429]);
	assert.equal((await login('name9', 'wrong password', '203.0.113.2')).status, 401, 'another address is not concerned');
});

test('who knows the password may log in as often as they like', async () => {
	await api.call('POST', '/api/auth/register', { body: { username: 'bob', password: PASSWORD } });
	assert.deepEqual(await statuses(6, () => 'bob', PASSWORD, () => '192.0.2.7'), Array(6).fill(200));
});
