// What a request says and its call does not know is refused by name, everywhere: the list of calls is made from the programs' route tables.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newApi } from '../support/api.mjs';
import { routes } from '../support/routes.mjs';

/** Their answer is the same whatever they are asked: who watches a server, and upstreams, add names of their own. */
const DEAF = ['GET /health', 'GET /ready', 'POST /api/video/webhook/:channel', 'POST /api/video/webhook/:channel/:token', 'POST /v1/videos/characters', 'GET /v1/videos/characters/:id'];

let api, ada;
before(async () => {
	api = await newApi();
	ada = await api.user('ada');
});
after(() => api?.close());

/** All calls but those, with a path to ask for. The last one ends the token. */
const calls = () => routes().filter(({ method, path }) => !DEAF.includes(`${method} ${path}`)).map((row) => ({ ...row, target: row.path.replace(/[:*]\w+/g, 'video_1_x') }))
	.sort((a, b) => Number(a.path === '/api/auth/logout') - Number(b.path === '/api/auth/logout'));

const at = ({ status, json }) => [status, json.code ?? json.error.code, json.details?.field ?? json.error.param];

test('a parameter', async () => {
	const others = ['frob=', 'frob', '_=1&frob=2', 'Frob=1'];
	for (const [i, { method, path, target }] of calls().entries()) {
		for (const query of ['frob=1', others[i % others.length]])
			assert.deepEqual(at(await ada.call(method, `${target}?${query}`)), [400, 'bad_field', query[0] === 'F' ? 'Frob' : 'frob'], `${method} ${path}?${query}`);
		if (method === 'GET' && !path.includes('metrics'))
			assert.notEqual((await ada.call(method, `${target}?_=1&utm_source=x&api-version=1`)).status, 400, path);
	}
});

test('a member of a body, also where none is taken', async () => {
	for (const { method, path, target } of calls().filter((row) => row.method !== 'GET' && !row.path.endsWith('/remix')))
		assert.deepEqual(at(await ada.call(method, target, { body: { frob: 1 } })), [400, 'bad_field', 'frob'], `${method} ${path}`);
	for (const path of ['/api/video/tasks/remix', '/api/relay/sora/videos', '/v1/videos/edits', '/v1/videos'])
		assert.deepEqual(at(await ada.call('POST', path, { body: { prompt: 'x', frob: 1 } })), [400, 'bad_field', 'frob'], path);
	assert.equal(api.upstream.requests.length, 0);
});

test('what a list does not know yet is not an answer with everything', async () => {
	for (const name of ['user', 'from', 'to', 'starred', 'collection', 'pagesize', 'limit'])
		assert.deepEqual(at(await ada.call('GET', `/api/video/tasks?${name}=`)), [400, 'bad_field', name]);
});

test('a retry with another prompt, a deletion on trial, and a cancellation by form change nothing', async () => {
	const { videoId } = await ada.create({ prompt: 'x' }), task = `/api/video/tasks/${videoId}`;
	const form = new FormData();
	form.set('when', 'later');
	assert.deepEqual(at(await ada.call('POST', `${task}/retry`, { body: { prompt: 'y' } })), [400, 'bad_field', 'prompt']);
	assert.deepEqual(at(await ada.call('DELETE', `${task}?dryRun=true`)), [400, 'bad_field', 'dryRun']);
	assert.deepEqual(at(await ada.call('POST', `${task}/cancel`, { body: form })), [415, 'unsupported_content_type', undefined]);
	assert.equal((await ada.task(videoId)).status, 'PROCESSING');
	assert.equal((await ada.call('POST', `${task}/cancel`, { body: {} })).status, 200);
});

test('it is told in the reader\'s language', async () => {
	for (const path of ['/api/video/tasks?frob=1', '/v1/videos?frob=1']) {
		for (const [lang, words] of [['en', /frob is no parameter/], ['zh', /不认识/]]) {
			const { json } = await ada.call('GET', path, { headers: { 'accept-language': lang } });
			assert.match(json.error.message ?? json.error, words);
		}
	}
});
