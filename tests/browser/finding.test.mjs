// Finding one's way: search, filter, place and title; whose videos; what arrives while one reads; one after the other in detail, and its family.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NETWORK, PASSWORD, assertAccessible, cardIn, cards, compose, holdVideos, launch, newDevice, newUser, shot, signIn, startForBrowsers } from '../support/browser.mjs';
import { Client } from '../support/client.mjs';
import { longreel, until } from '../support/instance.mjs';

let instance, browser;
before(async () => {
	[instance, browser] = await Promise.all([startForBrowsers(), launch()]);
});
after(async () => {
	await browser?.close();
	await instance?.stop();
});

const detail = (page) => page.getByRole('dialog', { name: 'Video', exact: true });
const tokenOf = (page) => page.evaluate(() => JSON.parse(localStorage.getItem('longreel.account')).token);
/** Tasks of the user of this page, made elsewhere. */
async function makeElsewhere(page, prompts) {
	const client = new Client(instance.base, await tokenOf(page));
	for (const prompt of prompts)
		await client.call('POST', '/api/relay/sora/videos', { prompt, model: 'sora_video2:fast' });
}
const focused = (page) => page.evaluate(() => `${document.activeElement.tagName} ${document.activeElement.closest('.card')?.querySelector('.words')?.textContent ?? document.activeElement.ariaLabel ?? ''}`.trim());

test('search, filter and place are in the address, and a reload finds them; the title says what is seen', async () => {
	const { context, page, close } = await newUser(browser, instance.base, { viewport: { width: 700, height: 500 } });
	await makeElsewhere(page, [...Array.from({ length: 12 }, (_, n) => `Wolf ${n}`), 'A fox']);
	await cardIn(page, 'A fox', 'COMPLETED');
	await page.waitForFunction(() => document.title === 'longreel'); // nothing is being made any more
	await page.locator('#search').fill('wolf '); // as far as one has typed: the space stays
	await page.getByRole('button', { name: 'Ready' }).click();
	await page.waitForFunction(() => location.hash.includes('q=wolf') && location.hash.includes('status=COMPLETED'));
	assert.equal(await page.locator('#search').inputValue(), 'wolf ');
	await page.waitForFunction(() => document.title === 'wolf · Ready – longreel');
	await cards(page, 'Wolf 11').first().waitFor();
	await page.evaluate(() => scrollTo(0, 900));
	await page.waitForFunction(() => scrollY === 900);
	await page.reload();
	await page.waitForFunction(() => scrollY === 900 && document.querySelectorAll('.card').length > 0);
	assert.equal(await page.locator('#search').inputValue(), 'wolf');
	assert.equal(await page.getByRole('button', { name: 'Ready' }).getAttribute('aria-pressed'), 'true');
	const other = await context.newPage();
	await other.goto(page.url());
	await cards(other, 'Wolf 11').first().waitFor();
	assert.equal(await cards(other, 'A fox').count(), 0);
	await cards(other, 'Wolf 11').locator('.words').click();
	await detail(other).waitFor();
	await other.waitForFunction(() => document.title === 'Wolf 11 – longreel');
	await other.goBack();
	await detail(other).waitFor({ state: 'detached' });
	await other.waitForFunction(() => document.title === 'wolf · Ready – longreel'); // a moment behind the sheet
	await other.close();
	await close();
});

test('what arrives while one is further down moves nothing: it is told, and shown at a click', async () => {
	const { page, close } = await newUser(browser, instance.base, { viewport: { width: 700, height: 500 } });
	await makeElsewhere(page, Array.from({ length: 10 }, (_, n) => `Old ${n}`));
	await cardIn(page, 'Old 9', 'COMPLETED');
	await page.evaluate(() => scrollTo(0, 800));
	const places = () => page.evaluate(() => Object.fromEntries([...document.querySelectorAll('.card')].map((card) => [card.querySelector('.words').textContent, Math.round(card.getBoundingClientRect().top)])));
	await until(async () => 'Old 6' in await places(), 'the scroll');
	await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
	const before = await places();
	await makeElsewhere(page, ['New 1', 'New 2', 'New 3']);
	await page.getByRole('button', { name: '3 new' }).waitFor();
	assert.deepEqual(await places(), before);
	await page.getByRole('button', { name: '3 new' }).click();
	await cardIn(page, 'New 3', 'COMPLETED');
	assert.equal(await page.evaluate(() => scrollY), 0);
	assert.equal(await page.getByRole('button', { name: '3 new' }).count(), 0);
	await close();
});

