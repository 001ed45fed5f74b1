// API keys: shown once, good wherever a token is, told apart from a login where that matters, gone at once.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Caller, newApi } from '../support/api.mjs';
import { newWorld } from '../support/world.mjs';

let api, ada, eve;
before(async () => {
	api = await newApi();
	ada = await api.user('ada');
	eve = await api.user('eve');
});
after(() => api?.close());

const make = async (who, body) => (await who.call('POST', '/api/auth/keys', { body })).json.data;
const list = async (who) => (await who.call('GET', '/api/auth/keys')).json.data.keys;

test('made, used, listed, revoked', async () => {
	const { status, json } = await ada.call('POST', '/api/auth/keys', { body: { name: '相机 camera' } });
	const { key, id, ...rest } = json.data;
	assert.equal(status, 201);
	assert.match(key, /^sk-[\w-]{43}$/);
	assert.deepEqual(Object.keys(rest), ['name', 'hint', 'createdAt', 'expiresAt', 'lastUsedAt', 'models', 'addresses', 'maxOpen', 'rate', 'scope', 'budgets', 'disabled']);
	assert.deepEqual([rest.name, rest.hint, rest.expiresAt, rest.lastUsedAt],
		['相机 camera', `${key.slice(0, 7)}…${key.slice(-4)}`, null, null]);
	assert.deepEqual(await list(ada), [{ id, ...rest }], 'and never again in full');

	const program = new Caller(api, key);
	const made = await program.create({ prompt: 'by a key' });
	for (const path of ['/api/video/tasks', `/api/video/tasks/${made.videoId}`, '/api/video/updates', '/api/auth/keys'])
		assert.equal((await program.call('GET', path)).status, 200, path);
	assert.equal((await api.call('POST', '/api/auth/verify', { body: { token: key } })).json.data.username, 'ada');
	const [{ lastUsedAt }] = await list(ada);
	assert.ok(Date.now() - Date.parse(lastUsedAt) < 60_000, lastUsedAt);

	const gone = await ada.call('DELETE', `/api/auth/keys/${id}`);
	assert.deepEqual([gone.status, gone.json.data, await list(ada)], [200, {}, []]);
	assert.equal((await program.call('GET', '/api/video/tasks')).status, 401);
	assert.equal((await ada.call('DELETE', `/api/auth/keys/${id}`)).status, 404);
});

test('the last use is known, whichever program it was', async () => {
	const { videoId } = await ada.create();
	for (const path of ['/api/video/updates', `/api/video/tasks/${videoId}/content`, `/v1/videos/${videoId}`, `/v1/videos/${videoId}/content`, '/v1/models']) {
		const { key, id } = await make(ada, { name: path });
		const { status, stderr } = await new Caller(api, key).call('GET', path);
		assert.ok(status < 500 && stderr.includes(` user=${ada.user.id}`), stderr);
		assert.notEqual((await list(ada)).find((k) => k.id === id).lastUsedAt, null, path);
	}
});

test('a key makes no keys, revokes none, and ends no login', async () => {
	const { key, id } = await make(ada, { name: 'leaked' }), thief = new Caller(api, key);
	for (const [method, path, body] of [['POST', '/api/auth/keys', { name: 'another' }], ['DELETE', `/api/auth/keys/${id}`], ['POST', '/api/auth/logout', {}]]) {
		const { status, json } = await thief.call(method, path, { body });
		assert.deepEqual([status, json.code], [403, 'forbidden'], path);
	}
	assert.equal((await thief.call('GET', '/api/video/tasks')).status, 200);
});

test('each sees and revokes their own only', async () => {
	const { id } = await make(ada, { name: 'mine' });
	assert.deepEqual(await list(eve), []);
	const answers = [];
	for (const one of [id, 999999, 0, -1, 'x', '9'.repeat(30), `${id}x`])
		answers.push((await eve.call('DELETE', `/api/auth/keys/${one}`)).status);
	assert.deepEqual(answers, answers.map(() => 404));
	assert.ok((await list(ada)).some((key) => key.id === id));
});

