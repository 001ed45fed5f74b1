// What is the user's turn, where videos cost something: another try, a remix, remixes of many. Each shows its price before, sends it as the most
// that it may cost, and waits for a word where it has changed or cannot be paid.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NETWORK, assertAccessible, cardIn, cards, chooseModel, launch, newUser, shot, startForBrowsers } from '../support/browser.mjs';
import { longreel, newDataDir } from '../support/instance.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
let data, instance, browser;

async function cli(...words) {
	const { code, out, err } = await longreel([...words, '--data', data]);
	assert.equal(code, 0, err + out);
}
const setPrice = (model, sum) => cli('price', 'set', model, '--per-second', sum, '--default-seconds', '8');

before(async () => {
	data = await newDataDir();
	[instance, browser] = await Promise.all([startForBrowsers({ data, env: { LONGREEL_BILLING: 'on' } }), launch()]);
	for (const model of ['*', ''])
		await setPrice(model, '0.10');
});
after(async () => {
	await browser?.close();
	await instance?.stop();
});

async function newPayer(credit, device) {
	const user = await newUser(browser, instance.base, device);
	user.seen.expect.push(NETWORK);
	await cli('credit', 'add', user.name, credit);
	await user.page.reload();
	await user.page.locator('.funds').waitFor();
	return user;
}
async function create(page, prompt, model) {
	await page.locator('#prompt').fill(prompt);
	await chooseModel(page, model);
	await page.getByRole('button', { name: 'Create · $0.80' }).click();
}
const charge = (page, prompt, text) => cards(page, prompt).locator('.charge', { hasText: text }).waitFor();
/** The next request whose path ends so. */
const next = (page, end) => page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith(end));
const mostOf = (request) => Number(/name="maxPriceMicro"\r\n\r\n(\d+)\r\n/.exec(request.postData() ?? '')?.[1]);

test('another try: its price is on the button, a changed one is asked about, one that cannot be paid is told', async () => {
	const { page, name, close } = await newPayer('10');
	await create(page, 'Once more', 'retried:never');
	const card = cards(page, 'Once more'), press = (what) => card.getByRole('button', { name: what, exact: true }).click(), stop = async () => {
		await charge(page, 'Once more', 'on hold');
		await press('Cancel');
		await charge(page, 'Once more', 'not charged');
	};
	await stop();
	let sent = next(page, '/retry');
	await press('Try again · $0.80');
	assert.deepEqual((await sent).postDataJSON(), { maxPriceMicro: 800_000 });
	await charge(page, 'Once more', '$0.80 on hold');
	await stop();
	await card.locator('.words').click();
	await page.locator('dialog.detail').getByRole('button', { name: 'Try again · $0.80' }).waitFor();
	await page.keyboard.press('Escape');
	await page.locator('dialog.detail').waitFor({ state: 'detached' });

	await setPrice('retried*', '0.20');
	await press('Try again · $0.80');
	const question = page.getByRole('dialog', { name: 'Try this one again?' });
	await question.getByText('It costs $1.60 now.').waitFor();
	await question.getByRole('button', { name: 'Cancel' }).click();
	await charge(page, 'Once more', 'not charged');
	await press('Try again · $1.60'); // as it is known now
	await charge(page, 'Once more', '$1.60 on hold');
	await stop();

	await cli('credit', 'take', name, '9.50');
	await press('Try again · $1.60');
	await page.locator('.toast.bad', { hasText: 'This costs $1.60; $0.50 is available.' }).waitFor();
	await page.locator('.funds', { hasText: '$0.50' }).waitFor();
	await cardIn(page, 'Once more', 'CANCELLED');
	await cli('credit', 'add', name, '5');
	await press('Try again · $1.60');
	await charge(page, 'Once more', '$1.60 on hold');
	await close();
});

