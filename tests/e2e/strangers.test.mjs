// Nothing large is stored for who has not been recognised, and not too much for who has.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Attackers } from '../support/attackers.mjs';
import { Client, PNG } from '../support/client.mjs';
import { startInstance, until } from '../support/instance.mjs';
import { head, newRaw } from '../support/raw.mjs';
import { ENOSPC, newWorld } from '../support/world.mjs';

const { OpenAI } = createRequire(new URL('../package.json', import.meta.url))('openai');
const MB = 1_000_000, LARGE = 15 * MB, BAD = 'Bearer lr_nobodys', JSON_TYPE = 'application/json', BUDGET = 48 * MB;

let world, instance, ada;
before(async () => {
	world = await newWorld();
	instance = await startInstance({ simulator: true, env: { ...world.env, LONGREEL_RATE_CREATE: '0', LONGREEL_RATE_REGISTER: '0',
		LONGREEL_TMP_MAX_MB: String(BUDGET / MB), LONGREEL_CORS_ORIGINS: 'https://app.test' } });
	ada = await new Client(instance.base).join('ada');
});
after(async () => {
	await instance?.stop();
	await world?.remove();
});

/** The bytes that lighttpd has stored. */
function stored() {
	const dir = join(instance.data, 'tmp');
	return readdirSync(dir).reduce((sum, name) => sum + (statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** The memory of a process, in kB. */
const pssOf = (pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]);

/** A request whose body is begun and not ended. */
async function halfSent(path, { token, chunked = false, bytes = 400_000, more = {}, method = 'POST' } = {}) {
	const raw = await newRaw(instance.base);
	const length = chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(LARGE) };
	raw.send(head(method, path, { ...(token && { authorization: `Bearer ${token}` }), 'content-type': JSON_TYPE, ...length, ...more }));
	if (chunked)
		raw.send(`${LARGE.toString(16)}\r\n`);
	return raw.send(Buffer.alloc(bytes, 'x'));
}

/** A form with an image of so many bytes. */
function form(bytes, prompt = 'a cat') {
	const made = new FormData();
	made.append('prompt', prompt);
	made.append('input_reference', new Blob([PNG, new Uint8Array(bytes - PNG.length)], { type: 'image/png' }), 'cat.png');
	return made;
}

const ASKED = [['POST', '/api/relay/sora/videos'], ['POST', '/api/video/tasks/video_1_x/remix'], ['POST', '/api/video/tasks/remix'], ['POST', '/api/video/tasks/video_1_x/retry'],
	['POST', '/api/video/tasks/recover'], ['POST', '/api/video/tasks/video_1_x/cancel'], ['POST', '/api/webhooks'], ['PATCH', '/api/webhooks/1'], ['POST', '/v1/videos'],
	['POST', '/v1/videos/edits'], ['POST', '/v1/videos/extensions'], ['POST', '/v1/videos/video_1_x/remix']];

test('a body of 15 MB is refused before it is stored, in the form of the surface', async () => {
	const open = [];
	for (const [method, path] of ASKED)
		for (const chunked of [false, true])
			for (const authorization of [undefined, BAD]) {
				const more = { origin: 'https://app.test', 'accept-language': 'zh-CN', 'x-request-id': 'mine-1', ...(authorization && { authorization }) };
				const raw = await halfSent(path, { method, chunked, more });
				open.push(raw);
				const what = `${method} ${path} ${chunked} ${authorization}`, { status, headers, json } = await raw.answer();
				if (status === 413) { // over what this path takes from anyone; lighttpd's own
					assert.ok(!chunked && !path.startsWith('/v1/videos') && !/relay|remix|retry/.test(path), what);
					continue;
				}
				assert.deepEqual([status, json.code ?? json.error.code], [401, path.startsWith('/v1/') ? 'invalid_api_key' : 'unauthorized'], what);
				assert.match(json.error.message ?? json.error, /^[\u4e00-\u9fff]{2}/, what);
				assert.deepEqual(['access-control-allow-origin', 'x-request-id', 'www-authenticate'].map((name) => headers.get(name)),
					['https://app.test', 'mine-1', authorization ? 'Bearer error="invalid_token"' : 'Bearer'], what);
				assert.equal(stored(), 0, what);
			}
	open.forEach((raw) => raw.close());
});

test('where no token is asked for, and with methods that have no body, there is no room for one', async () => {
	const open = [];
	for (const [method, path] of [...['register', 'login', 'verify', 'keys'].map((call) => ['POST', `/api/auth/${call}`]), ['POST', '/api/video/webhook/default'], ['POST', '/health'],
		...['DELETE', 'OPTIONS', 'PROPFIND'].flatMap((other) => ['/v1/videos', '/api/relay/sora/videos', '/api/video/tasks/video_1_x'].map((at) => [other, at]))])
		for (const chunked of [false, true]) {
			const raw = await halfSent(path, { method, chunked, more: chunked ? {} : { 'content-length': '65000' }, bytes: 60_000 });
			open.push(raw);
			assert.equal((await raw.answer()).status, 413, `${method} ${path} ${chunked}`);
			assert.equal(stored(), 0, `${method} ${path} ${chunked}`);
		}
	open.forEach((raw) => raw.close());
});

test('Expect: 100-continue is answered by the refusal, or by 100', async () => {
	const more = { expect: '100-continue' };
	const bad = await halfSent('/v1/videos', { bytes: 0, more }), good = await halfSent('/v1/videos', { bytes: 0, more, token: ada.token });
	assert.deepEqual([await bad.first(), await good.first()], [401, 100]);
	bad.close();
	good.close();
});

test('the official client sees that its key is bad when it uploads', async () => {
	const openai = new OpenAI({ baseURL: `${instance.base}/v1`, apiKey: 'sk-bad', maxRetries: 0 });
	const image = new File([PNG, new Uint8Array(9 * MB)], 'cat.png', { type: 'image/png' });
	await assert.rejects(openai.videos.create({ prompt: 'a cat', input_reference: image }), (error) => error instanceof OpenAI.AuthenticationError && error.code === 'invalid_api_key');
});

test('10 MiB come through meanwhile: as a form, chunked, as text; and a request of a few KB as ever', async () => {
	const strangers = await Promise.all([false, true, false, true].map((chunked) => halfSent('/v1/videos', { chunked })));
	const image = 10 * 1024 * 1024;
	const whole = await ada.call('POST', '/api/relay/sora/videos', form(image));
	assert.equal(whole.status, 200, String(whole.bytes));
	const response = new Response(form(image)), type = response.headers.get('content-type');
	const chunked = await fetch(`${instance.base}/v1/videos`, { method: 'POST', duplex: 'half', body: response.body, headers: { 'content-type': type, authorization: `Bearer ${ada.token}` } });
	assert.equal(chunked.status, 200, await chunked.text());
	const text = `data:image/png;base64,${Buffer.concat([PNG, Buffer.alloc(image - PNG.length)]).toString('base64')}`;
	assert.equal((await ada.call('POST', '/v1/videos', { prompt: 'a cat', input_reference: { image_url: text } })).status, 200);
	assert.equal((await ada.create({ prompt: '猫'.repeat(20_000) })).status, 'processing');
	const { requested } = await ada.data('POST', '/api/video/tasks/recover', { clientRequestIds: Array(1000).fill('x'.repeat(128)) });
	assert.equal(requested, 1000);
	strangers.forEach((raw) => raw.close());
});

test('uploads under way have a budget, and one user has half of it', async () => {
	const bob = await new Client(instance.base).join('bob'), carol = await new Client(instance.base).join('carol');
	await until(() => stored() === 0, 'the end of what came before');
	const hers = await halfSent('/v1/videos', { token: ada.token, bytes: MB });
	await until(() => stored() > 0, 'the first bytes');
	/* 15 of 48 MB: another 15 would be more than half. */
	const more = await halfSent('/api/relay/sora/videos', { token: ada.token });
	const refused = await more.answer();
	assert.deepEqual([refused.status, refused.json.code, refused.headers.has('retry-after')], [429, 'too_many_uploads', true]);
	assert.equal((await ada.call('POST', '/api/relay/sora/videos', form(5 * MB))).status, 200, 'what fits does come');
	/* 15 and 15 and 15: no more for a third user, be the body chunked or not. */
	const his = [await halfSent('/v1/videos', { token: bob.token, chunked: true, bytes: MB })];
	await until(() => stored() >= 1.5 * MB, 'his first bytes');
	const theirs = [await halfSent('/v1/videos', { token: carol.token, bytes: MB })];
	await until(() => stored() >= 2.5 * MB, 'hers');
	const dave = await new Client(instance.base).join('dave');
	for (const chunked of [false, true]) {
		const raw = await halfSent('/v1/videos', { token: dave.token, chunked });
		const full = await raw.answer();
		assert.deepEqual([full.status, full.json.error.code, full.headers.get('x-should-retry')], [507, 'uploads_full', null]);
		raw.close();
	}
	assert.equal((await dave.create({ prompt: 'small' })).status, 'processing', 'what is small needs no room');
	/* What is broken off gives its room back at once. */
	[hers, more, ...his].forEach((raw) => raw.close());
	await until(() => stored() <= 1.5 * MB, 'the end of what was broken off');
	for (const caller of [ada, bob, dave])
		assert.equal((await caller.call('POST', '/v1/videos', form(10 * MB))).status, 200);
	theirs.forEach((raw) => raw.close());
});

test('a full disk: 507 and a line, before the body and in the midst of it, and nothing stays behind', async () => {
	await world.room(5 * MB);
	const before = await ada.call('POST', '/v1/videos', form(MB));
	assert.deepEqual([before.status, before.body.error.code], [507, 'no_space']);
	await world.room(0);
	await until(() => stored() === 0, 'the end of what came before');
	for (const chunked of [false, true]) {
		const raw = await halfSent('/api/relay/sora/videos', { token: ada.token, chunked, bytes: MB });
		await until(() => stored() > 0, 'the first bytes');
		await world.room(5 * MB);
		await world.disk(ENOSPC);
		raw.send(Buffer.alloc(MB, 'x'));
		const { status, headers, json } = await raw.answer();
		assert.deepEqual([status, json.code], [507, 'no_space'], `chunked: ${chunked}`);
		await instance.logged(new RegExp(`request=${headers.get('x-request-id')} the web server could not store the body: the disk is full`));
		await world.disk(0);
		await world.room(0);
		raw.close();
		await until(() => stored() === 0, 'the end of it');
	}
	await instance.logged(/an upload is refused: bytes=\d+ why="the disk is full"/);
	assert.equal((await ada.call('POST', '/v1/videos', form(MB))).status, 200);
});

test('what comes with a request that is refused costs little memory', async () => {
	const sockets = 600, before = pssOf(instance.child('lighttpd')), request = head('POST', '/v1/videos', { 'x-long': 'x'.repeat(5000), 'content-length': '65000' });
	const open = await Promise.all(Array.from({ length: sockets }, () => newRaw(instance.base)));
	open.forEach((raw) => raw.send(Buffer.concat([Buffer.from(request), Buffer.alloc(64_900, 'x')])));
	await ada.data('GET', '/api/video/tasks'); // behind them
	const each = (pssOf(instance.child('lighttpd')) - before) / sockets;
	open.forEach((raw) => raw.close());
	assert.ok(each <= 50, `${each} kB each`);
});

test('headers of more than 4 KB are refused', async () => {
	const raw = await newRaw(instance.base);
	raw.send(head('GET', '/health', { 'x-long': 'x'.repeat(4096) }));
	assert.equal((await raw.answer()).status, 431);
	raw.close();
});

test('what a lighttpd has stored that is killed is removed, at once or at the next start', async () => {
	for (const crash of [() => process.kill(instance.child('lighttpd'), 'SIGKILL'), async () => {
		await instance.crash();
		await instance.start();
	}]) {
		const raw = await halfSent('/v1/videos', { token: ada.token, bytes: 2 * MB });
		await until(() => stored() > MB, 'the first part of a body');
		await crash();
		await until(() => stored() === 0, 'the removal of what it left');
		await until(async () => (await fetch(`${instance.base}/health`).catch(() => ({}))).ok, 'an answer');
		raw.close();
	}
});

test('attackers who are told to stop are gone, also those who still wait to be accepted', async (t) => {
	/* In Python, as Node accepts by itself. */
	const server = spawn('python3', ['-c', `import socket, sys
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(1)
print(s.getsockname()[1], flush=True)
sys.stdin.read()`], { stdio: ['pipe', 'pipe', 'inherit'] });
	t.after(() => server.kill());
	const [port] = await once(server.stdout, 'data');
	const attackers = new Attackers(`http://127.0.0.1:${Number(port)}`, 'body drip', { sockets: 20 });
	await until(() => attackers.open > 0, 'one in the queue');
	attackers.stop();
	await until(() => attackers.cut === 20, 'the end of all');
});
