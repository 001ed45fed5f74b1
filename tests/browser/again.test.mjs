// Pictures and drafts: what a video is made from is seen, and everything of a video can be used again. What stands in the form is never lost.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NETWORK, addPicture, cardIn, cards, compose, forgetKept, launch, newUser, startForBrowsers, untilKept } from '../support/browser.mjs';
import { until } from '../support/instance.mjs';

let instance, browser;
before(async () => {
	[instance, browser] = await Promise.all([startForBrowsers(), launch()]);
});
after(async () => {
	await browser?.close();
	await instance?.stop();
});

const jobsOf = async (prompt) => (await (await fetch(`${instance.base}/simulator/jobs`)).json()).jobs.filter((job) => job.prompt === prompt);
const detail = (page) => page.getByRole('dialog', { name: 'Video', exact: true });

test('the picture is seen while the video is made, before the server has it and after a reload, and beside what was made', async () => {
	const { page, context, close } = await newUser(browser, instance.base);
	let answer;
	await page.route('**/api/relay/sora/videos', (route) => (answer = () => route.continue()), { times: 1 });
	await addPicture(page);
	await compose(page, 'From a picture', 'sora_video2:never');
	await until(() => answer, 'the request');
	await (await cardIn(page, 'From a picture', 'sending')).locator('.poster img.beneath').waitFor();
	answer();
	await (await cardIn(page, 'From a picture', 'PROCESSING')).locator('.poster img.beneath').waitFor();
	const loads = [];
	context.on('request', (request) => /\/input\?/.test(request.url()) && loads.push(request.url()));
	for (let visit = 0; visit < 2; visit++) {
		await page.reload();
		await (await cardIn(page, 'From a picture', 'PROCESSING')).locator('.poster img.beneath').waitFor();
		await untilKept(page, 'posters', (all) => all.length === 1);
	}
	assert.equal(loads.length, 1, 'it is fetched once, and then kept');
	await cards(page, 'From a picture').locator('.words').click();
	await detail(page).locator('.screen img.beneath').waitFor();
	await detail(page).getByRole('list', { name: 'Made from' }).getByRole('img', { name: 'The reference picture' }).waitFor();
	await page.keyboard.press('Escape');
	await detail(page).waitFor({ state: 'detached' }); // until then what is typed goes to the window
	await addPicture(page);
	await compose(page, 'Ready from a picture');
	await (await cardIn(page, 'Ready from a picture', 'COMPLETED')).locator('.foot img.tiny').waitFor();
	await close();
});

test('use again: prompt, settings and picture are back, and what stood in the form is set aside', async () => {
	const { page, close } = await newUser(browser, instance.base);
	await addPicture(page);
	await page.locator('select[name=size]').selectOption('720x1280');
	await page.locator('input[name=seconds]').fill('8');
	await compose(page, 'The whole of it');
	await cardIn(page, 'The whole of it', 'COMPLETED');
	await page.locator('select[name=size]').selectOption('');
	await page.locator('input[name=seconds]').fill('');
	await page.locator('#prompt').fill('Half a thought');
	await cards(page, 'The whole of it').locator('.words').click();
	await detail(page).getByRole('button', { name: 'Use again' }).click();
	await detail(page).waitFor({ state: 'detached' });
	await page.locator('.compose').getByAltText('The reference picture').waitFor();
	assert.equal(await page.locator('#prompt').inputValue(), 'The whole of it');
	assert.equal(await page.locator('select[name=size]').inputValue(), '720x1280');
	assert.equal(await page.locator('input[name=seconds]').inputValue(), '8');
	await page.getByText('Half a thought').waitFor();
	await page.locator('#prompt').fill('The whole of it, again');
	await page.getByRole('button', { name: 'Create', exact: true }).click();
	await cardIn(page, 'The whole of it, again', 'COMPLETED');
	const [job] = await jobsOf('The whole of it, again');
	assert.deepEqual([job.input_reference.type, job.size, String(job.seconds)], ['image/png', '720x1280', '8']);
	await page.getByRole('button', { name: 'Bring back' }).click();
	assert.equal(await page.locator('#prompt').inputValue(), 'Half a thought');
	assert.equal(await page.locator('.parked').count(), 0);
	await close();
});

test('edit and resend brings the picture of what the provider refused back', async () => {
	const { page, seen, close } = await newUser(browser, instance.base);
	seen.expect.push(NETWORK);
	await addPicture(page);
	await compose(page, 'Refused, with its picture', 'sora_video2:reject');
	const card = await cardIn(page, 'Refused, with its picture', 'FAILED');
	await page.reload();
	await page.locator('#prompt').fill('Being written');
	await card.getByRole('button', { name: 'Edit and resend' }).click();
	await page.locator('.compose').getByAltText('The reference picture').waitFor();
	await page.getByText('Being written').waitFor();
	await compose(page, 'Accepted, with its picture');
	await cardIn(page, 'Accepted, with its picture', 'COMPLETED');
	assert.equal((await jobsOf('Accepted, with its picture'))[0].input_reference.type, 'image/png');
	await close();
});

