// A machine whose clock is wrong by hours shows what any other does: all times go by the server's clock.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cardIn, cards, launch, newDevice, newUser, signIn, startForBrowsers } from '../support/browser.mjs';
import { Client } from '../support/client.mjs';

const HOUR = 3_600_000, DAY = 24 * HOUR;
let instance, browser, user;
before(async () => {
	[instance, browser] = await Promise.all([startForBrowsers(), launch()]);
	user = await newUser(browser, instance.base);
	const api = new Client(instance.base, await user.page.evaluate(() => JSON.parse(localStorage.getItem('longreel.account')).token));
	await api.create({ prompt: 'Under way', model: 'sora_video2:never' });
	await cardIn(user.page, 'Under way', 'PROCESSING');
	await fetch(`${instance.base}/simulator/control`, { method: 'PUT', body: JSON.stringify({ submit: '503', retry_after: 600 }), headers: { 'content-type': 'application/json' } });
	await api.create({ prompt: 'Waiting', model: 'sora_video2:never' });
	await cardIn(user.page, 'Waiting', 'QUEUED');
});
after(async () => {
	await user?.close();
	await browser?.close();
	await instance?.stop();
});

/** Sets the clock of a page's machine, whose seconds take five each, so that nothing is right only after the next of them. */
const setClock = (context, ms) => context.addInitScript((by) => {
	const Right = Date, rightInterval = setInterval;
	globalThis.setInterval = (what, every, ...parts) => rightInterval(what, every === 1000 ? 5000 : every, ...parts);
	globalThis.Date = class extends Right {
		constructor(...parts) {
			super(...(parts.length > 0 ? parts : [Right.now() + by]));
		}

		static now() {
			return Right.now() + by;
		}
	};
}, ms);

/** Has a video under way take 100 minutes more, and one that waits be tried again in as many: so that no slow machine is at the end of it. */
const tellTimes = (context) => context.route(/\/api\/video\/(updates|tasks)/, async (route) => {
	const response = await route.fetch().catch(() => null), body = await response?.json().catch(() => null), { data } = body ?? {};
	for (const task of data?.updates?.map(({ payload }) => payload) ?? data?.tasks ?? (data?.videoId ? [data] : [])) {
		if (task.status === 'PROCESSING')
			task.etaMs = 100 * 60_000;
		if (task.status === 'QUEUED')
			task.queue = { ahead: null, reason: 'rate_limited', nextTryAt: new Date(Date.now() + 100 * 60_000).toISOString() };
	}
	await (response ? route.fulfill({ response, json: body }) : route.abort()).catch(() => {});
});

for (const [name, wrong] of [['right', 0], ['three hours behind', -3 * HOUR], ['three hours ahead', 3 * HOUR]])
	test(`a clock that is ${name}`, async () => {
		const { page, context, close } = await newDevice(browser, instance.base), keys = [[2 * HOUR, 'soon'], [-2 * HOUR, 'gone']], asked = [];
		await setClock(context, wrong);
		await tellTimes(context);
		await context.route('**/api/auth/keys', (route) => {
			if (route.request().method() === 'POST')
				asked.push(route.request().postDataJSON());
			return route.fulfill({ json: { success: true, data: route.request().method() === 'POST' ? { id: 9, name: 'new', hint: 'lr_x', key: 'lr_x' }
				: { keys: keys.map(([in_, key], id) => ({ id, name: key, hint: 'lr_…', createdAt: new Date().toISOString(), expiresAt: new Date(Date.now() + in_).toISOString(), lastUsedAt: null, models: [], addresses: [], maxOpen: 0, rate: 0, scope: 'all', budgets: {}, disabled: false })) } } });
		});
		await page.reload();
		await signIn(page, user.name);
		for (const again of [false, true]) { // and once more, as it is found in this browser
			if (again)
				await page.reload();
			assert.equal(await page.evaluate(() => Math.abs(Date.now() - performance.timeOrigin - performance.now()) > 1000), wrong !== 0);
			await cards(page, 'Under way').locator('.why', { hasText: /^About 1:[0-3]\d:\d\d left$|^About 1:40:0\d left$/ }).waitFor();
			await cards(page, 'Waiting').locator('.why', { hasText: /Again in (1:[0-3]\d:\d\d|1:40:0\d)\./ }).waitFor();
			for (const prompt of ['Under way', 'Waiting'])
				assert.match(await cards(page, prompt).locator('.facts time').textContent(), /^[0-5]?\d:\d\d$/, 'it has run for less than an hour');
		}
		await page.goto(`${instance.base}/#/keys`);
		const sheet = page.getByRole('dialog', { name: 'API keys' });
		await sheet.locator('li', { hasText: 'soon' }).getByText(/ · until /).waitFor();
		await sheet.locator('li', { hasText: 'gone' }).getByText(/ · ended /).waitFor();
		assert.equal(await sheet.getByText(/created (just now|\d+ minutes? ago)/).count(), 2);
		await sheet.getByLabel('Name of the new key').fill('new');
		await sheet.getByLabel('Good for').selectOption('For 30 days');
		await sheet.getByRole('button', { name: 'Create a key' }).click();
		await sheet.locator('.once').waitFor();
		assert.ok(Math.abs(asked[0].expiresAt - Date.now() - 30 * DAY) < HOUR, `it ends ${(asked[0].expiresAt - Date.now()) / DAY} days from now`);
		await close();
	});
