// X-Request-Id: on every answer, taken over where it is sane, and the same in the body of an error and in the log.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newApi } from '../support/api.mjs';

let api, ada;
before(async () => {
	api = await newApi();
	ada = await api.user('ada');
});
after(() => api?.close());

test('drawn, each its own', async () => {
	const ids = new Set();
	for (let i = 0; i < 3; i++)
		ids.add((await api.call('GET', '/health')).headers.get('x-request-id'));
	assert.equal(ids.size, 3);
});

test('taken over where it is sane', async () => {
	for (const id of ['a', 'X'.repeat(64), '123e4567-e89b-12d3-a456-426614174000', 'a.b_c:d']) {
		for (const path of ['/health', '/api/nothing', '/api/video/tasks']) {
			const { headers, stderr } = await api.call('GET', path, { headers: { 'x-request-id': id } });
			assert.equal(headers.get('x-request-id'), id);
			assert.match(stderr, new RegExp(`request=${id} client=\\S+ user=0 method=GET path=${path} status=\\d+ ms=\\d+ `));
		}
	}
	const made = await ada.call('POST', '/api/relay/sora/videos', { body: { prompt: 'x' }, headers: { 'x-request-id': 'mine' } });
	assert.equal(made.headers.get('x-request-id'), 'mine', 'also where the answer comes later');
	assert.match(made.stderr, new RegExp(` user=${ada.user.id}\\b`));
});

test('replaced where it is not', async () => {
	for (const id of ['', ' ', 'a b', 'a,b', 'é', 'X'.repeat(65), 'a"b', '<a>']) {
		const { headers } = await api.call('GET', '/health', { headers: { 'x-request-id': id } });
		assert.notEqual(headers.get('x-request-id'), id);
	}
});

test('one line a request, and no query in it', async () => {
	const { stderr } = await ada.call('GET', '/api/video/tasks?q=something');
	assert.equal(stderr.split('\n').length, 2, stderr);
	assert.match(stderr, / path=\/api\/video\/tasks status=200 /);
	assert.doesNotMatch(stderr, /something/);
	const strange = await ada.call('GET', '/api/video/tasks/%C2%9B31m');
	assert.doesNotMatch(strange.stderr, /\u009b/);
});
