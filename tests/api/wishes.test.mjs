// What one may ask for beside prompt and shape: seed, negative prompt, audio, further images, several tasks, members of one's own. The upstream
// gets exactly what was asked for, the task shows it again, and what it cannot be told is refused by name.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newApi } from '../support/api.mjs';
import { PNG } from '../support/client.mjs';

const PATH = '/api/relay/sora/videos', PATHS = [PATH, '/v1/videos'];
/** Images that differ in their last byte. */
const image = (n) => Buffer.concat([PNG, Buffer.from([n])]);
const dataUrl = (n) => `data:image/png;base64,${image(n).toString('base64')}`;
const blob = (n) => new Blob([image(n)], { type: 'image/png' });

let api, ada, bob;
before(async () => {
	api = await newApi({ LONGREEL_UPSTREAM_DIALECT: 'wide', LONGREEL_RATE_CREATE: '1000' });
	const wide = JSON.parse(readFileSync('conf/dialects/sora.json', 'utf8'));
	Object.assign(wide.submit.fields, { seed: 'seed', negative_prompt: 'negative_prompt', audio: 'audio', last_frame: 'last_frame', references: 'references', extra: '/' });
	Object.assign(wide.remix.fields, { seed: 'seed' });
	mkdirSync(join(api.data, 'dialects'), { recursive: true });
	writeFileSync(join(api.data, 'dialects', 'wide.json'), JSON.stringify(wide));
	ada = await api.user('ada');
	bob = await api.user('bob');
});
after(() => api?.close());

/** What the upstream was sent last: [name, text or last byte of a file] for each part, in order. */
async function sent(back = 1) {
	const { headers, body } = api.upstream.submissions().at(-back);
	if (headers['content-type'].startsWith('application/json'))
		return Object.entries(JSON.parse(body));
	const parts = [];
	for (const [name, value] of await new Response(body, { headers: { 'content-type': headers['content-type'] } }).formData())
		parts.push([name, typeof value === 'string' ? value : Buffer.from(await value.arrayBuffer()).at(-1)]);
	return parts;
}

/** Creates by JSON, or by a form where it has one. @returns {Promise<any>} the answer's data */
async function create(fields, path = PATH) {
	const { status, json, body } = await ada.call('POST', path, { body: fields instanceof FormData ? fields : { prompt: 'x', ...fields } });
	assert.ok(status === 200 || status === 202, `${path} ${JSON.stringify(fields).slice(0, 80)}: ${body}`);
	return json.data ?? json;
}

const form = (...parts) => {
	const all = new FormData();
	for (const [name, value] of [['prompt', 'x'], ...parts])
		all.append(name, value);
	return all;
};

const uploads = () => readdirSync(join(api.data, 'uploads')).sort();

/** It must be refused by this name on both surfaces, and nothing sent or kept. */
async function refused(fields, field, code = 'bad_field', paths = PATHS) {
	const before = [api.upstream.submissions().length, uploads()];
	for (const path of paths) {
		const { status, json, body } = await ada.call('POST', path, { body: fields instanceof FormData ? fields : { prompt: 'x', ...fields } });
		assert.deepEqual([status, json.code ?? json.error.code, json.details?.field ?? json.error.param], [400, code, field], `${path} ${body}`);
	}
	assert.deepEqual([api.upstream.submissions().length, uploads()], before);
}

