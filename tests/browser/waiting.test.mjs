// What is said of a video while it waits and while it is made: how many are ahead, when it is tried again, how long it will take still.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertAccessible, cardIn, cards, chooseModel, launch, newUser, shot, startForBrowsers } from '../support/browser.mjs';
import { longreel, newDataDir } from '../support/instance.mjs';
import { PROFILE, newUpstream } from '../support/upstream.mjs';

/** How long the server says that it takes, and is to be left alone: so long that a slow machine is not past what is looked for, and less than an hour. */
const MINUTES = 59;
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
let data, instance, browser, upstream;

before(async () => {
	data = await newDataDir();
	[upstream, browser] = await Promise.all([newUpstream(), launch()]);
	await mkdir(join(data, 'dialects'), { mode: 0o700 });
	await writeFile(join(data, 'dialects', 'klecks.json'), PROFILE);
	await writeFile(join(data, 'key'), 'k1\n', { mode: 0o600 });
	instance = await startForBrowsers({ data, simulator: false, env: { LONGREEL_POLL_INTERVAL_MAX: '200ms' } });
	for (const [name, ...more] of [['narrow', '--concurrency', '1'], ['strict']]) {
		const { code, out, err } = await longreel(['channel', 'add', name, '--base', upstream.base, '--dialect', 'klecks', '--key-file', join(data, 'key'), '--private', '--models', name, ...more, '--data', data]);
		assert.equal(code, 0, err + out);
	}
});
after(async () => {
	await browser?.close();
	await instance?.stop();
	await upstream?.close();
});

async function create(page, prompt, model) {
	await page.locator('#prompt').fill(prompt);
	await chooseModel(page, model);
	await page.locator('.compose button.go').click();
}
const why = (page, prompt, text) => cards(page, prompt).locator('.why', { hasText: text }).waitFor();

/** Scrolls until the card is drawn: only those near the window are. */
async function show(page, prompt) {
	for (let y = 0; (await cards(page, prompt).count()) === 0; y += 300)
		await page.evaluate((top) => new Promise((drawn) => { scrollTo(0, top); requestAnimationFrame(() => requestAnimationFrame(drawn)); }), y);
	return cards(page, prompt);
}

/** The server's word of a video under way, with that time still to go: the feed's, and the answer to a card that has asked, which may be the later one. */
const tellLeft = (page, etaMs) => page.route(/\/api\/video\/(updates|tasks\/video_[^/]+$)/, async (route) => {
	const response = await route.fetch().catch(() => null), body = await response?.json().catch(() => null);
	for (const task of body?.data?.updates?.map(({ payload }) => payload) ?? (body?.data?.videoId ? [body.data] : []))
		if (task.status === 'PROCESSING')
			task.etaMs = etaMs;
	await (response ? route.fulfill({ response, json: body }) : route.abort()).catch(() => {});
});

for (const [name, options, words] of [
	['desktop', {}, { zh: false, left: /^About [4-6]\d:\d\d left$/, ahead: '2 ahead.', busy: 'The provider is busy. It is sent when one of its videos is done.', again: /The provider asked for fewer requests\. Again in [4-6]\d:\d\d\./, title: /^4 videos, 0 % – longreel$/ }],
	['phone, Chinese', PHONE, { zh: true, left: /^预计还需 [4-6]\d:\d\d$/, ahead: '前面还有 2 个。', busy: '服务商正忙。有空位后将自动提交。', again: /服务商限制了请求频率。[4-6]\d:\d\d 后再试。/, title: /^4 个视频 0% – longreel$/ }],
]) test(`${name}: how many are ahead, when it is tried again, how long it takes still`, async () => {
	const { page, close } = await newUser(browser, instance.base, options);
	if (words.zh)
		await page.evaluate(() => localStorage.setItem('longreel.language', '"zh"'));
	await tellLeft(page, MINUTES * 60_000);
	await page.reload(); // the poll that waits already would tell nothing of it
	upstream.mood = () => 'dreaming';
	await create(page, 'First', 'narrow');
	await cardIn(page, 'First', 'PROCESSING');
	for (const prompt of ['Second', 'Third', 'Fourth'])
		await create(page, prompt, 'narrow');
	await why(page, 'First', words.left);
	await why(page, 'Second', words.busy);
	await why(page, 'Fourth', words.ahead);
	await page.waitForFunction(({ source }) => new RegExp(source).test(document.title), { source: words.title.source });
	upstream.answer = () => ({ status: 429, headers: { 'retry-after': String(MINUTES * 60) }, body: { error: { message: 'Slower.' } } });
	await create(page, 'Fifth', 'strict');
	await why(page, 'Fifth', words.again);
	await assertAccessible(page, `${name}: waiting`);
	for (const colorScheme of ['dark', 'light']) {
		await page.emulateMedia({ colorScheme });
		await shot(page, `waiting-${options.isMobile ? 'phone' : 'desktop'}-${colorScheme}`);
	}
	await (await show(page, 'First')).locator('.words').click();
	await page.locator('dialog.detail .why', { hasText: words.left }).waitFor();
	await page.goBack();

	// The one in front is stopped by its owner: nobody tells of the others that they have come nearer, so they are asked.
	await (await show(page, 'Second')).getByRole('button', { name: words.zh ? '取消' : 'Cancel' }).click();
	await show(page, 'Fourth');
	await why(page, 'Fourth', words.zh ? '前面还有 1 个。' : '1 ahead.');
	upstream.answer = () => undefined;
	upstream.mood = () => 'awake';
	await page.unrouteAll({ behavior: 'ignoreErrors' });
	await close();
});
