// What one does on the page, beyond the main job: remixing, many tabs, bad files, an ended session, choosing several, keys, languages.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NETWORK, PASSWORD, assertAccessible, cardIn, cards, chooseModel, compose, delayFrames, holdVideos, launch, newUser, shot, startForBrowsers, untilKept, untilLeads } from '../support/browser.mjs';
import { PNG } from '../support/client.mjs';
import { until } from '../support/instance.mjs';

let instance, browser;
before(async () => {
	[instance, browser] = await Promise.all([startForBrowsers(), launch()]);
});
after(async () => {
	await browser?.close();
	await instance?.stop();
});

const dialog = (page) => page.getByRole('dialog', { name: 'Video', exact: true });

/** Remixes the video that is open. */
async function remixAs(page, prompt) {
	const form = page.getByRole('form', { name: 'Remix this video' });
	await form.getByLabel('What should the video show?').fill(prompt);
	await form.getByRole('button', { name: 'Remix' }).click();
}

test('remix from the gallery and from the tree, and the tree can be walked', async () => {
	const { page, close } = await newUser(browser, instance.base);
	await compose(page, 'The root');
	const root = await cardIn(page, 'The root', 'COMPLETED');
	await root.getByRole('button', { name: 'Remix' }).click();
	assert.equal(await dialog(page).getByLabel('What should the video show?').inputValue(), 'The root', 'the prompt begins as it was');
	await remixAs(page, 'First child');
	await cardIn(page, 'First child', 'COMPLETED');
	await root.locator('.words').click();
	await dialog(page).getByRole('treeitem', { name: /First child/ }).click();
	await dialog(page).getByText('Remixed from').waitFor();
	await remixAs(page, 'Grandchild');
	await cardIn(page, 'Grandchild', 'COMPLETED');
	await root.locator('.words').click();
	await remixAs(page, 'Second child');
	await cardIn(page, 'Second child', 'COMPLETED');

	await root.locator('.words').click();
	const tree = dialog(page).getByRole('tree'), at = () => page.evaluate(() => document.activeElement.querySelector('.name')?.textContent);
	await tree.getByRole('treeitem').nth(3).waitFor();
	await tree.getByRole('treeitem', { name: /The root/ }).focus();
	const walk = [];
	for (const key of ['ArrowRight', 'ArrowDown', 'ArrowUp', 'ArrowRight']) {
		await page.keyboard.press(key);
		walk.push(await at());
	}
	assert.deepEqual(walk, ['First child', 'Second child', 'First child', 'Grandchild']);
	await page.keyboard.press('Enter');
	await dialog(page).locator('.prompt', { hasText: 'Grandchild' }).waitFor();
	await dialog(page).getByRole('link', { name: 'First child' }).click();
	await dialog(page).locator('.prompt', { hasText: 'First child' }).waitFor();
	await page.goBack();
	await dialog(page).locator('.prompt', { hasText: 'Grandchild' }).waitFor();
	await page.keyboard.press('Escape');
	await dialog(page).waitFor({ state: 'detached' });
	assert.equal(await page.locator('.card').count(), 4);
	await close();
});

test('two tabs, one poll; the second goes on when the first is closed', async () => {
	const { context, page, close } = await newUser(browser, instance.base);
	await untilLeads(page);
	const other = await context.newPage(), polls = [];
	other.on('request', (request) => /wait=25/.test(request.url()) && polls.push(request.url()));
	await other.goto(instance.base);
	await compose(page, 'In both');
	await cardIn(other, 'In both', 'COMPLETED');
	await compose(other, 'From the second');
	await cardIn(page, 'From the second', 'COMPLETED');
	await cardIn(other, 'From the second', 'COMPLETED');
	assert.deepEqual(polls, []);
	await page.close();
	await compose(other, 'Alone now');
	await cardIn(other, 'Alone now', 'COMPLETED');
	await until(() => polls.length > 0, 'its poll');
	assert.equal(await other.locator('.card').count(), 3);
	await close();
});