test('each tab has a draft of its own; a reload finds it, pictures too, and so does the tab after the last one', async () => {
	const { context, page, close } = await newUser(browser, instance.base);
	await page.locator('#prompt').fill('In the first');
	await addPicture(page);
	await untilKept(page, 'drafts', (all) => all.some(({ own }) => own.image));
	const other = await context.newPage();
	await other.goto(instance.base);
	await other.locator('#prompt').waitFor();
	assert.equal(await other.locator('#prompt').inputValue(), '');
	await other.locator('#prompt').fill('In the second');
	await page.reload();
	await page.getByAltText('The reference picture').waitFor();
	assert.equal(await page.locator('#prompt').inputValue(), 'In the first');
	await other.reload();
	await other.locator('#prompt').waitFor();
	assert.equal(await other.locator('#prompt').inputValue(), 'In the second');
	assert.equal(await other.getByAltText('The reference picture').count(), 0);
	const tabs = () => other.evaluate(async () => (await navigator.locks.query()).held.filter(({ name }) => name.startsWith('longreel.tab.')).length);
	assert.equal(await tabs(), 2);
	await page.close({ runBeforeUnload: true }); // it does not wait for the page to be gone
	await until(async () => (await tabs()) === 1, 'the end of the first tab');
	const third = await context.newPage();
	await third.goto(instance.base);
	await third.getByAltText('The reference picture').waitFor();
	assert.equal(await third.locator('#prompt').inputValue(), 'In the first');
	await close();
});

test('what may be made already is tried again only after a question', async () => {
	const { page, context, close } = await newUser(browser, instance.base);
	await compose(page, 'Who knows', 'sora_video2:fail+fast');
	await cardIn(page, 'Who knows', 'FAILED');
	await forgetKept(page);
	await context.route('**/api/video/tasks?*', async (route) => {
		const response = await route.fetch(), body = await response.json();
		Object.assign(body.data.tasks[0], { errorCode: 'submission_unknown', upstreamMessage: null });
		await route.fulfill({ response, json: body });
	});
	await page.reload();
	const retries = [];
	page.on('request', (request) => request.url().endsWith('/retry') && retries.push(request.url()));
	const again = (await cardIn(page, 'Who knows', 'FAILED')).getByRole('button', { name: 'Try again' }), question = page.getByRole('dialog', { name: 'Try this one again?' });
	await again.click();
	await question.getByText('twice').waitFor();
	await question.getByRole('button', { name: 'Cancel' }).click();
	await question.waitFor({ state: 'detached' });
	assert.equal(retries.length, 0);
	await again.click();
	await question.getByRole('button', { name: 'Try again' }).click();
	await until(() => retries.length === 1, 'the retry');
	await close();
});

test('one video plays at a time, and none behind a window', async () => {
	const { page, close } = await newUser(browser, instance.base);
	for (const prompt of ['Left', 'Right'])
		await compose(page, prompt);
	const playing = () => page.evaluate(() => [...document.querySelectorAll('video')].filter((video) => !video.paused).map((video) => video.ariaLabel));
	for (const prompt of ['Left', 'Right']) {
		await (await cardIn(page, prompt, 'COMPLETED')).getByRole('button', { name: /^Play/ }).click();
		await until(async () => (await playing()).includes(prompt), 'playing');
	}
	await until(async () => `${await playing()}` === 'Right', 'the end of the other'); // an event says so
	await cards(page, 'Left').locator('.words').click();
	await detail(page).waitFor();
	assert.deepEqual(await playing(), []);
	await detail(page).getByRole('button', { name: /^Play/ }).click();
	await until(async () => (await playing()).length === 1, 'playing');
	await close();
});

for (const [name, viewport, scale] of [['a phone across', { width: 812, height: 375 }, 1], ['a desktop at 200 %', { width: 640, height: 430 }, 2]])
	test(`${name}: the video in detail can be read and used`, async () => {
		const { page, close } = await newUser(browser, instance.base, { viewport, deviceScaleFactor: scale });
		await compose(page, 'Wide and low');
		await (await cardIn(page, 'Wide and low', 'COMPLETED')).locator('.words').click();
		const sheet = detail(page);
		await sheet.locator('.family').waitFor(); // nothing comes after it
		await sheet.getByRole('heading', { name: 'Wide and low' }).scrollIntoViewIfNeeded();
		for (const each of [sheet.getByRole('heading', { name: 'Wide and low' }), sheet.getByLabel('What should the video show?'), sheet.getByRole('button', { name: 'Remix' })]) {
			await each.scrollIntoViewIfNeeded();
			const seen = await each.evaluate((node) => {
				const box = node.getBoundingClientRect(), top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20));
				return { whole: box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth, reached: node === top || node.contains(top) };
			});
			assert.deepEqual(seen, { whole: true, reached: true });
		}
		const room = await sheet.evaluate((node) => ({ wide: node.scrollWidth <= node.clientWidth, stuck: [...node.querySelectorAll('*')].filter((one) => ['sticky', 'fixed'].includes(getComputedStyle(one).position) && !one.closest('.closer'))
			.reduce((sum, one) => sum + one.offsetHeight, 0) }));
		assert.ok(room.wide, 'nothing is beside the window');
		assert.ok(room.stuck < viewport.height / 3, `${room.stuck} px are taken for good`);
		await close();
	});
