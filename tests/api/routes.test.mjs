// What no route answers: 404 for an unknown path, 405 with Allow for a method, as JSON, without a token.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newApi } from '../support/api.mjs';

let api, ada;
before(async () => {
	api = await newApi();
	ada = await api.user('ada');
});
after(() => api?.close());

test('an unknown path', async () => {
	for (const path of ['/api/', '/api/nothing', '/api/video', '/api/video/tasks/', '/api/video/tasks//content', '/api/video/tasks/a/b/c', '/api/auth/',
		'/api/auth/login/', '/api/relay/sora/videos/', '/api/relay/openai/videos', '/API/video/tasks', '/api/video/tasks/a/content/b'])
		for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
			const { status, json } = await api.call(method, path);
			assert.deepEqual([status, json.code], [404, 'not_found'], `${method} ${path}`);
		}
});

test('a method that the path does not know', async () => {
	const cases = [
		['/api/auth/login', 'POST', ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']], ['/health', 'GET, HEAD', ['POST', 'DELETE']],
		['/api/video/tasks', 'GET, HEAD', ['POST', 'PUT']],
		['/api/video/tasks/a/content', 'GET, HEAD', ['POST']], ['/api/relay/sora/videos', 'POST', ['GET', 'PATCH', 'get', 'BREW']],
		['/api/video/updates', 'GET, HEAD', ['POST']],
	];
	for (const [path, allow, methods] of cases) {
		for (const method of methods) {
			const { status, json, headers } = await api.call(method, path);
			assert.deepEqual([status, json.code, headers.get('allow')], [405, 'method_not_allowed', allow], `${method} ${path}`);
		}
	}
});

test('a malformed path', async () => {
	for (const path of ['/api/video/tasks/%', '/api/video/tasks/%zz', '/api/video/tasks/%00', '/api/video/tasks/a%2fcontent', '/api/video/tasks/%ff',
		'/api/video/tasks/%0a']) {
		const { status, json } = await ada.call('GET', path);
		assert.deepEqual([status, json.code], [400, 'bad_request'], path);
	}
	const { status, json } = await ada.call('GET', `/api/video/tasks/${'x'.repeat(1100)}`);
	assert.deepEqual([status, json.code], [414, 'uri_too_long']);
	for (const id of ['x', '%E7%8C%AB', '..', "'%20OR%201=1--", 'video_1_x?_=1&utm_source=x']) {
		const answer = await ada.call('GET', `/api/video/tasks/${id}`);
		assert.deepEqual([answer.status, answer.json.code], [404, 'task_not_found'], id);
	}
});
