// Hostile input for a creation: refused with the envelope, by the right code, naming the field where there is one; and
// nothing of it reaches the upstream, leaves a row, or a file.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { newApi } from '../support/api.mjs';
import { PNG } from '../support/client.mjs';

const PATH = '/api/relay/sora/videos';
const JSON_TYPE = { 'content-type': 'application/json' };

let api, ada;
before(async () => {
	api = await newApi();
	ada = await api.user('ada');
});
after(() => api?.close());

afterEach(async () => {
	assert.equal(api.upstream.requests.length, 0, 'nothing reached the upstream');
	assert.equal((await ada.data('GET', '/api/video/tasks')).total, 0, 'no row');
	assert.deepEqual(readdirSync(join(api.data, 'uploads')), [], 'no file');
});

/** Sends `body` and expects the refusal. */
async function refused(body, headers, [status, code, field], what = String(body).slice(0, 80)) {
	const answer = await ada.call('POST', PATH, { body, headers });
	assert.deepEqual([answer.status, answer.json?.code, answer.json?.details?.field], [status, code, field], what);
}

describe('JSON', () => {
	test('malformed', async () => {
		const texts = ['', '{', '}', '{"prompt":"x"', '{"prompt":"x"}}', '{"prompt":"x"} {}', '{prompt:"x"}', "{'prompt':'x'}", '{"prompt":"x",}',
			'{"prompt":x}', '{"prompt":"x\ny"}', '{"prompt":"\\x"}', '{"prompt":"\\ud800"}', '{"prompt":"a\\u0000b"}', '{"prompt":"x","seconds":01}',
			'{"prompt":"x","seconds":1e999}', '{"prompt":"x","prompt":"y"}', '{"prompt":"x"}\0', '\ufeff\ufeff{"prompt":"x"}', '[]', '"x"', '1', 'null', 'nul',
			'/* */{"prompt":"x"}', `${'['.repeat(100000)}`, `{"metadata":${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}}`,
			`{"prompt":"x","metadata":{"a":${'['.repeat(40)}${']'.repeat(40)}}}`, `{"a":[${'0,'.repeat(30000)}0],"prompt":"x"}`];
		for (const text of texts)
			await refused(text, JSON_TYPE, [400, 'bad_json', undefined]);
		for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe4, 0xbd], [0x00]])
			await refused(Buffer.concat([Buffer.from('{"prompt":"a'), Buffer.from(bytes), Buffer.from('"}')]), JSON_TYPE,
				[400, 'bad_json', undefined], `bytes ${bytes}`);
	});

	test('a wrong type or a value out of bounds', async () => {
		const bad = {
			prompt: [undefined, null, '', ' \n\t ', 5, true, ['x'], { a: 'x' }, 'x'.repeat(32001), '猫'.repeat(32001), 'a\u0007b', 'a\u007fb', 'a\u001b[2Jb'],
			model: [5, ['x'], 'x'.repeat(129), 'a\nb', 'a\tb'],
			size: ['big', '1280', '1280x', 'x720', '1280X720', '1280*720', '0x720', '1280x0', '-1x2', '1280x720x1', ' 1280x720', '99999x1', '1280x720\n',
				1280, '1'.repeat(100) + 'x1'],
			seconds: [0, -1, 1.5, 3601, '0', 'ten', '1e1', '0x10', ' 5', '5 ', '5s', 1e300, '9'.repeat(30), true, [5], {}],
			aspect_ratio: ['16', '16:', ':9', '16:9:1', '16x9', '0:1', '1:0', 16.9, '12345:1'],
			clientRequestId: [5, 'x'.repeat(129), 'a\nb', 'a\u0007', ['x']],
			watermark: ['true', 1, 0, 'yes', {}], hd: ['on', 1], private: [2],
			metadata: ['{}', [1], 5, true, { a: 'x'.repeat(8192) }, { type: 'remix' }, { remix_from: 'x' }, { remix_from_external: null }],
			input_reference: ['x', 'data:image/png;base64,AAA', { image_url: 'x' }, 5], last_frame: ['x', 5], references: ['x', [5], { url: 'x' }],
			seed: [1.5, 'x', 2 ** 53, true, {}], negative_prompt: [5, 'x'.repeat(4001), 'a\u0007'], audio: ['on', 1, 'https://example.com/a.mp3', {}],
			n: [0, 11, -1, 'x', 1.5], extra: ['x', 5, [1], { a: 'x'.repeat(8192) }],
		};
		for (const [field, values] of Object.entries(bad)) {
			for (const value of values)
				await refused({ prompt: 'x', [field]: value }, {}, [400, 'bad_field', field], `${field}: ${JSON.stringify(value)?.slice(0, 60)}`);
		}
		await refused({ prompt: 'x', aspectRatio: '16-9' }, {}, [400, 'bad_field', 'aspect_ratio']);
	});

	test('what is not known, and would make another video', async () => {
		for (const [name, value] of Object.entries({ Seed: 0, image: 'x', duration: 5, sound: 'on', stream: true, camera: {}, Prompt: 'x', video: { id: 'x' }, '猫': {} }))
			await refused({ prompt: 'x', [name]: value }, {}, [400, 'bad_field', name], name);
	});

	test('another id in Idempotency-Key than in the body', async () => {
		await refused({ prompt: 'x', clientRequestId: 'a' }, { 'idempotency-key': 'b' }, [400, 'bad_field', 'clientRequestId']);
		await refused({ prompt: 'x' }, { 'idempotency-key': 'x'.repeat(129) }, [400, 'bad_field', 'Idempotency-Key']);
	});

	test('too large, by what it says or by what comes', async () => {
		await refused(`{"prompt":"x","pad":"${'x'.repeat(15 * 1024 * 1024)}"}`, JSON_TYPE, [413, 'too_large', undefined]);
		await refused('{', { ...JSON_TYPE, 'content-length': '999999999999' }, [413, 'too_large', undefined]);
	});

	test('cut off', () => refused('{"prompt":"x"}', { ...JSON_TYPE, 'content-length': '500' }, [400, 'bad_request', undefined]));
});

