// OpenAI's surface /v1: its objects and its envelope. What their own client makes of it stands in tests/e2e/openai.test.mjs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Caller, newApi } from '../support/api.mjs';
import { PNG } from '../support/client.mjs';

let api, ada;
before(async () => {
	api = await newApi({ LONGREEL_UPSTREAM_MODELS: 'sora-2=theirs google/veo-3.1' });
	ada = await api.user('ada');
});
after(() => api?.close());

const KEYS = ['id', 'object', 'status', 'progress', 'model', 'prompt', 'seconds', 'size', 'created_at', 'completed_at', 'expires_at', 'error',
	'remixed_from_video_id'];

/** The Video object of a task, and the answer's headers. */
async function shown(id, who = ada) {
	const { status, json, headers, body } = await who.call('GET', `/v1/videos/${id}`);
	assert.equal(status, 200, body.toString());
	assert.deepEqual(Object.keys(json), KEYS);
	return { video: json, headers };
}

/** An error's status, code and param. */
const refused = ({ status, json }) => [status, json.error.code, json.error.param];

test('every member is there, in every state', async () => {
	const fields = { prompt: '一只猫', model: 'sora-2', size: '1280x720', seconds: 8 };
	const made = await ada.create(fields);
	const { video, headers } = await shown(made.videoId);
	const task = await ada.task(made.videoId);
	assert.deepEqual(video, { id: made.videoId, object: 'video', status: 'in_progress', progress: 0, model: 'sora-2', prompt: '一只猫', seconds: '8',
		size: '1280x720', created_at: Math.floor(Date.parse(task.createdAt) / 1000), completed_at: null, expires_at: null, error: null,
		remixed_from_video_id: null });
	assert.equal(headers.get('openai-poll-after-ms'), '2000');

	api.upstream.jobs.set(made.externalTaskId, { status: 'completed', progress: 100, video_url: `${api.upstream.base}/video/1.mp4` });
	await api.polled(ada, made.videoId, 'COMPLETED');
	const done = await shown(made.videoId);
	assert.deepEqual([done.video.status, done.video.progress, typeof done.video.completed_at], ['completed', 100, 'number']);
	assert.equal(done.headers.has('openai-poll-after-ms'), false);

	const remix = await ada.data('POST', `/api/video/tasks/${made.videoId}/remix`, { prompt: 'at night' });
	assert.equal((await shown(remix.videoId)).video.remixed_from_video_id, made.videoId);
});

test('what the client left to the upstream is an empty string, never null; a size is one of OpenAI\'s', async () => {
	const { video } = await shown((await ada.create()).videoId);
	assert.deepEqual([video.model, video.seconds, video.size], ['', '', '720x1280']);
	for (const [aspectRatio, size] of [['16:9', '1280x720'], ['9:16', '720x1280'], ['1:1', '720x1280']])
		assert.equal((await shown((await ada.create({ aspectRatio })).videoId)).video.size, size);
});

test('failed and cancelled: two words of ours, one of theirs', async () => {
	const failed = await ada.create();
	api.upstream.jobs.set(failed.externalTaskId, { status: 'failed', error: { code: 'moderation', message: 'no cats' } });
	await api.polled(ada, failed.videoId, 'FAILED');
	const { video } = await shown(failed.videoId);
	assert.deepEqual([video.status, video.error], ['failed', { code: 'moderation', message: 'no cats' }]);

	const silent = await ada.create();
	api.upstream.jobs.set(silent.externalTaskId, { status: 'failed' });
	await api.polled(ada, silent.videoId, 'FAILED');
	const { error } = (await shown(silent.videoId)).video;
	assert.deepEqual([error.code, error.message.length > 0], ['generation_failed', true]);

	const cancelled = await ada.create();
	await ada.data('POST', `/api/video/tasks/${cancelled.videoId}/cancel`);
	const end = (await shown(cancelled.videoId)).video;
	assert.deepEqual([end.status, end.error], ['failed', { code: 'cancelled', message: 'The task was cancelled.' }]);
});

const create = (body, headers, who = ada) => who.call('POST', '/v1/videos', { body, headers });
const dataUrl = (bytes, type = 'image/png') => `data:${type};base64,${Buffer.from(bytes).toString('base64')}`;
/** A form with these fields. */
function form(fields) {
	const result = new FormData();
	for (const [name, value] of Object.entries(fields))
		result.set(name, value);
	return result;
}

