// Ten thousand videos: the document stays small, a scroll to the end shows the oldest, and nothing is asked for twice.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { launch, newDevice, startForBrowsers } from '../support/browser.mjs';
import { BUILD, newDataDir } from '../support/instance.mjs';

const TASKS = 10_000, DRAWN_MOST = 60;

let data, instance, browser, token;
before(async () => {
	data = await newDataDir();
	const { stdout } = await promisify(execFile)(join(BUILD, 'bench', 'fill'), [data, '1', String(TASKS), 'completed', String(TASKS), '0']);
	[token] = stdout.trim().split(' ');
	[instance, browser] = await Promise.all([startForBrowsers({ data }), launch()]);
});
after(async () => {
	await browser?.close();
	await instance?.stop();
	await rm(data, { recursive: true, force: true });
});

test('ten thousand videos, to the very end and back', async () => {
	const { page, seen, close } = await newDevice(browser, instance.base);
	seen.expect.push(/Failed to load resource/); // these videos have never had any bytes
	await page.evaluate((t) => localStorage.setItem('longreel.account', JSON.stringify({ token: t, user: { id: 1, username: 'user0' } })), token);
	await page.reload();
	await page.locator('.card').first().waitFor();
	const cards = () => page.evaluate(() => document.querySelectorAll('.card').length);
	let most = 0;
	await page.evaluate(() => {
		globalThis.longest = 0;
		new PerformanceObserver((list) => list.getEntries().forEach((entry) => (globalThis.longest = Math.max(globalThis.longest, entry.duration)))).observe({ type: 'longtask' });
	});
	for (;;) {
		most = Math.max(most, await cards());
		const loaded = await page.evaluate(() => { scrollTo(0, document.body.scrollHeight); return document.body.scrollHeight; });
		const last = await page.locator('.card').last().getAttribute('aria-setsize');
		if (last === String(TASKS))
			break;
		await page.waitForFunction((before) => document.body.scrollHeight > before || document.querySelector('.card:last-child')?.getAttribute('aria-setsize') !== '-1', loaded);
	}
	assert.ok(most <= DRAWN_MOST, `${most} cards in the document`);
	await page.evaluate(() => scrollTo(0, document.body.scrollHeight)); // the last page may have come after the last scroll
	await page.locator(`.card[aria-posinset="${TASKS}"]`).waitFor();
	assert.ok(await cards() <= DRAWN_MOST);
	const pages = seen.requests.filter(({ url }) => url.startsWith('/api/video/tasks?'));
	assert.equal(new Set(pages.map(({ url }) => url)).size, pages.length, 'no page twice');
	await page.evaluate(() => scrollTo(0, 0));
	await page.locator('.card[aria-posinset="1"]').waitFor();
	console.log(`# ${pages.length} pages, at most ${most} cards drawn, longest task ${Math.round(await page.evaluate(() => globalThis.longest))} ms`);
	await close();
});
