// A real browser on a real instance: Debian's Chromium, driven by playwright-core. Every page that is opened here is watched: no error on
// its console, nothing thrown, no request that leaves the origin, and no complaint of the Content-Security-Policy.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { violationsIn } from './axe.mjs';
import { PNG } from './client.mjs';
import { chromium } from '../node_modules/playwright-core/index.mjs';
import { BUILD, startInstance, until } from './instance.mjs';

export const PATIENCE_MS = 90_000; // longer than a lost answer takes, with a slow machine; no test is about time
export const PASSWORD = 'correct horse';
export const SHOTS = join(BUILD, 'screenshots');

const LAUNCH = { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] };

/** An instance for browsers: no rate limits, and a poller that looks often. */
export const startForBrowsers = (options = {}) => startInstance({ simulator: true, ...options,
	env: { LONGREEL_RATE_CREATE: '0', LONGREEL_RATE_LOGIN: '0', LONGREEL_RATE_REGISTER: '0', LONGREEL_POLL_INTERVAL_MIN: '100ms',
		LONGREEL_POLL_TIMEOUT: '5s', LONGREEL_LEASE_MARGIN: '2s', ...options.env } });

/** Keeps the simulator's videos under way, so that no machine is so slow that it misses that they were. @returns {Promise<() => Promise<any>>} lets them go on */
export async function holdVideos({ base }) {
	const control = (method, body) => fetch(`${base}/simulator/control`, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
	await control('PUT', { poll: '503' });
	return () => control('DELETE');
}

export const launch = ({ args = [] } = {}) => chromium.launch({ ...LAUNCH, args: [...LAUNCH.args, ...args] });

/** A browser whose profile outlives it. @param {string} profile a folder */
export const launchPersistent = (profile, options = {}) => chromium.launchPersistentContext(profile, { ...LAUNCH, locale: 'en-GB', ...options });

/** Watches all pages of a context. @returns {{faults: string[], requests: {url: string, method: string}[], expect: RegExp[]}} */
export function guard(context, base) {
	const { origin } = new URL(base);
	const seen = { faults: [], requests: [], expect: [] };
	const fault = (text) => seen.faults.push(text);
	context.on('request', (request) => {
		const url = new URL(request.url());
		seen.requests.push({ url: url.pathname + url.search, method: request.method() });
		if (url.protocol !== 'blob:' && url.protocol !== 'data:' && url.origin !== origin)
			fault(`a request left the origin: ${request.url()}`);
	});
	context.on('console', (message) => {
		if (['error', 'warning'].includes(message.type()))
			fault(`${message.type()}: ${message.text()} ${message.location().url}`);
	});
	context.on('weberror', (error) => fault(`thrown: ${error.error().stack}`));
	return seen;
}

/** What a browser says by itself of a request that fails, which some tests cause. */
export const NETWORK = /Failed to load resource|net::ERR_/;

/** Fails where a guard saw something that was not expected. */
export function assertClean(seen) {
	assert.deepEqual(seen.faults.filter((text) => !seen.expect.some((pattern) => pattern.test(text))), []);
}

/**
 * A device: a context of its own, watched, in English, at the page.
 * @returns {Promise<{context: object, page: object, seen: object, close: () => Promise<void>}>} close() also checks what was seen
 */
export async function newDevice(browser, base, options = {}) {
	const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: 'en-GB', reducedMotion: 'reduce', ...options });
	context.setDefaultTimeout(PATIENCE_MS); // of all its tabs
	const seen = guard(context, base), page = await context.newPage();
	await page.goto(base);
	return { context, page, seen, close: async () => { await context.close(); assertClean(seen); } };
}

/** Fills the form of an account. */
export async function signIn(page, name, { create = false, password = PASSWORD } = {}) {
	if (create)
		await page.getByRole('button', { name: 'New here? Create an account' }).click();
	await page.getByLabel('User name').fill(name);
	await page.getByLabel('Password').fill(password);
	await page.getByRole('button', { name: create ? 'Create an account' : 'Sign in', exact: true }).click();
	await page.locator('#prompt').waitFor();
}

