// What is kept on the machine, and what must not be: late answers, full or forbidden storage, another user at the same machine.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NETWORK, cardIn, cards, compose, forgetKept, holdVideos, keptIn, launch, newDevice, newUser, signIn, startForBrowsers } from '../support/browser.mjs';
import { until } from '../support/instance.mjs';

let instance, browser;
before(async () => {
	[instance, browser] = await Promise.all([startForBrowsers(), launch()]);
});
after(async () => {
	await browser?.close();
	await instance?.stop();
});

/** The tasks in the browser's database, as {prompt: status}. */
const kept = async (page) => Object.fromEntries((await keptIn(page, 'tasks')).map((task) => [task.prompt, task.status]));

const signOut = async (page) => {
	await page.getByRole('button', { name: 'Menu' }).click();
	await page.getByRole('button', { name: 'Sign out' }).click();
	await page.getByRole('heading', { name: 'Make a video from a sentence' }).waitFor();
};

test('a browser that does not let us notify loses no update', async () => {
	const { context, page, close } = await newUser(browser, instance.base);
	await context.addInitScript(() => {
		globalThis.Notification = class { static permission = 'granted'; static requestPermission = async () => 'granted'; constructor() { throw new TypeError('Illegal constructor'); } };
		Object.defineProperty(document, 'hidden', { get: () => Boolean(globalThis.away) });
	});
	await page.reload();
	await page.getByRole('button', { name: 'Menu' }).click();
	await page.getByLabel('Tell me when a video is ready').check();
	await page.keyboard.press('Escape');
	await page.evaluate(() => (globalThis.away = true));
	await compose(page, 'Unheard');
	await cardIn(page, 'Unheard', 'COMPLETED');
	await until(async () => (await kept(page)).Unheard === 'COMPLETED', 'what is kept');
	await close();
});

test('a list that comes late does not put an older state over a newer one', async () => {
	const { page, close, context } = await newUser(browser, instance.base);
	const release = await holdVideos(instance);
	await compose(page, 'Slow');
	await cardIn(page, 'Slow', 'PROCESSING');
	await forgetKept(page);
	let answer, late = null;
	await context.route('**/api/video/tasks?*', async (route) => {
		answer = await route.fetch(); // as it is now
		late = () => route.fulfill({ response: answer });
	});
	await page.reload();
	await until(() => late, 'the list');
	assert.equal((await answer.json()).data.tasks[0].status, 'PROCESSING');
	await release();
	await cardIn(page, 'Slow', 'COMPLETED');
	await late();
	await until(async () => (await kept(page)).Slow === 'COMPLETED', 'what is kept');
	await context.unroute('**/api/video/tasks?*');
	await page.reload();
	await cardIn(page, 'Slow', 'COMPLETED');
	await close();
});

test('what is deleted stays deleted, although the page is left at once', async () => {
	const { page, close } = await newUser(browser, instance.base);
	await compose(page, 'Away with it');
	await cardIn(page, 'Away with it', 'COMPLETED');
	await page.getByRole('button', { name: 'Select' }).click();
	await cards(page, 'Away with it').getByRole('checkbox').check();
	await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click();
	await page.getByRole('dialog', { name: 'Delete this video?' }).getByRole('button', { name: 'Delete' }).click();
	await cards(page, 'Away with it').waitFor({ state: 'detached' });
	await page.reload();
	await page.getByText('Your videos will appear here.').waitFor();
	await close();
});

test('another user at the same machine finds nothing, not even what was on its way', async () => {
	const { page, seen, close } = await newUser(browser, instance.base);
	seen.expect.push(NETWORK);
	await page.route('**/api/relay/sora/videos', () => {}); // never answered
	await compose(page, 'My secret upload');
	await cardIn(page, 'My secret upload', 'sending');
	await page.locator('#prompt').fill('My secret draft');
	await signOut(page);
	await page.unroute('**/api/relay/sora/videos');
	await signIn(page, `other${process.pid}`, { create: true });
	await page.getByText('Your videos will appear here.').waitFor();
	assert.equal(await page.locator('#prompt').inputValue(), '');
	await close();
});

test('without any storage everything works but for the next visit', async () => {
	const { context, page, seen, close } = await newDevice(browser, instance.base);
	await context.addInitScript(() => {
		const refuse = () => { throw new DOMException('denied', 'SecurityError'); };
		Object.defineProperty(globalThis, 'localStorage', { get: refuse });
		Object.defineProperty(globalThis, 'indexedDB', { get: refuse });
	});
	await page.reload();
	await signIn(page, `nowhere${process.pid}`, { create: true });
	await compose(page, 'Written on water');
	await cardIn(page, 'Written on water', 'COMPLETED');
	assert.deepEqual(seen.faults, []);
	await close();
});

test('storage that is full for a while loses nothing', async () => {
	const { page, close } = await newUser(browser, instance.base);
	await page.evaluate(() => {
		const { put } = IDBObjectStore.prototype;
		globalThis.full = true;
		IDBObjectStore.prototype.put = function (...values) {
			const request = put.apply(this, values);
			if (globalThis.full)
				this.transaction.abort();
			return request;
		};
	});
	await compose(page, 'While it is full');
	await cardIn(page, 'While it is full', 'COMPLETED');
	await page.evaluate(() => (globalThis.full = false));
	await compose(page, 'There is room again');
	await cardIn(page, 'There is room again', 'COMPLETED');
	await until(async () => JSON.stringify(Object.values(await kept(page))) === '["COMPLETED","COMPLETED"]', 'what is kept');
	await close();
});

test('an address that is none shows the gallery', async () => {
	const { page, close } = await newUser(browser, instance.base);
	await page.goto(`${instance.base}/#/video/100%`);
	await page.reload();
	await page.getByText('Your videos will appear here.').waitFor();
	await close();
});
