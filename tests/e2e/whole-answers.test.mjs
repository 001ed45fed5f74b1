// Bodies of more than 64 kB, by several clients at once: lighttpd sends them in pieces, and a program that answers without having read the last,
// empty one makes it drop what it has not read of the answer.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { BUILD, startInstance } from '../support/instance.mjs';

/* One in 200 was cut; a build with sanitizers is slow, and looks for other things. */
const CLIENTS = 4, SHARE = /\bt?san$/.test(BUILD) ? 0.2 : 1;
let instance, ada;

before(async () => {
	instance = await startInstance({ simulator: true, env: { LONGREEL_RATE_CREATE: '0', LONGREEL_LOG_LEVEL: 'warn' } });
	ada = await new Client(instance.base).join('ada');
});
after(() => instance?.stop());

/** `count` calls by several clients at once; fetch throws for an answer that ends before its Content-Length. */
async function many(count, call) {
	let left = count * SHARE;
	await Promise.all(Array.from({ length: CLIENTS }, async () => {
		while (left-- > 0)
			await call();
	}));
}

const ids = (count, tail) => Array.from({ length: count }, (_, i) => `${i}-`.padEnd(120, tail));

test('a thousand ids, and as many back', async () => {
	const body = JSON.stringify({ clientRequestIds: ids(1000, 'x') });
	await many(1000, async () => assert.equal((await ada.data('POST', '/api/video/tasks/recover', body)).missing.length, 1000));
});

test('an answer that another thread gives later', async () => {
	const body = JSON.stringify({ videoIds: ids(50, 'y'), prompt: '猫'.repeat(30_000) });
	await many(500, async () => assert.equal((await ada.data('POST', '/api/video/tasks/remix', body)).results.length, 50));
});

test('an OpenAI object that holds its own prompt', async () => {
	const prompt = '🐈'.repeat(32_000), body = JSON.stringify({ prompt, model: 'sora_video2:never' });
	await many(100, async () => assert.equal((await ada.call('POST', '/v1/videos', body)).body.prompt, prompt));
});

test('what is refused before it has been read', async () => {
	const stranger = new Client(instance.base), large = 'x'.repeat(900_000), text = { 'content-type': 'text/plain' };
	const form = `--B\r\nContent-Disposition: form-data\r\n\r\n${large}\r\n--B--\r\n`, multipart = { 'content-type': 'multipart/form-data; boundary=B' };
	const cases = [
		[401, stranger, '/api/video/tasks/recover', large], [401, stranger, '/v1/videos', large], [404, ada, '/api/nothing', large],
		[413, ada, '/api/video/tasks/recover', large + large], [415, ada, '/api/video/tasks/recover', large, text],
		[415, ada, '/v1/videos', large, text], [400, ada, '/api/relay/sora/videos', form, multipart], [400, ada, '/v1/videos', form, multipart],
	];
	for (const [status, client, path, body, headers] of cases)
		await many(20, async () => assert.equal((await client.call('POST', path, body, headers)).status, status, path));
});
