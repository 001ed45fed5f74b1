// Credit and usage by the server's days: its time zone and its clock say which month it is, whatever the browser's do; and what each video cost.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertAccessible, cardIn, launch, newUser, shot, startForBrowsers } from '../support/browser.mjs';
import { Client } from '../support/client.mjs';
import { longreel, newDataDir } from '../support/instance.mjs';
import { newWorld } from '../support/world.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const DEVICES = { desktop: {}, phone: PHONE, across: { ...PHONE, viewport: { width: 812, height: 375 } }, zoomed: { viewport: { width: 640, height: 430 }, deviceScaleFactor: 2 } };
const MINUTE = 60_000, SHANGHAI_MS = 8 * 60 * MINUTE;
const NEW_YORK = { timezoneId: 'America/New_York' };

/** Midnight in Shanghai at the end of next month: as the server's clock is set near it, a browser's own is wrong by weeks. */
const midnight = (() => {
	const now = new Date();
	return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 2, 1) - SHANGHAI_MS;
})();
const dayAt = (time) => new Date(time + SHANGHAI_MS).toISOString().slice(0, 10);

let world, data, instance, browser, ahead = 0;
async function cli(...words) {
	const { code, out, err } = await longreel([...words, '--data', data]);
	assert.equal(code, 0, err + out);
}
/** Sets the server's clock. */
const setClock = (time) => world.clock(ahead = time - Date.now());

/** Has answers bear the date of the programs: the web server before them has a clock of its own, which the test cannot set. */
const tellDate = (context) => context.route('**/api/**', async (route) => {
	const response = await route.fetch().catch(() => null);
	await (response ? route.fulfill({ response, headers: { ...response.headers(), date: new Date(Date.now() + ahead).toUTCString() } }) : route.abort()).catch(() => {});
});

before(async () => {
	[world, data, browser] = await Promise.all([newWorld(), newDataDir(), launch()]);
	await setClock(midnight - 30 * MINUTE);
	instance = await startForBrowsers({ data, env: { ...world.env, LONGREEL_BILLING: 'on', LONGREEL_TIMEZONE: 'Asia/Shanghai' } });
	for (const model of ['*', ''])
		await cli('price', 'set', model, '--per-second', '0.10', '--default-seconds', '8');
});
after(async () => {
	await browser?.close();
	await instance?.stop();
	await world?.remove();
});

/** A user with credit, and the API as that user. */
async function newPayer(device, credit = '100') {
	const user = await newUser(browser, instance.base, device), token = await user.page.evaluate(() => JSON.parse(localStorage.getItem('longreel.account')).token);
	await cli('credit', 'add', user.name, credit);
	await tellDate(user.context);
	await user.page.reload();
	await user.page.waitForFunction(() => Number(localStorage.getItem('longreel.ahead')) > 0); // it goes by the server's clock from here
	return { ...user, api: new Client(instance.base, token), close: async () => { await user.context.unrouteAll({ behavior: 'ignoreErrors' }); await user.close(); } };
}

async function openUsage(page) {
	await page.goto(`${instance.base}/#/usage`);
	await page.reload();
	const sheet = page.getByRole('dialog', { name: 'Credit and usage' });
	await sheet.locator('.charges li').first().waitFor();
	return sheet;
}
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

test('around midnight at the end of a month in Shanghai, for a browser in New York', async () => {
	const { page, name, close } = await newPayer(NEW_YORK), asked = [];
	page.on('request', (request) => request.url().includes('/api/account/') && asked.push(new URL(request.url()).searchParams));
	const create = async (prompt) => {
		await page.locator('#prompt').fill(prompt);
		await press(page, 'Create · $0.80');
		await cardIn(page, prompt, 'COMPLETED');
	};
	await fetch(`${instance.base}/simulator/control`, { method: 'PUT', body: JSON.stringify({ duration_ms: 100 }), headers: { 'content-type': 'application/json' } });
	await cli('user', 'set', name, '--budget-day', '5');
	await create('The last of its month');
	const last = dayAt(midnight - MINUTE), first = dayAt(midnight), [old, young] = [last, first].map((day) => day.slice(0, 7));
	let sheet = await openUsage(page);
	await sheet.getByRole('heading', { name: `Usage, ${old}` }).waitFor();
	await sheet.locator('.bars bdi', { hasText: `${last}, today` }).waitFor();
	await sheet.getByText('Days and times are those of Asia/Shanghai.').waitFor();
	await sheet.locator('.bars', { hasText: '$0.80 of $5.00' }).getByText(/starts anew on .* 1, .*12:00.AM/).waitFor();
	assert.match(await sheet.locator('.charges li time').textContent(), /11:[345]\d.PM/);
	assert.equal(await sheet.getByLabel('From').inputValue(), `${old}-01`);
	assert.equal(await sheet.getByLabel('To').inputValue(), last);

	await setClock(midnight + MINUTE);
	await page.keyboard.press('Escape');
	await sheet.waitFor({ state: 'detached' });
	await create('The first of its month');
	sheet = await openUsage(page);
	await sheet.getByRole('heading', { name: `Usage, ${young}` }).waitFor();
	await sheet.locator('.bars bdi', { hasText: `${first}, today` }).waitFor();
	await sheet.locator('.charges li', { hasText: /^The first of its month.*12:\d\d.AM/ }).waitFor();
	assert.equal(await sheet.locator('.charges li').count(), 1);
	await press(page, 'The month before');
	await sheet.getByRole('heading', { name: `Usage, ${old}` }).waitFor();
	await sheet.locator('.charges li', { hasText: 'The last of its month' }).waitFor();
	await sheet.locator('.bars:has(.bar-line) bdi', { hasText: last }).waitFor();
	assert.deepEqual(await sheet.locator('.bars:has(.bar-line) bdi').allTextContents(), [last], 'which is not today any more');
	for (const params of asked.filter((one) => one.has('from')))
		assert.ok([[`${old}-01`, last], [`${young}-01`, dayAt(Date.UTC(Number(young.slice(0, 4)), Number(young.slice(5)), 1) - SHANGHAI_MS - MINUTE)]].some(([from, to]) => from === params.get('from') && to === params.get('to')), `${params}`);
	await close();
});

