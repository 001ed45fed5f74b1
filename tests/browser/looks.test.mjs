// How it looks, and whether everybody can use it: the main states in both themes, on a desktop and on a phone. axe-core finds no violation;
// the pictures in BUILD/screenshots are for people.
import { after, before, test } from 'node:test';
import { NETWORK, addPicture, assertAccessible, cardIn, cards, chooseModel, compose, launch, newUser, newDevice, shot, signIn, startForBrowsers } from '../support/browser.mjs';

const PHONE = { viewport: { width: 360, height: 780 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

let instance, browser;
before(async () => {
	[instance, browser] = await Promise.all([startForBrowsers(), launch()]);
});
after(async () => {
	await browser?.close();
	await instance?.stop();
});

/** A gallery that has something of everything. */
async function fill(page) {
	const all = [['A paper boat drifts down a rain-wet street at dusk, lanterns mirrored in the water', 'fast', 'COMPLETED'],
		['Morning fog over rice terraces, a heron takes off', 'fast', 'COMPLETED'], ['夕阳下，一只猫滑着滑板穿过老城的石板路，逆光，慢镜头', 'fast', 'COMPLETED'],
		['A clock maker’s workshop, macro, dust in the light', 'fast+fail', 'FAILED'], ['Waves against a lighthouse in a winter storm', 'never', 'PROCESSING'],
		['Origami cranes unfold into birds', 'slow=1m', 'PROCESSING'], ['Nobody wants this one', 'reject', 'FAILED']];
	for (const [prompt, how, state] of all) {
		await compose(page, prompt, `sora_video2:${how}`);
		await cardIn(page, prompt, state);
	}
	await page.route('**/api/relay/sora/videos', (route) => route.abort());
	await compose(page, 'A letter that was never delivered', 'sora_video2');
	await cardIn(page, 'A letter that was never delivered', 'missing');
	await chooseModel(page, '');
	return all;
}

for (const [name, options] of [['desktop', {}], ['phone', PHONE]])
	test(`${name}, light and dark`, async () => {
		const check = async (page, where) => {
			for (const colorScheme of ['dark', 'light']) {
				await page.emulateMedia({ colorScheme });
				await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))); // it is on screen
				await shot(page, `${name}-${colorScheme}-${where}`);
				if (name === 'desktop' || colorScheme === 'light') // the phone's colours are the desktop's
					await assertAccessible(page, `${name} ${where}, ${colorScheme}`);
			}
		};
		const first = await newDevice(browser, instance.base, options);
		await first.page.getByLabel('User name').waitFor();
		await check(first.page, '1-sign-in');
		await first.close();

		const { page, seen, close } = await newUser(browser, instance.base, options);
		seen.expect.push(NETWORK);
		await page.getByText('Your videos will appear here.').waitFor();
		await check(page, '2-empty');
		const [[boat]] = await fill(page);
		await addPicture(page);
		await page.locator('#prompt').fill('Next: the same boat, at sea');
		await page.waitForFunction(() => document.querySelector('.poster img'));
		await check(page, '3-gallery');
		await page.getByRole('button', { name: 'Menu' }).click();
		await page.getByLabel('Tell me when a video is ready').waitFor();
		await check(page, '4-menu');
		await page.keyboard.press('Escape');

		for (const [source, prompt] of [[boat, 'The boat at night, fireflies'], [boat, 'The boat, in snow'], ['The boat, in snow', 'The boat, in snow, from above'], ['The boat, in snow', 'Thaw']]) {
			const card = page.locator('.card').filter({ has: page.locator('.words').filter({ hasText: new RegExp(`^${source}$`) }) });
			for (let y = 0; (await card.count()) === 0; y += 300)
				await page.evaluate((top) => new Promise((drawn) => { scrollTo(0, top); requestAnimationFrame(() => requestAnimationFrame(drawn)); }), y);
			await card.getByRole('button', { name: 'Remix' }).click();
			const form = page.getByRole('form', { name: 'Remix this video' });
			await form.getByLabel('What should the video show?').fill(prompt);
			await form.getByRole('button', { name: 'Remix' }).click();
			await page.waitForFunction(() => scrollY === 0 && !document.querySelector('dialog')); // where the new card is
			await page.locator('.card[data-state=COMPLETED] .words').filter({ hasText: new RegExp(`^${prompt}$`) }).waitFor();
		}
		await page.locator('.words').filter({ hasText: /^The boat, in snow$/ }).click();
		await page.getByRole('treeitem').first().waitFor();
		await page.getByRole('treeitem').nth(4).waitFor();
		await check(page, '5-detail');
		await page.getByRole('tree').scrollIntoViewIfNeeded();
		await shot(page, `${name}-6-tree`);
		await page.keyboard.press('Escape');
		await page.getByRole('button', { name: 'Select' }).click();
		await cards(page, 'Thaw').getByRole('checkbox').check();
		await check(page, '7-select');
		await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click();
		await page.getByRole('dialog', { name: 'Delete this video?' }).waitFor();
		await check(page, '8-question');
		await page.keyboard.press('Escape');
		await page.keyboard.press('Escape');
		await close();
	});
