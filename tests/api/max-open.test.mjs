// How many open tasks a user may have (max_open), and those made with one of its keys.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Caller, newApi } from '../support/api.mjs';

let api, ada;
before(async () => {
	api = await newApi({ LONGREEL_RATE_CREATE: '0', LONGREEL_MAX_OPEN: '2' });
	ada = await api.user('ada');
});
after(() => api?.close());

const set = (...words) => api.run('longreel', ...words, '--data', api.data);
const maxOpen = async (...words) => JSON.parse(await set('user', 'set', 'bob', ...words, '--json')).maxOpen;

test('beyond it 429 with Retry-After, on both surfaces, in both languages; one that ends makes room', async () => {
	const first = await ada.create();
	await ada.create({ prompt: 'two' });
	for (const [language, sentence] of [['en', /open tasks/], ['zh', /任务过多/]]) {
		const headers = { 'accept-language': language };
		const ours = await ada.call('POST', '/api/relay/sora/videos', { body: { prompt: 'x' }, headers });
		assert.deepEqual([ours.status, ours.json.code, ours.headers.get('retry-after')], [429, 'too_many_open', '10']);
		assert.equal(ours.headers.get('x-should-retry'), 'false');
		assert.match(ours.json.error, sentence);
		const theirs = await ada.call('POST', '/v1/videos', { body: { prompt: 'x' }, headers });
		assert.deepEqual([theirs.status, theirs.json.error.code, theirs.headers.get('retry-after')], [429, 'too_many_open', '10']);
		assert.match(theirs.json.error.message, sentence);
	}
	assert.equal(api.upstream.submissions().length, 2);
	await ada.data('POST', `/api/video/tasks/${first.videoId}/cancel`);
	await ada.create({ prompt: 'three' });
});

test('a user and a key may have limits of their own', async () => {
	const bob = await api.user('bob');
	assert.equal(await maxOpen('--max-open', '4'), 4);
	const { key, id } = await bob.data('POST', '/api/auth/keys', { name: 'k' });
	assert.equal(await set('key', 'set', String(id), '--max-open', '1'), `key ${id} changed\n`);
	const program = new Caller(api, key);
	await program.create({ prompt: 'by key' });
	const second = await program.call('POST', '/v1/videos', { body: { prompt: 'by key, too' } });
	assert.deepEqual([second.status, second.json.error.code], [429, 'too_many_open']);
	for (let i = 0; i < 3; i++)
		await bob.create({ prompt: `login ${i}` });
	assert.equal((await bob.call('POST', '/api/relay/sora/videos', { body: { prompt: 'a fifth' } })).json.code, 'too_many_open');
	assert.equal(await maxOpen('--max-open', '0'), 0);
	await bob.create({ prompt: 'a fifth' });
	assert.equal(await maxOpen('--default-max-open'), null);
	assert.equal(await maxOpen(), null);
	assert.equal((await bob.call('POST', '/api/relay/sora/videos', { body: { prompt: 'a sixth' } })).json.code, 'too_many_open');
});

test('a retry counts for the key that asks, whichever the task was made with', async () => {
	const eve = await api.user('eve');
	await set('user', 'set', 'eve', '--max-open', '0');
	const keys = await Promise.all(['a', 'b'].map((name) => eve.data('POST', '/api/auth/keys', { name, maxOpen: 1 })));
	const [a, b] = keys.map(({ key }) => new Caller(api, key));
	const cancelled = async (who, prompt) => {
		const { videoId } = await who.create({ prompt });
		await eve.data('POST', `/api/video/tasks/${videoId}/cancel`);
		await api.run('longreel-poller', '--data', api.data, '--once');
		return `/api/video/tasks/${videoId}/retry`;
	};
	const [first, second] = [await cancelled(eve, 'by login'), await cancelled(a, 'by a')];
	await b.data('POST', first);
	const refused = await b.call('POST', second);
	assert.deepEqual([refused.status, refused.json.code], [429, 'too_many_open']);
	await a.data('POST', second);
	assert.equal((await a.call('POST', '/api/relay/sora/videos', { body: { prompt: 'x' } })).json.code, 'too_many_open');
});

test('the repetition of a creation that another key has tried again makes no other task', async () => {
	const zoe = await api.user('zoe'), { key } = await zoe.data('POST', '/api/auth/keys', { name: 'k' });
	const [program, body] = [new Caller(api, key), { prompt: 'once' }];
	const { videoId } = await program.create(body);
	await zoe.data('POST', `/api/video/tasks/${videoId}/cancel`);
	await api.run('longreel-poller', '--data', api.data, '--once');
	await zoe.data('POST', `/api/video/tasks/${videoId}/retry`);
	const again = await program.call('POST', '/v1/videos', { body, headers: { 'x-stainless-retry-count': '1' } });
	assert.deepEqual([again.status, again.json.id], [200, videoId]);
});