test('an unsupported Content-Type, or none', async () => {
	for (const type of [undefined, '', 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'multipart/mixed; boundary=x', 'json'])
		await refused('{"prompt":"x"}', type === undefined ? {} : { 'content-type': type }, [415, 'unsupported_content_type', undefined], type);
	await refused(new URLSearchParams({ prompt: 'x' }), {}, [415, 'unsupported_content_type', undefined]);
});

/** Sends it to both surfaces, for a reader of each language. @returns {Promise<{status: number, text: string}[]>} */
async function told(body, headers) {
	const answers = [];
	for (const path of [PATH, '/v1/videos']) {
		for (const lang of ['en', 'zh']) {
			const { status, json } = await ada.call('POST', path, { body, headers: { ...headers, 'accept-language': lang } });
			answers.push({ status, text: json.error.message ?? json.error, zh: lang === 'zh' });
		}
	}
	return answers;
}

test('a compressed body, and one in another encoding, are told as such', async () => {
	const gbk = Buffer.from([0xc4, 0xe3, 0xba, 0xc3]), TYPE = { 'content-type': 'multipart/form-data; boundary=B' };
	const json = Buffer.concat([Buffer.from('{"prompt":"'), gbk, Buffer.from('"}')]);
	const form = Buffer.concat([Buffer.from('--B\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n'), gbk, Buffer.from('\r\n--B--\r\n')]);
	const encoded = [gzipSync('{"prompt":"x"}'), JSON_TYPE, 415, /compressed/, /压缩/], text = [400, /UTF-8.*GBK/, /UTF-8.*GBK/];
	for (const [body, headers, status, en, zh] of [[json, JSON_TYPE, ...text], [form, TYPE, ...text], [Buffer.from('{"prompt":"x"}', 'utf16le'), JSON_TYPE, 400, /NUL/, /NUL/],
		encoded, [gzipSync(form), TYPE, ...encoded.slice(2)], [gzipSync(form), { ...TYPE, 'content-encoding': 'gzip' }, ...encoded.slice(2)],
		['{"prompt":"x"}', { ...JSON_TYPE, 'content-encoding': 'br' }, ...encoded.slice(2)],
		['{"prompt":"x"}', { ...JSON_TYPE, 'content-encoding': 'gzip, identity' }, ...encoded.slice(2)]]) {
		for (const answer of await told(body, headers)) {
			assert.equal(answer.status, status, answer.text);
			assert.match(answer.text, answer.zh ? zh : en);
			assert.equal(/[一-龥]/.test(answer.text), answer.zh, answer.text);
		}
	}
});

