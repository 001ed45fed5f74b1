// CORS: off unless origins are configured; then for these origins, preflights and errors included.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newApi } from '../support/api.mjs';

const ORIGIN = 'https://app.example.com';

let api, ada;
before(async () => {
	api = await newApi();
	ada = await api.user('ada');
});
after(() => api?.close());

const env = { LONGREEL_CORS_ORIGINS: `http://localhost:5173 ${ORIGIN}` };
const preflight = (path, origin, options) => api.call('OPTIONS', path,
	{ headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' }, ...options });

test('off by default', async () => {
	const answer = await preflight('/api/auth/login', ORIGIN);
	assert.equal(answer.status, 405);
	const plain = await api.call('GET', '/health', { headers: { origin: ORIGIN } });
	for (const { headers } of [answer, plain])
		assert.ok(![...headers.keys()].some((name) => name.startsWith('access-control') || name === 'vary'));
});

test('a preflight is answered, without a token', async () => {
	for (const path of ['/v1/videos', '/v1/videos/a', '/api/auth/login', '/api/video/tasks', '/api/relay/sora/videos', '/api/video/updates', '/api/video/tasks/a/content']) {
		const { status, headers, body } = await preflight(path, ORIGIN, { env });
		assert.deepEqual([status, body.length, headers.get('access-control-allow-origin'), headers.get('vary')], [204, 0, ORIGIN, 'Origin'], path);
		const list = (name) => headers.get(name).toLowerCase().split(', ');
		for (const method of ['get', 'post', 'put', 'delete'])
			assert.ok(list('access-control-allow-methods').includes(method));
		for (const header of ['authorization', 'content-type', 'idempotency-key', 'if-none-match', 'prefer', 'range', 'x-stainless-retry-count', 'openai-organization'])
			assert.ok(list('access-control-allow-headers').includes(header), header);
		assert.ok(!headers.has('access-control-allow-credentials'));
	}
});

test('an answer, also an error or one that comes later, names the origin', async () => {
	const headers = { origin: ORIGIN };
	const answers = [
		[200, await ada.call('GET', '/api/video/tasks', { headers, env })], [401, await api.call('GET', '/api/video/tasks', { headers, env })],
		[404, await ada.call('GET', '/api/nothing', { headers, env })], [200, await ada.call('POST', '/api/relay/sora/videos', { headers, env, body: { prompt: 'x' } })],
		[200, await ada.call('GET', '/api/video/updates', { headers, env })],
		[404, await ada.call('GET', '/api/video/tasks/a/content', { headers, env })],
	];
	for (const [status, answer] of answers) {
		assert.equal(answer.status, status);
		assert.equal(answer.headers.get('access-control-allow-origin'), ORIGIN);
		assert.equal(answer.headers.get('vary'), 'Origin');
		assert.ok(answer.headers.get('access-control-expose-headers').includes('X-Request-Id'));
	}
});

test('no other origin', async () => {
	for (const origin of ['https://evil.example', 'http://app.example.com', `${ORIGIN}.evil.example`, `${ORIGIN}:8443`, 'null', 'http://localhost', '']) {
		const { headers } = await api.call('GET', '/health', { headers: { origin }, env });
		assert.deepEqual([headers.get('access-control-allow-origin'), headers.get('vary')], [null, 'Origin'], origin);
		assert.equal((await preflight('/api/auth/login', origin, { env })).status, 405);
	}
});

test('any origin, where the operator says so', async () => {
	const { status, headers } = await preflight('/api/auth/login', 'https://anywhere.example', { env: { LONGREEL_CORS_ORIGINS: '*' } });
	assert.deepEqual([status, headers.get('access-control-allow-origin')], [204, 'https://anywhere.example']);
});