test('a remix: its price is on the button, a changed one waits for a word, and what is missing is told', async () => {
	const { page, name, close } = await newPayer('10');
	await create(page, 'The source', 'remixed:fast');
	await cardIn(page, 'The source', 'COMPLETED');
	const open = async () => {
		await cards(page, 'The source').getByRole('button', { name: 'Remix' }).click();
		return page.getByRole('form', { name: 'Remix this video' });
	};
	let form = await open(), sent = next(page, '/remix');
	await form.getByLabel('What should the video show?').fill('At the price');
	await form.getByRole('button', { name: 'Remix · $0.80' }).click();
	assert.equal(mostOf(await sent), 800_000);
	await charge(page, 'At the price', /^\$0\.80$/);
	form = await open();
	await form.getByRole('button', { name: 'Remix · $0.80' }).waitFor();
	await setPrice('remixed*', '0.20');
	await form.getByLabel('What should the video show?').fill('At another price');
	await form.getByRole('button', { name: 'Remix · $0.80' }).click();
	const card = await cardIn(page, 'At another price', 'refused'), id = await card.getAttribute('data-id');
	await card.locator('.why', { hasText: 'This costs $1.60 now.' }).waitFor();
	sent = next(page, '/remix');
	await card.getByRole('button', { name: 'Create at this price' }).click();
	assert.equal(mostOf(await sent), 1_600_000);
	assert.ok((await sent).postData().includes(id), 'the same id');
	await charge(page, 'At another price', /^\$1\.60$/);
	await cli('credit', 'take', name, '6');
	await page.reload();
	await page.locator('.funds', { hasText: '$0.80' }).waitFor();
	form = await open();
	await form.getByText('This costs $1.60; $0.80 is left, $0.80 is missing.').waitFor();
	await form.getByRole('button', { name: 'Redeem a code' }).waitFor();
	await assertAccessible(page, 'a remix that cannot be paid');
	await shot(page, 'turn-remix');
	await form.getByLabel('What should the video show?').fill('Too dear');
	await form.getByRole('button', { name: 'Remix · $1.60' }).click();
	await (await cardIn(page, 'Too dear', 'refused')).locator('.why', { hasText: 'This costs $1.60; $0.80 is available.' }).waitFor();
	await cli('credit', 'add', name, '5');
	await cards(page, 'Too dear').getByRole('button', { name: 'Send again' }).click();
	await charge(page, 'Too dear', /^\$1\.60$/);
	await close();
});

for (const [device, options] of [['desktop', {}], ['phone', PHONE]])
	test(`${device}: remixes of many: the sum before, the price of each is sent, and what cannot be paid waits`, async () => {
		const { page, close } = await newPayer('2.40', options);
		for (const prompt of ['One', 'Two']) {
			await create(page, prompt, 'many:fast');
			await charge(page, prompt, /^\$0\.80$/);
		}
		await page.getByRole('button', { name: 'Select' }).click();
		for (const box of await page.locator('.card input[type=checkbox]').all())
			await box.check();
		await page.getByRole('toolbar').getByRole('button', { name: 'Remix' }).click();
		const sheet = page.getByRole('dialog', { name: 'Remix all' }), sent = next(page, '/api/video/tasks/remix');
		await sheet.getByText('This costs $1.60; $0.80 is left, $0.80 is missing.').waitFor();
		await sheet.getByLabel('What should the video show?').fill('Of both');
		await shot(page, `turn-many-${device}`);
		await assertAccessible(page, 'remixes of many');
		await sheet.getByRole('button', { name: 'Remix · $1.60' }).click();
		const { maxPriceMicro, videoIds } = (await sent).postDataJSON();
		assert.deepEqual([maxPriceMicro, videoIds.length], [800_000, 2]);
		await page.locator('.card[data-state=COMPLETED]', { hasText: 'Of both' }).locator('.charge', { hasText: /^\$0\.80$/ }).waitFor();
		await page.locator('.card[data-state=refused]', { hasText: 'Of both' }).locator('.why', { hasText: 'This costs $0.80; $0.00 is available.' }).waitFor();
		await page.locator('.card[data-state=refused]').getByRole('button', { name: 'Send again' }).waitFor();
		await close();
	});
