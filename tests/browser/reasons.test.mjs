// What the page says of a video that is not made, or not yet: the provider's own words and code, the field that cannot be sent, what it waits for.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { NETWORK, assertAccessible, cardIn, chooseModel, launch, newUser, shot, startForBrowsers } from '../support/browser.mjs';
import { longreel, newDataDir } from '../support/instance.mjs';
import { PROFILE, newUpstream } from '../support/upstream.mjs';

const PHONE = { viewport: { width: 360, height: 780 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const BLOCKED = { status: 400, body: { error: { code: 'moderation_blocked', message: 'This prompt is against the rules.' } } };

let data, upstream, mute, instance, browser;
async function add(name, base, dialect, profile) {
	const key = join(data, `${name}.key`);
	await writeFile(join(data, 'dialects', `${dialect}.json`), JSON.stringify(profile));
	await writeFile(key, 'k1\n', { mode: 0o600 });
	const { code, out, err } = await longreel(['channel', 'add', name, '--base', base, '--dialect', dialect, '--key-file', key, '--private', '--models', name, '--data', data]);
	assert.equal(code, 0, err + out);
}
before(async () => {
	data = await newDataDir();
	await mkdir(join(data, 'dialects'), { mode: 0o700 });
	[upstream, mute, browser] = await Promise.all([newUpstream(), newUpstream(), launch()]);
	instance = await startForBrowsers({ data, env: { LONGREEL_POLL_INTERVAL_MAX: '200ms' } });
	const profile = JSON.parse(PROFILE), short = structuredClone(profile);
	delete short.submit.fields.seconds;
	await add('film', upstream.base, 'klecks', profile);
	await add('mute', mute.base, 'short', short);
	await add('poor', mute.base, 'klecks', profile);
	mute.answer = () => ({ status: 402, body: { error: { message: 'Your balance is too low.' } } });
});
after(async () => {
	await browser?.close();
	await instance?.stop();
	await Promise.all([upstream?.close(), mute?.close()]);
});

/** The answer to a creation tells less than the feed, which may come later. */
const why = (card, text) => card.locator('.why', { hasText: text }).waitFor();

/** Opens what a card is of. */
async function open(page, card) {
	await card.locator('.words').click();
	const dialog = page.locator('dialog.detail').first();
	await dialog.locator('.why').waitFor();
	return dialog;
}

for (const [name, options, words] of [
	['desktop', {}, { refused: 'The provider refused it. It said: “This prompt is against the rules.” (moderation_blocked)', edit: 'Edit and resend', code: 'The provider’s code',
		field: 'The upstream that makes this cannot be asked for seconds.', none: 'gives no link to it that can be used', waits: 'The provider\'s account needs its operator', broke: 'It said: “It broke.”' }],
	['phone, Chinese', PHONE, { refused: '上游拒绝了此任务。上游说明：“This prompt is against the rules.”（moderation_blocked）', edit: '修改后重发', code: '上游代码',
		field: '秒', none: '未提供可用的链接', waits: '服务商账户需要管理员处理', broke: '上游说明：“It broke.”' }],
]) test(`${name}: why a video is not made, and what it waits for`, async () => {
	const { page, seen, close } = await newUser(browser, instance.base, options);
	const create = async (prompt, model) => {
		await page.locator('#prompt').fill(prompt);
		await chooseModel(page, model);
		await page.locator('.compose button.go').click();
	};
	seen.expect.push(NETWORK); // the browser logs a 4xx
	if (options === PHONE) {
		await page.evaluate(() => localStorage.setItem('longreel.language', '"zh"'));
		await page.reload();
	}
	upstream.answer = () => BLOCKED;
	await create('Refused', 'film');
	const refused = await cardIn(page, 'Refused', 'FAILED');
	await why(refused, words.refused);
	await refused.getByRole('button', { name: words.edit }).waitFor();

	await page.route('**/api/models', (route) => route.fulfill({ json: { success: true, data: { models: [], open: true } } }));
	await page.reload();
	await page.waitForFunction(() => JSON.parse(localStorage.getItem('longreel.models')).models.length === 0); // from here on the form does not know what the model takes
	await page.locator('input[name=seconds]').fill('10');
	await create('Too much', 'mute');
	await page.unroute('**/api/models');
	await page.locator('input[name=seconds][aria-invalid=true]').waitFor();
	assert.ok((await page.locator('.compose .problem').textContent()).includes(words.field));
	assert.equal(await page.locator('#prompt').inputValue(), 'Too much', 'the prompt is kept');

	upstream.answer = () => undefined;
	upstream.films = () => [];
	await create('Empty-handed', 'film');
	await why(await cardIn(page, 'Empty-handed', 'FAILED'), words.none);

	upstream.answer = () => ({ status: 500, body: { error: { message: 'It broke.' } } });
	await create('Unknown', 'film');
	await why(await cardIn(page, 'Unknown', 'FAILED'), words.broke);

	await create('Later', 'poor');
	await why(await cardIn(page, 'Later', 'QUEUED'), words.waits);
	await assertAccessible(page, `${name}: reasons`);
	for (const colorScheme of ['dark', 'light']) {
		await page.emulateMedia({ colorScheme });
		await shot(page, `reasons-${options.isMobile ? 'phone' : 'desktop'}-${colorScheme}`);
	}
	const detail = await open(page, refused);
	assert.match(await detail.locator('dl.facts').textContent(), new RegExp(`${words.code}moderation_blocked`));
	await shot(page, `reasons-${options.isMobile ? 'phone' : 'desktop'}-detail`);
	await close();
});
