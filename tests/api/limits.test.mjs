// What users and API keys may do: addresses, scope, models, open tasks, rates, in this order; on both surfaces. What is
// refused leaves nothing behind.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Caller, newApi, PASSWORD } from '../support/api.mjs';

let api, ada;
before(async () => {
	api = await newApi();
	ada = await api.user('ada');
});
after(() => api?.close());

const set = (...words) => api.run('longreel', ...words, '--data', api.data);
const keyOf = async (who, fields) => {
	const { key, ...rest } = await who.data('POST', '/api/auth/keys', { name: 'k', ...fields });
	return Object.assign(new Caller(api, key, who.user), rest);
};
const change = (who, key, fields) => who.data('PATCH', `/api/auth/keys/${key.id}`, fields);
const from = (address) => ({ env: { REMOTE_ADDR: address } });

/** The status and code of a creation by both surfaces. */
async function creations(who, body = { prompt: 'x' }, request = {}) {
	const ours = await who.call('POST', '/api/relay/sora/videos', { body, ...request });
	const theirs = await who.call('POST', '/v1/videos', { body, ...request });
	assert.deepEqual([theirs.status, theirs.json.error?.code], [ours.status === 201 || ours.status === 202 ? 200 : ours.status, ours.json.code]);
	return [ours.status, ours.json.code];
}

test('a key says what it may do, and is changed by a login alone', async () => {
	const key = await keyOf(ada, { models: ['wan*', 'kling'], addresses: ['10.0.0.0/8', '::1', '127.0.0.1'], maxOpen: 2, rate: 3, scope: 'read' });
	const { models, addresses, maxOpen, rate, scope, disabled } = await key.data('GET', '/api/auth/key');
	assert.deepEqual({ models, addresses, maxOpen, rate, scope, disabled },
		{ models: ['wan*', 'kling'], addresses: ['10.0.0.0/8', '::1', '127.0.0.1'], maxOpen: 2, rate: 3, scope: 'read', disabled: false });
	assert.equal((await ada.call('GET', '/api/auth/key')).status, 404, 'a login is no key');
	const changed = await change(ada, key, { models: [], maxOpen: 0, name: 'new', expiresAt: Date.now() + 1e6 });
	assert.deepEqual([changed.models, changed.addresses.length, changed.maxOpen, changed.rate, changed.name], [[], 3, 0, 3, 'new']);
	assert.equal((await change(ada, key, { expiresAt: 0 })).expiresAt, null);
	assert.deepEqual((await ada.data('GET', '/api/auth/keys')).keys.find((k) => k.id === key.id).scope, 'read');
	/* null lifts a limit, and so what is shown can be sent back; a name and a scope there always are. */
	const bare = { models: [], addresses: [], maxOpen: 0, rate: 0, expiresAt: null, budgets: { day: null, week: null, month: null, total: null } };
	const nulls = Object.fromEntries(Object.keys(bare).map((name) => [name, null])), pick = (shown) => Object.fromEntries(Object.keys(bare).map((name) => [name, shown[name]]));
	const full = { models: ['wan*'], addresses: ['127.0.0.1'], maxOpen: 2, rate: 3, expiresAt: Date.now() + 1e6, budgets: { day: 1, week: 2, month: 3, total: 4 } };
	for (const name of Object.keys(bare)) {
		assert.deepEqual(pick(await change(ada, key, full))[name], name === 'expiresAt' ? new Date(full.expiresAt).toISOString() : full[name]);
		assert.deepEqual(pick(await change(ada, key, { [name]: null }))[name], bare[name], name);
	}
	await change(ada, key, full);
	assert.deepEqual(pick(await change(ada, key, { ...nulls, name: null, scope: null })), bare);
	assert.deepEqual([(await ada.data('GET', '/api/auth/keys')).keys[0].name, (await ada.data('GET', '/api/auth/keys')).keys[0].scope], ['new', 'read']);
	assert.deepEqual(pick(await keyOf(ada, nulls)), bare);
	await change(ada, key, { scope: 'all' });
	const widened = await key.call('PATCH', `/api/auth/keys/${key.id}`, { body: { rate: 0 } });
	assert.deepEqual([widened.status, widened.json.code], [403, 'forbidden']);
	const eve = await api.user('eve');
	assert.equal((await eve.call('PATCH', `/api/auth/keys/${key.id}`, { body: { rate: 0 } })).status, 404);
	for (const body of [{ scope: 'admin' }, { scope: 'none' }, { models: ['a b'] }, { models: ['a,b'] }, { models: [''] }, { models: 'wan' }, { addresses: ['10.0.0.0/33'] },
		{ addresses: ['localhost'] }, { addresses: ['10.0.0.1 ::1'] }, { maxOpen: -1 }, { rate: 1.5 }, { rate: 1e9 }, { disabled: 'yes' }, { name: '' }, { expiresAt: 1 },
		{ colour: 'red' }, { models: Array(65).fill('a') }]) {
		const { status, json } = await ada.call('PATCH', `/api/auth/keys/${key.id}`, { body });
		assert.deepEqual([status, json.code], [400, 'bad_field'], JSON.stringify(body));
	}
});

