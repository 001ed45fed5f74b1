// Money on the page: what one has, what things cost, what became of it, and what is the user's turn.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NETWORK, PASSWORD, assertAccessible, cardIn, cards, chooseModel, launch, newDevice, newUser, shot, startForBrowsers } from '../support/browser.mjs';
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
const cost = (page, text) => page.waitForFunction((wanted) => document.querySelector('.compose .go').textContent === wanted, text);
const charge = (page, prompt, text) => cards(page, prompt).locator('.charge', { hasText: text }).waitFor();

test('the price is on the button, on hold while it is made, charged or not in the end', async () => {
	const { page, close } = await newPayer('10');
	await funds(page, '$10.00');
	await cost(page, 'Create · $0.80');
	await page.locator('input[name=seconds]').fill('5');
	await cost(page, 'Create · $0.50');
	await page.locator('#prompt').fill('A slow one');
	await chooseModel(page, 'sora_video2:never');
	const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/videos'));
	await go(page).click();
	assert.match((await sent).postData() ?? '', /name="maxPriceMicro"\r\n\r\n500000\r\n/);
	await charge(page, 'A slow one', '$0.50 on hold');
	await funds(page, '$9.50 ($0.50 on hold)');
	await cards(page, 'A slow one').getByRole('button', { name: 'Cancel' }).click();
	await charge(page, 'A slow one', 'not charged');
	await funds(page, '$10.00');
	await chooseModel(page, 'sora_video2:fast');
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
	await chooseModel(page, 'sora_video2:fast');
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
	await chooseModel(page, 'sora_video2:fast');
	await cost(page, 'Create · $0.80');
	await cli('price', 'set', 'sora_video2*', '--per-second', '0.20', '--default-seconds', '8');
	await page.locator('#prompt').fill('Dearer');
	await go(page).click();
	const card = await cardIn(page, 'Dearer', 'refused');
	await card.locator('.why', { hasText: 'This costs $1.60 now.' }).waitFor();
	await cost(page, 'Create · $1.60');
	await card.getByRole('button', { name: 'Create at this price' }).click();
	await cardIn(page, 'Dearer', 'COMPLETED');
	await charge(page, 'Dearer', '$1.60');
	await close();
});

test('a key: its budgets, its name and its end are set, read, changed and kept to', async () => {
	const { page, seen, close } = await newPayer('10');
	seen.expect.push(NETWORK);
	await page.goto(`${instance.base}/#/keys`);
	const sheet = page.getByRole('dialog', { name: 'API keys' }), fields = ['A day', 'A week', 'A month', 'In all'];
	await sheet.getByLabel('Name of the new key').fill('spender');
	await sheet.getByText('Limits').click();
	for (const [n, sum] of ['1', '2.50', '', '100.000001'].entries())
		await sheet.getByLabel(fields[n]).fill(sum);
	const made = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/api/auth/keys'));
	await sheet.getByRole('button', { name: 'Create a key' }).click();
	assert.deepEqual((await made).postDataJSON().budgets, { day: 1_000_000, week: 2_500_000, month: null, total: 100_000_001 });
	await sheet.getByText('$1.00 a day · $2.50 a week · $100.00 in all · created').waitFor();
	const key = await sheet.locator('.once code').textContent();
	const ask = async () => (await fetch(`${instance.base}/api/relay/sora/videos`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
		body: JSON.stringify({ prompt: 'By a key', model: 'plain:never' }) })).status;
	assert.deepEqual([await ask(), await ask()], [200, 402]);
	const open = () => sheet.getByRole('button', { name: /^Change: / }).click(), form = sheet.locator('li form'), save = () => form.getByRole('button', { name: 'Save' }).click();
	await open();
	assert.deepEqual(await Promise.all(fields.map((one) => form.getByLabel(one).inputValue())), ['1', '2.5', '', '100.000001']);
	await form.getByLabel('A day').fill('');
	await form.getByLabel('A month').fill('0');
	await form.getByLabel('In all').fill('1.0000001');
	await save();
	await sheet.locator('.problem', { hasText: 'budgets' }).waitFor();
	await form.getByLabel('In all').fill('');
	await form.getByLabel('Name').fill('saver');
	await form.getByLabel('Good for').selectOption('For 30 days');
	await save();
	await sheet.getByText(/^\$2\.50 a week · \$0\.00 a month · created .* until /).waitFor();
	assert.equal(await ask(), 402, 'nothing in a month');
	await sheet.getByRole('button', { name: 'Change: saver' }).click();
	await form.getByLabel('A month').fill('');
	await save();
	await sheet.getByText(/^\$2\.50 a week · created .* until /).waitFor();
	assert.equal(await ask(), 200);
	await open();
	await form.getByLabel('Good for').selectOption('Never expires');
	await save();
	await sheet.getByText(/^\$2\.50 a week · created (?!.*until)/).waitFor();
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
		const first = await register('guest-one', invitation);
		await first.page.locator('#prompt').waitFor();
		const second = await register('guest-two', invitation);
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
		await chooseModel(page, 'plain:fast');
		await go(page).click();
		await cardIn(page, 'Waves', 'COMPLETED');
		for (const [language, colorScheme] of [['en', 'light'], ['zh', 'dark']]) {
			await page.emulateMedia({ colorScheme });
			await page.evaluate((code) => localStorage.setItem('longreel.language', JSON.stringify(code)), language);
			for (const place of ['', 'usage', 'keys']) {
				await page.goto(`${instance.base}/#/${place}`);
				await page.reload();
				await page.locator('.funds').waitFor();
				await page.locator({ '': '.card .charge', usage: '.usage .statement li', keys: '.keys summary' }[place]).first().waitFor();
				if (place === 'keys') {
					await page.locator('.keys summary').click();
					await page.locator('.keys input[name=budget-total]').scrollIntoViewIfNeeded();
				} else if (place)
					await page.locator('.usage .bars .bar-line').first().waitFor();
				await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
				await shot(page, `money-${place || 'home'}-${name}-${language}-${colorScheme}`);
				await assertAccessible(page, `${place} ${name} ${language} ${colorScheme}`);
				assert.ok(await page.evaluate(() => [document.documentElement, document.querySelector('dialog') ?? document.documentElement].every((node) => node.scrollWidth <= node.clientWidth)), 'nothing stands over');
			}
		}
		await close();
	});