test('a tab that is opened while another is sending leaves that alone', async () => {
	const { context, page, seen, close } = await newUser(browser, instance.base);
	const held = [];
	await page.route('**/api/relay/sora/videos', (route) => held.push(route));
	await compose(page, 'On its way');
	await cardIn(page, 'On its way', 'sending');
	await until(() => held.length === 1, 'the request');
	const other = await context.newPage();
	await other.goto(instance.base);
	await cardIn(other, 'On its way', 'sending');
	held[0].continue();
	await cardIn(page, 'On its way', 'COMPLETED');
	await cardIn(other, 'On its way', 'COMPLETED');
	await page.evaluate(() => { XMLHttpRequest.prototype.send = () => { globalThis.lost = true; }; });
	await compose(page, 'Never sent');
	await cardIn(page, 'Never sent', 'sending');
	await page.waitForFunction(() => globalThis.lost); // and so it is written down
	await other.reload();
	await cardIn(other, 'Never sent', 'sending');
	await page.close(); // and with it goes the lock
	await cardIn(other, 'Never sent', 'COMPLETED'); // the tab that is left sends it
	seen.expect.push(NETWORK);
	await close();
});

test('a picture that is dropped on the page, and one that is pasted', async () => {
	const { page, close } = await newUser(browser, instance.base);
	const bring = (kind, name, type) => page.evaluate(([event, file, mime, bytes]) => {
		const data = new DataTransfer();
		data.items.add(new File([Uint8Array.from(bytes)], file, { type: mime }));
		for (const each of event === 'drop' ? ['dragenter', 'dragover', 'drop'] : ['paste'])
			document.body.dispatchEvent(event === 'drop' ? new DragEvent(each, { bubbles: true, cancelable: true, dataTransfer: data })
				: new ClipboardEvent(each, { bubbles: true, cancelable: true, clipboardData: data }));
	}, [kind, name, type, [...PNG]]);
	for (const kind of ['drop', 'paste']) {
		await bring(kind, 'cat.png', 'image/png');
		await page.getByAltText('The reference picture').waitFor();
		await page.getByRole('button', { name: 'Remove the picture' }).click();
		await page.getByAltText('The reference picture').waitFor({ state: 'detached' });
	}
	await bring('drop', 'cat.png', 'image/png');
	await page.getByAltText('The reference picture').waitFor();
	await compose(page, 'Dropped');
	await cardIn(page, 'Dropped', 'COMPLETED');
	const { jobs } = await (await fetch(`${instance.base}/simulator/jobs`)).json();
	assert.equal(jobs.find((job) => job.prompt === 'Dropped').input_reference.type, 'image/png');
	await close();
});

test('a hidden tab says that a video is ready, and a visible one does not', async () => {
	const { context, page, close } = await newUser(browser, instance.base);
	await context.addInitScript(() => { // headless browsers neither hide nor notify
		globalThis.said = [];
		globalThis.Notification = class { static permission = 'granted'; static requestPermission = async () => 'granted'; constructor(title, { body }) { said.push([title, body]); } };
		Object.defineProperty(document, 'hidden', { get: () => Boolean(globalThis.away) });
	});
	await page.reload();
	await page.getByRole('button', { name: 'Menu' }).click();
	await page.getByLabel('Tell me when a video is ready').check();
	await page.keyboard.press('Escape');
	await compose(page, 'Seen');
	await cardIn(page, 'Seen', 'COMPLETED');
	assert.deepEqual(await page.evaluate(() => said), []);
	await page.evaluate(() => (globalThis.away = true));
	await compose(page, 'Unseen');
	await page.waitForFunction(() => said.length > 0);
	assert.deepEqual(await page.evaluate(() => said.map(([, body]) => body)), ['Unseen']);
	await close();
});

test('a picture: a bad file is refused in plain words, a good one is shown and sent', async () => {
	const { page, close } = await newUser(browser, instance.base);
	const file = page.locator('.compose input[type=file]');
	await file.setInputFiles({ name: 'cat.png', mimeType: 'image/png', buffer: Buffer.from('this is no picture') });
	await page.getByText('This is not a picture that can be used.').waitFor();
	await file.setInputFiles({ name: 'cat.png', mimeType: 'image/png', buffer: Buffer.concat([PNG, Buffer.alloc(10 * 1024 * 1024)]) });
	await page.getByText('The picture is too large.').waitFor();
	await file.setInputFiles({ name: 'cat.png', mimeType: 'image/png', buffer: PNG });
	await page.getByAltText('The reference picture').waitFor();
	assert.equal(await page.locator('.compose .problem').count(), 0);
	await compose(page, 'With a picture');
	await cardIn(page, 'With a picture', 'COMPLETED');
	const { jobs } = await (await fetch(`${instance.base}/simulator/jobs`)).json();
	assert.equal(jobs.find((job) => job.prompt === 'With a picture').input_reference.type, 'image/png');
	await close();
});