test('a key is taken from its addresses alone, whatever it is to do', async () => {
	const key = await keyOf(ada, { addresses: ['192.0.2.0/24', '2001:db8::/32'] });
	for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::5'])
		assert.equal((await key.call('GET', '/api/video/tasks', from(address))).status, 200, address);
	for (const [method, path] of [['GET', '/api/video/tasks'], ['GET', '/v1/videos'], ['POST', '/api/relay/sora/videos'], ['POST', '/v1/videos'], ['GET', '/api/auth/key']]) {
		const { status, json } = await key.call(method, path, { ...from('192.0.3.7'), ...method === 'POST' && { body: { prompt: 'x' } } });
		assert.deepEqual([status, json.code ?? json.error.code], [403, 'address_not_allowed'], path);
	}
	const verified = await api.call('POST', '/api/auth/verify', { body: { token: key.token }, ...from('192.0.3.7') });
	assert.equal(verified.json.code, 'address_not_allowed');
	const zh = await key.call('GET', '/api/video/tasks', { headers: { 'accept-language': 'zh' }, ...from('192.0.3.7') });
	assert.match(zh.json.error, /密钥/);
});

test('a key that reads may read, in every program, and write nothing', async () => {
	const { videoId } = await ada.create(), key = await keyOf(ada, { scope: 'read' });
	for (const path of ['/api/video/tasks', `/api/video/tasks/${videoId}`, `/api/relay/sora/videos/${videoId}`, '/api/video/updates', '/api/webhooks', '/v1/videos', '/v1/models', '/api/models', '/api/auth/keys'])
		assert.equal((await key.call('GET', path)).status, 200, path);
	assert.equal((await key.call('POST', '/api/video/tasks/recover', { body: { clientRequestIds: ['x'] } })).status, 200);
	for (const [method, path, body] of [['POST', '/api/relay/sora/videos', { prompt: 'x' }], ['POST', '/v1/videos', { prompt: 'x' }], ['POST', `/api/video/tasks/${videoId}/cancel`],
		['DELETE', `/api/video/tasks/${videoId}`], ['DELETE', `/v1/videos/${videoId}`], ['POST', `/api/video/tasks/${videoId}/retry`], ['POST', `/api/video/tasks/${videoId}/remix`, { prompt: 'x' }],
		['POST', '/api/webhooks', { url: 'https://x.example' }], ['POST', '/api/auth/logout']]) {
		const { status, json } = await key.call(method, path, { body });
		assert.deepEqual([status, json.code ?? json.error.code], [403, 'forbidden'], `${method} ${path}`);
		assert.match(json.error.message ?? json.error, /only read/);
	}
	assert.equal((await ada.task(videoId)).status, 'PROCESSING');
});

test('models: those of the key, then those of the group; an id that was refused is free', async () => {
	const key = await keyOf(ada, { models: ['wan*'] });
	assert.deepEqual(await creations(key), [403, 'model_not_allowed'], 'none is named');
	const refused = { prompt: 'x', model: 'sora-2', clientRequestId: 'again' };
	assert.deepEqual(await creations(key, { prompt: 'x', model: 'sora-2' }), [403, 'model_not_allowed']);
	assert.equal((await key.call('POST', '/api/relay/sora/videos', { body: refused })).status, 403);
	await change(ada, key, { models: ['sora-2'] });
	const made = await key.create(refused);
	// What was made is answered, whatever is allowed by now.
	await change(ada, key, { models: ['wan*'] });
	const replay = await key.call('POST', '/api/relay/sora/videos', { body: refused });
	assert.deepEqual([replay.status, replay.json.data.videoId], [200, made.videoId]);
	await change(ada, key, { models: ['default'] });
	await key.create();
	await ada.create({ model: 'sora-2' });
});

