// What can be made: GET /api/models and /v1/models, and creations that ask for what cannot.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newApi } from '../support/api.mjs';

const PATH = '/api/relay/sora/videos';

/** Runs the test with an instance of its own. */
async function on(env, run) {
	const api = await newApi({ LONGREEL_RATE_CREATE: '1000', ...env });
	try {
		await run(await api.user('ada'), api);
	} finally {
		await api.close();
	}
}

/** The models, and what OpenAI's surface makes of them. */
async function models(ada) {
	const { json } = await ada.call('GET', '/api/models'), list = (await ada.call('GET', '/v1/models')).json;
	assert.deepEqual(list.data.map((one) => one.id), json.data.models.map((one) => one.name));
	for (const one of list.data)
		assert.deepEqual((await ada.call('GET', `/v1/models/${one.id}`)).json, one);
	return json.data;
}

test('what a profile offers', () => on({ LONGREEL_UPSTREAM_DIALECT: 'openai' }, async (ada) => {
	const { models: [sora, pro, ...others], open } = await models(ada);
	assert.deepEqual(sora, { name: 'sora-2', label: 'Sora 2', sizes: ['720x1280', '1280x720'], seconds: [4, 8, 12],
		inputs: { image: false, first: true, last: false, most: 1 }, options: [], medianMs: null });
	assert.deepEqual([pro.name, pro.sizes.length, others, open], ['sora-2-pro', 4, [], true]);
}));

test('an operator\'s list restricts and renames', () => on({ LONGREEL_UPSTREAM_DIALECT: 'openai', LONGREEL_UPSTREAM_MODELS: 'short=sora-2 own' }, async (ada) => {
	const { models: [short, own, ...others], open } = await models(ada);
	assert.deepEqual([short.name, short.label, short.seconds], ['short', 'Sora 2', [4, 8, 12]]);
	assert.deepEqual([own.name, own.label, own.sizes, own.seconds, others, open], ['own', 'own', null, null, [], false]);
}));

test('where no model has a name, the default can be asked for', () => on({ LONGREEL_UPSTREAM_DIALECT: 'openai-basic' }, async (ada, api) => {
	const { models: [only, ...others], open } = await models(ada);
	assert.deepEqual(only, { name: 'default', label: 'default', sizes: null, seconds: null, inputs: { image: false, first: true, last: false, most: 1 },
		options: ['negative_prompt', 'seed'], medianMs: null });
	assert.deepEqual([others, open], [[], true]);
	for (const path of [PATH, '/v1/videos']) {
		const { status, body } = await ada.call('POST', path, { body: { prompt: 'x', model: only.name } });
		assert.equal(status, 200, body);
		assert.doesNotMatch(`${api.upstream.submissions().at(-1).body}`, /default|"model"/);
	}
}));

test('a model that is called so is one', () => on({ LONGREEL_UPSTREAM_MODELS: 'default=theirs' }, async (ada, api) => {
	const { status } = await ada.call('POST', PATH, { body: { prompt: 'x', model: 'default' } });
	assert.equal(status, 200);
	assert.match(`${api.upstream.submissions().at(-1).body}`, /theirs/);
}));

test('an answer that has not changed is not sent again', () => on({}, async (ada) => {
	const first = await ada.call('GET', '/api/models'), etag = first.headers.get('etag');
	assert.deepEqual([first.status, first.headers.get('cache-control')], [200, 'private, no-cache']);
	const again = await ada.call('GET', '/api/models', { headers: { 'if-none-match': etag } });
	assert.deepEqual([again.status, again.body.length, again.headers.get('etag')], [304, 0, etag]);
	assert.equal((await ada.call('GET', '/api/models', { headers: { 'if-none-match': '"other"' } })).status, 200);
}));

test('without a channel there is none', () => on({ SORA_API_BASE: '' }, async (ada) => {
	assert.deepEqual(await models(ada), { models: [], open: false });
}));

test('what the latest took is told', () => on({ LONGREEL_UPSTREAM_MODELS: 'm other' }, async (ada, api) => {
	for (const prompt of ['a', 'b', 'c']) {
		const { videoId, externalTaskId } = await ada.create({ prompt, model: 'm' });
		api.upstream.jobs.set(externalTaskId, { status: 'completed', video_url: `${api.upstream.base}/video/1.mp4` });
		await api.polled(ada, videoId, 'COMPLETED');
	}
	const [m, other] = (await models(ada)).models;
	assert.ok(Number.isInteger(m.medianMs) && m.medianMs >= 0 && m.medianMs < 60_000, `${m.medianMs}`);
	assert.equal(other.medianMs, null);
}));

test('a size or a length that the model has not is refused before anything is sent', () => on({ LONGREEL_UPSTREAM_DIALECT: 'openai' }, async (ada, api) => {
	const cases = [[{ size: '1024x1024' }, 'size', ['720x1280', '1280x720']], [{ seconds: 5 }, 'seconds', [4, 8, 12]]];
	for (const [fields, field, allowed] of cases) {
		const call = (headers, path = PATH) => ada.call('POST', path, { headers, body: { prompt: 'x', model: 'sora-2', ...fields } });
		const en = await call({}), zh = await call({ 'accept-language': 'zh' }), openai = await call({}, '/v1/videos');
		assert.deepEqual([en.status, en.json.code, en.json.details], [400, 'unsupported_field', { field, allowed }]);
		assert.deepEqual([zh.status, zh.json.details.field, zh.json.details.allowed], [400, field, allowed]);
		for (const text of [en.json.error, zh.json.error, openai.json.error.message])
			assert.ok(text.includes(allowed.join(', ')), text);
		assert.match(zh.json.error, /可用的值/);
		assert.deepEqual([openai.status, openai.json.error.code, openai.json.error.param], [400, 'unsupported_field', field]);
	}
	assert.equal(api.upstream.submissions().length, 0);
	for (const fields of [{ model: 'sora-2-pro', size: '1024x1792', seconds: 12 }, { model: 'of my own', size: '1024x1024', seconds: 5 }])
		assert.equal((await ada.call('POST', PATH, { body: { prompt: 'x', ...fields } })).status, 200, JSON.stringify(fields));
}));