test('scalars, under each name, on both surfaces, in both kinds of body', async () => {
	const asked = { seed: -7, negative_prompt: 'no "dogs"\n狗', audio: false, hd: true, extra: { loop: true, style: 'noir', deep: { a: [1, null] } } };
	const parts = [['prompt', 'x'], ['negative_prompt', asked.negative_prompt], ['seed', '-7'], ['audio', 'false'], ['hd', 'true'], ['loop', 'true'], ['style', 'noir'],
		['deep', '{"a":[1,null]}']];
	for (const path of PATHS) {
		const made = await create(asked, path);
		assert.deepEqual((await sent()).sort(), parts.sort(), path);
		const task = await ada.task(made.videoId ?? made.id);
		assert.deepEqual([task.seed, task.negativePrompt, task.audio, task.hd, task.watermark, task.private, task.extra],
			[-7, asked.negative_prompt, false, true, null, null, asked.extra]);
		await create(form(['seed', '-7'], ['negative_prompt', 'no "dogs"'], ['audio', '0'], ['hd', 'true'], ['extra', JSON.stringify(asked.extra)]), path);
		assert.deepEqual((await sent()).sort(), parts.map(([name, value]) => [name, name === 'negative_prompt' ? 'no "dogs"' : value]).sort(), `${path}, a form`);
	}
	for (const [name, value, as, text] of [['negativePrompt', 'n', 'negative_prompt', 'n'], ['generate_audio', true, 'audio', 'true'], ['generateAudio', true, 'audio', 'true'],
		['with_audio', true, 'audio', 'true'], ['seed', '9007199254740991', 'seed', '9007199254740991']]) {
		await create({ [name]: value });
		assert.deepEqual((await sent()).find(([part]) => part === as), [as, text], name);
	}
	await create({ audio: true, generate_audio: true });
	await refused({ audio: true, generate_audio: false }, 'generate_audio');
	await refused({ negative_prompt: 'a', negativePrompt: 'b' }, 'negativePrompt');
	await refused({ extra: { prompt: 'another' } }, 'extra', 'unsupported_field');
	await refused({ extra: { fine: 1, last_frame: 'x' } }, 'extra', 'unsupported_field');
	await refused({ extra: { 'references[]': 'x' } }, 'extra', 'unsupported_field');
	await refused({ stream: true }, 'stream');
});

test('no wish is none, and costs nothing where the upstream cannot be told', async () => {
	const nothing = { seed: null, negative_prompt: '', audio: false, n: 1, extra: {}, last_frame: null, references: [], image_tail: '', images: [], model: '', size: [], stream: false };
	await create(nothing);
	assert.deepEqual(await sent(), [['prompt', 'x'], ['audio', 'false']]);
	await create(form(...Object.keys(nothing).filter((name) => name !== 'stream').map((name) => [name, ''])));
	assert.deepEqual(await sent(), [['prompt', 'x']]);
	const plain = await newApi();
	try {
		const eve = await plain.user('eve');
		assert.equal((await eve.call('POST', PATH, { body: { prompt: 'x', ...nothing } })).status, 200);
		for (const [field, value, name = field] of [['seed', 0], ['negative_prompt', 'x'], ['audio', true], ['extra', { a: 1 }], ['last_frame', dataUrl(1)], ['references', [dataUrl(1)]],
			['images', [dataUrl(1), dataUrl(2)]], ['image_tail', dataUrl(1)], ['generate_audio', true],
			['with_audio', true], ['negativePrompt', 'x'], ['n', 1, null]]) {
			for (const path of PATHS) {
				const { status, json, body } = await eve.call('POST', path, { body: { prompt: 'x', [field]: value } });
				assert.deepEqual([status, json.details?.field ?? json.error?.param], name ? [400, name] : [200, undefined], `${path} ${field}: ${body}`);
				const sent = await eve.call('POST', path, { body: form([field, typeof value === 'object' ? JSON.stringify(value) : value]) });
				assert.equal(sent.json.details?.field ?? sent.json.error?.param ?? null, name, `${path} ${field}, a form: ${sent.body}`);
			}
		}
		assert.deepEqual(readdirSync(join(plain.data, 'uploads')), []);
	} finally {
		await plain.close();
	}
});

const FIRST = ['input_reference', 'image', 'image_url', 'images', 'image_urls', 'reference_image', 'first_frame', 'firstFrame', 'first_frame_image', 'first_frame_url',
	'start_frame', 'start_image', 'start_image_url', 'prompt_image', 'promptImage', 'img_url'];
