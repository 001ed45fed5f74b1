// POST /api/auth/login: a token for a name and a password.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { newApi, PASSWORD } from '../support/api.mjs';

const login = (body, request) => api.call('POST', '/api/auth/login', { body, ...request });

let api, ada;
before(async () => {
	api = await newApi();
	ada = await api.user('ada');
});
after(() => api?.close());

test('a token, who it is for, and when it ends', async () => {
	const from = Date.now();
	const { status, json } = await login({ username: 'ada', password: PASSWORD });
	assert.equal(status, 200);
	const { token, user, expiresAt } = json.data;
	assert.match(token, /^[\w-]{30,}$/);
	assert.notEqual(token, ada.token, 'each login has its own');
	assert.deepEqual(user, { id: ada.user.id, username: 'ada', email: null, role: 'user' });
	const days = (expiresAt - from) / 86400_000;
	assert.ok(days >= 30 && days < 30.1, `${days} days`);
});

test('an administrator is told to be one', async () => {
	await api.run('longreel', 'user', 'add', '--data', api.data, '--admin', 'root');
	const { json } = await login({ username: 'root', password: PASSWORD });
	assert.equal(json.data.user.role, 'admin');
});

test('a wrong password and an unknown name get the same answer', async () => {
	const answers = [];
	for (const body of [{ username: 'ada', password: 'wrong password' }, { username: 'nobody', password: PASSWORD }]) {
		const { status, json, headers } = await login(body);
		delete json.requestId;
		answers.push({ status, json, headers: [...headers.keys()] });
	}
	assert.deepEqual([answers[0].status, answers[0].json.code], [401, 'bad_credentials']);
	assert.deepEqual(answers[0], answers[1]);
});

test('a bad value is refused, and named', async () => {
	for (const [body, field] of [[{}, 'username'], [{ username: 'ada' }, 'password'], [{ username: 'ada', password: '' }, 'password'],
		[{ username: 'ada', password: 1 }, 'password'], [{ username: {}, password: 'x' }, 'username'],
		[{ username: 'ada', password: 'x'.repeat(257) }, 'password']]) {
		const { status, json } = await login(body);
		assert.deepEqual([status, json.code, json.details?.field], [400, 'bad_field', field], JSON.stringify(body));
	}
});


test('neither password nor token is in the log or the database', async () => {
	const { json, stderr } = await login({ username: 'ada', password: PASSWORD });
	const verified = await api.call('POST', '/api/auth/verify', { body: { token: json.data.token } });
	assert.equal(verified.status, 200);
	const files = (await readdir(api.data, { withFileTypes: true })).filter((f) => f.isFile()).map((f) => join(api.data, f.name));
	assert.ok(files.some((f) => f.endsWith('.db')));
	for (const text of [Buffer.from(stderr), Buffer.from(verified.stderr), ...await Promise.all(files.map((f) => readFile(f)))]) {
		assert.ok(!text.includes(PASSWORD));
		assert.ok(!text.includes(json.data.token));
	}
});

test('what needs no token takes 4 KB', async () => {
	for (const call of ['register', 'login', 'verify']) {
		const { status, json } = await api.call('POST', `/api/auth/${call}`, { body: { username: 'ada', password: 'x'.repeat(4096) } });
		assert.deepEqual([status, json.code], [413, 'too_large'], call);
	}
});