test('an expiry lies ahead, and is kept', async () => {
	const expiresAt = Date.now() + 3_600_000;
	assert.equal((await make(ada, { name: 'short', expiresAt })).expiresAt, new Date(expiresAt).toISOString());
	const bad = [{}, { name: '' }, { name: 5 }, { name: 'a\nb' }, { name: 'x'.repeat(5000) }, { name: 'x', expiresAt: Date.now() - 1 },
		{ name: 'x', expiresAt: 'soon' }, { name: 'x', expiresAt: 1e18 }];
	for (const body of bad) {
		const { status, json } = await ada.call('POST', '/api/auth/keys', { body });
		assert.deepEqual([status, json.code], [400, 'bad_field'], JSON.stringify(body).slice(0, 80));
	}
});

test('after its expiry a key is worth nothing', async () => {
	const world = await newWorld();
	const { key } = await make(ada, { name: 'an hour', expiresAt: Date.now() + 3_600_000 }), program = new Caller(api, key);
	const read = () => program.call('GET', '/v1/videos', { env: world.env });
	await world.passed(3_000_000);
	assert.equal((await read()).status, 200);
	await world.passed(3_700_000);
	const answer = await read();
	assert.deepEqual([answer.status, answer.json.error.code], [401, 'invalid_api_key']);
	assert.equal((await program.call('POST', '/api/relay/sora/videos', { body: { prompt: 'x' }, env: world.env })).status, 401);
	await world.remove();
});

test('there is an end to them', async () => {
	const many = await api.user('many');
	const made = [];
	for (let i = 0; i < 51; i++)
		made.push(await many.call('POST', '/api/auth/keys', { body: { name: `key ${i}` } }));
	assert.deepEqual([made[49].status, made[50].status, made[50].json.code], [201, 409, 'too_many_keys']);
});

test('longreel key create, list, revoke; no key stands in the data directory', async () => {
	const key = (await api.run('longreel', 'key', 'create', '--data', api.data, '--name', 'cron job', '--days', '30', 'eve')).trim();
	assert.equal((await new Caller(api, key).call('GET', '/api/video/tasks')).status, 200);
	const [header, line] = (await api.run('longreel', 'key', 'list', '--data', api.data, 'eve')).trim().split('\n');
	const cells = line.split('\t'), [id, hint, , expires] = cells, name = cells.at(-1);
	assert.equal(header, 'ID\tKEY\tCREATED\tEXPIRES\tLAST USED\tSTATE\tSCOPE\tMAX OPEN\tRATE\tBUDGET DAY\tWEEK\tMONTH\tTOTAL\tMODELS\tADDRESSES\tNAME');
	assert.deepEqual([hint, name], [`${key.slice(0, 7)}…${key.slice(-4)}`, 'cron job']);
	assert.ok(Math.abs(Date.parse(expires) - Date.now() - 30 * 86_400_000) < 600_000, expires);
	for (const file of await readdir(api.data))
		if (/\.db|log/.test(file))
			assert.ok(!(await readFile(join(api.data, file), 'latin1')).includes(key.slice(8, -5)), file);
	await api.run('longreel', 'key', 'revoke', '--data', api.data, id);
	assert.equal((await new Caller(api, key).call('GET', '/api/video/tasks')).status, 401);
});

test('a new password leaves keys alone; a disabled user has none', async () => {
	const { key } = await make(ada, { name: 'stays' }), program = new Caller(api, key);
	await api.run('longreel', 'user', 'passwd', '--data', api.data, 'ada');
	assert.equal((await ada.call('GET', '/api/video/tasks')).status, 401, 'the login has ended');
	assert.equal((await program.call('GET', '/api/video/tasks')).status, 200);
	await api.run('longreel', 'user', 'disable', '--data', api.data, 'ada');
	assert.equal((await program.call('GET', '/api/video/tasks')).status, 401);
	await api.run('longreel', 'user', 'enable', '--data', api.data, 'ada');
	assert.equal((await program.call('GET', '/api/video/tasks')).status, 200);
});
