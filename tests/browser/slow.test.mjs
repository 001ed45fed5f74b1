// A slow line (Slow 4G: 150 ms, 1.6 Mbit/s), nothing in the cache: soon something is there, soon it can be used, and little is asked for. What is
// judged is what the line takes; the machine's own time is only told.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, newUser, startForBrowsers } from '../support/browser.mjs';

const LATENCY_MS = 150, BYTES_PER_MS = 1600 / 8, PAINT_MS = 1000, USABLE_MS = 1000, BYTES_MOST = 90_000, REQUESTS_MOST = 8;

let instance, browser;
before(async () => {
	[instance, browser] = await Promise.all([startForBrowsers(), launch()]);
});
after(async () => {
	await browser?.close();
	await instance?.stop();
});

/** What the line takes for what had come by a time: a round for all that is asked for once something else is there, and the bytes. @param {any[]} entries @param {(entry: any) => boolean} [counts] whether it was waited for */
function lineMs(entries, by, counts = () => true) {
	const come = entries.filter(({ responseEnd }) => responseEnd <= by), rounds = new Map();
	for (const one of come.filter(counts).sort((a, b) => a.startTime - b.startTime))
		rounds.set(one, 1 + Math.max(0, ...[...rounds].filter(([before]) => before.responseStart <= one.startTime).map(([, round]) => round)));
	return Math.max(...rounds.values()) * LATENCY_MS + come.reduce((sum, { transferSize }) => sum + transferSize, 0) / BYTES_PER_MS;
}

/** Visits the page as if for the first time. @returns {Promise<{paint: number, usable: number, entries: any[], bytes: number, requests: number}>} */
async function visit(context, field) {
	const page = await context.newPage(), cdp = await context.newCDPSession(page);
	await cdp.send('Network.enable');
	await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
	await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: LATENCY_MS, downloadThroughput: BYTES_PER_MS * 1000, uploadThroughput: 0.75e6 / 8 });
	let bytes = 0, requests = 0;
	cdp.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; requests++; });
	await page.addInitScript((wanted) => new MutationObserver((_, watch) => {
		if (document.querySelector(wanted)) {
			globalThis.usable = performance.now();
			watch.disconnect();
		}
	}).observe(document, { childList: true, subtree: true }), field);
	let held = [];
	await page.route('**/api/**', (route) => (held ? held.push(route) : route.continue()));
	await page.goto(instance.base, { waitUntil: 'commit' });
	await page.locator(field).waitFor(); // without a word of the API
	const waiting = held;
	held = null;
	await Promise.all(waiting.map((route) => route.continue()));
	await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
	const { paint, usable, entries } = await page.evaluate(() => ({ usable: globalThis.usable, paint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
		entries: ['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type).map((one) => one.toJSON())) }));
	await page.close();
	return { paint, usable, entries, bytes, requests };
}

for (const [who, field] of [['a stranger', 'input[name=username]'], ['one who is signed in', '#prompt']])
	test(`${who}, on a slow line`, async () => {
		const { context, page, close } = who === 'a stranger' ? await newUser(browser, instance.base).then(async (one) => {
			await one.page.evaluate(() => localStorage.clear());
			return one;
		}) : await newUser(browser, instance.base);
		await page.close();
		const { paint, usable, entries, bytes, requests } = await visit(context, field);
		const untilPaint = lineMs(entries, paint, ({ entryType, renderBlockingStatus }) => entryType === 'navigation' || renderBlockingStatus === 'blocking'), untilUsable = lineMs(entries, usable);
		console.log(`# ${who}: first paint ${Math.round(paint)} ms, usable ${Math.round(usable)} ms, ${bytes} bytes in ${requests} requests; the line ${Math.round(untilPaint)} and ${Math.round(untilUsable)} ms`);
		assert.ok(untilPaint < PAINT_MS, `first paint after ${untilPaint} ms`);
		assert.ok(untilUsable < USABLE_MS, `usable after ${untilUsable} ms`);
		assert.ok(bytes <= BYTES_MOST, `${bytes} bytes`);
		assert.ok(requests <= REQUESTS_MOST, `${requests} requests`);
		await close();
	});