test('a creation answers with the Video; seconds as a string or a number', async () => {
	for (const body of [{ prompt: 'a dog', seconds: '8', size: '720x1280' }, { prompt: 'a dog', seconds: 8, size: '720x1280' },
		form({ prompt: 'a dog', seconds: '8', size: '720x1280' })]) {
		const { status, json, headers } = await create(body);
		assert.deepEqual([status, json.status, json.seconds, json.prompt], [200, 'in_progress', '8', 'a dog']);
		assert.deepEqual([Object.keys(json), headers.get('openai-poll-after-ms')], [KEYS, '2000']);
		assert.equal((await ada.task(json.id)).seconds, 8, 'the same task stands under /api');
	}
});

test('a reference image: as a file, as a data URL, as the official client writes one into a form', async () => {
	const image = Buffer.concat([PNG, Buffer.alloc(3_000_000, 7)]);
	for (const [body, bytes] of [[form({ prompt: 'x', input_reference: new Blob([PNG]) }), PNG],
		[{ prompt: 'x', input_reference: { image_url: dataUrl(PNG) } }, PNG],
		[{ prompt: 'x', input_reference: { image_url: dataUrl(image, 'text/html;charset=utf-8') } }, image],
		[form({ prompt: 'x', 'input_reference[image_url]': dataUrl(PNG) }), PNG],
		[form({ prompt: 'x', 'input_reference[image_url]': dataUrl(image) }), image]]) {
		const { status, body: text } = await create(body);
		assert.equal(status, 200, text.toString());
		assert.ok(api.upstream.submissions().at(-1).body.includes(bytes));
	}
});

test('the largest image there may be, however it is written', async () => {
	const image = Buffer.concat([PNG, Buffer.alloc(10 * 1024 * 1024 - PNG.length, 7)]), larger = Buffer.concat([image, Buffer.alloc(1)]);
	const prompt = '猫'.repeat(32000);
	const bodies = (bytes) => [form({ prompt, input_reference: new Blob([bytes]) }), { prompt, input_reference: { image_url: dataUrl(bytes) } },
		form({ prompt, 'input_reference[image_url]': dataUrl(bytes) })];
	for (const body of bodies(image)) {
		const { status, body: text } = await create(body);
		assert.equal(status, 200, text.toString());
		assert.ok(api.upstream.submissions().at(-1).body.includes(image));
	}
	for (const body of bodies(larger))
		assert.deepEqual(refused(await create(body)), [413, 'too_large', 'input_reference']);
});

test('what is no image, or none that we fetch: refused, and nothing is left of it', async () => {
	const before = [api.upstream.requests.length, readdirSync(join(api.data, 'uploads')).sort()];
	const text = PNG.toString('base64');
	const cases = [['https://example.com/a.png', 'bad_field'], ['http://127.0.0.1/a.png', 'bad_field'], ['data:image/png,abc', 'bad_field'],
		[`data:image/png;base64,${text.slice(0, -1)}`, 'bad_field'], [`data:image/png;base64,${text.slice(0, -4)}AA=A`, 'bad_field'],
		['data:;base64,', 'bad_image'], [dataUrl('GIF89a'), 'bad_image'],
		[`data:image/png;base64,${'AAA='.repeat(5000)}`, 'bad_field'], [`data:image/png;base64,${'A'.repeat(16 * 1024 - 1)}=${text}`, 'bad_field'],
		['', 'bad_field'], [5, 'bad_field'], [null, 'bad_field']];
	for (const [url, code] of cases)
		assert.deepEqual(refused(await create({ prompt: 'x', input_reference: { image_url: url } })), [400, code, 'input_reference'], String(url).slice(0, 40));
	for (const reference of [{ file_id: 'file-1' }, {}, 'x', 5])
		assert.deepEqual(refused(await create({ prompt: 'x', input_reference: reference })), [400, 'bad_field', 'input_reference']);
	assert.deepEqual(refused(await create(form({ prompt: 'x', 'input_reference[file_id]': 'file-1' }))), [400, 'bad_field', 'input_reference']);
	assert.deepEqual(refused(await create(form({ prompt: 'x', 'input_reference[image_url]': '' }))), [400, 'bad_field', 'input_reference']);
	assert.deepEqual(refused(await create(form({ prompt: 'x', mask: new Blob([PNG]) }))), [400, 'bad_field', 'mask']);
	assert.deepEqual(refused(await create(form({ prompt: 'x', input_reference: new Blob([PNG]), 'input_reference[image_url]': dataUrl(PNG) }))),
		[400, 'bad_field', 'input_reference'], 'twice');
	assert.deepEqual(refused(await create({ prompt: ' ', input_reference: { image_url: dataUrl(PNG) } })), [400, 'bad_field', 'prompt']);
	assert.deepEqual(refused(await create({ prompt: 'x', pad: 'x'.repeat(15 * 1024 * 1024) })), [413, 'too_large', null]);
	assert.deepEqual(refused(await create(form({ prompt: 'x', 'input_reference[image_url]': 'x'.repeat(15 * 1024 * 1024) }))), [413, 'too_large', null]);
	assert.deepEqual(refused(await create(form({ prompt: 'x', 'input_reference_x': 'x'.repeat(600 * 1024) }))), [413, 'too_large', null]);
	assert.deepEqual(refused(await create('x', { 'content-type': 'text/plain' })), [415, 'unsupported_content_type', null]);
	assert.deepEqual(refused(await create('{', { 'content-type': 'application/json' })), [400, 'bad_json', null]);
	assert.deepEqual(refused(await create({ prompt: 'x', seconds: 'ten' })), [400, 'bad_field', 'seconds']);
	assert.deepEqual([api.upstream.requests.length, readdirSync(join(api.data, 'uploads')).sort()], before);
});