test('each charge: of a state, of a model, of a key, of some days; more of them; and its video', async () => {
	const { page, api, close } = await newPayer(), key = await api.data('POST', '/api/auth/keys', { name: 'robot' }), robot = new Client(instance.base, key.key);
	for (let n = 0; n < 22; n++)
		await api.create({ prompt: `Waits ${n}`, model: 'sora_video2:never' });
	await robot.create({ prompt: 'By the robot', model: 'other:fast' });
	await cardIn(page, 'By the robot', 'COMPLETED');
	const gone = await api.create({ prompt: 'Given up', model: 'sora_video2:never' });
	await api.call('POST', `/api/video/tasks/${gone.videoId}/cancel`);
	const sheet = await openUsage(page), rows = sheet.locator('.charges li'), count = (n) => page.waitForFunction((wanted) => document.querySelectorAll('.charges li').length === wanted, n);
	await count(20);
	await rows.first().getByText('not charged').waitFor();
	await rows.nth(1).getByText('other:fast · 8 s · robot').waitFor();
	await rows.nth(2).getByText('$0.80 on hold').waitFor();
	await sheet.locator('section', { has: page.locator('.charges') }).getByRole('button', { name: 'Show more' }).click();
	await count(24);
	await sheet.getByLabel('Charged or not').selectOption('Charged');
	await count(1);
	await sheet.getByLabel('Charged or not').selectOption('All');
	await count(20);
	await sheet.locator('.few').getByLabel('Key').selectOption('robot');
	await count(1);
	const csv = page.waitForRequest((request) => request.url().includes('charges.csv'));
	await sheet.getByRole('button', { name: 'Download as a table' }).click();
	assert.equal(new URL((await csv).url()).searchParams.get('key'), String(key.id), 'the table is of what is shown');
	await sheet.locator('.few').getByLabel('Model').selectOption('sora_video2:never');
	await sheet.getByText('Nothing like this.').waitFor();
	await sheet.locator('.few').getByLabel('Key').selectOption('On this page');
	await count(20);
	await sheet.getByLabel('From').fill(dayAt(midnight - 3 * 24 * 60 * MINUTE));
	await sheet.getByLabel('To').fill(dayAt(midnight - 2 * 24 * 60 * MINUTE));
	await sheet.getByText('Nothing like this.').waitFor();
	await sheet.getByLabel('To').fill(dayAt(midnight + 2 * 24 * 60 * MINUTE));
	await sheet.locator('.few').getByLabel('Model').selectOption('All');
	await rows.getByRole('button', { name: 'Given up' }).click();
	await page.locator('dialog.detail h2', { hasText: 'Given up' }).waitFor();
	await close();
});

for (const [name, device] of Object.entries(DEVICES))
	test(`how it looks: ${name}`, async () => {
		const { page, api, close } = await newPayer({ ...device, ...NEW_YORK });
		await api.create({ prompt: 'A paper boat drifts down a rain-wet street at dusk, lanterns mirrored in the water', model: 'sora_video2:never' });
		await api.create({ prompt: 'Waves', model: 'sora_video2:fast' });
		await cardIn(page, 'Waves', 'COMPLETED');
		for (const [language, colorScheme] of [['en', 'light'], ['zh', 'dark']]) {
			await page.emulateMedia({ colorScheme });
			await page.evaluate((code) => localStorage.setItem('longreel.language', JSON.stringify(code)), language);
			await page.goto(`${instance.base}/#/usage`);
			await page.reload();
			for (const part of ['.bar-line', '.whose', '.charges li'])
				await page.locator(part).first().waitFor();
			await page.locator('.charges li').first().scrollIntoViewIfNeeded();
			await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
			await shot(page, `usage-${name}-${language}-${colorScheme}`);
			await assertAccessible(page, `usage ${name} ${language} ${colorScheme}`);
			assert.ok(await page.evaluate(() => [document.documentElement, document.querySelector('dialog')].every((node) => node.scrollWidth <= node.clientWidth)), 'nothing stands over');
			const widths = await page.locator('.bar-line').evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().width));
			assert.ok(widths.length > 0 && widths.every((width) => width > 60), `bars of ${widths} px`);
			const heights = await page.locator('.whose').evaluateAll((words) => words.map((node) => [node.getBoundingClientRect().height, node.querySelector('button').getBoundingClientRect().height]));
			assert.ok(heights.every(([all, button]) => all <= button + 1), `a video has a line of its own after its dot: ${JSON.stringify(heights)}`);
		}
		await close();
	});
