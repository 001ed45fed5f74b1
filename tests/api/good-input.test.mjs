// What a creation takes: every field at its bounds, JSON and forms alike, and an image of each kind.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newApi } from '../support/api.mjs';
import { PNG } from '../support/client.mjs';

const PATH = '/api/relay/sora/videos';

let api, ada;
before(async () => {
	api = await newApi();
	ada = await api.user('ada');
});
after(() => api?.close());

/** Creates a task. @returns {Promise<{task: any, sent: string}>} the task, and what the upstream was sent */
async function made(body, headers) {
	const answer = await ada.call('POST', PATH, { body, headers });
	assert.equal(answer.status, 200, answer.body.toString());
	return { task: await ada.task(answer.json.data.videoId), sent: api.upstream.submissions().at(-1).body.toString('latin1') };
}

/** The value of a text part in what the upstream was sent. */
const sent = (body, name) => new RegExp(`name="${name}"\r\n(?:[^\r\n]+\r\n)*\r\n([^]*?)\r\n--`).exec(body)?.[1];

test('values at their bounds', async () => {
	const cases = [
		['prompt', ['x', '猫'.repeat(32000), '🛹'.repeat(32000), ' a\r\n\tb ']], ['model', ['x'.repeat(128), '模型']],
		['size', ['1x1', '16384x16384', '720x1280']], ['seconds', [1, 3600, '1', '3600', '10']], ['aspect_ratio', ['1:1', '9999:1']],
		['clientRequestId', ['a', '猫'.repeat(128), ' ~!"/', '1764291396110']], ['metadata', [{}, { a: 'x'.repeat(8184) }, { 猫: [1, { type: 'x' }] }]],
	];
	const shown = { aspect_ratio: 'aspectRatio' };
	for (const [field, values] of cases) {
		for (const value of values) {
			const { task } = await made({ prompt: 'x', [field]: value });
			assert.deepEqual(task[shown[field] ?? field], field === 'seconds' ? Number(value) : value, field);
		}
	}
});

test('null is as if it were not there; what asks for nothing is passed over', async () => {
	const { task } = await made({ prompt: 'x', model: null, seconds: null, metadata: null, hd: null, input_reference: null, seed: null, negative_prompt: '', images: [],
		user: 'someone', safety_identifier: 'x', stream: false, n: 1 });
	assert.deepEqual([task.model, task.seconds, task.metadata], [null, null, {}]);
});

test('a byte order mark is skipped: before JSON, a form, a text of a form, and JSON in a form', async () => {
	const mark = '\ufeff', form = new FormData();
	assert.equal((await made(`${mark}{"prompt":"one"}`, { 'content-type': 'application/json' })).task.prompt, 'one');
	form.set('prompt', `${mark}two`);
	form.set('seconds', `${mark}10`);
	form.set('metadata', `${mark}{"a":1}`);
	const { task } = await made(form);
	assert.deepEqual([task.prompt, task.seconds, task.metadata], ['two', 10, { a: 1 }]);
	const text = `${mark}--B\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nthree\r\n--B--\r\n`;
	assert.equal((await made(text, { 'content-type': 'multipart/form-data; boundary=B' })).task.prompt, 'three');
});

test('a part of a form that says that it is JSON is what it says', async () => {
	const form = new FormData(), json = (value) => new Blob([JSON.stringify(value)], { type: 'application/json;charset=utf-8' });
	for (const [name, value] of Object.entries({ prompt: '"two"\n猫', seconds: '10', size: null, metadata: { a: 1 }, n: 1, seed: null, input_reference: null }))
		form.set(name, json(value));
	const { task } = await made(form);
	assert.deepEqual([task.prompt, task.seconds, task.size, task.metadata], ['"two"\n猫', 10, null, { a: 1 }]);
});

