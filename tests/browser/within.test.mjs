// What lies over something else: a word in the way of the bar, a window whose close button is out of sight, and a file over a window that
// does not want it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NETWORK, cardIn, cards, compose, launch, newUser, startForBrowsers } from '../support/browser.mjs';

const PHONE = { deviceScaleFactor: 2, isMobile: true, hasTouch: true };
let instance, browser;
before(async () => {
	[instance, browser] = await Promise.all([startForBrowsers(), launch()]);
});
after(async () => {
	await browser?.close();
	await instance?.stop();
});
const box = (locator) => locator.evaluate((node) => node.getBoundingClientRect().toJSON());

for (const [name, viewport] of [['upright', { width: 390, height: 844 }], ['across', { width: 812, height: 375 }]])
	test(`a phone ${name}: offline the bar stays in use, a window can be closed from its end, and all that is chosen with is 44 px`, async () => {
		const { context, page, seen, close } = await newUser(browser, instance.base, { ...PHONE, viewport });
		seen.expect.push(NETWORK);
		await compose(page, 'The only one');
		await cardIn(page, 'The only one', 'COMPLETED');
		await context.setOffline(true);
		await page.locator('.connection i').waitFor();
		const [word, search, menu] = [await box(page.locator('.connection')), await box(page.locator('.search')), await box(page.getByRole('button', { name: 'Menu' }))];
		assert.ok(word.top >= search.bottom || (word.left >= search.right && word.right <= menu.left), JSON.stringify({ word, search, menu }));
		await context.setOffline(false);
		await page.getByRole('button', { name: 'Menu' }).click();
		await page.getByRole('button', { name: 'Account' }).click();
		const sheet = page.locator('dialog.account'), closer = sheet.getByRole('button', { name: 'Close' });
		await sheet.getByRole('button', { name: 'Sign out everywhere' }).waitFor();
		await sheet.evaluate((node) => node.scrollTo(0, node.scrollHeight));
		await closer.click();
		await sheet.waitFor({ state: 'detached' });
		await page.getByRole('button', { name: 'Select' }).click();
		for (const button of [...await page.getByRole('toolbar').getByRole('button').all(), page.getByRole('button', { name: 'Menu' })]) {
			const { width, height } = await box(button);
			assert.ok(width >= 43.5 && height >= 43.5, `${await button.textContent()}: ${width} × ${height}`);
		}
		await close();
	});

test('a file that is dropped where none is wanted does not take the page’s place', async () => {
	const { page, close } = await newUser(browser, instance.base);
	await compose(page, 'For ever', 'sora_video2:never');
	await cardIn(page, 'For ever', 'PROCESSING');
	await cards(page, 'For ever').locator('.words').click();
	await page.locator('dialog.detail h2').waitFor();
	assert.deepEqual(await page.evaluate(() => ['dragover', 'drop'].map((type) => {
		const data = new DataTransfer();
		data.items.add(new File(['x'], 'a.png', { type: 'image/png' }));
		return document.querySelector('dialog').dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data }));
	})), [false, false]); // the browser is kept from opening it
	await page.keyboard.press('Escape');
	assert.equal(await page.locator('.preview').count(), 0);
	await close();
});