test('an administrator sees their own and everybody’s, with the owner; keeps none of it', async () => {
	const ada = await newUser(browser, instance.base);
	await compose(ada.page, 'Of Ada', 'sora_video2:never');
	await cardIn(ada.page, 'Of Ada', 'PROCESSING');
	const name = `boss${process.pid}`, { code, err } = await longreel(['user', 'add', '--data', instance.data, '--admin', name], { input: `${PASSWORD}\n` });
	assert.equal(code, 0, err);
	const { page, close } = await newDevice(browser, instance.base);
	await signIn(page, name);
	await page.getByRole('button', { name: 'Everybody’s' }).click();
	const card = await cardIn(page, 'Of Ada', 'PROCESSING');
	assert.match(await card.locator('.facts').textContent(), new RegExp(ada.name));
	await page.waitForFunction(() => location.hash.includes('scope=all'));
	await assertAccessible(page, 'everybody’s');
	await shot(page, 'admin');
	await card.locator('.words').click();
	assert.match(await detail(page).locator('dl.facts').textContent(), new RegExp(`Of${ada.name}`));
	await page.keyboard.press('Escape');
	await (await cardIn(ada.page, 'Of Ada', 'PROCESSING')).getByRole('button', { name: 'Cancel' }).click();
	await (await cardIn(page, 'Of Ada', 'CANCELLED')).getByText('Its owner stopped this one.').waitFor(); // others' are asked for, as the feed tells one's own
	await cards(ada.page, 'Of Ada').getByText('You stopped this one.').waitFor();
	await compose(ada.page, 'Against the rules', 'sora_video2:never');
	await (await cardIn(page, 'Against the rules', 'PROCESSING')).getByRole('button', { name: 'Cancel' }).click();
	await (await cardIn(ada.page, 'Against the rules', 'CANCELLED')).getByText('The operator of this server stopped this one.').waitFor();
	await cards(page, 'Against the rules').getByText('The operator of this server stopped this one.').waitFor();
	await page.getByRole('radio', { name: 'Mine' }).check({ force: true });
	await page.getByText('Your videos will appear here.').waitFor();
	await page.reload();
	await page.getByText('Your videos will appear here.').waitFor();
	assert.equal(await cards(page, 'Of Ada').count(), 0);
	await close();
	await ada.close();
});

test('the focus stays near: after a deletion, when a card is done, and at what one came for', async () => {
	const { page, close } = await newUser(browser, instance.base);
	await makeElsewhere(page, ['Third', 'Second']);
	await cardIn(page, 'Second', 'COMPLETED');
	const release = await holdVideos(instance);
	await compose(page, 'First');
	const first = await cardIn(page, 'First', 'PROCESSING');
	await first.getByRole('button', { name: 'Cancel' }).focus();
	await release();
	await cardIn(page, 'First', 'COMPLETED');
	await until(async () => (await focused(page)) === 'BUTTON First', 'the focus');

	await compose(page, 'Broken', 'sora_video2:fail+fast');
	await (await cardIn(page, 'Broken', 'FAILED')).getByRole('button', { name: 'Delete' }).focus();
	await page.keyboard.press('Enter');
	await page.getByRole('dialog', { name: 'Delete this video?' }).getByRole('button', { name: 'Delete' }).focus();
	await page.keyboard.press('Enter');
	await cards(page, 'Broken').waitFor({ state: 'detached' });
	await until(async () => (await focused(page)) === 'BUTTON First', 'the focus');

	await cards(page, 'Second').locator('.words').focus();
	await page.keyboard.press('Enter');
	await detail(page).getByRole('button', { name: 'Delete' }).focus();
	await page.keyboard.press('Enter');
	await page.getByRole('dialog', { name: 'Delete this video?' }).getByRole('button', { name: 'Delete' }).focus();
	await page.keyboard.press('Enter');
	await cards(page, 'Second').waitFor({ state: 'detached' });
	await until(async () => (await focused(page)) === 'BUTTON Third', 'the focus');

	await page.getByRole('button', { name: 'Select' }).focus();
	await page.keyboard.press('Enter');
	await until(async () => (await focused(page)) === 'BUTTON', 'the focus');
	await page.keyboard.press('Enter'); // Done
	await until(async () => (await focused(page)) === 'BUTTON Select', 'the focus');

	await cards(page, 'First').getByRole('button', { name: 'Remix' }).focus();
	await page.keyboard.press('Enter');
	await until(async () => (await focused(page)) === 'TEXTAREA What should the video show?', 'the focus');
	await close();
});

test('one after the other in detail: by buttons and by arrows, and one step back leads home', async () => {
	const { page, close } = await newUser(browser, instance.base);
	await makeElsewhere(page, ['One', 'Two', 'Three']);
	for (const prompt of ['One', 'Two', 'Three'])
		await cardIn(page, prompt, 'COMPLETED');
	await cards(page, 'Three').locator('.words').click();
	const seen = (prompt) => detail(page).locator('.prompt', { hasText: prompt }).waitFor();
	await seen('Three');
	assert.ok(await detail(page).getByRole('button', { name: 'Previous' }).isDisabled());
	await detail(page).getByRole('button', { name: 'Next' }).click();
	await seen('Two');
	await detail(page).getByRole('button', { name: 'Close' }).focus();
	await page.keyboard.press('ArrowRight');
	await seen('One');
	await page.keyboard.press('ArrowLeft');
	await seen('Two');
	await detail(page).getByLabel('What should the video show?').focus();
	await page.keyboard.press('ArrowLeft'); // moves in the text
	await seen('Two');
	await page.goBack();
	await detail(page).waitFor({ state: 'detached' });
	await close();
});