test('a key has a rate and a number of open tasks beside its user', async () => {
	const bob = await api.user('bob'), key = await keyOf(bob, { maxOpen: 2, rate: 4 });
	for (let i = 0; i < 2; i++)
		await key.create({ prompt: `open ${i}` });
	for (const path of ['/api/relay/sora/videos', '/v1/videos']) {
		const full = await key.call('POST', path, { body: { prompt: 'full' } });
		assert.deepEqual([full.status, full.json.code ?? full.json.error.code, full.headers.get('retry-after'), full.headers.get('x-should-retry')],
			[429, 'too_many_open', '10', 'false']);
	}
	await change(bob, key, { maxOpen: 0 });
	const set = await key.call('POST', '/api/relay/sora/videos', { body: { prompt: 'x', n: 5 } });
	assert.deepEqual([set.status, set.json.details.field], [400, 'n'], 'more than a minute has');
	const late = await key.call('POST', '/api/relay/sora/videos', { body: { prompt: 'x', n: 3 } });
	assert.deepEqual([late.status, late.json.code], [429, 'rate_limited'], 'the two before it count');
	await key.create({ prompt: 'three' });
	await key.create({ prompt: 'four' });
	const fifth = await key.call('POST', '/v1/videos', { body: { prompt: 'five' } });
	assert.deepEqual([fifth.status, fifth.json.error.code, fifth.headers.get('x-should-retry')], [429, 'rate_limit_exceeded', null]);
	await bob.create({ prompt: 'by login' });
});

test('disabled: refused at once, everywhere; enabled: taken again', async () => {
	const key = await keyOf(ada, {});
	const { id } = await key.data('POST', '/api/webhooks', { url: 'https://hooks.example.com' });
	assert.equal((await change(ada, key, { disabled: true })).disabled, true);
	for (const path of ['/api/video/tasks', '/v1/videos', '/api/auth/key'])
		assert.equal((await key.call('GET', path)).status, 401, path);
	assert.equal((await ada.data('GET', '/api/webhooks')).webhooks.find((w) => w.id === id).enabled, false);
	await change(ada, key, { disabled: false });
	assert.equal((await key.call('GET', '/api/auth/key')).status, 200);
});

test('an administrator is one by login, or by a key that the operator made for it; from admin_addresses', async () => {
	await api.run('longreel', 'user', 'add', 'root-1', '--admin', '--data', api.data);
	const { token } = (await api.call('POST', '/api/auth/login', { body: { username: 'root-1', password: PASSWORD } })).json.data;
	const root = new Caller(api, token), { videoId } = await ada.create(), key = await keyOf(root, {});
	const sees = async (who, env = {}) => [(await who.call('GET', `/api/video/tasks/${videoId}`, { env })).status, (await who.call('GET', '/api/video/tasks?scope=all', { env })).status,
		(await who.call('GET', '/metrics', { env })).status, (await who.call('POST', '/api/auth/verify', { env })).json.data.role];
	assert.deepEqual(await sees(root), [200, 200, 200, 'admin']);
	assert.deepEqual(await sees(key), [404, 403, 403, 'user']);
	const elsewhere = { LONGREEL_ADMIN_ADDRESSES: '192.0.2.0/24', REMOTE_ADDR: '192.0.3.1' };
	assert.deepEqual(await sees(root, elsewhere), [404, 404, 404, 'user']);
	assert.deepEqual(await sees(root, { ...elsewhere, REMOTE_ADDR: '192.0.2.9' }), [200, 200, 200, 'admin']);
	assert.equal((await root.call('POST', `/api/video/tasks/${videoId}/cancel`, { env: elsewhere })).status, 404);
});

test('a key sees the models that it may use', async () => {
	await set('channel', 'add', 'wan', '--base', api.upstream.base, '--dialect', 'sora', '--models', 'wan2.5 wan2.6 kling-3');
	const key = await keyOf(ada, { models: ['wan*', 'kling'] });
	const names = async (who) => [(await who.data('GET', '/api/models')).models.map((m) => m.name), (await who.call('GET', '/v1/models')).json.data.map((m) => m.id)];
	assert.deepEqual(await names(key), [['wan2.5', 'wan2.6'], ['wan2.5', 'wan2.6']]);
	const [all] = await names(ada);
	assert.ok(['wan2.5', 'wan2.6', 'kling-3'].every((name) => all.includes(name)), all);
	assert.deepEqual([(await key.call('GET', '/v1/models/kling-3')).status, (await ada.call('GET', '/v1/models/kling-3')).status], [404, 200]);
	const { headers } = await key.call('GET', '/api/models');
	assert.equal((await key.call('GET', '/api/models', { headers: { 'if-none-match': headers.get('etag') } })).status, 304);
	await change(ada, key, { models: ['kling*'] });
	assert.equal((await key.call('GET', '/api/models', { headers: { 'if-none-match': headers.get('etag') } })).status, 200);
	await set('channel', 'remove', 'wan');
});