const LAST = ['last_frame', 'lastFrame', 'last_frame_image', 'last_frame_url', 'last_image', 'image_tail', 'tail_image', 'tail_image_url', 'end_frame', 'end_image', 'end_image_url'];
const REFERENCES = ['references', 'reference_images', 'referenceImages', 'reference_image_urls', 'input_references'];

test('images of each role, under each name and in each form', async () => {
	for (const [names, as] of [[FIRST, 'input_reference'], [LAST, 'last_frame'], [REFERENCES, 'references']]) {
		for (const [i, name] of names.entries()) {
			await create([{ [name]: dataUrl(5) }, { [name]: [{ image_url: { url: dataUrl(5) } }] }, form([`${name}[]`, blob(5)]), form([`${name}[0][url]`, dataUrl(5)])][i % 4], PATHS[i % 2]);
			assert.deepEqual(await sent(), [['prompt', 'x'], [as, 5]], name);
		}
		const forms = [{ [names[0]]: image(5).toString('base64') }, { [names[0]]: { url: dataUrl(5) } }, { [names[0]]: [{ type: 'image_url', image_url: { url: dataUrl(5), detail: 'auto' } }] },
			form([names[0], blob(5)]), form([names[0], dataUrl(5)]), form([names[0], JSON.stringify([dataUrl(5)])]), form([`${names[0]}[image_url][url]`, dataUrl(5)])];
		for (const fields of forms) {
			await create(fields);
			assert.deepEqual(await sent(), [['prompt', 'x'], [as, 5]]);
		}
	}
});

test('all roles at once, in their order; several of a name that has no place of its own are references', async () => {
	const all = [['prompt', 'x'], ['input_reference', 1], ['last_frame', 2], ['references', 3], ['references', 4], ['references', 5]];
	await create({ references: [dataUrl(3), { url: dataUrl(4) }, dataUrl(5)], last_frame: dataUrl(2), image: dataUrl(1) });
	assert.deepEqual(await sent(), all);
	await create(form(['references', blob(3)], ['last_frame', dataUrl(2)], ['references[]', dataUrl(4)], ['seed', ''], ['references', blob(5)], ['image_url', dataUrl(1)]));
	assert.deepEqual(await sent(), all);
	for (const name of ['image', 'images', 'image_urls', 'reference_image']) {
		await create({ [name]: [dataUrl(8), dataUrl(9)] });
		assert.deepEqual(await sent(), [['prompt', 'x'], ['references', 8], ['references', 9]], name);
	}
	await create({ images: Array.from({ length: 9 }, (_, i) => dataUrl(i)), first_frame: dataUrl(20), end_frame: dataUrl(21) });
	assert.equal((await sent()).length, 12);
	await refused({ references: Array.from({ length: 10 }, (_, i) => dataUrl(i)) }, 'references');
	await refused(form(...Array.from({ length: 12 }, (_, i) => ['references', blob(i)])), 'references');
	await refused({ references: Array.from({ length: 9 }, (_, i) => dataUrl(i)), images: [dataUrl(1), dataUrl(2)] }, 'references');
	await refused({ last_frame: [dataUrl(1), dataUrl(2)] }, 'last_frame');
	await refused({ last_frame: dataUrl(1), end_image: dataUrl(2) }, 'end_image');
	await refused({ image_url: [dataUrl(1), dataUrl(2)] }, 'image_url');
	await refused({ image: dataUrl(1), first_frame: dataUrl(2) }, 'first_frame');
	await refused({ last_frame: 'https://example.com/a.png' }, 'last_frame');
	await refused({ references: [dataUrl(1), 'https://example.com/a.png'] }, 'references');
	await refused({ image: dataUrl(1), last_frame: `data:image/png;base64,${Buffer.from('GIF89a, which is none').toString('base64')}` }, 'last_frame', 'bad_image');
	await refused(form(['image', blob(1)], ['last_frame', new Blob(['GIF89a, which is none'])]), 'last_frame', 'bad_image');
});

