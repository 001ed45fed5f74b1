// Money on the page, against answers as the API promises them: prices on the button and the cards, refusals that are the user's turn,
// redeeming, usage and statement.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NETWORK, assertAccessible, cardIn, cards, chooseModel, launch, newUser, shot, startForBrowsers, untilKept } from '../support/browser.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const DEVICES = { desktop: {}, phone: PHONE, across: { ...PHONE, viewport: { width: 812, height: 375 } }, zoomed: { viewport: { width: 640, height: 430 }, deviceScaleFactor: 2 } };
const RULE = { model: '*', job: 'any', size: 'any', image: 'any', audio: 'any', images: 0, flatMicro: 0, perSecondMicro: 100_000, listFlatMicro: 0, listPerSecondMicro: 100_000,
	minSeconds: 0, stepSeconds: 0, defaultSeconds: 8, defaultSize: null, maxSeconds: 20, settle: 'asked' };
let instance, browser;
before(async () => {
	[instance, browser] = await Promise.all([startForBrowsers(), launch()]);
});
after(async () => {
	await browser?.close();
	await instance?.stop();
});

const json = (route, status, data) => route.fulfill({ status, json: status < 300 ? { success: true, data } : { success: false, ...data } });

/** A bank for one user: what it is asked, and what it answers. */
async function open(device) {
	const user = await newUser(browser, instance.base, device), bank = { available: 350_000, held: 0, perSecond: 100_000, asked: [], charge: {} }, { page } = user;
	const route = (path, answer) => page.route(`**${path}`, answer);
	user.seen.expect.push(NETWORK);
	await route('/api/about', async (one) => {
		const response = await one.fetch(), { data } = await response.json();
		await json(one, 200, { ...data, billing: true, currency: 'USD', currencyDecimals: 2 });
	});
	await route('/api/account', (one) => json(one, 200, { user: { id: 1, username: user.name }, group: null, balance: { availableMicro: bank.available, heldMicro: bank.held, creditLineMicro: 0 },
		budgets: [{ subject: 'user', window: 'day', limitMicro: 5_000_000, usedMicro: 800_000, resetsAt: '2026-12-01T00:00:00.000Z' }], maxOpen: 0, open: 0 }));
	await route('/api/prices', (one) => json(one, 200, { currency: 'USD', multiplierPpm: 1_000_000, prices: [{ ...RULE, listPerSecondMicro: bank.perSecond }, { ...RULE, model: null, listPerSecondMicro: bank.perSecond }] }));
	await route('/api/account/redeem', (one) => {
		const { code } = one.request().postDataJSON();
		if (code !== 'SPRING-7')
			return json(one, 404, { code: 'code_unknown', error: 'There is no such code.' });
		bank.available += 5_000_000;
		return json(one, 200, { amountMicro: 5_000_000, availableMicro: bank.available });
	});
	await route('/api/account/usage?*', (one) => {
		const by = new URL(one.request().url()).searchParams.get('groupBy'), sums = { completed: 2, failed: 1, cancelled: 0, seconds: 16, chargedMicro: 1_600_000 };
		return json(one, 200, { rows: by === 'day' ? [{ group: '2026-11-29', name: null, ...sums }, { group: '2026-11-30', name: null, ...sums, chargedMicro: 800_000 }]
			: [{ group: by === 'key' ? '0' : 'sora_video2', name: null, ...sums }], total: { ...sums, chargedMicro: 2_400_000 } });
	});
	await route('/api/account/statement?*', (one) => {
		const second = new URL(one.request().url()).searchParams.get('cursor') === 'two', at = '2026-11-30T01:00:00.000Z';
		return json(one, 200, second ? { transfers: [{ id: 1, at, kind: 'grant', amountMicro: 10_000_000, balanceMicro: 10_000_000, note: 'thanks' }], nextCursor: null }
			: { transfers: [{ id: 3, at, kind: 'settle', amountMicro: 800_000, balanceMicro: 9_200_000, videoId: 'video_1_a' }, { id: 2, at, kind: 'reserve', amountMicro: 800_000, balanceMicro: 9_200_000, videoId: 'video_1_a' }], nextCursor: 'two' });
	});
	await route('/api/account/charges.csv?*', (one) => one.fulfill({ contentType: 'text/csv', body: 'time_utc,charged\r\n' }));
	await route('/api/relay/sora/videos', (one) => {
		const body = one.request().postData(), field = (name) => new RegExp(`name="${name}"\\r\\n\\r\\n([^\\r]*)`).exec(body)?.[1], most = field('maxPriceMicro'), cost = bank.perSecond * Number(field('seconds') ?? 8);
		bank.asked.push({ id: field('clientRequestId'), most });
		if (cost > Number(most))
			return json(one, 409, { code: 'price_changed', error: 'This costs $1.60 now.', details: { amountMicro: cost, currency: 'USD' } });
		if (cost > bank.available)
			return json(one, 402, { code: 'insufficient_credit', error: 'This costs $0.80; $0.35 is available.', details: { requiredMicro: cost, availableMicro: bank.available } });
		// The server below has no prices yet: what it is not to know is taken out.
		return one.continue({ postData: body.replace(/--[^\r]*\r\n[^\r]*name="maxPriceMicro"\r\n\r\n[^\r]*\r\n/, '') });
	});
	// Wherever a task is told, its price is. The feed is the last to tell, so that nothing waits for its word alone.
	await page.route(/\/api\/video\/(updates|tasks\/video_[^/]+$)/, async (one) => {
		const response = await one.fetch().catch(() => null), body = await response?.json().catch(() => null);
		if (body?.data?.updates?.length > 0)
			await new Promise((done) => setTimeout(done, 1000));
		for (const payload of body?.data?.updates?.map((update) => update.payload) ?? (body?.data?.videoId ? [body.data] : []))
			Object.assign(payload, { priceMicro: 800_000, charge: { COMPLETED: 'charged', FAILED: 'released', CANCELLED: 'released' }[payload.status] ?? 'held', chargedMicro: payload.status === 'COMPLETED' ? 800_000 : 0 });
		await (response ? one.fulfill({ response, json: body }) : one.abort()).catch(() => {});
	});
	await page.reload();
	await page.locator('.funds').waitFor();
	return { ...user, bank, close: async () => { await page.unrouteAll({ behavior: 'ignoreErrors' }); await user.close(); } };
}
const button = (page) => page.locator('.compose button.go');
async function create(page, prompt, model) {
	await chooseModel(page, model);
	await page.locator('#prompt').fill(prompt);
	await button(page).click();
}
const charge = (page, prompt, text) => cards(page, prompt).locator('.charge', { hasText: text }).waitFor();

