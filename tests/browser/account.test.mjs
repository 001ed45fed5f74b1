// One's account: another password, where one is signed in, what an API key may do, and registering with an invitation.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NETWORK, PASSWORD, assertAccessible, launch, newDevice, newUser, shot, signIn, startForBrowsers } from '../support/browser.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const DEVICES = { desktop: {}, phone: PHONE, across: { ...PHONE, viewport: { width: 812, height: 375 } }, zoomed: { viewport: { width: 640, height: 430 }, deviceScaleFactor: 2 } };
let instance, browser;
before(async () => {
	[instance, browser] = await Promise.all([startForBrowsers(), launch()]);
});
after(async () => {
	await browser?.close();
	await instance?.stop();
});

async function openMenu(page, name) {
	await page.getByRole('button', { name: 'Menu' }).click();
	await page.getByRole('button', { name, exact: true }).click();
	return page.getByRole('dialog', { name });
}

test('another password: the present one is needed, all other sessions end, the new one signs in', async () => {
	const { page, seen, name, close } = await newUser(browser, instance.base), other = await newDevice(browser, instance.base);
	seen.expect.push(NETWORK);
	other.seen.expect.push(NETWORK);
	await signIn(other.page, name);
	const sheet = await openMenu(page, 'Account');
	await sheet.getByLabel('Present password').fill('not this one');
	await sheet.getByLabel('New password').fill('battery staple');
	await sheet.getByRole('button', { name: 'Change the password' }).click();
	await sheet.getByText('The present password is wrong.').waitFor();
	assert.equal(await page.getByText('Please sign in again').count(), 0, 'a wrong word ends no session');
	await sheet.getByLabel('Present password').fill(PASSWORD);
	await sheet.getByRole('button', { name: 'Change the password' }).click();
	await page.getByText('The password is changed.').waitFor();
	await other.page.getByText('Please sign in again').waitFor();
	await other.page.getByLabel('Password').fill('battery staple');
	await other.page.getByRole('button', { name: 'Sign in', exact: true }).click();
	await other.page.getByText('Please sign in again').waitFor({ state: 'detached' });
	await other.close();
	await close();
});

test('where one is signed in: one session ends, all others, all', async () => {
	const { page, seen, name, close } = await newUser(browser, instance.base), others = [];
	seen.expect.push(NETWORK);
	for (let n = 0; n < 3; n++) {
		others.push(await newDevice(browser, instance.base));
		others[n].seen.expect.push(NETWORK);
		await signIn(others[n].page, name);
	}
	const sheet = await openMenu(page, 'Account'), rows = sheet.locator('.plain li');
	await rows.nth(3).waitFor();
	assert.equal(await sheet.getByText('This one').count(), 1);
	await rows.getByRole('button', { name: 'Sign out' }).first().click();
	await page.waitForFunction(() => document.querySelectorAll('.account .plain li').length === 3);
	await Promise.any(others.map((one) => one.page.getByText('Please sign in again').waitFor()));
	await sheet.getByRole('button', { name: 'Sign out everywhere else' }).click();
	await page.getByText('2 sessions have ended.').waitFor();
	await page.waitForFunction(() => document.querySelectorAll('.account .plain li').length === 1);
	for (const one of others)
		await one.page.getByText('Please sign in again').waitFor();
	await others[0].page.getByLabel('Password').fill(PASSWORD);
	await others[0].page.getByRole('button', { name: 'Sign in', exact: true }).click();
	await others[0].page.getByText('Please sign in again').waitFor({ state: 'detached' });
	await sheet.getByRole('button', { name: 'Sign out everywhere', exact: true }).click();
	await page.getByRole('dialog', { name: 'Sign out everywhere?' }).getByRole('button', { name: 'Sign out everywhere' }).click();
	await page.getByRole('button', { name: 'New here? Create an account' }).waitFor();
	await others[0].page.getByText('Please sign in again').waitFor();
	for (const one of others)
		await one.close();
	await close();
});