test('what was sent can be seen again, by its owner alone, and goes with the task', async () => {
	const before = uploads();
	const { videoId } = await create({ image: dataUrl(1), last_frame: dataUrl(2), references: [dataUrl(3), dataUrl(4)] });
	const { hasInput, inputs } = await ada.task(videoId), input = `/api/video/tasks/${videoId}/input`;
	assert.equal(hasInput, true);
	assert.deepEqual(inputs, [['first', ''], ['last', ''], ['reference', '&index=0'], ['reference', '&index=1']].map(([role, more]) => (
		{ role, type: 'image/png', url: `${input}?role=${role}${more}` })));
	const tags = new Set();
	for (const [i, { url }] of [...inputs, { url: input }].entries()) {
		const { status, headers, body } = await ada.call('GET', url);
		assert.deepEqual([status, headers.get('content-type'), headers.get('x-content-type-options'), body], [200, 'image/png', 'nosniff', image(i % 4 + 1)], url);
		assert.equal((await ada.call('GET', url, { headers: { 'if-none-match': headers.get('etag') } })).status, 304);
		assert.equal((await ada.call('HEAD', url)).headers.get('content-length'), String(PNG.length + 1));
		assert.equal((await bob.call('GET', url)).json.code, 'task_not_found');
		assert.equal((await api.call('GET', url)).status, 401);
		tags.add(headers.get('etag'));
	}
	assert.equal(tags.size, 4);
	for (const query of ['?role=reference&index=2', '?role=last&index=1'])
		assert.equal((await ada.call('GET', input + query)).status, 404);
	for (const [query, field] of [['?role=middle', 'role'], ['?index=-1', 'index'], ['?index=9', 'index'], ['?size=1', 'size']])
		assert.deepEqual([(await ada.call('GET', input + query)).json.details.field], [field]);
	assert.equal(uploads().length, before.length + 4);
	assert.match(await api.run('longreel', 'task', 'show', videoId), /"role":"last"/);
	assert.equal((await ada.call('DELETE', `/api/video/tasks/${videoId}`)).status, 200);
	assert.deepEqual(uploads(), before);
	assert.equal((await ada.call('GET', input)).status, 404);
	const plain = await create({});
	assert.deepEqual([(await ada.task(plain.videoId)).inputs, (await ada.call('GET', `/api/video/tasks/${plain.videoId}/input`)).json.code], [[], 'not_found']);
});

test('a retry sends all of it again', async () => {
	api.upstream.refusal = { status: 400, body: { error: { code: 'no', message: 'not this one' } } };
	const { status } = await ada.call('POST', PATH, { body: { prompt: 'x', clientRequestId: 'again', seed: 3, audio: true, last_frame: dataUrl(2), references: [dataUrl(3)], extra: { a: 'b' } } });
	assert.equal(status, 422);
	const first = (await sent()).sort();
	api.upstream.refusal = undefined;
	const { tasks: [{ videoId }] } = await ada.data('POST', '/api/video/tasks/recover', { clientRequestIds: ['again'] });
	await ada.data('POST', `/api/video/tasks/${videoId}/retry`);
	assert.deepEqual((await sent()).sort(), first);
	assert.deepEqual(first, [['a', 'b'], ['audio', 'true'], ['last_frame', 2], ['prompt', 'x'], ['references', 3], ['seed', '3']]);
});

test('all of it is the content of a request: the same id with another is refused', async () => {
	const whole = { clientRequestId: 'whole', seed: 1, negative_prompt: 'n', audio: true, extra: { a: 1 }, last_frame: dataUrl(2), references: [dataUrl(3), dataUrl(4)] };
	const { videoId } = await create(whole), before = uploads();
	assert.equal((await create(whole)).videoId, videoId);
	for (const other of [{ seed: 2 }, { seed: null }, { negative_prompt: 'm' }, { audio: false }, { extra: { a: 2 } }, { last_frame: dataUrl(5) }, { last_frame: null }, { n: 2 },
		{ references: [dataUrl(4), dataUrl(3)] }, { references: [dataUrl(3)] }, { last_frame: null, references: [dataUrl(2), dataUrl(3), dataUrl(4)] }]) {
		const { status, json } = await ada.call('POST', PATH, { body: { prompt: 'x', ...whole, ...other } });
		assert.deepEqual([status, json.code], [422, 'client_request_id_reused'], JSON.stringify(other).slice(0, 60));
	}
	assert.deepEqual(uploads(), before);
});