test('what it costs stands on the button and is sent; what became of it stands on the card', async () => {
	const { page, bank, close } = await open();
	bank.available = 10_000_000;
	await page.reload();
	await page.locator('.funds', { hasText: '$10.00' }).waitFor();
	await page.waitForFunction(() => document.querySelector('.compose .go').textContent === 'Create · $0.80');
	await page.locator('input[name=seconds]').fill('5');
	assert.equal(await button(page).textContent(), 'Create · $0.50');
	await page.locator('input[name=seconds]').fill('21');
	await page.locator('.lack', { hasText: 'There is no price for this yet' }).waitFor();
	await page.locator('input[name=seconds]').fill('');
	await page.locator('.model-chip').click();
	await page.locator('.model-card', { hasText: 'from $0.80' }).first().waitFor();
	await page.keyboard.press('Escape');
	bank.held = 800_000;
	await create(page, 'Endless', 'sora_video2:never');
	await charge(page, 'Endless', /^\$0\.80 on hold$/);
	await page.locator('.funds', { hasText: '($0.80 on hold)' }).waitFor();
	await cards(page, 'Endless').getByRole('button', { name: 'Cancel' }).click();
	await charge(page, 'Endless', /^not charged$/);
	await create(page, 'Done', 'sora_video2:fast');
	await cardIn(page, 'Done', 'COMPLETED');
	await charge(page, 'Done', /^\$0\.80$/);
	assert.deepEqual(bank.asked.map(({ most }) => most), ['800000', '800000']);
	await cards(page, 'Done').locator('.words').click();
	await page.locator('dialog.detail dl.facts', { hasText: 'Price$0.80' }).waitFor();
	await close();
});