/** Has the frames of a page come late from its next loading on: what is right only after one of them, is wrong for as long. */
export async function delayFrames(page) {
	await page.addInitScript(() => {
		const frame = requestAnimationFrame, later = setTimeout;
		globalThis.requestAnimationFrame = (work) => later(() => frame(work), 1000);
		globalThis.cancelAnimationFrame = clearTimeout; // what it was given is that number, which would be another frame's
		globalThis.setTimeout = (work, ms, ...values) => later(work, ms > 0 && ms < 100 ? 1000 : ms, ...values); // what is done after a frame does not wait for ever
	});
	await page.reload();
	await page.locator('#prompt').waitFor();
}

let users = 0;

/** A device with a new account. */
export async function newUser(browser, base, options) {
	const device = await newDevice(browser, base, options), name = `user${++users}x${process.pid}`;
	await signIn(device.page, name, { create: true });
	return { ...device, name };
}

/** Chooses a model by clicking, once the page knows which there are; one that the server does not name is typed. '' = none. */
export async function chooseModel(page, model) {
	if (await page.locator('.model-chip').getAttribute('data-value') === model)
		return;
	await page.locator('.model-chip').click();
	await page.locator('.model-cards[aria-busy=false]').waitFor();
	const card = page.locator(`.model-card[data-model="${model}"]`);
	if (await card.count() > 0) {
		await card.click();
	} else {
		await page.locator('.models input[name=model]').fill(model);
		await page.locator('.models .fields button').click();
	}
	await page.locator('.models').waitFor({ state: 'detached' });
}

/** Puts a picture into the form: it is read before it stands there. */
export async function addPicture(page) {
	await page.locator('.compose input[type=file]').first().setInputFiles({ name: 'cat.png', mimeType: 'image/png', buffer: PNG });
	await page.locator('.compose').getByAltText('The reference picture').waitFor();
}

/** What a store of the browser's database holds: what is on screen may be written down a moment later, and a page that is left then does not. */
export const keptIn = (page, store) => page.evaluate(async (name) => {
	const [database] = await indexedDB.databases();
	const done = (request) => new Promise((resolve, reject) => { request.onsuccess = () => resolve(request.result); request.onerror = () => reject(request.error); });
	const db = await done(indexedDB.open(database.name)), all = await done(db.transaction(name).objectStore(name).getAll());
	db.close();
	return JSON.parse(JSON.stringify(all)); // a picture is {}
}, store);

/** Until a store holds what fits. @param {(all: any[]) => boolean} fits */
export const untilKept = (page, store, fits) => until(async () => fits(await keptIn(page, store)), `what is kept of ${store}`, PATIENCE_MS);

/** Forgets all that is kept of tasks in this browser. */
export const forgetKept = (page) => page.evaluate(async () => {
	for (const { name } of await indexedDB.databases())
		await new Promise((done) => (indexedDB.deleteDatabase(name).onsuccess = done));
});

/** Until this page is the one that asks the feed, for all tabs of its browser. */
export const untilLeads = (page) => page.waitForFunction(async () => (await navigator.locks.query()).held.some(({ name }) => name.startsWith('longreel:')));

/** Creates a video by clicking. @param {string} [model] with the simulator's switches */
export async function compose(page, prompt, model = 'sora_video2:fast') {
	await page.locator('#prompt').fill(prompt);
	await chooseModel(page, model);
	await page.getByRole('button', { name: 'Create', exact: true }).click();
}

/** The cards with this prompt. */
export const cards = (page, prompt) => page.locator('.card').filter({ has: page.locator('.words', { hasText: prompt }) });

/** Waits until the one card of this prompt is in the state, and makes sure that it is one. */
export async function cardIn(page, prompt, state, timeout = PATIENCE_MS) {
	await page.locator(`.card[data-state="${state}"]`).filter({ has: page.locator('.words', { hasText: prompt }) }).first().waitFor({ timeout });
	assert.equal(await cards(page, prompt).count(), 1, `one card of “${prompt}”`);
	return cards(page, prompt);
}

/** No violation of what axe-core can tell, in the page as it stands. */
export async function assertAccessible(page, where) {
	const violations = await violationsIn(page);
	assert.deepEqual(violations, [], `${where}: ${JSON.stringify(violations, null, 1)}`);
}

/** A picture for people to look at, in BUILD/screenshots. */
export async function shot(page, name) {
	await mkdir(SHOTS, { recursive: true });
	await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}