test('n makes so many tasks, each of its own, and a repetition finds them all', async () => {
	const before = [api.upstream.submissions().length, uploads().length];
	const asked = { n: 3, clientRequestId: 'three', seed: 5, image: dataUrl(1), references: [dataUrl(2)] };
	const made = await create(asked);
	assert.deepEqual(made.tasks.map(({ clientRequestId }) => clientRequestId), ['three#1', 'three#2', 'three#3']);
	assert.equal(new Set(made.tasks.map(({ videoId }) => videoId)).size, 3);
	assert.deepEqual([made.videoId, made.clientRequestId], [made.tasks[0].videoId, 'three#1']);
	assert.deepEqual([api.upstream.submissions().length, uploads().length], [before[0] + 3, before[1] + 6]);
	for (const back of [1, 2, 3])
		assert.deepEqual(await sent(back), [['prompt', 'x'], ['seed', '5'], ['input_reference', 1], ['references', 2]]);
	const again = await ada.call('POST', PATH, { body: { prompt: 'x', ...asked } });
	assert.deepEqual([again.status, again.headers.get('idempotent-replayed'), again.json.data.tasks.map(({ videoId }) => videoId)],
		[200, 'true', made.tasks.map(({ videoId }) => videoId)]);
	assert.deepEqual([api.upstream.submissions().length, uploads().length], [before[0] + 3, before[1] + 6]);
	for (const n of [1, 2, 4])
		assert.equal((await ada.call('POST', PATH, { body: { prompt: 'x', ...asked, n } })).json.code, 'client_request_id_reused', n);
	/* Each is deleted by itself. */
	await ada.data('DELETE', `/api/video/tasks/${made.videoId}`);
	assert.equal(uploads().length, before[1] + 4);
	assert.equal((await ada.call('GET', `/api/video/tasks/${made.tasks[1].videoId}/input`)).status, 200);
	/* Without an id, as official clients repeat. */
	const [one, two] = [await create(form(['n', '2'])), await create(form(['n', '2']))];
	assert.equal(new Set([...one.tasks, ...two.tasks].map(({ videoId }) => videoId)).size, 4);
	const repeated = await ada.call('POST', PATH, { body: { prompt: 'x', n: 2 }, headers: { 'x-stainless-retry-count': '1' } });
	assert.deepEqual(repeated.json.data.tasks.map(({ videoId }) => videoId), two.tasks.map(({ videoId }) => videoId));
	await refused({ n: 2 }, 'n', 'bad_field', ['/v1/videos']);
	await refused({ n: 2, clientRequestId: 'x'.repeat(126) }, 'clientRequestId', 'bad_field', [PATH]);
	assert.equal((await create({ n: 2, clientRequestId: 'y'.repeat(125) })).tasks.length, 2);
});

test('a set is made wholly or not at all', async () => {
	const small = await newApi({ LONGREEL_RATE_CREATE: '3' });
	try {
		const eve = await small.user('eve'), make = (body) => eve.call('POST', PATH, { body: { prompt: 'x', ...body } });
		assert.deepEqual((await make({ n: 4 })).json.details, { field: 'n' });
		assert.equal((await make({ n: 2 })).status, 200);
		const over = await make({ n: 2, image: dataUrl(1) });
		assert.deepEqual([over.status, over.json.code, over.headers.has('retry-after')], [429, 'rate_limited', true]);
		assert.equal((await make({})).status, 200, 'nothing was counted');
		assert.deepEqual([small.upstream.submissions().length, readdirSync(join(small.data, 'uploads'))], [3, []]);
	} finally {
		await small.close();
	}
	/* An id of the set is another request's. */
	await create({ clientRequestId: 'taken#2' });
	await create({ clientRequestId: 'plain' });
	const before = [api.upstream.submissions().length, uploads()];
	for (const clientRequestId of ['taken', 'plain'])
		assert.equal((await ada.call('POST', PATH, { body: { prompt: 'x', n: 2, clientRequestId, image: dataUrl(1) } })).json.code, 'client_request_id_reused');
	assert.deepEqual([api.upstream.submissions().length, uploads()], before);
});