test('too little credit, and a price that has changed, are the user’s turn: the card keeps prompt and id', async () => {
	const { page, bank, close } = await open();
	await page.locator('.lack', { hasText: 'This costs $0.80; $0.35 is left, $0.45 is missing.' }).waitFor();
	await create(page, 'Dear', 'sora_video2:fast');
	await (await cardIn(page, 'Dear', 'refused')).locator('.why', { hasText: 'This costs $0.80; $0.35 is available.' }).waitFor();
	assert.equal(await page.locator('#prompt').inputValue(), '', 'it is not taken back into the form');
	await untilKept(page, 'outbox', ([{ problem }]) => problem?.state === 'refused'); // or it would be asked for once more
	await page.reload();
	await cardIn(page, 'Dear', 'refused');
	await page.locator('.lack').getByRole('button', { name: 'Redeem' }).click();
	const sheet = page.getByRole('dialog', { name: 'Credit and usage' });
	await sheet.getByLabel('Code').fill('WINTER-1');
	await sheet.getByRole('button', { name: 'Redeem', exact: true }).click();
	await sheet.getByText('There is no such code.').waitFor();
	await sheet.getByLabel('Code').fill('SPRING-7');
	await sheet.getByRole('button', { name: 'Redeem', exact: true }).click();
	await page.getByText('$5.00 is yours.').waitFor();
	await page.locator('.funds', { hasText: '$5.35' }).waitFor();
	await page.keyboard.press('Escape');
	await sheet.waitFor({ state: 'detached' });
	bank.perSecond = 200_000;
	await cards(page, 'Dear').getByRole('button', { name: 'Send again' }).click();
	await cards(page, 'Dear').locator('.why', { hasText: 'This costs $1.60 now.' }).waitFor();
	await page.waitForFunction(() => document.querySelector('.compose .go').textContent === 'Create · $1.60');
	await cards(page, 'Dear').getByRole('button', { name: 'Create at this price' }).click();
	await cardIn(page, 'Dear', 'COMPLETED');
	assert.deepEqual(bank.asked.map(({ most }) => most), ['800000', '800000', '1600000']);
	assert.equal(new Set(bank.asked.map(({ id }) => id)).size, 1, 'one id throughout');
	await close();
});

for (const [name, device] of Object.entries(DEVICES))
	test(`credit and usage: ${name}`, async () => {
		const { page, close } = await open(device);
		for (const [language, colorScheme] of [['zh', 'dark'], ['en', 'light']]) {
			await page.emulateMedia({ colorScheme });
			await page.evaluate((code) => localStorage.setItem('longreel.language', JSON.stringify(code)), language);
			for (const place of ['', 'usage']) {
				await page.goto(`${instance.base}/#/${place}`);
				await page.reload();
				await page.locator('.funds').waitFor();
				await page.locator(place ? '.usage .bars .bar-line' : '.lack').first().waitFor();
				await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
				await shot(page, `money-${place || 'home'}-${name}-${language}-${colorScheme}`);
				await assertAccessible(page, `${place} ${name} ${language} ${colorScheme}`);
				assert.ok(await page.evaluate(() => [document.documentElement, document.querySelector('dialog') ?? document.documentElement].every((node) => node.scrollWidth <= node.clientWidth)), 'nothing stands over');
			}
		}
		const sheet = page.getByRole('dialog', { name: 'Credit and usage' });
		await sheet.getByText('$0.80 of $5.00').waitFor();
		await sheet.getByRole('radio', { name: 'Model' }).check();
		await sheet.locator('.bars bdi', { hasText: 'sora_video2' }).waitFor();
		await sheet.getByRole('button', { name: 'Show more' }).click();
		await sheet.locator('.statement li', { hasText: 'Credit given' }).waitFor();
		const [file] = await Promise.all([page.waitForEvent('download'), sheet.getByRole('button', { name: 'Download as a table' }).click()]);
		assert.match(file.suggestedFilename(), /^longreel \d{4}-\d\d\.csv$/);
		await close();
	});
