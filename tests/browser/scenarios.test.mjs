// The five ways in which a task used to be lost or doubled, done by clicking: in none of them is a card missing or twice.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { NETWORK, PATIENCE_MS, addPicture, assertClean, cardIn, cards, compose, guard, holdVideos, launch, launchPersistent, newDevice, newUser, signIn, startForBrowsers } from '../support/browser.mjs';

/** From now on, until a reload, what the page sends never leaves it. */
const loseRequests = (page) => page.evaluate(() => { XMLHttpRequest.prototype.send = () => { globalThis.lost = true; }; });

/** A request is sent once it is written down; what is closed before that is as if nobody had clicked. */
const isLost = (page) => page.waitForFunction(() => globalThis.lost);

let instance, browser;
before(async () => {
	[instance, browser] = await Promise.all([startForBrowsers(), launch()]);
});
after(async () => {
	await browser?.close();
	await instance?.stop();
});

test('the normal way: on screen at the click, and to its end in the same card', async () => {
	const { page, close } = await newUser(browser, instance.base);
	const release = await holdVideos(instance);
	let answer;
	const asked = new Promise((done) => page.route('**/api/relay/sora/videos', async (route) => { done(); await new Promise((go) => (answer = go)); await route.continue(); }));
	await compose(page, 'A cat on a skateboard');
	await asked;
	const card = await cardIn(page, 'A cat on a skateboard', 'sending');
	const key = await card.getAttribute('data-key');
	answer();
	for (const state of ['PROCESSING', 'COMPLETED']) {
		assert.equal(await (await cardIn(page, 'A cat on a skateboard', state)).getAttribute('data-key'), key);
		await release();
	}
	await card.getByRole('button', { name: /^Play/ }).click();
	await page.waitForFunction(() => document.querySelector('.stage video')?.currentTime > 0);
	assert.equal(await page.locator('#prompt').inputValue(), '');
	await close();
});

test('a reload in mid-flight: before the server has it, and after', async () => {
	const { page, seen, close } = await newUser(browser, instance.base);
	const release = await holdVideos(instance);
	await loseRequests(page);
	await compose(page, 'Never arrived');
	await cardIn(page, 'Never arrived', 'sending');
	await isLost(page);
	await page.reload();
	await cardIn(page, 'Never arrived', 'PROCESSING'); // it goes on by itself

	await compose(page, 'Answer unread', 'sora_video2:fast+delay=1s');
	await cardIn(page, 'Answer unread', 'PROCESSING'); // the feed has it, while the answer is still to come
	await page.reload();
	await release();
	for (const prompt of ['Answer unread', 'Never arrived'])
		await cardIn(page, prompt, 'COMPLETED');
	seen.expect.push(NETWORK);
	await close();
});

test('the browser is closed and opened again', async () => {
	const profile = await mkdtemp(join(tmpdir(), 'longreel-profile-'));
	const open = async () => {
		const context = await launchPersistent(profile), seen = guard(context, instance.base), page = context.pages()[0] ?? await context.newPage();
		page.setDefaultTimeout(PATIENCE_MS);
		await page.goto(instance.base);
		return { context, seen, page };
	};
	try {
		const first = await open();
		await signIn(first.page, `again${process.pid}`, { create: true });
		const release = await holdVideos(instance);
		await compose(first.page, 'Taken');
		await cardIn(first.page, 'Taken', 'PROCESSING');
		await loseRequests(first.page);
		await addPicture(first.page);
		await compose(first.page, 'With a picture, never sent');
		await cardIn(first.page, 'With a picture, never sent', 'sending');
		await isLost(first.page);
		await first.context.close();
		assertClean(first.seen);
		await release();

		const second = await open();
		await cardIn(second.page, 'Taken', 'COMPLETED');
		await cardIn(second.page, 'With a picture, never sent', 'COMPLETED');
		assert.equal(await second.page.locator('.card').count(), 2);
		const { jobs } = await (await fetch(`${instance.base}/simulator/jobs`)).json();
		assert.deepEqual(jobs.filter((job) => job.prompt === 'With a picture, never sent').map((job) => job.input_reference.type), ['image/png']);
		await second.context.close();
		assertClean(second.seen);
	} finally {
		await rm(profile, { recursive: true, force: true });
	}
});

test('the server is killed and started again in mid-flight', async () => {
	/* What a killed poller had in hand is another's when its lease ends. */
	const own = await startForBrowsers({ env: { LONGREEL_POLL_TIMEOUT: '2s', LONGREEL_LEASE_MARGIN: '1s' } });
	const port = new URL(own.base).port;
	try {
		const { page, seen, close } = await newUser(browser, own.base);
		seen.expect.push(NETWORK);
		const release = await holdVideos(own);
		await compose(page, 'Under way');
		await cardIn(page, 'Under way', 'PROCESSING');
		await own.crash();
		await page.getByText('Offline.').waitFor();
		await compose(page, 'While it was away', 'sora_video2:fast');
		await cardIn(page, 'While it was away', 'unknown');
		own.options = { ...own.options, port };
		await own.start();
		await release();
		await cardIn(page, 'Under way', 'COMPLETED');
		await cardIn(page, 'While it was away', 'COMPLETED');
		assert.equal(await page.locator('.card').count(), 2);
		await close();
	} finally {
		await own.stop();
	}
});

test('a second device catches up, and hears what the first does', async () => {
	const first = await newUser(browser, instance.base);
	await compose(first.page, 'Old', 'sora_video2:fast');
	await cardIn(first.page, 'Old', 'COMPLETED');
	const second = await newDevice(browser, instance.base);
	await signIn(second.page, first.name);
	await cardIn(second.page, 'Old', 'COMPLETED');
	const release = await holdVideos(instance);
	await compose(first.page, 'New');
	await cardIn(second.page, 'New', 'PROCESSING');
	await release();
	await cardIn(second.page, 'New', 'COMPLETED');
	await cards(first.page, 'Old').locator('.words').click();
	await first.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
	await first.page.getByRole('dialog', { name: 'Delete this video?' }).getByRole('button', { name: 'Delete' }).click();
	await cards(second.page, 'Old').waitFor({ state: 'detached' });
	await cardIn(first.page, 'New', 'COMPLETED');
	await first.close();
	await second.close();
});
