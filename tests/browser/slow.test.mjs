// A slow line (Slow 4G: 150 ms, 1.6 Mbit/s), nothing in the cache: soon something is there, soon it can be used, and little is asked for.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, newUser, startForBrowsers } from '../support/browser.mjs';

const PAINT_MS = 1000, USABLE_MS = 2500, BYTES_MOST = 90_000, REQUESTS_MOST = 8;

let instance, browser;
before(async () => {
	[instance, browser] = await Promise.all([startForBrowsers(), launch()]);
});
after(async () => {
	await browser?.close();
	await instance?.stop();
});

/** Visits the page as if for the first time. @returns {Promise<{paint: number, usable: number, bytes: number, requests: number}>} */
async function visit(context, field) {
	const page = await context.newPage(), cdp = await context.newCDPSession(page);
	await cdp.send('Network.enable');
	await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
	await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 0.75e6 / 8 });
	let bytes = 0, requests = 0;
	cdp.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; requests++; });
	await page.goto(instance.base, { waitUntil: 'commit' });
	await page.locator(field).waitFor();
	const { paint, usable } = await page.evaluate(() => ({ usable: performance.now(), paint: performance.getEntriesByName('first-contentful-paint')[0].startTime }));
	await page.close();
	return { paint, usable, bytes, requests };
}

for (const [who, field] of [['a stranger', 'input[name=username]'], ['one who is signed in', '#prompt']])
	test(`${who}, on a slow line`, async () => {
		const { context, page, close } = who === 'a stranger' ? await newUser(browser, instance.base).then(async (one) => {
			await one.page.evaluate(() => localStorage.clear());
			return one;
		}) : await newUser(browser, instance.base);
		await page.close();
		const { paint, usable, bytes, requests } = await visit(context, field);
		console.log(`# ${who}: first paint ${Math.round(paint)} ms, usable ${Math.round(usable)} ms, ${bytes} bytes in ${requests} requests`);
		assert.ok(paint < PAINT_MS, `first paint after ${paint} ms`);
		assert.ok(usable < USABLE_MS, `usable after ${usable} ms`);
		assert.ok(bytes <= BYTES_MOST, `${bytes} bytes`);
		assert.ok(requests <= REQUESTS_MOST, `${requests} requests`);
		await close();
	});
