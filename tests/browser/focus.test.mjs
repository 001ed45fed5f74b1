// The focus stays where one works, whatever goes away or has nothing to do for a while: a button that is used up, a form that is being sent.
import { after, before, test } from 'node:test';
import { NETWORK, PASSWORD, cardIn, chooseModel, launch, newDevice, newUser, startForBrowsers } from '../support/browser.mjs';
import { PNG } from '../support/client.mjs';
import { price } from '../support/money.mjs';

let instance, browser;
before(async () => {
	[instance, browser] = await Promise.all([startForBrowsers({ env: { LONGREEL_BILLING: 'on' } }), launch()]);
	price(instance.data);
});
after(async () => {
	await browser?.close();
	await instance?.stop();
});

/** Until what has the focus matches, and never the page as a whole. */
async function focusIn(page, selector) {
	await page.waitForFunction((where) => document.activeElement?.matches(where), selector).catch(async (error) => {
		throw new Error(`the focus is at ${await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200))}, not ${selector}`, { cause: error });
	});
}
const press = (locator) => locator.press('Enter');
const named = (page, name) => page.getByRole('button', { name, exact: true });

async function create(page, prompt) {
	await page.locator('#prompt').fill(prompt);
	await chooseModel(page, 'sora_video2:fast');
	await press(page.locator('.compose .go'));
	await focusIn(page, '.compose .go');
	return cardIn(page, prompt, 'COMPLETED');
}

test('in the form: a picture, and a draft that was set aside', async () => {
	const { page, close } = await newUser(browser, instance.base), input = page.locator('.compose input[type=file]');
	await input.focus();
	await input.setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: PNG });
	await focusIn(page, '.compose .preview button');
	await press(page.locator('.compose .preview button'));
	await focusIn(page, '.compose input[type=file]');
	const card = await create(page, 'The first');
	for (const name of ['Throw it away', 'Bring back']) {
		await page.locator('#prompt').fill('Half a thought');
		await press(card.locator('.words'));
		await press(named(page, 'Use again'));
		await focusIn(page, '#prompt');
		await press(page.locator('.parked').getByRole('button', { name: name }));
		await focusIn(page, name === 'Bring back' ? '.parked button, #prompt' : '#prompt');
	}
	await close();
});

test('in the gallery: what shows all again goes away itself; in detail the end of the row is reached', async () => {
	const { page, close } = await newUser(browser, instance.base);
	for (const prompt of ['The first', 'The second'])
		await create(page, prompt);
	await page.locator('#search').fill('zzzz');
	await press(named(page, 'Show all'));
	await focusIn(page, '#videos, #videos .words');
	await press(page.locator('.words').first());
	await press(named(page, 'Next'));
	await page.waitForFunction(() => document.querySelector('dialog.detail h2')?.textContent === 'The first');
	await focusIn(page, '.neighbours button[aria-disabled=true]');
	await press(named(page, 'Next')); // there is none
	await focusIn(page, '.neighbours button[aria-disabled=true]');
	await close();
});

test('what is sent and refused keeps its button: signing in, a password, a code; after signing in it is at the page’s own part', async () => {
	const { page, seen, name, close } = await newUser(browser, instance.base);
	seen.expect.push(NETWORK);
	await press(named(page, 'Menu'));
	await press(named(page, 'Account'));
	await page.getByLabel('Present password').fill(`not ${PASSWORD}`);
	await page.getByLabel('New password').fill(PASSWORD);
	await press(named(page, 'Change the password'));
	await page.locator('dialog .problem').waitFor();
	await focusIn(page, 'dialog form .primary');
	await page.keyboard.press('Escape');
	await page.locator('dialog').waitFor({ state: 'detached' }); // until then nothing outside can have the focus
	await press(page.locator('.funds'));
	await page.getByLabel('Code').fill('no-such-code');
	await press(named(page, 'Redeem'));
	await page.locator('dialog .problem').waitFor();
	await focusIn(page, 'dialog form .primary');
	await press(named(page, 'The month before'));
	await press(named(page, 'The month after'));
	await focusIn(page, '.month button[aria-disabled=true]');
	await close();

	const other = await newDevice(browser, instance.base);
	other.seen.expect.push(NETWORK);
	for (const password of [`not ${PASSWORD}`, PASSWORD]) {
		await other.page.getByLabel('User name').fill(name);
		await other.page.getByLabel('Password').fill(password);
		await press(named(other.page, 'Sign in'));
		await other.page.locator(password === PASSWORD ? '#prompt' : '.problem').waitFor();
		await focusIn(other.page, password === PASSWORD ? 'main' : '.signin .primary');
	}
	await other.close();
});