test('what the server does not accept can be edited and sent again', async () => {
	const { page, seen, close } = await newUser(browser, instance.base);
	seen.expect.push(NETWORK); // the browser logs a 400
	await page.locator('input[name=seconds]').fill('99999');
	await compose(page, 'Far too long');
	await page.locator('input[name=seconds][aria-invalid=true]').waitFor();
	assert.equal(await page.locator('#prompt').inputValue(), 'Far too long', 'it is back in the form');
	assert.equal(await cards(page, 'Far too long').count(), 0);
	await page.locator('input[name=seconds]').fill('8');
	await compose(page, 'Far too long');
	await cardIn(page, 'Far too long', 'COMPLETED');

	await compose(page, 'The provider says no', 'sora_video2:reject');
	const rejected = await cardIn(page, 'The provider says no', 'FAILED');
	await rejected.getByRole('button', { name: 'Edit and resend' }).waitFor();
	await compose(page, 'It breaks', 'sora_video2:fail+fast');
	const broken = await cardIn(page, 'It breaks', 'FAILED'), id = await broken.getAttribute('data-id');
	await broken.getByRole('button', { name: 'Try again' }).click();
	const attempt = () => page.evaluate(async (videoId) => (await (await fetch(`/api/video/tasks/${videoId}`,
		{ headers: { authorization: `Bearer ${JSON.parse(localStorage.getItem('longreel.account')).token}` } })).json()).data.attempt, id);
	await until(async () => (await attempt()) === 2, 'the second attempt');
	await cardIn(page, 'It breaks', 'FAILED');
	await compose(page, 'Stop this', 'sora_video2:never');
	await (await cardIn(page, 'Stop this', 'PROCESSING')).getByRole('button', { name: 'Cancel' }).click();
	await cardIn(page, 'Stop this', 'CANCELLED');
	await close();
});

test('the session ends: everything stays, and goes on after signing in again', async () => {
	const { page, seen, close, name } = await newUser(browser, instance.base);
	seen.expect.push(NETWORK);
	const release = await holdVideos(instance);
	await compose(page, 'Before');
	await cardIn(page, 'Before', 'PROCESSING');
	await untilKept(page, 'tasks', (all) => all.length === 1);
	const { token } = await page.evaluate(() => JSON.parse(localStorage.getItem('longreel.account')));
	await page.locator('#prompt').fill('Half written'); // before the dialog takes the focus, and with it what is typed
	await fetch(`${instance.base}/api/auth/logout`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: '{}' });
	await release();
	const again = page.getByRole('dialog', { name: 'Please sign in again' });
	await page.reload();
	await again.waitFor();
	await assertAccessible(page, 'session ended');
	for (let n = 0; n < 4; n++)
		await page.keyboard.press('Escape'); // a browser heeds the third, whatever a page says
	await again.waitFor();
	assert.equal(await page.locator('#prompt').inputValue(), 'Half written');
	assert.equal(await cards(page, 'Before').count(), 1);
	await again.getByLabel('Password').fill('not my password');
	await again.getByRole('button', { name: 'Sign in' }).click();
	await again.getByText('The user name or the password is wrong.').waitFor();
	assert.equal(await again.getByLabel('User name').inputValue(), name);
	await again.getByLabel('Password').fill(PASSWORD);
	await again.getByRole('button', { name: 'Sign in' }).click();
	await again.waitFor({ state: 'detached' });
	await cardIn(page, 'Before', 'COMPLETED');
	await close();
});

