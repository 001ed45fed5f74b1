// The page below a path: behind nginx, which cuts the path off and says nothing, and by itself; two of them on one host keep apart.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cardIn, compose, launch, newUser, signIn, startForBrowsers } from '../support/browser.mjs';
import { nginxBefore } from '../support/web_servers.mjs';

let instance, plain, front, browser;
before(async () => {
	instance = await startForBrowsers({ env: { LONGREEL_BASE_PATH: '/two' } });
	plain = await startForBrowsers();
	front = await nginxBefore('/one/', `${plain.base}/`, []);
	browser = await launch();
});
after(async () => {
	await browser?.close();
	await front?.stop();
	await plain?.stop();
	await instance?.stop();
});

/** A video is made and played, and a reload finds it. */
async function use(page, base, prompt) {
	await compose(page, prompt);
	const card = await cardIn(page, prompt, 'COMPLETED');
	await card.getByRole('button', { name: /^Play/ }).first().click();
	await page.waitForFunction(() => document.querySelector('video')?.readyState >= 2);
	const source = await page.evaluate(() => document.querySelector('video').currentSrc);
	assert.ok(source.startsWith(`${base}/api/`) || source.startsWith('blob:'), source);
	await page.reload();
	await cardIn(page, prompt, 'COMPLETED');
}

/** All that was asked for stands below the path. */
const assertBelow = (seen, path) => assert.deepEqual(seen.requests.map(({ url }) => url).filter((url) => url.startsWith('/') && !url.startsWith(path)), []);

test('behind a proxy that cuts the path off and does not say so', async () => {
	const base = `${front.base}/one`, { page, seen, close } = await newUser(browser, `${base}/`);
	await use(page, base, 'Behind');
	assertBelow(seen, '/one/');
	await close();
});

test('by itself, and what another one on the host keeps is left alone', async () => {
	const base = `${instance.base}/two`, { page, seen, close, name } = await newUser(browser, `${base}/`);
	await use(page, base, 'Below');
	assertBelow(seen, '/two/');
	await page.goto(`${instance.base}/`);
	await page.getByLabel('User name').waitFor(); // nobody is signed in there
	await signIn(page, name);
	const names = await page.evaluate(async () => [Object.keys(localStorage).filter((key) => key.endsWith('.account')).sort(),
		(await indexedDB.databases()).map((database) => database.name).sort()]);
	assert.deepEqual([names[0], names[1].length], [['longreel.account', 'longreel/two.account'], 2], names);
	await close();
});
