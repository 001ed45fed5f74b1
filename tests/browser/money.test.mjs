// Money on the page: what one has, what things cost, what became of it, and what is the user's turn.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NETWORK, PASSWORD, assertAccessible, cardIn, cards, launch, newDevice, newUser, shot, startForBrowsers } from '../support/browser.mjs';
import { longreel, newDataDir } from '../support/instance.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const DEVICES = { desktop: {}, phone: PHONE, across: { ...PHONE, viewport: { width: 812, height: 375 } }, zoomed: { viewport: { width: 640, height: 430 }, deviceScaleFactor: 2 } };
let data, instance, browser;

async function cli(...words) {
	const { code, out, err } = await longreel([...words, '--data', data]);
	assert.equal(code, 0, err + out);
	return out;
}
before(async () => {
	data = await newDataDir();
	[instance, browser] = await Promise.all([startForBrowsers({ data, env: { LONGREEL_BILLING: 'on' } }), launch()]);
	await cli('price', 'set', '*', '--per-second', '0.10', '--default-seconds', '8', '--max-seconds', '20', '--default-size', '1280x720');
	await cli('price', 'set', '', '--per-second', '0.10', '--default-seconds', '8', '--max-seconds', '20');
});
after(async () => {
	await browser?.close();
	await instance?.stop();
});

async function newPayer(credit, device) {
	const user = await newUser(browser, instance.base, device);
	if (credit)
		await cli('credit', 'add', user.name, credit);
	await user.page.reload();
	return user;
}
const go = (page) => page.locator('.compose button.go');
const funds = (page, text) => page.locator('.funds', { hasText: text }).waitFor();
async function typeModel(page, model) {
	await page.locator('.model-chip').click();
	await page.locator('.models input[name=model]').fill(model);
	await page.locator('.models .fields button').click();
}
const charge = (page, prompt, text) => cards(page, prompt).locator('.charge', { hasText: text }).waitFor();

test('the price is on the button, on hold while it is made, charged or not in the end', async () => {
	const { page, close } = await newPayer('10');
	await funds(page, '$10.00');
	assert.equal(await go(page).textContent(), 'Create · $0.80');
	await page.locator('input[name=seconds]').fill('5');
	assert.equal(await go(page).textContent(), 'Create · $0.50');
	await page.locator('#prompt').fill('A slow one');
	await typeModel(page, 'sora_video2:never');
	const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/videos'));
	await go(page).click();
	assert.match((await sent).postData() ?? '', /name="maxPriceMicro"\r\n\r\n500000\r\n/);
	await charge(page, 'A slow one', '$0.50 on hold');
	await funds(page, '$9.50 ($0.50 on hold)');
	await cards(page, 'A slow one').getByRole('button', { name: 'Cancel' }).click();
	await charge(page, 'A slow one', 'not charged');
	await funds(page, '$10.00');
	await typeModel(page, 'sora_video2:fast');
	await page.locator('#prompt').fill('A quick one');
	await go(page).click();
	await charge(page, 'A quick one', '$0.50');
	await cardIn(page, 'A quick one', 'COMPLETED');
	await charge(page, 'A quick one', /^\$0\.50$/);
	await funds(page, '$9.50');
	await cards(page, 'A quick one').locator('.words').click();
	await page.locator('dialog.detail dl.facts', { hasText: 'Price$0.50' }).waitFor();
	assert.match(await page.locator('dialog.detail .remix .go').textContent(), /Remix · \$0\.[58]0/);
	await close();
});

test('too little credit: what is missing, the card keeps its prompt and its id, a code, and the same is sent again', async () => {
	const { page, seen, close } = await newPayer('0.35');
	seen.expect.push(NETWORK);
	await funds(page, '$0.35');
	await page.locator('.lack', { hasText: 'This costs $0.80; $0.35 is left, $0.45 is missing.' }).waitFor();
	await page.locator('#prompt').fill('Dear');
	await typeModel(page, 'sora_video2:fast');
	await go(page).click();
	const card = await cardIn(page, 'Dear', 'refused'), id = await card.getAttribute('data-id');
	await card.locator('.why', { hasText: '$0.35' }).waitFor();
	await page.reload();
	await cardIn(page, 'Dear', 'refused');
	await page.locator('.lack').getByRole('button', { name: 'Redeem' }).click();
	const sheet = page.getByRole('dialog', { name: 'Credit and usage' }), code = (await cli('code', 'create', '--count', '1', '--amount', '5')).match(/[A-Z0-9]{4,}(?:-[A-Z0-9]{4,})+/)[0];
	await sheet.getByLabel('Code').fill('NOT-A-CODE-AT-ALL');
	await sheet.getByRole('button', { name: 'Redeem', exact: true }).click();
	await sheet.locator('.problem').waitFor();
	await sheet.getByLabel('Code').fill(code);
	await sheet.getByRole('button', { name: 'Redeem', exact: true }).click();
	await page.getByText('$5.00 is yours.').waitFor();
	await sheet.getByText('$5.35').first().waitFor();
	await page.keyboard.press('Escape');
	await sheet.waitFor({ state: 'detached' });
	const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/videos'));
	await cards(page, 'Dear').getByRole('button', { name: 'Send again' }).click();
	assert.ok((await sent).postData().includes(id), 'the same id');
	await cardIn(page, 'Dear', 'COMPLETED');
	await funds(page, '$4.55');
	await close();
});