test('a refusal keeps the upstream\'s status and code, but for what would speak of the caller\'s key or be repeated', async () => {
	const refusal = (code) => ({ error: { message: 'Not this.', ...(code && { code }) } });
	const cases = [[400, 'moderation_blocked', 400, 'moderation_blocked'], [400, undefined, 400, 'upstream_rejected'], [413, 'too_big', 413, 'too_big'],
		[422, 'bad_size', 422, 'bad_size'], [409, 'busy_with_it', 422, 'busy_with_it'], [200, 'in_a_success', 422, 'in_a_success']];
	try {
		for (const [status, code, ours, word] of cases) {
			api.upstream.refusal = { status, body: refusal(code) };
			const answer = await create({ prompt: `refused ${status}` });
			assert.deepEqual([...refused(answer), answer.json.error.message], [ours, word, null, 'Not this.'], `${status} ${code}`);
			const [video] = (await ada.call('GET', '/v1/videos?limit=1')).json.data;
			assert.deepEqual([video.status, video.error], ['failed', { code: word, message: 'Not this.' }]);
			const task = await ada.call('POST', '/api/relay/sora/videos', { body: { prompt: 'x' } });
			assert.deepEqual([task.status, task.json.details.upstreamStatus], [422, status]);
		}
	} finally {
		api.upstream.refusal = undefined;
	}
});

test('a creation that is repeated is the same one, by its key or by the client\'s count', async () => {
	const first = await create({ prompt: 'keyed' }, { 'idempotency-key': 'k-1' });
	const again = await create({ prompt: 'keyed' }, { 'idempotency-key': 'k-1' });
	assert.deepEqual([again.status, again.json.id, again.headers.get('idempotent-replayed')], [200, first.json.id, 'true']);
	assert.deepEqual(refused(await create({ prompt: 'other' }, { 'idempotency-key': 'k-1' })), [422, 'client_request_id_reused', null]);
	const counted = await create({ prompt: 'counted' }, { 'x-stainless-retry-count': '0' });
	const second = await create({ prompt: 'counted' }, { 'x-stainless-retry-count': '1' });
	assert.equal(second.json.id, counted.json.id);
	const meant = await create({ prompt: 'counted' }, { 'x-stainless-retry-count': '0' });
	assert.notEqual(meant.json.id, counted.json.id);
});