describe('forms', () => {
	/** The bytes of a form with boundary B. Parts are [headers, content]; the end may be left out. */
	const form = (parts, end = '--B--\r\n') => Buffer.concat([
		...parts.flatMap(([headers, content]) => [Buffer.from(`--B\r\n${headers}\r\n\r\n`), Buffer.from(content), Buffer.from('\r\n')]), Buffer.from(end)]);
	const field = (name) => `Content-Disposition: form-data; name="${name}"`;
	const file = (name, fileName = 'a.png') => `${field(name)}; filename="${fileName}"\r\nContent-Type: image/png`;
	const TYPE = { 'content-type': 'multipart/form-data; boundary=B' };
	const PROMPT = [field('prompt'), 'x'];

	test('no boundary, or a bad one', async () => {
		for (const parameters of ['', ';', '; boundary', '; boundary=', '; boundary=""', `; boundary=${'B'.repeat(71)}`, '; bound=B'])
			await refused(form([PROMPT]), { 'content-type': `multipart/form-data${parameters}` }, [400, 'bad_form', undefined], parameters);
	});

	test('broken framing', async () => {
		const broken = {
			empty: '', 'another boundary': form([PROMPT]).toString().replaceAll('--B', '--C'), 'no end': form([PROMPT], ''),
			'half an end': form([PROMPT], '--B'), 'only an end': '--B--\r\n', 'headers without end': '--B\r\nContent-Disposition: form-data',
			'no name': form([['Content-Disposition: form-data', 'x']]), 'no disposition': form([['Content-Type: text/plain', 'x']]),
			'headers too long': form([[`X: ${'x'.repeat(9000)}\r\n${field('prompt')}`, 'x']]),
			
		};
		for (const [what, body] of Object.entries(broken))
			await refused(body, TYPE, what === 'only an end' ? [400, 'bad_field', 'prompt'] : [400, 'bad_form', undefined], what);
	});

	test('a wrong value', async () => {
		const parts = (name, ...values) => form([...(name === 'prompt' ? [] : [PROMPT]), ...values.map((v) => [field(name), v])]);
		const bad = { prompt: ['', ' \r\n '], size: ['big'], seconds: ['0', '1.5', 'x'], hd: ['yes'], metadata: ['{', '[]', '"x"', '{"type":"x"}',
			`{"a":"${'x'.repeat(8192)}"}`], clientRequestId: ['a\nb'], input_reference: ['data:image/png;base64,AAA'] };
		for (const [name, values] of Object.entries(bad)) {
			for (const value of values)
				await refused(parts(name, value), TYPE, [400, 'bad_field', name], `${name}=${value.slice(0, 40)}`);
		}
		await refused(parts('prompt', 'x', 'y'), TYPE, [400, 'bad_field', 'prompt'], 'twice');
		for (const bytes of [[0xff, 0xfe], [0x61, 0x00, 0x62]])
			await refused(parts('prompt', Buffer.from(bytes)), TYPE, [400, 'bad_field', 'prompt'], `bytes ${bytes}`);
		for (const name of ['n', 'audio', 'extra', 'stream', 'video', 'videos[id]', 'Prompt'])
			await refused(parts(name, '77'), TYPE, [400, 'bad_field', name], name);
	});

	test('an image that is none, by its bytes and not by its name', async () => {
		for (const bytes of ['', 'x', PNG.subarray(0, 7), 'GIF89a----------', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'RIFF0000WAVEfmt ', Buffer.alloc(64)])
			await refused(form([PROMPT, [file('input_reference'), bytes]]), TYPE, [400, 'bad_image', 'input_reference'], bytes);
	});

	test('a file in the wrong place, or a second one', async () => {
		const image = [file('input_reference'), PNG];
		await refused(form([PROMPT, image, image]), TYPE, [400, 'bad_field', 'input_reference']);
		await refused(form([PROMPT, [file('other'), PNG]]), TYPE, [400, 'bad_field', 'other']);
		await refused(form([[file('prompt'), 'x']]), TYPE, [400, 'bad_field', 'prompt']);
	});

	test('an image with bad company is not kept', async () => {
		const image = [file('input_reference'), PNG];
		await refused(form([image, [field('seconds'), '0'], PROMPT]), TYPE, [400, 'bad_field', 'seconds']);
		await refused(form([image]), TYPE, [400, 'bad_field', 'prompt']);
		await refused(form([PROMPT, image], ''), TYPE, [400, 'bad_form', undefined]);
	});

	test('too large: the image, a text, the whole', async () => {
		const big = Buffer.concat([PNG, Buffer.alloc(10 * 1024 * 1024)]);
		await refused(form([PROMPT, [file('input_reference'), big]]), TYPE, [413, 'too_large', 'input_reference'], 'image');
		await refused(form([[field('prompt'), 'x'.repeat(600 * 1024)]]), TYPE, [413, 'too_large', undefined], 'text');
		await refused(form([PROMPT, ...Array(5).fill([field('pad'), 'x'.repeat(300 * 1024)])]), TYPE, [413, 'too_large', undefined], 'texts');
		await refused(form([PROMPT]), { ...TYPE, 'content-length': '15029589' }, [413, 'too_large', undefined], 'whole');
		await refused(form(Array(65).fill(PROMPT)), TYPE, [413, 'too_large', undefined], 'parts');
	});
});
