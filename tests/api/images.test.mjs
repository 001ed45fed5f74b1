// The reference image as clients send it: under the names and in the forms that they use, on both surfaces. What is no image is refused by name.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { newApi } from '../support/api.mjs';
import { PNG } from '../support/client.mjs';

const PATHS = ['/api/relay/sora/videos', '/v1/videos'];
const NAMES = ['input_reference', 'image', 'image_url', 'images', 'first_frame', 'reference_image'];
const BASE64 = PNG.toString('base64'), DATA = `data:image/png;base64,${BASE64}`;
/** In lines, as mail programs and the program base64 write it. */
const LINES = `data:image/png;base64,\r\n${BASE64.replace(/.{20}/g, '$&\r\n')}\n`;

let api, ada;
before(async () => {
	api = await newApi();
	ada = await api.user('ada');
});
after(() => api?.close());

/** The bytes of a form. Parts are [name, content, further headers?, parameters of the disposition?]. */
const form = (...parts) => ({ headers: { 'content-type': 'multipart/form-data; boundary=B' }, body: Buffer.concat([
	...[['prompt', 'x'], ...parts].flatMap(([name, content, headers = '', more = '']) => [
		Buffer.from(`--B\r\nContent-Disposition: form-data; name="${name}"${more}\r\n${headers}\r\n`), Buffer.from(content), Buffer.from('\r\n')]),
	Buffer.from('--B--\r\n')]) });
const json = (fields) => ({ body: { prompt: 'x', ...fields } });

/** Sends it to both surfaces; the image must arrive upstream. */
async function arrives(request, what, paths = PATHS) {
	for (const path of paths) {
		const { status, body } = await ada.call('POST', path, request);
		assert.equal(status, 200, `${path} ${what}: ${body}`);
		const sent = api.upstream.submissions().at(-1).body;
		assert.ok(sent.includes(PNG) && sent.includes('name="input_reference"'), `${path} ${what}: the image is not sent`);
	}
}

/** Sends it to both surfaces; it must be refused by this name, with a sentence like that. */
async function refused(request, field, sentence, what) {
	for (const path of PATHS) {
		for (const [lang, words] of [['en', sentence], ['zh', /[一-龥]/]]) {
			const answer = await ada.call('POST', path, { ...request, headers: { ...request.headers, 'accept-language': lang } });
			const { error, details } = answer.json;
			assert.deepEqual([answer.status, details?.field ?? error.param], [400, field], `${path} ${what}: ${answer.body}`);
			assert.match(error.message ?? error, words, what);
		}
	}
}

test('each name, each form of JSON', async () => {
	const forms = [DATA, BASE64, LINES, { image_url: DATA }, { url: DATA }, { image_url: { url: DATA } }, [DATA], [{ image_url: DATA }],
		[{ type: 'image_url', image_url: { url: DATA, detail: 'auto' } }], { type: 'input_image', image_url: DATA, file_id: null },
		`data:;base64,${encodeURIComponent(BASE64)}`];
	for (const name of NAMES) {
		for (const value of name === NAMES[0] ? forms : [DATA, { url: DATA }, [DATA]])
			await arrives(json({ [name]: value }), `${name}: ${JSON.stringify(value).slice(0, 60)}`, name === NAMES[0] ? PATHS : [PATHS[0]]);
	}
});

test('each name, each form of a form', async () => {
	const TYPE = 'Content-Type: application/json\r\n', BLOB = '; filename="blob"';
	const forms = [['', PNG], ['', PNG, 'Content-Type: image/png\r\n'], ['', PNG, '', BLOB], ['[]', PNG, '', BLOB], ['[0]', PNG], ['', DATA], ['[]', DATA], ['', BASE64],
		['', LINES], ['[image_url]', DATA], ['[url]', DATA], ['[image_url][url]', DATA], ['[0][image_url]', DATA], ['', JSON.stringify({ image_url: DATA })],
		['', JSON.stringify({ image_url: { url: DATA } }), TYPE], ['', JSON.stringify({ image_url: LINES }), TYPE, BLOB], ['', JSON.stringify([DATA]), 'content-type:application/json;charset=utf-8\r\n', BLOB]];
	for (const name of NAMES) {
		for (const [rest, ...part] of name === NAMES[0] ? forms : [forms[0], forms[2], forms[5], forms[10]])
			await arrives(form([name + rest, ...part]), `${name}${rest}: ${String(part).slice(0, 60)}`, name === NAMES[0] ? PATHS : [PATHS[1]]);
	}
});