test('the family has the width of the window, pictures, and fits in it', async () => {
	const { page, close } = await newUser(browser, instance.base, { viewport: { width: 1000, height: 800 } });
	await compose(page, 'G0');
	for (let n = 1; n < 5; n++) {
		await (await cardIn(page, `G${n - 1}`, 'COMPLETED')).getByRole('button', { name: 'Remix' }).click();
		const form = page.getByRole('form', { name: 'Remix this video' });
		await form.getByLabel('What should the video show?').fill(`G${n}`);
		await form.getByRole('button', { name: 'Remix' }).click();
	}
	await (await cardIn(page, 'G4', 'COMPLETED')).locator('.words').click();
	await page.getByRole('treeitem').nth(4).waitFor();
	await page.getByRole('tree').scrollIntoViewIfNeeded();
	const { sheet, tree, nodes } = await page.evaluate(() => {
		const box = (node) => (({ left, right, width }) => ({ left, right, width }))(node.getBoundingClientRect());
		return { sheet: box(document.querySelector('dialog.detail')), tree: box(document.querySelector('.tree')), nodes: [...document.querySelectorAll('.node')].map(box) };
	});
	assert.ok(tree.width > sheet.width * 0.85, `${tree.width} of ${sheet.width}`);
	assert.ok(nodes.every(({ left, right }) => left >= tree.left && right <= tree.right), 'all of it is in sight');
	await page.locator('.node .thumb img').first().waitFor();
	await shot(page, 'family');
	await close();
});

test('Arabic and Hebrew read from the right, wherever they stand', async () => {
	const { page, close } = await newUser(browser, instance.base), text = 'قطة 2 على لوح تزلج.';
	await compose(page, text);
	await cardIn(page, text, 'COMPLETED');
	await page.locator('#prompt').fill(text);
	await cards(page, text).locator('.words').click();
	await detail(page).getByRole('form').waitFor();
	const directions = await page.evaluate(() => ['.card .words span', '.detail .prompt', '.detail textarea', '#prompt'].map((name) => getComputedStyle(document.querySelector(name)).direction));
	assert.deepEqual(directions, ['rtl', 'rtl', 'rtl', 'rtl']);
	await close();
});

test('dropping a picture while one is further down shows where it goes', async () => {
	const { page, close } = await newUser(browser, instance.base, { viewport: { width: 700, height: 500 } });
	await makeElsewhere(page, Array.from({ length: 8 }, (_, n) => `Row ${n}`));
	await cardIn(page, 'Row 7', 'COMPLETED');
	await page.evaluate(() => scrollTo(0, 900));
	const drag = (kinds) => page.evaluate((all) => {
		const data = new DataTransfer(), bytes = Uint8Array.from(atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='), (c) => c.charCodeAt(0));
		data.items.add(new File([bytes], 'a.png', { type: 'image/png' }));
		for (const kind of all)
			document.body.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
	}, kinds);
	await drag(['dragenter', 'dragover']);
	const inSight = (locator) => locator.evaluate((node) => { const { top, bottom } = node.getBoundingClientRect(); return top >= 0 && bottom <= innerHeight; });
	await page.getByText('Drop the picture here').waitFor();
	assert.ok(await inSight(page.getByText('Drop the picture here')));
	await drag(['drop']);
	const picture = page.getByAltText('The reference picture');
	await picture.waitFor();
	await until(() => inSight(picture), 'the picture in sight');
	await close();
});

test('a search while the server is away shows what is at hand and says so, and goes on with it', async () => {
	const { page, seen, close } = await newUser(browser, instance.base);
	seen.expect.push(NETWORK);
	await makeElsewhere(page, ['A grey heron', 'A red kite']);
	await cardIn(page, 'A red kite', 'COMPLETED');
	await page.route('**/api/video/**', (route) => route.abort());
	await page.locator('#search').fill('heron');
	await page.getByText('What is shown was found on this machine.').waitFor();
	assert.equal(await page.locator('.card').count(), 1);
	await page.locator('#search').fill('no such');
	await page.getByText('The server cannot be reached.').waitFor();
	await page.getByRole('button', { name: 'Try again' }).waitFor();
	await page.unroute('**/api/video/**'); // from here on it goes on by itself
	await page.getByText('Nothing matches.').waitFor();
	await close();
});
