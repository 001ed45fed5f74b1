// The form knows what can be made: models by their names, the sizes and lengths of the one that is chosen, and what else it takes.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { NETWORK, assertAccessible, cardIn, chooseModel, delayFrames, launch, newUser, shot, startForBrowsers } from '../support/browser.mjs';
import { PNG } from '../support/client.mjs';
import { longreel, newDataDir } from '../support/instance.mjs';
import { PROFILE, newUpstream } from '../support/upstream.mjs';

const PHONE = { deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const OFFERS = [
	{ name: 'rich-1', label: 'Rich 1', sizes: ['1280x720', '720x1280', '1920x1080', '1080x1920'], seconds: [4, 6, 8], inputs: { image: true, first: true, last: true, most: 3 },
		options: ['negative_prompt', 'seed', 'audio'] },
	{ name: 'plain-1', label: 'Plain 1', sizes: ['1280x720'], seconds: [5], inputs: { most: 0 }, options: [] },
];
let data, instance, browser, upstream;

before(async () => {
	data = await newDataDir();
	[upstream, browser] = await Promise.all([newUpstream(), launch()]);
	const profile = JSON.parse(PROFILE);
	Object.assign(profile.submit.fields, { model: '/order/model', size: '/order/size', seed: '/order/seed', negative_prompt: '/order/never', audio: '/order/sound',
		last_frame: { name: '/order/last', type: 'base64' }, references: { name: '/order/like/-', type: 'base64' } });
	await mkdir(join(data, 'dialects'), { mode: 0o700 });
	await writeFile(join(data, 'dialects', 'klecks.json'), JSON.stringify({ ...profile, offers: OFFERS }));
	await writeFile(join(data, 'key'), 'k1\n', { mode: 0o600 });
	instance = await startForBrowsers({ data, simulator: false, env: { LONGREEL_POLL_INTERVAL_MAX: '200ms' } });
	const { code, out, err } = await longreel(['channel', 'add', 'film', '--base', upstream.base, '--dialect', 'klecks', '--key-file', join(data, 'key'), '--private',
		'--models', 'rich-1 plain-1', '--data', data]);
	assert.equal(code, 0, err + out);
});
after(async () => {
	await browser?.close();
	await instance?.stop();
	await upstream?.close();
});

const picture = (n) => ({ name: `${n}.png`, mimeType: 'image/png', buffer: Buffer.concat([PNG, Buffer.from([n])]) });
const options = (page, name) => page.locator(`select[name=${name}] option`).evaluateAll((all) => all.map(({ value }) => value));
/** The models on the cards, and that no other can be typed. */
async function offered(page) {
	await page.locator('.model-chip').click();
	await page.locator('.model-cards[aria-busy=false]').waitFor();
	assert.equal(await page.locator('.models input[name=model]').count(), 0);
	const names = await page.locator('.model-card').evaluateAll((all) => all.map(({ dataset }) => dataset.model));
	await page.keyboard.press('Escape');
	await page.locator('.models').waitFor({ state: 'detached' });
	return names;
}
const order = () => upstream.jobs.at(-1).body.order;

async function create(page, prompt) {
	await page.locator('#prompt').fill(prompt);
	await page.locator('button.go').click();
	await cardIn(page, prompt, 'COMPLETED');
}

test('what is not chosen is not sent, and what is chosen is', async () => {
	const { page, close } = await newUser(browser, instance.base);
	assert.deepEqual(await offered(page), ['', 'rich-1', 'plain-1'], 'no other name is taken');
	await create(page, 'Nothing chosen');
	assert.deepEqual(order(), { kind: 'film', lines: [{ say: 'Nothing chosen' }], model: 'rich-1' });

	await chooseModel(page, 'rich-1');
	assert.deepEqual([await options(page, 'size'), await options(page, 'seconds')], [['', ...OFFERS[0].sizes], ['', '4', '6', '8']]);
	await page.locator('select[name=size]').selectOption('1080x1920');
	await page.locator('select[name=seconds]').selectOption('8');
	await page.getByRole('button', { name: 'More' }).click();
	await page.getByLabel('What is not to be seen').fill('rain');
	await page.getByLabel('Seed').fill('0');
	await page.getByLabel('Sound').selectOption('false');
	await page.getByLabel('Add a reference picture (or drop or paste one)').setInputFiles(picture(1));
	await page.getByLabel('Add the last frame').setInputFiles(picture(2));
	await page.getByLabel('Add a picture of what is to be seen').setInputFiles(picture(3));
	for (const what of ['The reference picture', 'The last frame', 'A picture of what is to be seen'])
		await page.locator('.compose').getByAltText(what).waitFor();
	assert.equal(await page.locator('.compose input[type=file]').count(), 0, 'three pictures are all that it takes');
	await create(page, 'All chosen');
	const { lines, length, last, like, ...rest } = order(), byte = (text) => Buffer.from(text, 'base64').at(-1);
	assert.deepEqual(rest, { kind: 'film', model: 'rich-1', size: '1080x1920', seed: 0, never: 'rain', sound: false });
	assert.deepEqual([lines[0].say, byte(lines[1].look), byte(last), like.map(byte), length], ['All chosen', 1, 2, [3], 8]);
	await close();
});

test('the form follows the model', async () => {
	const { page, close } = await newUser(browser, instance.base);
	await chooseModel(page, 'rich-1');
	await page.locator('select[name=size]').selectOption('1920x1080');
	await page.getByRole('button', { name: 'More' }).waitFor();
	await chooseModel(page, 'plain-1');
	await page.getByRole('button', { name: 'More' }).waitFor({ state: 'detached' });
	assert.deepEqual([await options(page, 'size'), await options(page, 'seconds'), await page.locator('.compose input[type=file]').count()], [['', '1280x720'], ['', '5'], 0]);
	await create(page, 'Plainly');
	assert.deepEqual(order(), { kind: 'film', lines: [{ say: 'Plainly' }], model: 'plain-1' }, 'a size that it has not is not sent');
	await chooseModel(page, 'rich-1');
	assert.equal(await page.locator('select[name=size]').inputValue(), '1920x1080', 'it is found again');
	await close();
});

test('a card says what a model can, and is chosen with the keyboard, too', async () => {
	const { page, close } = await newUser(browser, instance.base);
	const chip = page.locator('.model-chip');
	await delayFrames(page);
	await chip.focus();
	await page.keyboard.press('Enter');
	const rich = page.locator('.model-card[data-model=rich-1]'), plain = page.locator('.model-card[data-model=plain-1]');
	await page.locator('.model-cards[aria-busy=false]').waitFor();
	const facts = async (card) => (await card.locator('.model-facts > span').allTextContents()).map((text) => text.replace(/\s+/g, ' ')).filter((text) => !text.startsWith('Takes'));
	assert.deepEqual(await facts(rich), ['Format Wide, Tall, up to 1080p', 'Length 4, 6, 8 s', 'Pictures first frame, last frame, references, up to 3 in all', 'More sound, seed, what is not to be seen']);
	assert.deepEqual(await facts(plain), ['Format Wide, up to 720p', 'Length 5 s'], 'what it cannot do is not offered');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await page.locator('.models').waitFor({ state: 'detached' });
	assert.equal(await chip.getAttribute('data-value'), 'rich-1');
	assert.equal(await page.evaluate(() => document.activeElement.className.includes('model-chip')), true, 'the focus is back');
	await close();
});

test('the list is known without a connection, and renewed with one', async () => {
	const { page, seen, close } = await newUser(browser, instance.base);
	seen.expect.push(NETWORK);
	assert.deepEqual(await offered(page), ['', 'rich-1', 'plain-1']);
	await page.route('**/api/**', (route) => route.abort());
	await page.reload();
	assert.deepEqual(await offered(page), ['', 'rich-1', 'plain-1']);
	await page.unroute('**/api/**');
	await page.route('**/api/models', (route) => route.fulfill({ json: { success: true, data: { models: [], open: true } } }));
	await page.reload();
	await page.locator('.model-chip').click();
	await page.locator('.models input[name=model]').waitFor();
	assert.equal(await page.locator('.model-card').count(), 1, 'others by their names, and the default');
	await close();
});

for (const [name, device] of [['desktop', {}], ['phone', { ...PHONE, viewport: { width: 390, height: 844 } }], ['phone-across', { ...PHONE, viewport: { width: 812, height: 375 } }],
	['zoomed', { viewport: { width: 640, height: 430 }, deviceScaleFactor: 2 }]])
	test(`how it looks: ${name}`, async () => {
		const { page, close } = await newUser(browser, instance.base, device);
		for (const [language, colorScheme] of [['en', 'light'], ['zh', 'dark']]) {
			await page.emulateMedia({ colorScheme });
			await page.evaluate((code) => localStorage.setItem('longreel.language', JSON.stringify(code)), language);
			await page.reload();
			await chooseModel(page, 'rich-1');
			await page.locator('select[name=size]').selectOption('1080x1920');
			const more = page.locator('.compose button[aria-expanded=false]');
			if (await more.count())
				await more.click();
			await page.locator('input[name=negativePrompt]').fill(language === 'en' ? 'rain, people' : '雨，行人');
			await shot(page, `models-${name}-${language}-${colorScheme}`);
			await assertAccessible(page, `${name} ${language} ${colorScheme}`);
			await page.locator('.model-chip').click();
			await page.locator('.model-card[aria-pressed=true] .icon').waitFor();
			await shot(page, `models-cards-${name}-${language}-${colorScheme}`);
			await assertAccessible(page, `cards ${name} ${language} ${colorScheme}`);
			assert.ok(await page.evaluate(() => document.querySelector('dialog').scrollWidth <= document.querySelector('dialog').clientWidth), 'no card stands over');
			await page.keyboard.press('Escape');
			await page.locator('.models').waitFor({ state: 'detached' });
			assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing stands over');
		}
		await close();
	});
