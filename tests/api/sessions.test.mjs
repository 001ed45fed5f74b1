// The logins that last: shown, ended one by one or all but one, bounded; and a new password, which ends them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Caller, newApi, PASSWORD } from '../support/api.mjs';
import { newWorld } from '../support/world.mjs';

let api;
before(async () => (api = await newApi()));
after(() => api?.close());

async function login(username, password = PASSWORD, env = {}) {
	const { status, json } = await api.call('POST', '/api/auth/login', { body: { username, password }, env });
	return status === 200 ? new Caller(api, json.data.token, json.data.user) : status;
}
const alive = async (who) => (await who.call('GET', '/api/video/tasks')).status === 200;
const list = async (who) => (await who.data('GET', '/api/auth/sessions')).sessions;

test('shown: where and when, and which one asks', async () => {
	await api.user('ada');
	const home = await login('ada', PASSWORD, { REMOTE_ADDR: '192.0.2.77' }), phone = await login('ada', PASSWORD, { REMOTE_ADDR: '2001:db8:0:1ff::1' });
	const sessions = await list(home);
	assert.equal(sessions.length, 3);
	const mine = sessions.filter((s) => s.current);
	assert.deepEqual(mine.map((s) => s.address), ['192.0.2.0/24']);
	const other = sessions.find((s) => s.address === '2001:db8:0:100::/56');
	assert.deepEqual(Object.keys(other), ['id', 'current', 'address', 'createdAt', 'lastUsedAt', 'expiresAt']);
	assert.match(other.id, /^[0-9a-f]{16}$/);
	assert.ok(Date.now() - Date.parse(other.createdAt) < 60_000 && Date.parse(other.expiresAt) > Date.now() && other.lastUsedAt === other.createdAt);
	assert.deepEqual((await home.call('DELETE', `/api/auth/sessions/${other.id}`)).json.data, {});
	assert.deepEqual([await alive(phone), await alive(home)], [false, true]);
	assert.equal((await home.call('DELETE', `/api/auth/sessions/${other.id}`)).status, 404);
	assert.equal((await list(home)).length, 2);
	assert.deepEqual((await home.call('DELETE', '/api/auth/sessions')).json.data, { ended: 1 });
	assert.deepEqual((await list(home)).map((s) => s.current), [true]);
});

test('the last use is known to the hour, whichever program it was', async () => {
	const world = await newWorld(), zoe = await api.user('zoe'), from = Date.now();
	const used = async () => Math.abs(Math.round((Date.parse((await list(zoe))[0].lastUsedAt) - from) / 60_000));
	for (const [minutes, path, noted] of [[30, '/api/video/tasks', 0], [90, '/api/video/updates', 90], [200, '/v1/models', 200]]) {
		await world.passed(minutes * 60_000);
		assert.equal((await zoe.call('GET', path, { env: world.env })).status, 200);
		assert.equal(await used(), noted, path);
	}
	await world.remove();
});

test('a user sees and ends their own only, and a key none', async () => {
	const eve = await api.user('eve'), bob = await api.user('bob');
	const [{ id }] = await list(bob);
	for (const one of [id, 'x', '0'.repeat(16), `${id}0`, id.slice(1), '%00', '..'])
		assert.ok([400, 404].includes((await eve.call('DELETE', `/api/auth/sessions/${one}`)).status), one);
	assert.ok(await alive(bob));
	const { key } = await bob.data('POST', '/api/auth/keys', { name: 'leaked' }), thief = new Caller(api, key);
	for (const [method, path, body] of [['GET', '/api/auth/sessions'], ['DELETE', '/api/auth/sessions'], ['DELETE', `/api/auth/sessions/${id}`],
		['POST', '/api/auth/password', { password: PASSWORD, newPassword: 'another one' }]]) {
		const { status, json } = await thief.call(method, path, { body });
		assert.deepEqual([status, json.code], [403, 'forbidden'], path);
	}
	assert.ok(await alive(bob) && await alive(thief));
	assert.deepEqual((await list(bob)).map((s) => s.id), [id], 'a key is no session');
});

test('a new password ends all others', async () => {
	const first = await api.user('carl'), second = await login('carl'), changed = 'another password';
	const { key } = await first.data('POST', '/api/auth/keys', { name: 'stays' });
	const change = (password, newPassword) => second.call('POST', '/api/auth/password', { body: { password, newPassword } });
	for (const [now, wanted, status, field] of [['wrong password', changed, 401, 'password'], [PASSWORD, 'short', 400, 'newPassword'],
		[PASSWORD, undefined, 400, 'newPassword'], [undefined, changed, 400, 'password'], [PASSWORD, 7, 400, 'newPassword']]) {
		const { json, ...answer } = await change(now, wanted);
		assert.deepEqual([answer.status, json.details.field], [status, field], `${now} ${wanted}`);
	}
	assert.ok(await alive(first));
	assert.deepEqual((await change(PASSWORD, changed)).json.data, {});
	assert.deepEqual([await alive(first), await alive(second), await alive(new Caller(api, key))], [false, true, true]);
	assert.equal(await login('carl'), 401);
	assert.ok(await alive(await login('carl', changed)));
});

test('who has found a token does not guess the password by it', async () => {
	const kim = await api.user('kim'), statuses = [];
	for (let i = 0; i < 4; i++)
		statuses.push((await kim.call('POST', '/api/auth/password', { body: { password: `guess ${i}`, newPassword: 'another one' }, env: { LONGREEL_RATE_LOGIN: '3' } })).status);
	assert.deepEqual(statuses, [401, 401, 401, 429]);
});

test('of more than a hundred the one that was not used for the longest ends', async () => {
	const many = await api.user('many');
	const { status, stderr } = spawnSync('python3', ['-c', `import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as db:
	for i in range(99):
		db.execute("INSERT INTO token (hash, user_id, created_at, used_at, expires_at) SELECT randomblob(32), user_id, created_at, used_at + ?, expires_at FROM token WHERE user_id = ? LIMIT 1", (i + 1, sys.argv[2]))`,
	`${api.data}/longreel.db`, many.user.id]);
	assert.equal(status, 0, stderr.toString());
	assert.equal((await list(many)).length, 100);
	const last = await login('many');
	assert.deepEqual([(await list(last)).length, await alive(many), await alive(last)], [100, false, true]);
});

test('longreel user passwd ends them all', async () => {
	const dora = await api.user('dora');
	await api.run('longreel', 'user', 'passwd', '--data', api.data, 'dora');
	assert.equal(await alive(dora), false);
});