test('a wrong password, then the right one: the name stays', async () => {
	const { page, seen, close, name } = await newUser(browser, instance.base);
	seen.expect.push(NETWORK);
	await page.getByRole('button', { name: 'Menu' }).click();
	await page.getByRole('button', { name: 'Sign out' }).click();
	await page.getByLabel('User name').waitFor();
	await page.getByLabel('User name').fill(name);
	await page.getByLabel('Password').fill('not my password');
	await page.getByRole('button', { name: 'Sign in', exact: true }).click();
	await page.getByText('The user name or the password is wrong.').waitFor();
	await page.getByLabel('Password').fill(PASSWORD);
	await page.getByRole('button', { name: 'Sign in', exact: true }).click();
	await page.locator('#prompt').waitFor();
	await compose(page, 'Where one clicks');
	const card = await cardIn(page, 'Where one clicks', 'COMPLETED');
	await card.locator('.stage').click({ position: { x: 8, y: 8 } }); // anywhere on the picture
	await card.locator('video').waitFor();
	await page.locator('#prompt').press('Escape');
	await page.keyboard.press('/');
	await page.waitForFunction(() => document.activeElement.id === 'search');
	await close();
});

test('signing out leaves nothing behind', async () => {
	const { page, close } = await newUser(browser, instance.base);
	await compose(page, 'My secret');
	await cardIn(page, 'My secret', 'COMPLETED');
	await page.getByRole('button', { name: 'Menu' }).click();
	await page.getByRole('button', { name: 'Sign out' }).click();
	await page.getByRole('heading', { name: 'Make a video from a sentence' }).waitFor();
	await page.waitForFunction(async () => (await indexedDB.databases()).length === 0);
	assert.equal(await page.evaluate(() => localStorage.getItem('longreel.account')), null);
	await close();
});

test('several at once: remix, download, delete', async () => {
	const { page, close } = await newUser(browser, instance.base);
	for (const prompt of ['One', 'Two', 'Three'])
		await compose(page, prompt);
	for (const prompt of ['One', 'Two', 'Three'])
		await cardIn(page, prompt, 'COMPLETED');
	await page.getByRole('button', { name: 'Select' }).click();
	for (const prompt of ['One', 'Two'])
		await cards(page, prompt).getByRole('checkbox').check();
	await page.getByText('2 selected').waitFor();
	const bar = page.getByRole('toolbar'), both = page.waitForEvent('download');
	await bar.getByRole('button', { name: 'Download' }).click();
	assert.match((await both).suggestedFilename(), /\.zip$/);
	await bar.getByRole('button', { name: 'Remix' }).click();
	const sheet = page.getByRole('dialog', { name: 'Remix all' });
	await sheet.getByRole('button', { name: 'Remix' }).click();
	await sheet.getByText('Please write what the video should show.').waitFor();
	await sheet.getByLabel('What should the video show?').fill('At night');
	await sheet.getByRole('button', { name: 'Remix' }).click();
	await page.waitForFunction(() => document.querySelectorAll('.card[data-state=COMPLETED]').length === 5);
	assert.equal(await cards(page, 'At night').count(), 2);
	await page.getByRole('button', { name: 'Select' }).click();
	for (const card of await cards(page, 'At night').all())
		await card.getByRole('checkbox').check();
	await bar.getByRole('button', { name: 'Delete' }).click();
	await page.getByRole('dialog', { name: 'Delete 2 videos?' }).getByRole('button', { name: 'Delete' }).click();
	await page.waitForFunction(() => document.querySelectorAll('.card').length === 3);
	await page.reload();
	await cardIn(page, 'Three', 'COMPLETED');
	await page.waitForFunction(() => document.querySelectorAll('.card').length === 3); // the feed may have to tell of the deletions
	await close();
});

test('search, filter, and what was made is seen at once', async () => {
	const { page, seen, close } = await newUser(browser, instance.base);
	seen.expect.push(NETWORK);
	for (const [prompt, model] of [['红色的狐狸', 'sora_video2:fast'], ['A grey wolf', 'sora_video2:fast'], ['A broken wolf', 'sora_video2:fast+fail']])
		await compose(page, prompt, model);
	await cardIn(page, '红色的狐狸', 'COMPLETED');
	await cardIn(page, 'A grey wolf', 'COMPLETED');
	await cardIn(page, 'A broken wolf', 'FAILED');
	await page.locator('body').press('/');
	await page.keyboard.type('wolf');
	await page.waitForFunction(() => document.querySelectorAll('.card').length === 2);
	await page.getByRole('button', { name: 'Failed' }).click();
	await page.waitForFunction(() => document.querySelectorAll('.card').length === 1);
	await cardIn(page, 'A broken wolf', 'FAILED');
	await page.locator('#search').fill('狐狸');
	await page.getByText('Nothing matches.').waitFor();
	await page.getByRole('button', { name: 'Show all' }).click();
	await page.waitForFunction(() => document.querySelectorAll('.card').length === 3);
	await page.locator('#search').fill('狐狸');
	await page.waitForFunction(() => document.querySelectorAll('.card').length === 1);
	await compose(page, 'Something else');
	await cardIn(page, 'Something else', 'COMPLETED');
	assert.equal(await page.locator('.card').count(), 4);
	await close();
});