test('what a program repeats by itself is its own: not another key\'s, and not what was deleted', async () => {
	const program = async (name) => new Caller(api, (await ada.data('POST', '/api/auth/keys', { name })).key);
	const [one, other] = [await program('one'), await program('other')];
	const again = (who) => create({ prompt: 'the same' }, { 'x-stainless-retry-count': '1' }, who);
	const first = await create({ prompt: 'the same' }, {}, one);
	const others = await again(other);
	assert.deepEqual([others.status, others.json.id !== first.json.id, others.headers.has('idempotent-replayed')], [200, true, false]);
	assert.notEqual((await again(ada)).json.id, first.json.id);
	assert.equal((await ada.call('DELETE', `/v1/videos/${first.json.id}`)).status, 200);
	const submissions = api.upstream.submissions().length;
	assert.deepEqual(refused(await again(one)), [410, 'task_deleted', null]);
	assert.equal(api.upstream.submissions().length, submissions);
});

test('a failure before a retry could be recognised: no retry, unless there is a key', async () => {
	const uploads = join(api.data, 'uploads'), fields = { prompt: 'blind', input_reference: { image_url: dataUrl(PNG) } };
	renameSync(uploads, `${uploads}.away`);
	writeFileSync(uploads, '');
	try {
		const said = async (headers, path = '/v1/videos') => {
			const answer = await ada.call('POST', path, { body: fields, headers });
			return [answer.status, answer.headers.get('x-should-retry')];
		};
		assert.deepEqual(await said({}), [500, 'false']);
		assert.deepEqual(await said({ 'idempotency-key': 'blind' }), [500, null]);
		assert.deepEqual(await said({}, '/v1/videos/edits'), [500, 'false']);
	} finally {
		unlinkSync(uploads);
		renameSync(`${uploads}.away`, uploads);
	}
	const env = { LONGREEL_DATA: '/dev/null' };
	for (const [headers, said] of [[{}, 'false'], [{ 'idempotency-key': 'blind' }, null]]) {
		const broken = await ada.call('POST', '/v1/videos', { body: fields, headers, env });
		assert.deepEqual([...refused(broken), broken.headers.get('x-should-retry')], [500, 'internal', null, said]);
	}
});

test('a rate: 429 with Retry-After, which their client waits for', async () => {
	const bob = await api.user('rated');
	const slow = { LONGREEL_RATE_CREATE: '1' };
	const call = () => bob.call('POST', '/v1/videos', { body: { prompt: 'x' }, env: slow });
	assert.equal((await call()).status, 200);
	const other = await bob.call('POST', '/v1/videos', { body: { prompt: 'y' }, env: slow });
	assert.deepEqual([...refused(other), other.headers.get('x-should-retry')], [429, 'rate_limit_exceeded', null, null]);
	/* Their client's own repetition of this one would pass for one of the first, and bring its video: it is told not to. */
	const again = await call();
	assert.deepEqual([again.status, again.headers.get('x-should-retry')], [429, 'false']);
	assert.ok(Number(again.headers.get('retry-after')) > 0);
});

test('what the video has become, as the upstream says it; and what it says amiss', async () => {
	const cases = [[{}, { size: '1280x720', seconds: '8' }, '1280x720', '8'], [{ size: '720x1280', seconds: 10 }, { size: '1280x720', seconds: 4 }, '1280x720', '4'],
		[{ size: '720x1280', seconds: 10 }, { size: 'large', seconds: 'long' }, '720x1280', '10'],
		[{ size: '720x1280', seconds: 10 }, { size: '', seconds: -1 }, '720x1280', '10'], [{ seconds: 6 }, { size: null, seconds: 1e9 }, '720x1280', '6']];
	for (const [asked, said, size, seconds] of cases) {
		const { json: { id } } = await create({ prompt: 'said', ...asked });
		const { externalTaskId } = await ada.task(id);
		api.upstream.jobs.set(externalTaskId, { status: 'completed', video_url: `${api.upstream.base}/video/1.mp4`, ...said });
		const task = await api.polled(ada, id, 'COMPLETED'), { video } = await shown(id);
		assert.deepEqual([video.size, video.seconds, String(task.seconds)], [size, seconds, seconds], JSON.stringify(said));
	}
});

