// client.js in a page of somebody else's, on another origin that the operator has allowed: everything works, and the headers can be read.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { launch, startForBrowsers } from '../support/browser.mjs';

let site, origin, instance, browser;
before(async () => {
	site = createServer(async (request, response) => {
		const script = request.url.endsWith('.js') && !request.url.includes('..');
		const text = script ? await readFile(new URL(`../../web${request.url}`, import.meta.url)).catch(() => '') : '<!doctype html><title>elsewhere</title><link rel="icon" href="data:,">';
		response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
		response.end(text);
	}).listen(0, '127.0.0.1');
	await once(site, 'listening');
	origin = `http://127.0.0.1:${site.address().port}`;
	[instance, browser] = await Promise.all([startForBrowsers({ env: { LONGREEL_CORS_ORIGINS: origin, LONGREEL_RATE_LOGIN: '3' } }), launch()]);
});
after(async () => {
	await browser?.close();
	site?.closeAllConnections();
	site?.close();
	await instance?.stop();
});

test('a whole life of a video from another origin', async () => {
	const page = await browser.newPage();
	await page.goto(origin);
	const result = await page.evaluate(async (base) => {
		const { Client, newRequestId } = await import('/client.js');
		const client = new Client({ base });
		await client.register('elsewhere', 'correct horse');
		await client.login('elsewhere', 'correct horse');
		const clientRequestId = newRequestId(), { cursor } = await client.cursorOfNow(), uploads = [];
		const image = await new Promise((done) => { const canvas = document.createElement('canvas'); canvas.width = canvas.height = 200; canvas.toBlob(done, 'image/png'); });
		const creation = { prompt: 'A cat', model: 'sora_video2:fast', clientRequestId, image };
		const ended = new Promise((done) => {
			const watch = client.watch(cursor, ({ updates }) => updates?.some((task) => task.completedAt) && (watch.stop(), done(updates.at(-1))));
		});
		const made = await client.createVideo(creation, { onUpload: (part) => uploads.push(part) });
		const again = await client.createVideo(creation, { onUpload() {} });
		const task = await ended, blob = await client.content(task.videoId);
		const plain = await fetch(`${base}/api/video/tasks/${task.videoId}`, { headers: { authorization: `Bearer ${client.token}` } });
		const headers = ['date', 'etag', 'x-request-id'].map((name) => plain.headers.has(name));
		let refused;
		const stranger = new Client({ base });
		for (let n = 0; n < 8 && refused?.status !== 429; n++)
			await stranger.login('elsewhere', 'wrong password').catch((error) => (refused = error));
		return { made: made.replayed, again: again.replayed, same: made.videoId === again.videoId, status: task.status, bytes: blob.size > 1000, uploads: uploads.at(-1), headers,
			refused: [refused.status, refused.retryAfterMs > 0, Boolean(refused.requestId)] };
	}, instance.base);
	assert.deepEqual(result, { made: false, again: true, same: true, status: 'COMPLETED', bytes: true, uploads: 1, headers: [true, true, true], refused: [429, true, true] });
	await page.close();
});