test('the largest image in JSON on both surfaces, in lines as well', async () => {
	const image = Buffer.concat([PNG, Buffer.alloc(10 * 1024 * 1024 - PNG.length, 7)]), text = image.toString('base64').replace(/.{76}/g, '$&\r\n');
	for (const path of PATHS) {
		const { status, body } = await ada.call('POST', path, { body: { prompt: '猫'.repeat(32000), image: text } });
		assert.equal(status, 200, body.toString());
		assert.ok(api.upstream.submissions().at(-1).body.includes(image));
	}
});

test('what cannot be used is refused by its name, and nothing is sent or kept', async () => {
	const before = [api.upstream.requests.length, readdirSync(join(api.data, 'uploads')).length];
	for (const value of ['https://example.com/a.png', { image_url: 'http://example.com/a.png' }, { image_url: { url: 'https://example.com/a' } }, ['//example.com/a']])
		await refused(json({ image: value }), 'image', /links are not followed/, JSON.stringify(value));
	await refused(form(['image_url', 'https://example.com/a.png']), 'image_url', /links are not followed/, 'a link in a form');
	await refused(json({ image: DATA, input_reference: { image_url: DATA } }), 'image', /second image/, 'two names');
	await refused(json({ image_url: [DATA, DATA] }), 'image_url', /second image/, 'two of an array');
	await refused(json({ image: { image_url: DATA, url: DATA } }), 'image', /second image/, 'two members');
	await refused(form(['first_frame[]', DATA], ['first_frame[]', DATA]), 'first_frame', /second image/, 'an array in a form');
	await refused(form(['image', PNG, '', '; filename="a.png"'], ['images[]', PNG, '', '; filename="b.png"']), 'images', /second image/, 'two files');
	await refused(form(['image', PNG], ['input_reference[image_url]', DATA]), 'input_reference', /second image/, 'a file and a text');
	await refused(json({ input_reference: { image_url: DATA, file_id: 'file-1' } }), 'input_reference', /\[file_id\]/, 'file_id beside image_url');
	await refused(form(['input_reference[image_url]', DATA], ['input_reference[file_id]', 'file-1']), 'input_reference', /\[file_id\]/, 'the same in a form');
	await refused(form(['input_reference', JSON.stringify({ file_id: 'file-1', image_url: DATA }), 'Content-Type: application/json\r\n']), 'input_reference', /\[file_id\]/, 'as JSON');
	await refused(json({ image: { image_url: DATA, role: 'last_frame' } }), 'image', /\[role\]/, 'a role');
	await refused(json({ image: { image_url: { url: DATA, detail: 'high' } } }), 'image', /\[detail\]/, 'a detail');
	for (const value of [5, true, {}, [5], [[DATA]], { image_url: 5 }, { image_url: {} }, { image_url: { image_url: DATA } }, 'file-1'])
		await refused(json({ image: value }), 'image', /image/, JSON.stringify(value));
	await refused(json({ mask: DATA }), 'mask', /mask/, 'another name');
	await refused(form(['mask', PNG, '', '; filename="a.png"']), 'mask', /mask cannot be a file/, 'a file by another name');
	await refused(form(['image', '{"image_url":']), 'image', /image/, 'broken JSON');
	for (const value of [`data:image/png;base64,${BASE64.slice(0, -2)}`, 'data:image/png;base64,%4', `data:image/png;base64,AA==${BASE64}`])
		await refused(json({ image: value }), 'image', /base64/, value.slice(0, 40));
	assert.deepEqual([api.upstream.requests.length, readdirSync(join(api.data, 'uploads')).length], before);
});

test('no wish is none', async () => {
	for (const request of [json({ image: null, images: [], first_frame: '', input_reference: [] }), form(['image', ''], ['images[]', ''], ['first_frame', '', '', '; filename=""'])]) {
		const { status, body } = await ada.call('POST', PATHS[0], request);
		assert.equal(status, 200, body.toString());
		assert.ok(!api.upstream.submissions().at(-1).body.includes('input_reference'));
	}
});

test('a remix takes the same', async () => {
	const made = await ada.create();
	api.upstream.jobs.set(made.externalTaskId, { status: 'completed', progress: 100, video_url: `${api.upstream.base}/video/1.mp4` });
	await api.polled(ada, made.videoId, 'COMPLETED');
	await arrives(json({ image: { url: DATA } }), 'a remix', [`/api/video/tasks/${made.videoId}/remix`, `/v1/videos/${made.videoId}/remix`]);
});