test('a price that has changed is told, and agreed to', async () => {
	const { page, seen, close } = await newPayer('10');
	seen.expect.push(NETWORK);
	await typeModel(page, 'sora_video2:fast');
	await page.waitForFunction(() => document.querySelector('.compose .go').textContent === 'Create · $0.80');
	await cli('price', 'set', 'sora_video2*', '--per-second', '0.20', '--default-seconds', '8');
	await page.locator('#prompt').fill('Dearer');
	await go(page).click();
	const card = await cardIn(page, 'Dearer', 'refused');
	await card.locator('.why', { hasText: 'This costs $1.60 now.' }).waitFor();
	await page.waitForFunction(() => document.querySelector('.compose .go').textContent === 'Create · $1.60');
	await card.getByRole('button', { name: 'Create at this price' }).click();
	await cardIn(page, 'Dearer', 'COMPLETED');
	await charge(page, 'Dearer', '$1.60');
	await close();
});

test('where one registers by invitation, a code lets one in, once', async () => {
	const home = await newDataDir(), closed = await startForBrowsers({ data: home, env: { LONGREEL_REGISTRATION: 'invite' } });
	try {
		const { code, out, err } = await longreel(['invite', 'create', '--uses', '1', '--data', home]);
		assert.equal(code, 0, err + out);
		const [invitation] = out.match(/[A-Z0-9]{4,}(?:-[A-Z0-9]{4,})+/), register = async (name, word) => {
			const device = await newDevice(browser, closed.base), { page } = device;
			device.seen.expect.push(NETWORK);
			await page.getByRole('button', { name: 'New here? Create an account' }).click();
			await page.getByLabel('User name').fill(name);
			await page.getByLabel('Password').fill(PASSWORD);
			await page.getByLabel('Invitation code').fill(word);
			await page.getByRole('button', { name: 'Create an account', exact: true }).click();
			return device;
		};
		const first = await register('guest-one', invitation), second = await register('guest-two', invitation);
		await first.page.locator('#prompt').waitFor();
		await second.page.getByText('This invitation code is not valid').waitFor();
		await first.close();
		await second.close();
	} finally {
		await closed.stop();
	}
});

for (const [name, device] of Object.entries(DEVICES))
	test(`how it looks: ${name}`, async () => {
		const { page, name: user, close } = await newPayer('9.20', device);
		await cli('user', 'set', user, '--budget-day', '5');
		await page.locator('#prompt').fill('Waves');
		await typeModel(page, 'plain:fast');
		await go(page).click();
		await cardIn(page, 'Waves', 'COMPLETED');
		for (const [language, colorScheme] of [['en', 'light'], ['zh', 'dark']]) {
			await page.emulateMedia({ colorScheme });
			await page.evaluate((code) => localStorage.setItem('longreel.language', JSON.stringify(code)), language);
			for (const place of ['', 'usage']) {
				await page.goto(`${instance.base}/#/${place}`);
				await page.reload();
				await page.locator('.funds').waitFor();
				await page.locator(place ? '.usage .statement li' : '.card .charge').first().waitFor();
				if (place)
					await page.locator('.usage .bars .bar-line').first().waitFor();
				await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
				await shot(page, `money-${place || 'home'}-${name}-${language}-${colorScheme}`);
				await assertAccessible(page, `${place} ${name} ${language} ${colorScheme}`);
				assert.ok(await page.evaluate(() => [document.documentElement, document.querySelector('dialog') ?? document.documentElement].every((node) => node.scrollWidth <= node.clientWidth)), 'nothing stands over');
			}
		}
		await close();
	});
