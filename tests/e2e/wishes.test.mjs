// What one may ask for beside prompt and shape, through a whole instance: it goes to a channel whose upstream can be told, and stays with such ones.
import assert from 'node:assert/strict';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client, PNG } from '../support/client.mjs';
import { longreel, newDataDir, startInstance, until } from '../support/instance.mjs';
import { PROFILE, newUpstream } from '../support/upstream.mjs';

let data, instance, ada, bob, plain, wide;
const image = (n) => Buffer.concat([PNG, Buffer.from([n])]), base64 = (n) => image(n).toString('base64');
const PATH = '/api/relay/sora/videos', ORDER = { kind: 'film' };
const WISHES = { prompt: 'x', seed: 0, negative_prompt: 'no', audio: true, extra: { style: 'noir' }, image: base64(1), last_frame: base64(2), references: [base64(3), base64(4)] };
const ASKED = { order: { ...ORDER, lines: [{ say: 'x' }, { at: 'begin', look: base64(1) }], never: 'no', dice: 0, sound: true, last: base64(2), like: [base64(3), base64(4)] }, style: 'noir' };

before(async () => {
	data = await newDataDir();
	const profile = JSON.parse(PROFILE);
	Object.assign(profile.submit.fields, { seed: '/order/dice', negative_prompt: '/order/never', audio: '/order/sound', extra: '/',
		last_frame: { name: '/order/last', type: 'base64' }, references: { name: '/order/like/-', type: 'base64' } });
	await mkdir(join(data, 'dialects'), { mode: 0o700 });
	await writeFile(join(data, 'dialects', 'plain.json'), PROFILE);
	await writeFile(join(data, 'dialects', 'wide.json'), JSON.stringify(profile));
	await writeFile(join(data, 'key'), 'k1\n', { mode: 0o600 });
	[plain, wide] = await Promise.all([newUpstream(), newUpstream()]);
	instance = await startInstance({ data, env: { LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_POLL_INTERVAL_MAX: '500ms', LONGREEL_RATE_CREATE: '0' } });
	for (const [name, upstream, priority] of [['plain', plain, 2], ['wide', wide, 1]]) {
		const { code, out, err } = await longreel(['channel', 'add', name, '--base', upstream.base, '--dialect', name, '--key-file', join(data, 'key'), '--private',
			'--priority', `${priority}`, '--data', data]);
		assert.equal(code, 0, err + out);
	}
	[ada, bob] = [await new Client(instance.base).join(), await new Client(instance.base).join()];
});

after(async () => {
	await instance?.stop();
	await Promise.all([plain?.close(), wide?.close()]);
});

test('the channel that can be told makes it, and is sent exactly what was asked for', async () => {
	await ada.data('POST', PATH, { prompt: 'y' });
	assert.deepEqual(plain.jobs.at(-1).body, { order: { ...ORDER, lines: [{ say: 'y' }] } });
	for (const path of [PATH, '/v1/videos']) {
		const { status, body } = await ada.call('POST', path, WISHES);
		assert.equal(status, 200, JSON.stringify(body));
		assert.deepEqual(wide.jobs.at(-1).body, ASKED, path);
	}
	const { tasks } = await ada.data('POST', PATH, { ...WISHES, n: 3 });
	assert.equal(tasks.length, 3);
	for (const back of [1, 2, 3])
		assert.deepEqual(wide.jobs.at(-back).body, ASKED);
	assert.equal(plain.jobs.length, 1);
});

test('the images come back by the web server, to their owner', async () => {
	const { videoId } = await ada.data('POST', PATH, WISHES);
	const { inputs } = await ada.data('GET', `/api/video/tasks/${videoId}`);
	const get = (client, url, headers) => fetch(instance.base + url, { headers: { authorization: `Bearer ${client.token}`, ...headers } });
	for (const [i, { url }] of inputs.entries()) {
		const answer = await get(ada, url), bytes = Buffer.from(await answer.arrayBuffer());
		assert.deepEqual([answer.status, answer.headers.get('content-type'), answer.headers.get('x-content-type-options'), bytes], [200, 'image/png', 'nosniff', image(i + 1)]);
		assert.equal((await get(ada, url, { 'if-none-match': answer.headers.get('etag') })).status, 304);
		assert.equal((await get(bob, url)).status, 404);
	}
});

test('a task that waits goes to no channel that cannot be told, nor does its retry', async () => {
	const before = plain.submissions;
	wide.answer = () => 503;
	const { videoId, status } = await ada.data('POST', PATH, WISHES);
	assert.equal(status, 'queued');
	await until(() => wide.submissions >= wide.jobs.length + 2, 'another try');
	await ada.data('POST', `/api/video/tasks/${videoId}/cancel`);
	const retried = await ada.call('POST', `/api/video/tasks/${videoId}/retry`);
	assert.equal(retried.status, 202, JSON.stringify(retried.body));
	const cursor = await ada.cursor(), made = wide.jobs.length;
	wide.answer = () => undefined;
	const { task } = await ada.ended(cursor, videoId);
	assert.deepEqual([task.status, task.seed, task.inputs.length, wide.jobs.length], ['COMPLETED', 0, 4, made + 1]);
	assert.deepEqual(wide.jobs.at(-1).body, ASKED);
	assert.equal(plain.submissions, before);
});

test('an image that a crash has left without a task is removed by the next start, once it is old', async () => {
	const uploads = join(data, 'uploads'), before = (await readdir(uploads)).sort();
	for (const name of ['lost.png', 'young.png', ...before.slice(0, 1)]) {
		await writeFile(join(uploads, name), PNG);
		if (name !== 'young.png')
			await utimes(join(uploads, name), 1e9, 1e9);
	}
	await instance.restart();
	await until(async () => !(await readdir(uploads)).includes('lost.png'), 'the sweep');
	assert.deepEqual((await readdir(uploads)).sort(), [...before, 'young.png'].sort());
});
