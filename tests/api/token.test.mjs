// The life of a token: POST /api/auth/verify says whose it is, POST /api/auth/logout ends it at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newApi, PASSWORD } from '../support/api.mjs';

let api, ada;
before(async () => {
	api = await newApi();
	ada = await api.user('ada');
});
after(() => api?.close());

const verify = (request) => api.call('POST', '/api/auth/verify', request);
const bearer = (token) => ({ authorization: `Bearer ${token}` });

test('verify: in the body or as Bearer', async () => {
	const user = { id: ada.user.id, username: 'ada', email: null, role: 'user' };
	for (const request of [{ body: { token: ada.token } }, { headers: bearer(ada.token) },
		{ headers: bearer(ada.token), body: {} }, { headers: { authorization: `bearer   ${ada.token}  ` } }]) {
		const { status, json } = await verify(request);
		assert.deepEqual([status, json.data], [200, user], JSON.stringify(request));
	}
});

test('verify: what is no token of ours', async () => {
	const no = ['x', ada.token.slice(0, -1), `${ada.token}x`, ada.token.toUpperCase(), 'x'.repeat(256)];
	for (const token of no) {
		for (const request of [{ body: { token } }, { headers: bearer(token) }]) {
			const { status, json } = await verify(request);
			assert.deepEqual([status, json.code], [401, 'unauthorized'], token);
		}
	}
	for (const authorization of ['', 'Bearer', 'Bearer ', ada.token, `Basic ${ada.token}`, `Bearer ${ada.token} x`,
		`Bearer ${'x'.repeat(5000)}`])
		assert.equal((await verify({ headers: { authorization } })).status, 401, authorization);
	assert.equal((await verify({})).status, 401);
	const { status, json } = await verify({ body: { token: 5 } });
	assert.deepEqual([status, json.details.field], [400, 'token']);
});

test('the token under the names of other services, everywhere', async () => {
	for (const name of ['api-key', 'x-api-key', 'X-API-Key']) {
		const headers = { [name]: ada.token };
		for (const path of ['/api/video/tasks', '/api/video/updates', '/api/auth/keys', '/api/webhooks', '/v1/videos'])
			assert.equal((await api.call('GET', path, { headers })).status, 200, `${name} ${path}`);
		assert.equal((await api.call('POST', '/api/auth/verify', { headers })).status, 200);
		assert.equal((await api.call('GET', '/api/video/tasks', { headers: { ...headers, authorization: 'Basic eA==' } })).status, 200, 'of a proxy');
		assert.equal((await api.call('GET', '/api/video/tasks', { headers: { [name]: 'x', ...bearer(ada.token) } })).status, 200, 'Bearer comes first');
	}
	const other = (await api.call('POST', '/api/auth/login', { body: { username: 'ada', password: PASSWORD } })).json.data.token;
	assert.equal((await api.call('POST', '/api/auth/logout', { headers: { 'x-api-key': other } })).status, 200);
	assert.equal((await verify({ headers: bearer(other) })).status, 401);
});

test('what is not understood is told, and never repeated', async () => {
	for (const [headers, en, zh] of [
		[{}, /sign in/, /登录/], [{ authorization: 'Basic c2VjcmV0' }, /^Basic .* Bearer TOKEN/, /Basic .*Bearer TOKEN/],
		[{ authorization: 'c2VjcmV0' }, /not understood.* Bearer TOKEN/, /无法识别.*Bearer TOKEN/], [{ 'api-key': 'c2VjcmV0 x' }, /not understood/, /无法识别/],
		[bearer('c2VjcmV0'), /not valid/, /无效/], [{ 'x-api-key': 'c2VjcmV0' }, /not valid/, /无效/]]) {
		for (const [lang, words] of [['en', en], ['zh', zh]]) {
			for (const path of ['/api/video/tasks', '/v1/videos']) {
				const { status, json, text } = await api.call('GET', path, { headers: { ...headers, 'accept-language': lang } });
				assert.equal(status, 401);
				assert.match(json.error.message ?? json.error, words, JSON.stringify(headers));
				assert.doesNotMatch(text ?? JSON.stringify(json), /c2VjcmV0/);
			}
		}
	}
});

test('logout: this token at once, and no other', async () => {
	const other = (await api.call('POST', '/api/auth/login', { body: { username: 'ada', password: PASSWORD } })).json.data.token;
	const out = await api.call('POST', '/api/auth/logout', { headers: bearer(other) });
	assert.deepEqual([out.status, out.json.data], [200, {}]);
	assert.equal((await verify({ body: { token: other } })).status, 401);
	assert.equal((await api.call('POST', '/api/auth/logout', { headers: bearer(other) })).status, 401);
	assert.equal((await api.call('GET', '/api/video/tasks', { headers: bearer(other) })).status, 401);
	assert.equal((await verify({ body: { token: ada.token } })).status, 200);
});

test('a disabled account has no tokens', async () => {
	const eve = await api.user('eve');
	await api.run('longreel', 'user', 'disable', '--data', api.data, 'eve');
	assert.equal((await eve.call('GET', '/api/video/tasks')).status, 401);
	const login = await api.call('POST', '/api/auth/login', { body: { username: 'eve', password: PASSWORD } });
	assert.deepEqual([login.status, login.json.code], [401, 'bad_credentials']);
});
