// POST /api/auth/register: a new account, once, if the operator lets people in.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newApi } from '../support/api.mjs';

const PATH = '/api/auth/register';
const ADA = { username: 'ada', password: 'correct horse', email: 'ada@example.com' };

let api;
before(async () => (api = await newApi()));
after(() => api?.close());

test('a new account', async () => {
	const { status, json, headers } = await api.call('POST', PATH, { body: ADA });
	assert.equal(status, 201);
	assert.equal(headers.get('content-type'), 'application/json; charset=utf-8');
	assert.equal(headers.get('cache-control'), 'no-store');
	const { id, ...rest } = json.data;
	assert.ok(Number.isSafeInteger(id) && id > 0);
	assert.deepEqual(rest, { username: 'ada', email: 'ada@example.com' });
	const without = await api.call('POST', PATH, { body: { username: '小明', password: '密码密码密码密码' } });
	assert.deepEqual([without.status, without.json.data.username, without.json.data.email], [201, '小明', null]);
});

test('a name is taken once, whatever its case', async () => {
	for (const username of ['bob', 'BOB']) {
		const { status, json } = await api.call('POST', PATH, { body: { ...ADA, username } });
		assert.deepEqual([status, json.code], username === 'bob' ? [201, undefined] : [409, 'username_taken']);
	}
});

test('closed by the operator', async () => {
	const { status, json } = await api.call('POST', PATH, { body: { ...ADA, username: 'eve' }, env: { LONGREEL_REGISTRATION: 'closed' } });
	assert.deepEqual([status, json.code], [403, 'registration_closed']);
});

test('a name that can be mistaken is refused', async () => {
	const register = async (username) => {
		const { status, json } = await api.call('POST', PATH, { body: { ...ADA, username } });
		return [status, json.code, json.details?.field];
	};
	await api.run('longreel', 'user', 'add', '--data', api.data, '--admin', 'admin');
	for (const username of ['-rf', '--data', 'adm\u00adin', 'admin\u200b', '\u2060admin', 'admin\ufe0f', 'admin\u{e0061}', 'аdmin', 'ａｄｍｉｎ', '𝐚dmin',
		'a\u0301dmin', 'admın', 'àdmin', 'adm1n', 'adrnin', 'сосо', 'Οο'])
		assert.deepEqual(await register(username), [400, 'bad_field', 'username'], username);
	assert.deepEqual(await register('ADMIN'), [400, 'bad_field', 'username']);
	assert.equal((await register('lillian'))[0], 201);
	for (const username of ['1illian', 'LIILIAN', 'lillián'])
		assert.deepEqual(await register(username), [409, 'username_taken', undefined], username);
	for (const username of ['José', '小明2', 'Tom小明', 'Иван', 'たなか'])
		assert.equal((await register(username))[0], 201, username);
	await assert.rejects(api.run('longreel', 'user', 'add', '--data', api.data, 'аdmin'), /mix alphabets/);
	await assert.rejects(api.run('longreel', 'user', 'add', '--data', api.data, 'lil1ian'), /looks like it/);
});

test('a bad value is refused, and named', async () => {
	const good = { username: 'carl', password: 'long enough' };
	const bad = {
		username: [undefined, null, '', 7, ['a'], { a: 1 }, 'a b', 'a\nb', 'a\u0007b', 'a/b', 'a\u200bb', 'x'.repeat(65)],
		password: [undefined, 'short12', 12345678, true, 'long\nenough', 'x'.repeat(257)],
		email: ['nobody', '@example.com', 'a@', 'a b@example.com', 5, `${'x'.repeat(250)}@a.bc`],
	};
	for (const [field, values] of Object.entries(bad)) {
		for (const value of values) {
			const { status, json } = await api.call('POST', PATH, { body: { ...good, [field]: value } });
			assert.deepEqual([status, json.code, json.details?.field], [400, 'bad_field', field], `${field}: ${value}`);
		}
	}
	const login = await api.call('POST', '/api/auth/login', { body: good });
	assert.equal(login.status, 401, 'none of these made an account');
});

test('so many a minute from one address', async () => {
	const env = { LONGREEL_RATE_REGISTER: '2' };
	const register = (username, address) =>
		api.call('POST', PATH, { body: { ...ADA, username }, env: { ...env, REMOTE_ADDR: address } });
	assert.equal((await register('r1', '192.0.2.1')).status, 201);
	assert.equal((await register('r2', '192.0.2.1')).status, 201);
	const third = await register('r3', '192.0.2.1');
	assert.deepEqual([third.status, third.json.code], [429, 'rate_limited']);
	const wait = Number(third.headers.get('retry-after'));
	assert.ok(wait >= 1 && wait <= 30, `${wait} s`);
	assert.equal((await register('r4', '192.0.2.2')).status, 201, 'another address');
	for (const [i, status] of [201, 201, 429].entries())
		assert.equal((await register(`six${i}`, `2001:db8:1:${i * 40}::1`)).status, status, 'IPv6 counts by its /56');
	assert.equal((await register('six', '2001:db8:1:100::1')).status, 201);
});

test('a reserved name is the operator\'s', async () => {
	for (const username of ['root', 'Support', 'ADMINISTRATOR']) {
		const answer = await api.call('POST', '/api/auth/register', { body: { ...ADA, username } });
		assert.deepEqual([answer.status, answer.json.code, answer.json.details.field], [400, 'bad_field', 'username'], username);
	}
});
