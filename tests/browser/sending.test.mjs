// What is created goes on by itself: over a lost connection, a server that is away, a rate limit. It says when, and can be thrown away. What is
// refused goes back into the form.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NETWORK, PASSWORD, addPicture, cardIn, cards, chooseModel, compose, launch, newUser, startForBrowsers, untilKept } from '../support/browser.mjs';
import { until } from '../support/instance.mjs';

const CREATE = '**/api/relay/sora/videos', RECOVER = '**/api/video/tasks/recover', UPDATES = '**/api/video/updates**';

let instance, browser;
before(async () => {
	[instance, browser] = await Promise.all([startForBrowsers(), launch()]);
});
after(async () => {
	await browser?.close();
	await instance?.stop();
});

const jobsOf = async (prompt) => (await (await fetch(`${instance.base}/simulator/jobs`)).json()).jobs.filter((job) => job.prompt === prompt);

/** A user whose browser may log failed requests. */
async function unlucky() {
	const device = await newUser(browser, instance.base);
	device.seen.expect.push(NETWORK);
	return device;
}

/** The feed tells it nothing any more, nor does the poll that is under way. */
async function deafen(page) {
	await page.route(UPDATES, (route) => route.abort());
	await page.reload();
	await page.getByText('Offline.').waitFor();
}

test('what was created offline sends itself', async () => {
	const { context, page, close } = await unlucky();
	await chooseModel(page, 'sora_video2:fast'); // what there is must be known
	await context.setOffline(true);
	await compose(page, 'In the tunnel');
	await cardIn(page, 'In the tunnel', 'unknown');
	await context.setOffline(false);
	await cardIn(page, 'In the tunnel', 'COMPLETED');
	assert.equal((await jobsOf('In the tunnel')).length, 1);
	await close();
});

test('over the rate limit: it says when, goes then, and is made once', async () => {
	const { page, close } = await unlucky();
	let answers = 0;
	await page.route(CREATE, (route) => (++answers === 1
		? route.fulfill({ status: 429, headers: { 'retry-after': '5' }, json: { success: false, code: 'rate_limited', error: 'Too many requests.' } }) : route.continue()));
	await compose(page, 'One too many');
	await (await cardIn(page, 'One too many', 'missing')).locator('.why', { hasText: /^Sent again by itself in 0:0[1-6]\. .*Too many requests\./ }).waitFor();
	await cardIn(page, 'One too many', 'COMPLETED');
	assert.equal(answers, 2);
	assert.equal((await jobsOf('One too many')).length, 1);
	await close();
});

test('the answer is lost, and so is the question: in the end it is made once', async () => {
	const { page, close } = await unlucky();
	await page.route(CREATE, async (route) => { await route.fetch(); await route.abort(); }, { times: 1 });
	await page.route(RECOVER, (route) => route.abort());
	await deafen(page);
	await compose(page, 'Twice asked');
	await (await cardIn(page, 'Twice asked', 'unknown')).locator('.why', { hasText: /^Asks again by itself in 0:\d\d/ }).waitFor();
	await until(async () => (await jobsOf('Twice asked')).length > 0, 'the job');
	await page.unroute(RECOVER);
	await page.unroute(UPDATES);
	await cardIn(page, 'Twice asked', 'COMPLETED');
	assert.equal((await jobsOf('Twice asked')).length, 1);
	await close();
});

test('what waits can be thrown away, and does not come back', async () => {
	const { page, close } = await unlucky();
	await page.route(CREATE, (route) => route.abort());
	await compose(page, 'Better not');
	await (await cardIn(page, 'Better not', 'missing')).getByRole('button', { name: 'Discard' }).click();
	await cards(page, 'Better not').waitFor({ state: 'detached' });
	await page.unroute(CREATE);
	await page.reload();
	await page.getByText('Your videos will appear here.').waitFor();
	assert.equal((await jobsOf('Better not')).length, 0);
	await close();
});

test('a way out while it is being sent: the words are back, and nothing is made', async () => {
	const { page, close } = await unlucky();
	await page.route(CREATE, () => {}); // for ever under way
	await addPicture(page);
	await compose(page, 'Stuck');
	await (await cardIn(page, 'Stuck', 'sending')).getByRole('button', { name: 'Cancel' }).click();
	await cards(page, 'Stuck').waitFor({ state: 'detached' });
	assert.equal(await page.locator('#prompt').inputValue(), 'Stuck');
	await page.getByAltText('The reference picture').waitFor();
	await close();
});

test('a way out while the server is asked: what it made all the same is deleted, as soon as it answers', async () => {
	const { page, close } = await unlucky();
	await deafen(page);
	await page.route(CREATE, async (route) => { await route.fetch(); await route.abort(); });
	await page.route(RECOVER, (route) => route.abort());
	await compose(page, 'Made in secret', 'sora_video2:never');
	await (await cardIn(page, 'Made in secret', 'unknown')).getByRole('button', { name: 'Discard' }).click();
	await cards(page, 'Made in secret').waitFor({ state: 'detached' });
	await untilKept(page, 'outbox', ([{ discarded }]) => discarded);
	await page.reload(); // it stays written down that it is to go
	await page.unroute(RECOVER);
	await page.unroute(UPDATES);
	await page.reload();
	const kept = () => page.evaluate(async () => (await (await fetch('/api/video/tasks',
		{ headers: { authorization: `Bearer ${JSON.parse(localStorage.getItem('longreel.account')).token}` } })).json()).data.tasks.length);
	await until(async () => (await kept()) === 0, 'the deletion');
	await page.getByText('Your videos will appear here.').waitFor();
	await close();
});