test('a key has its limits, they hold, and are changed', async () => {
	const { page, seen, close } = await newUser(browser, instance.base);
	seen.expect.push(NETWORK);
	const sheet = await openMenu(page, 'API keys');
	await sheet.getByLabel('Name of the new key').fill('narrow');
	await sheet.getByText('Limits').click();
	await sheet.getByLabel('Only from these addresses').fill('ten');
	await sheet.getByRole('button', { name: 'Create a key' }).click();
	await sheet.locator('.problem', { hasText: 'networks such as 10.0.0.0/8' }).waitFor();
	await sheet.getByLabel('Only from these addresses').fill('127.0.0.1, 10.0.0.0/8');
	await sheet.getByLabel('Only these models').fill('sora_video2*  veo-3');
	await sheet.getByLabel('Open videos at most').fill('2');
	await sheet.getByLabel('Creations a minute at most').fill('30');
	await sheet.getByRole('button', { name: 'Create a key' }).click();
	await sheet.getByText(/^only sora_video2\* veo-3 · from 127\.0\.0\.1 10\.0\.0\.0\/8 · 2 open at most · 30 a minute · created/).waitFor();
	const key = await sheet.locator('.once code').textContent();
	const ask = async (model) => (await fetch(`${instance.base}/api/relay/sora/videos`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
		body: JSON.stringify({ prompt: 'By a key', model }) })).status;
	assert.deepEqual([await ask('other'), await ask('sora_video2:fast')], [403, 200]);
	await sheet.getByRole('button', { name: 'Change: narrow' }).click();
	const form = sheet.locator('li form');
	assert.equal(await form.getByLabel('Only these models').inputValue(), 'sora_video2* veo-3');
	await form.getByLabel('Only these models').fill('');
	await form.getByLabel('Open videos at most').fill('');
	await form.getByLabel('It may').selectOption('Only see videos');
	await form.getByRole('button', { name: 'Save' }).click();
	await sheet.getByText(/^only sees · from 127\.0\.0\.1 10\.0\.0\.0\/8 · 30 a minute · created/).waitFor();
	assert.equal(await ask('sora_video2:fast'), 403);
	await sheet.getByRole('button', { name: 'Change: narrow' }).click();
	await form.getByLabel('Switched off').check();
	await form.getByRole('button', { name: 'Save' }).click();
	await sheet.getByText(/^switched off · only sees/).waitFor();
	assert.equal(await ask('sora_video2:fast'), 401);
	await close();
});

test('where one registers by invitation, the code is asked for and sent', async () => {
	const { page, context, seen, close } = await newDevice(browser, instance.base), bodies = [];
	seen.expect.push(NETWORK);
	let registration = 'invite';
	await context.route('**/api/about', async (route) => {
		const response = await route.fetch(), { data } = await response.json();
		await route.fulfill({ response, json: { success: true, data: { ...data, registration } } });
	});
	await context.route('**/api/auth/register', (route) => {
		const { code, ...rest } = route.request().postDataJSON();
		bodies.push(code);
		return code === 'SPRING-1' ? route.continue({ postData: JSON.stringify(rest) })
			: route.fulfill(code ? { status: 400, json: { success: false, code: 'invite_invalid', error: 'This invitation code is not valid, or no longer valid.' } }
				: { status: 403, json: { success: false, code: 'invite_required', error: 'Registering here needs an invitation code.' } });
	});
	registration = 'open'; // as it was when the page was opened
	await page.reload();
	await page.getByRole('button', { name: 'New here? Create an account' }).click();
	await page.getByLabel('User name').fill(`guest${process.pid}`);
	await page.getByLabel('Password').fill(PASSWORD);
	const send = page.getByRole('button', { name: 'Create an account', exact: true });
	await send.click();
	await page.getByLabel('Invitation code').fill('WINTER-9');
	await send.click();
	await page.getByText('This invitation code is not valid').waitFor();
	registration = 'invite';
	await page.reload();
	await page.getByRole('button', { name: 'New here? Create an account' }).click();
	await page.getByLabel('Invitation code').waitFor();
	await shot(page, 'account-invitation');
	await assertAccessible(page, 'invitation');
	await page.getByLabel('User name').fill(`guest${process.pid}`);
	await page.getByLabel('Password').fill(PASSWORD);
	await page.getByLabel('Invitation code').fill(' SPRING-1 ');
	await send.click();
	await page.locator('#prompt').waitFor();
	assert.deepEqual(bodies, [undefined, 'WINTER-9', 'SPRING-1']);
	await close();
});

for (const [name, device] of Object.entries(DEVICES))
	test(`how it looks: ${name}`, async () => {
		const { page, close } = await newUser(browser, instance.base, device);
		for (const [language, colorScheme] of [['en', 'light'], ['zh', 'dark']]) {
			await page.emulateMedia({ colorScheme });
			await page.evaluate((code) => localStorage.setItem('longreel.language', JSON.stringify(code)), language);
			for (const place of ['account', 'keys']) {
				await page.goto(`${instance.base}/#/${place}`);
				await page.reload();
				if (place === 'keys') {
					await page.locator('.keys input[name=name]').fill(`laptop ${language}`);
					await page.locator('.keys .line .primary').click();
					await page.locator('.once').waitFor();
					await page.locator('.keys summary').click();
				} else
					await page.locator('.account .plain li').first().waitFor();
				await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))); // it is on screen
				await shot(page, `${place}-${name}-${language}-${colorScheme}`);
				await assertAccessible(page, `${place} ${name} ${language} ${colorScheme}`);
				assert.ok(await page.evaluate(() => [document.documentElement, document.querySelector('dialog')].every((node) => node.scrollWidth <= node.clientWidth)), 'nothing stands over');
			}
		}
		await close();
	});