test('a set of which one is refused says so of that one', async () => {
	const take = api.upstream.answer;
	let count = 0;
	api.upstream.answer = async function (request, response) {
		this.refusal = request.method === 'POST' && count++ === 0 ? { status: 400, body: { error: { message: 'not this one' } } } : undefined;
		return take.call(this, request, response);
	};
	try {
		const { tasks, videoId } = await create({ n: 2 });
		assert.deepEqual(tasks.map(({ status }) => status).sort(), ['failed', 'processing']);
		const failed = tasks.find(({ status }) => status === 'failed');
		assert.deepEqual([failed.code, failed.error], ['upstream_rejected', 'not this one']);
		assert.notEqual(videoId, failed.videoId);
	} finally {
		api.upstream.answer = take;
		api.upstream.refusal = undefined;
	}
});

test('a remix asks for its own, and inherits no wish', async () => {
	const made = await create({ seed: 1, negative_prompt: 'n', audio: true, extra: { a: 1 }, last_frame: dataUrl(2) });
	api.upstream.jobs.set(made.externalTaskId, { status: 'completed', progress: 100, video_url: `${api.upstream.base}/video/1.mp4` });
	await api.polled(ada, made.videoId, 'COMPLETED');
	const remix = (body, path = `/api/video/tasks/${made.videoId}/remix`) => ada.call('POST', path, { body: { prompt: 'y', ...body } });
	assert.equal((await remix({})).status, 200);
	assert.deepEqual(await sent(), [['prompt', 'y']]);
	const { json: { data: two } } = await remix({ n: 2, seed: 9 });
	assert.deepEqual([two.tasks.length, (await sent()).sort()], [2, [['prompt', 'y'], ['seed', 9]]]);
	assert.equal((await ada.task(two.videoId)).seed, 9);
	for (const [field, value] of [['negative_prompt', 'x'], ['audio', true], ['extra', { a: 1 }], ['last_frame', dataUrl(1)], ['references', [dataUrl(1)]]]) {
		const { status, json } = await remix({ [field]: value });
		assert.deepEqual([status, json.code, json.details.field], [400, 'unsupported_field', field]);
	}
	/* A batch: for each of them. */
	const batch = await ada.data('POST', '/api/video/tasks/remix', { videoIds: [made.videoId], prompt: 'z', seed: 4 });
	assert.equal(batch.results[0].success, true, JSON.stringify(batch));
	assert.deepEqual((await sent()).sort(), [['prompt', 'z'], ['seed', 4]]);
	const bad = await ada.data('POST', '/api/video/tasks/remix', { videoIds: [made.videoId], prompt: 'z', audio: true });
	assert.deepEqual([bad.results[0].code, bad.results[0].error.includes('audio')], ['unsupported_field', true]);
	assert.equal((await ada.call('POST', '/api/video/tasks/remix', { body: { videoIds: [made.videoId], prompt: 'z', n: 2 } })).json.details.field, 'n');
});

test('what tasks ask for counts in what an answer holds', async () => {
	const clientRequestIds = Array.from({ length: 38 }, (_, i) => `wide${i}`), long = { prompt: '🛹'.repeat(32000), negative_prompt: '🛹'.repeat(4000) };
	for (const clientRequestId of clientRequestIds)
		await create({ ...long, clientRequestId });
	const { status, json } = await ada.call('POST', '/api/video/tasks/recover', { body: { clientRequestIds } });
	assert.deepEqual([status, json.code], [413, 'too_large']);
});