test('an image without a file name is one by its bytes', async () => {
	for (const head of ['', '; filename=""']) {
		for (const type of ['', '\r\nContent-Type: image/png']) {
			const body = Buffer.concat([Buffer.from(`--B\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nx\r\n--B\r\nContent-Disposition: form-data; name="input_reference"${head}${type}\r\n\r\n`),
				PNG, Buffer.from('\r\n--B--\r\n')]);
			const { sent: submitted } = await made(body, { 'content-type': 'multipart/form-data; boundary=B' });
			assert.ok(submitted.includes(PNG.toString('latin1')), head + type);
		}
	}
});

test('the options go upstream, those that were given', async () => {
	const { sent: body } = await made({ prompt: 'x', watermark: false, hd: true });
	assert.deepEqual(['watermark', 'hd', 'private'].map((name) => sent(body, name)), ['false', 'true', undefined]);
});

test('a form says the same as JSON', async () => {
	const form = new FormData();
	for (const [name, value] of Object.entries({ prompt: '猫', model: 'm', size: '1280x720', seconds: '10', aspect_ratio: '16:9', watermark: 'true',
		hd: '0', private: '1', clientRequestId: '', metadata: '{"a":[1]}', unknown: '', user: 'x' }))
		form.set(name, value);
	form.set('input_reference', new Blob([]), ''); // what a browser sends for an input that was left empty
	const { task, sent: body } = await made(form);
	assert.deepEqual([task.prompt, task.model, task.size, task.seconds, task.aspectRatio, task.clientRequestId, task.metadata],
		['猫', 'm', '1280x720', 10, '16:9', null, { a: [1] }]);
	assert.deepEqual(['watermark', 'hd', 'private', 'seconds'].map((name) => sent(body, name)), ['true', 'false', 'true', '10']);
});

test('an image of each kind arrives byte for byte, whatever its name says', async () => {
	const images = {
		'image/png': PNG, 'image/jpeg': Buffer.from('\xff\xd8\xff\xe0\r\n--B\r\n--B--\0', 'latin1'),
		'image/webp': Buffer.concat([Buffer.from('RIFF\x10\0\0\0WEBPVP8 ', 'latin1'), Buffer.alloc(64 * 1024, '\r\n--')]),
	};
	for (const [type, bytes] of Object.entries(images)) {
		const form = new FormData();
		form.set('prompt', 'x');
		form.set('input_reference', new Blob([bytes], { type: 'text/html' }), '../猫".exe');
		await made(form);
		const { body } = api.upstream.submissions().at(-1);
		assert.ok(body.includes(bytes), type);
		assert.match(body.toString('latin1'), new RegExp(`name="input_reference"; filename="[\\w.]+"\r\nContent-Type: ${type}\r\n`));
	}
});

test('Idempotency-Key means clientRequestId', async () => {
	const first = await made({ prompt: 'key' }, { 'idempotency-key': 'k-1' });
	assert.equal(first.task.clientRequestId, 'k-1');
	const count = api.upstream.submissions().length;
	for (const [body, headers] of [[{ prompt: 'key', clientRequestId: 'k-1' }, {}], [{ prompt: 'key', clientRequestId: 'k-1' }, { 'idempotency-key': 'k-1' }]]) {
		const again = await ada.call('POST', PATH, { body, headers });
		assert.deepEqual([again.status, again.headers.get('idempotent-replayed'), again.json.data.videoId], [200, 'true', first.task.videoId]);
	}
	assert.equal(api.upstream.submissions().length, count);
});

test('a prompt is never in the log', async () => {
	const answer = await ada.call('POST', PATH, { body: { prompt: 'a very secret cat', clientRequestId: 'quiet' } });
	assert.match(answer.stderr, /method=POST path=\/api\/relay\/sora\/videos /);
	assert.doesNotMatch(answer.stderr, /secret/);
	const list = await ada.call('GET', '/api/video/tasks?q=secret');
	assert.equal(list.json.data.tasks.length, 1);
	assert.doesNotMatch(list.stderr, /secret/);
});