test('what the upstream says of the job is there from the first answer on; a model by the name that clients know', async () => {
	const { fresh } = api.upstream, end = Math.floor(Date.now() / 1000) + 3600;
	api.upstream.fresh = { ...fresh, model: 'theirs', size: '1280x720', seconds: '4', expires_at: null };
	const { json } = await create({ prompt: 'said', model: 'sora-2' });
	api.upstream.fresh = fresh;
	assert.deepEqual([json.model, json.size, json.seconds, json.expires_at], ['sora-2', '1280x720', '4', null]);
	const { externalTaskId } = await ada.task(json.id);
	const done = { status: 'completed', video_url: `${api.upstream.base}/video/1.mp4`, model: 'theirs-0925', expires_at: end };
	api.upstream.jobs.set(externalTaskId, done);
	await api.polled(ada, json.id, 'COMPLETED');
	const { video } = await shown(json.id);
	assert.deepEqual([video.model, video.size, video.seconds, video.expires_at], ['theirs-0925', '1280x720', '4', end]);
	const remix = (await ada.call('POST', `/v1/videos/${json.id}/remix`, { body: { prompt: 'again' } })).json;
	assert.deepEqual([remix.model, remix.size, remix.seconds, remix.expires_at], ['sora-2', '1280x720', '4', null], 'the model that was asked for');
});

test('a remix, and what cannot be remixed', async () => {
	const source = (await create({ prompt: 'source', seconds: 6 })).json;
	const path = `/v1/videos/${source.id}/remix`;
	assert.deepEqual(refused(await ada.call('POST', path, { body: { prompt: 'x' } })), [409, 'not_completed', null]);
	const { externalTaskId } = await ada.task(source.id);
	api.upstream.jobs.set(externalTaskId, { status: 'completed', video_url: `${api.upstream.base}/video/1.mp4` });
	await api.polled(ada, source.id, 'COMPLETED');
	const { status, json } = await ada.call('POST', path, { body: { prompt: 'at night' } });
	assert.deepEqual([status, json.prompt, json.seconds, json.remixed_from_video_id], [200, 'at night', '6', source.id]);
	assert.deepEqual(refused(await ada.call('POST', path, { body: {} })), [400, 'bad_field', 'prompt']);
	assert.deepEqual(refused(await ada.call('POST', '/v1/videos/video_1_x/remix', { body: { prompt: 'x' } })), [404, 'task_not_found', null]);
});

/** A video that is completed. */
async function finished(who, fields) {
	const { json } = await create(fields, {}, who);
	const { externalTaskId } = await who.task(json.id);
	who.api.upstream.jobs.set(externalTaskId, { status: 'completed', video_url: `${who.api.upstream.base}/video/1.mp4` });
	await who.api.polled(who, json.id, 'COMPLETED');
	return { id: json.id, externalTaskId };
}

test('edits and extensions: by the upstream\'s own calls, where it has them', async () => {
	const other = await newApi({ LONGREEL_UPSTREAM_DIALECT: 'openai' });
	try {
		const eve = await other.user('eve');
		const source = await finished(eve, { prompt: 'source', seconds: 6 });
		const cases = [['edits', { prompt: 'in red', video: { id: source.id } }, '6'], ['extensions', { prompt: 'go on', seconds: '8', video: { id: source.id } }, '14'],
			['edits', form({ prompt: 'in a form', 'video[id]': source.id }), '6'], ['edits', form({ prompt: 'JSON', video: JSON.stringify({ id: source.id }) }), '6'],
			['edits', form({ prompt: 'a Blob', video: new Blob([JSON.stringify({ id: source.id })], { type: 'application/json' }) }), '6']];
		for (const [what, body, seconds] of cases) {
			const { status, json } = await eve.call('POST', `/v1/videos/${what}`, { body });
			assert.deepEqual([status, json.status, json.seconds, json.remixed_from_video_id], [200, 'in_progress', seconds, source.id]);
			const sent = other.upstream.submissions().at(-1);
			assert.equal(sent.url, `/v1/videos/${what}`);
			assert.deepEqual(JSON.parse(sent.body).video, { id: source.externalTaskId });
			if (what === 'extensions') { // asked for is a part; shown is the whole, by each call
				assert.deepEqual([JSON.parse(sent.body).seconds, (await eve.task(json.id)).seconds], ['8', 8]);
				assert.equal((await shown(json.id, eve)).video.seconds, '14');
				assert.equal((await eve.call('GET', '/v1/videos?limit=1')).json.data[0].seconds, '14');
			}
		}
		for (const what of ['edits', 'extensions'])
			assert.deepEqual(refused(await eve.call('POST', `/v1/videos/${what}`, { body: form({ prompt: 'x', seconds: '4', video: new Blob(['a video']) }) })),
				[501, 'unsupported', 'video']);
		assert.deepEqual(refused(await eve.call('POST', '/v1/videos/extensions', { body: { prompt: 'x', video: { id: source.id } } })), [400, 'bad_field', 'seconds']);
		assert.deepEqual(refused(await eve.call('POST', '/v1/videos/edits', { body: form({ prompt: 'x', video: '{"id":5}', 'video[id]': source.id }) })), [400, 'bad_field', 'video']);
		const { status, json } = await eve.call('POST', '/v1/videos/edits', { body: { prompt: 'x', video: { id: 'video_1_x' } } });
		assert.deepEqual([status, json.error.code, json.error.param], [404, 'task_not_found', 'video']);
		for (const video of [undefined, null, 'x', {}, { id: 5 }])
			assert.deepEqual(refused(await eve.call('POST', '/v1/videos/edits', { body: { prompt: 'x', video } })), [400, 'bad_field', 'video']);
	} finally {
		await other.close();
	}
	const source = await finished(ada, { prompt: 'source' });
	for (const what of ['edits', 'extensions'])
		assert.deepEqual(refused(await ada.call('POST', `/v1/videos/${what}`, { body: { prompt: 'x', seconds: what === 'edits' ? null : '4', video: { id: source.id } } })),
			[501, 'unsupported', null]);
});

