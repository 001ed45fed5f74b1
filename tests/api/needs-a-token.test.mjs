// Every call but the public ones needs a token: the list is made from the programs' own route tables.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newApi } from '../support/api.mjs';
import { routes } from '../support/routes.mjs';

const PUBLIC = ['POST /api/auth/register', 'POST /api/auth/login', 'POST /api/auth/verify', 'GET /api/about', 'GET /health', 'GET /ready', 'GET /metrics', 'POST /api/video/webhook/:channel', 'POST /api/video/webhook/:channel/:token',
	'GET /api/video/tasks/:videoId/content', 'GET /api/video/tasks/:videoId/input']; // a link that we have signed is as good: see kept.test.mjs

let api, ada;
before(async () => {
	api = await newApi();
	ada = await api.user('ada');
});
after(() => api?.close());

test('the public ones are known by name', () => {
	const open = routes().filter((r) => r.access === 'ACCESS_PUBLIC').map((r) => `${r.method} ${r.path}`);
	assert.deepEqual(open.sort(), [...PUBLIC].sort());
});

test('all others answer 401 to who has no token, or a wrong one, before they look at anything', async () => {
	const last = (row) => Number(row.path === '/api/auth/logout'); // it ends the token
	const closed = routes().filter((r) => r.access !== 'ACCESS_PUBLIC').sort((a, b) => last(a) - last(b));
	assert.ok(closed.length >= 8, `${closed.length} routes`);
	for (const { method, path } of closed) {
		const target = path.replace(/[:*]\w+/g, 'video_1_x');
		for (const headers of [{}, { authorization: `Bearer ${ada.token.slice(1)}` }]) {
			const { status, json } = await api.call(method, target, { headers, body: method === 'POST' ? '{' : undefined });
			assert.deepEqual([status, json.code ?? json.error.code], [401, path.startsWith('/v1/') ? 'invalid_api_key' : 'unauthorized'], `${method} ${path}`);
		}
		const { status } = await ada.call(method, target, { body: method === 'POST' ? '{' : undefined });
		assert.notEqual(status, 401, `${method} ${path} with a token`);
	}
	assert.equal(api.upstream.requests.length, 0);
});