test('by keyboard alone', async () => {
	const { page, close } = await newUser(browser, instance.base);
	await delayFrames(page);
	await page.locator('body').press('n');
	await page.keyboard.type('Typed');
	await page.keyboard.press('Control+Enter');
	await chooseModel(page, 'sora_video2:fast');
	await compose(page, 'Second');
	await cardIn(page, 'Second', 'COMPLETED');
	await cards(page, 'Second').locator('.words').focus();
	await page.keyboard.press('ArrowRight');
	await page.waitForFunction(() => document.activeElement.textContent === 'Typed');
	await page.keyboard.press('ArrowLeft');
	await page.waitForFunction(() => document.activeElement.textContent === 'Second');
	await page.keyboard.press('Enter');
	await dialog(page).waitFor();
	await page.keyboard.press('Escape');
	await dialog(page).waitFor({ state: 'detached' });
	await page.waitForFunction(() => document.activeElement.textContent === 'Second'); // the focus is back where it was
	await close();
});

test('what goes wrong in a window is said in that window', async () => {
	const { page, seen, close } = await newUser(browser, instance.base);
	seen.expect.push(NETWORK);
	await compose(page, 'Not to be had');
	await (await cardIn(page, 'Not to be had', 'COMPLETED')).locator('.words').click();
	await page.route('**/content**', (route) => route.abort());
	await dialog(page).getByRole('button', { name: 'Download' }).click();
	await dialog(page).locator('.toast').waitFor();
	await close();
});

test('in Chinese, and the choice stays', async () => {
	const { page, seen, close } = await newUser(browser, instance.base);
	seen.expect.push(NETWORK);
	await page.getByRole('button', { name: 'Menu' }).click();
	await page.locator('.segments label', { hasText: '中文' }).click();
	await page.keyboard.press('Escape');
	await page.getByRole('button', { name: '生成', exact: true }).waitFor();
	await page.reload();
	await page.getByLabel('想让视频呈现什么？').fill('太长');
	await page.locator('input[name=seconds]').fill('99999');
	await page.getByRole('button', { name: '生成', exact: true }).click();
	await page.locator('input[name=seconds][aria-invalid=true]').waitFor();
	assert.match(await page.locator('.compose .problem').textContent(), /秒数/);
	assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-CN');
	await close();
});

test('an API key is shown once, works, and is revoked', async () => {
	const { page, close } = await newUser(browser, instance.base);
	await page.getByRole('button', { name: 'Menu' }).click();
	await page.getByRole('button', { name: 'API keys' }).click();
	const sheet = page.getByRole('dialog', { name: 'API keys' });
	await sheet.getByText('No keys yet.').waitFor();
	await sheet.getByLabel('Name of the new key').fill('laptop');
	await sheet.getByLabel('Good for').selectOption('For 90 days');
	await sheet.getByRole('button', { name: 'Create a key' }).click();
	await sheet.getByText(/never used · until /).waitFor();
	const key = await sheet.locator('.once code').textContent();
	assert.match(key, /^sk-/);
	await shot(page, 'keys');
	await assertAccessible(page, 'keys');
	const status = async () => (await fetch(`${instance.base}/api/video/tasks`, { headers: { authorization: `Bearer ${key}` } })).status;
	assert.equal(await status(), 200);
	await page.reload();
	await sheet.getByText('laptop').waitFor();
	assert.ok(!(await sheet.textContent()).includes(key));
	await sheet.getByRole('button', { name: 'Revoke: laptop' }).click();
	await page.getByRole('dialog', { name: 'Revoke “laptop”' }).getByRole('button', { name: 'Revoke' }).click();
	await sheet.getByText('No keys yet.').waitFor();
	assert.equal(await status(), 401);
	await close();
});