test('the list: pages in both orders, after a deleted task, and the user\'s own only', async () => {
	const bob = await api.user('bob');
	const ids = [];
	for (const prompt of ['one', 'two', 'three'])
		ids.push((await bob.create({ prompt })).videoId);
	const page = async (query) => (await bob.call('GET', `/v1/videos${query}`)).json;
	const all = await page('');
	assert.deepEqual([all.object, all.data.map((v) => v.id), all.first_id, all.last_id, all.has_more],
		['list', ids.toReversed(), ids[2], ids[0], false]);
	assert.deepEqual(Object.keys(all.data[0]), KEYS);
	const first = await page('?limit=2&order=asc');
	assert.deepEqual([first.data.map((v) => v.id), first.last_id, first.has_more], [ids.slice(0, 2), ids[1], true]);
	assert.deepEqual(await page('?limit=0'), { object: 'list', data: [], first_id: null, last_id: null, has_more: true });
	const { status, json } = await bob.call('DELETE', `/v1/videos/${ids[1]}`);
	assert.deepEqual([status, json], [200, { id: ids[1], object: 'video.deleted', deleted: true }]);
	const second = await page(`?limit=2&order=asc&after=${ids[1]}`);
	assert.deepEqual([second.data.map((v) => v.id), second.has_more], [[ids[2]], false]);
	const end = await page(`?after=${ids[0]}`);
	assert.deepEqual(end, { object: 'list', data: [], first_id: null, last_id: null, has_more: false });

	assert.deepEqual(refused(await bob.call('GET', `/v1/videos/${ids[1]}`)), [404, 'task_not_found', null]);
	assert.deepEqual(refused(await ada.call('GET', `/v1/videos/${ids[0]}`)), [404, 'task_not_found', null]);
	assert.deepEqual(refused(await ada.call('DELETE', `/v1/videos/${ids[0]}`)), [404, 'task_not_found', null]);
	assert.deepEqual(refused(await ada.call('GET', `/v1/videos?after=${ids[0]}`)), [404, 'task_not_found', 'after']);
	for (const [query, param] of [['limit=-1', 'limit'], ['limit=101', 'limit'], ['limit=x', 'limit'], ['order=up', 'order'],
		[`after=${'x'.repeat(200)}`, 'after']])
		assert.deepEqual(refused(await bob.call('GET', `/v1/videos?${query}`)), [400, 'bad_field', param], query);
});