test('what is refused goes back into the form, marked, where that is free; else it waits in its place', async () => {
	const { page, close } = await unlucky();
	await compose(page, 'Good', 'sora_video2:fast');
	await cardIn(page, 'Good', 'COMPLETED');
	await addPicture(page);
	await page.locator('input[name=seconds]').fill('99999');
	await compose(page, 'Far too long');
	const marked = page.locator('input[name=seconds][aria-invalid=true]');
	await marked.waitFor();
	assert.equal(await page.locator('#prompt').inputValue(), 'Far too long');
	await page.getByAltText('The reference picture').waitFor();
	assert.match(await page.locator(`#${await marked.getAttribute('aria-describedby')}`).textContent(), /seconds/);
	await marked.fill('4');
	await marked.waitFor({ state: 'detached' }); // what is changed is not at fault any more
	await marked.page().locator('input[name=seconds]').fill('99999');
	let answer;
	await page.route(CREATE, (route) => (answer = () => route.continue()), { times: 1 });
	await compose(page, 'Far too long');
	await until(() => answer, 'the request');
	await page.locator('#prompt').fill('Already the next one');
	answer();
	await cardIn(page, 'Far too long', 'refused');
	assert.equal(await page.locator('#prompt').inputValue(), 'Already the next one');
	await page.locator('input[name=seconds]').fill('4');
	await compose(page, 'Newer than that');
	await cardIn(page, 'Newer than that', 'COMPLETED');
	assert.deepEqual(await page.locator('.card .words').allTextContents(), ['Newer than that', 'Far too long', 'Good'], 'the newest first');
	await cards(page, 'Far too long').getByRole('button', { name: 'Edit and resend' }).click();
	await marked.waitFor();
	assert.equal(await cards(page, 'Far too long').count(), 0);
	await close();
});

test('what one tab throws away, another does not send', async () => {
	const { context, page, close } = await unlucky();
	await context.route(CREATE, (route) => route.abort());
	await compose(page, 'In both tabs');
	await cardIn(page, 'In both tabs', 'missing');
	const other = await context.newPage();
	await other.goto(instance.base);
	await cardIn(other, 'In both tabs', 'missing');
	await (await cardIn(page, 'In both tabs', 'missing')).getByRole('button', { name: 'Discard' }).click();
	await cards(other, 'In both tabs').waitFor({ state: 'detached' }); // until then it may be sending it
	await context.unroute(CREATE);
	assert.equal((await jobsOf('In both tabs')).length, 0);
	await close();
});

test('what was thrown away under way and arrives all the same is deleted', async () => {
	const { page, close } = await unlucky();
	let arrive;
	await page.route(CREATE, async (route) => {
		const { url, method, headers, body } = { url: route.request().url(), method: 'POST', headers: await route.request().allHeaders(), body: route.request().postDataBuffer() };
		arrive = () => fetch(url, { method, headers: { authorization: headers.authorization, 'content-type': headers['content-type'] }, body });
	});
	await compose(page, 'Late in secret', 'sora_video2:never');
	await until(() => arrive, 'the request');
	const asked = page.waitForResponse(RECOVER);
	await (await cardIn(page, 'Late in secret', 'sending')).getByRole('button', { name: 'Cancel' }).click();
	await asked; // the server has never heard of it
	const { videoId } = (await (await arrive()).json()).data;
	const status = () => page.evaluate(async (id) => (await fetch(`/api/video/tasks/${id}`, { headers: { authorization: `Bearer ${JSON.parse(localStorage.getItem('longreel.account')).token}` } })).status, videoId);
	await until(async () => (await status()) === 404, 'the deletion');
	assert.equal(await cards(page, 'Late in secret').count(), 0);
	await close();
});

test('what was created as the session ended goes on after signing in again', async () => {
	const { page, close } = await unlucky();
	await page.route(CREATE, async (route) => {
		await page.evaluate(() => fetch('/api/auth/logout', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', authorization: `Bearer ${JSON.parse(localStorage.getItem('longreel.account')).token}` } }));
		await route.continue();
	}, { times: 1 });
	await compose(page, 'At the very end');
	const again = page.getByRole('dialog', { name: 'Please sign in again' });
	await again.getByLabel('Password').fill(PASSWORD);
	await again.getByRole('button', { name: 'Sign in' }).click();
	await cardIn(page, 'At the very end', 'COMPLETED');
	assert.equal((await jobsOf('At the very end')).length, 1);
	await close();
});

test('a remix whose source is gone is refused, and not sent again and again', async () => {
	const { page, close } = await unlucky();
	await compose(page, 'Soon gone');
	await (await cardIn(page, 'Soon gone', 'COMPLETED')).getByRole('button', { name: 'Remix' }).click();
	let sent = 0;
	await page.route('**/remix', (route) => { sent++; return route.fulfill({ status: 409, json: { success: false, code: 'not_completed', error: 'Only a completed video can be remixed.' } }); });
	const form = page.getByRole('form', { name: 'Remix this video' });
	await form.getByLabel('What should the video show?').fill('From nothing');
	await form.getByRole('button', { name: 'Remix' }).click();
	await cardIn(page, 'From nothing', 'refused');
	assert.equal(sent, 1);
	await close();
});