test('the models that the channels name', async () => {
	const { json } = await ada.call('GET', '/v1/models');
	assert.deepEqual(json, { object: 'list', data: ['sora-2', 'google/veo-3.1'].map((id) => ({ id, object: 'model', created: 0, owned_by: 'longreel' })) });
	assert.deepEqual((await ada.call('GET', '/v1/models/sora-2')).json, json.data[0]);
	for (const written of ['google/veo-3.1', 'google%2Fveo-3.1', 'google%2fveo%2D3.1'])
		assert.deepEqual((await ada.call('GET', `/v1/models/${written}`)).json, json.data[1], written);
	for (const other of ['sora-3', 'google', 'google%2Fveo', 'google/veo-3.1/', 'google%252Fveo-3.1', '..%2Fsora-2'])
		assert.deepEqual(refused(await ada.call('GET', `/v1/models/${other}`)), [404, 'not_found', 'model'], other);
	for (const none of ['google%2Fveo%00', 'google%2F%zz', '%ff'])
		assert.deepEqual(refused(await ada.call('GET', `/v1/models/${none}`)), [400, 'bad_request', null], none);
});

test('a wait: at most a minute, and none for what is final', async () => {
	const video = await finished(ada, { prompt: 'final' });
	for (const [query, headers] of [['?wait=60', {}], ['', { prefer: 'wait=60' }], ['?wait=0', {}],
		['?wait=61', {}], ['?wait=1.5', {}], ['?wait=99999999999999999999', {}]])
		assert.equal((await ada.call('GET', `/v1/videos/${video.id}${query}`, { headers })).json.status, 'completed');
	for (const wait of ['-1', 'x', '1.', '.5', '1e3', '5s'])
		assert.deepEqual(refused(await ada.call('GET', `/v1/videos/${video.id}?wait=${wait}`)), [400, 'bad_field', 'wait']);
	const open = (await create({ prompt: 'open' })).json;
	const env = { LONGREEL_CGI_MAX_WAIT: '20ms' }; // else the process would wait out the minute
	for (const wait of ['60', '61', '1.5'])
		assert.equal((await ada.call('GET', `/v1/videos/${open.id}?wait=${wait}`, { env })).json.status, 'in_progress');
	const gone = await ada.call('GET', '/v1/videos/video_1_x?wait=60');
	assert.deepEqual(refused(gone), [404, 'task_not_found', null]);
});

test('an unknown path has OpenAI\'s envelope, too', async () => {
	for (const path of ['/v1', '/v1/', '/v1/chat/completions', '/v1/videos/', '/v1/videos/a/b/c', '/v1/videos/a/other'])
		for (const method of ['GET', 'POST', 'DELETE'])
			assert.deepEqual(refused(await api.call(method, path)), [404, 'not_found', null], `${method} ${path}`);
	for (const [method, path, allow] of [['PUT', '/v1/videos', 'GET, HEAD, POST'], ['PUT', '/v1/videos/a', 'GET, HEAD, DELETE'],
		['POST', '/v1/models', 'GET, HEAD'], ['POST', '/v1/videos/video_1_x', 'GET, HEAD, DELETE']]) {
		const answer = await api.call(method, path);
		assert.deepEqual([...refused(answer), answer.headers.get('allow')], [405, 'method_not_allowed', null, allow], path);
	}
	for (const path of ['/v1/videos/%zz', '/v1/videos/a%2fb', '/v1/%ff'])
		assert.deepEqual(refused(await ada.call('GET', path)), [400, 'bad_request', null]);
	const below = await ada.call('GET', '/v1/videos/%zz', { env: { LONGREEL_BASE_PATH: '/reel', REQUEST_URI: '/reel/v1/videos/%zz' } });
	assert.deepEqual(refused(below), [400, 'bad_request', null]);
	for (const path of ['/v1/videos/generations', '/v1/videos/generate'])
		assert.deepEqual(refused(await ada.call('POST', path, { body: { prompt: 'x' } })), [404, 'not_found', null], path);
	const video = form({ name: 'Mossy', video: new Blob(['a video']) });
	for (const [method, path, body] of [['POST', '/v1/videos/characters', video], ['GET', '/v1/videos/characters/char_1'], ['POST', '/v1/videos/characters', {}]])
		assert.deepEqual(refused(await ada.call(method, path, { body })), [501, 'unsupported', null], path);
	assert.deepEqual(refused(await ada.call('GET', `/v1/videos/${'x'.repeat(1100)}`)), [414, 'uri_too_long', null]);
	const broken = await api.call('GET', '/v1/videos', { env: { LONGREEL_DATA: '/dev/null' } });
	assert.deepEqual(refused(broken), [500, 'internal', null]);
});
