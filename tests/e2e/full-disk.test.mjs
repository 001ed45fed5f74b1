// A disk that is really full: a small one of its own, in a private mount namespace. While it fills up and empties again each creation is
// answered by what has happened; a service that cannot start says why, and starts when there is space.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client, PNG } from '../support/client.mjs';
import { newDataDir, startInstance, until } from '../support/instance.mjs';

const DISK = process.env.LONGREEL_TEST_DISK, MOUNT = 'mount -t tmpfs -o size=32m,mode=700 tmpfs "$0"';

/** Runs this file again where the directory is a small disk of its own. @returns {Promise<string>} what it said, with its exit status */
async function again(dir) {
	const { NODE_TEST_CONTEXT, ...env } = process.env;
	const child = spawn('unshare', ['-rm', 'sh', '-c', `${MOUNT} && exec "$@"`, dir, process.execPath, fileURLToPath(import.meta.url)],
		{ env: { ...env, LONGREEL_TEST_DISK: dir }, stdio: ['ignore', 'pipe', 'inherit'] });
	let said = '';
	child.stdout.on('data', (piece) => (said += piece));
	return [`exit status ${(await once(child, 'close'))[0]}`, said].join('\n');
}

if (!DISK) {
	const dir = await newDataDir(), possible = spawnSync('unshare', ['-rm', 'sh', '-c', MOUNT, dir]).status === 0;
	test('on a disk of its own', { skip: !possible && 'this system has no mount namespaces for us' }, async () => assert.match(await again(dir), /^exit status 0\n/));
	after(() => rmSync(dir, { recursive: true }));
}

const filler = join(DISK ?? '', 'filler');

function fill() {
	const fd = openSync(filler, 'a'), block = Buffer.alloc(4096);
	assert.throws(() => { for (;;) writeSync(fd, block); }, { code: 'ENOSPC' });
	closeSync(fd);
}

function withImage(prompt) {
	const form = new FormData();
	form.set('prompt', prompt);
	form.set('input_reference', new Blob([PNG, new Uint8Array(50_000)]), 'a.png');
	return form;
}

DISK && test('full again and again: a task for each 200, none for a 507, and one job for each task', async (t) => {
	const upstream = await startInstance({ simulator: true });
	const instance = await startInstance({ data: DISK, env: { SORA_API_BASE: `${upstream.base}/simulator`, SORA_API_KEY: 'any', LONGREEL_POLL_INTERVAL_MIN: '50ms',
		LONGREEL_RATE_CREATE: '0', LONGREEL_RATE_LOGIN: '0', LONGREEL_ARCHIVE: 'off' } });
	t.after(() => Promise.all([instance.stop(), upstream.stop()]));
	const ada = await new Client(instance.base).join(), made = new Set(), seen = new Set();
	let over = false, number = 0;
	async function creates() {
		while (!over) {
			const prompt = `number ${number++}`, body = number % 3 === 0 ? withImage(prompt) : { prompt, model: 'm:fast', ...(number % 3 === 1 && { n: 3 }) };
			const { status, body: { data, code } } = await ada.call('POST', '/api/relay/sora/videos', body);
			assert.ok(status === 200 || (status === 507 && code === 'no_space'), `${status} ${code}`);
			seen.add(status);
			for (const { videoId } of data?.tasks ?? [data].filter(Boolean))
				made.add(videoId);
		}
	}
	async function fills() {
		for (let times = 0; times < 4; times++) {
			fill();
			seen.clear();
			await until(() => seen.has(507), 'a refusal');
			truncateSync(filler, 0);
			await until(() => seen.has(200), 'a creation');
		}
		over = true;
	}
	await Promise.all([fills(), creates(), creates(), creates()]);

	fill();
	await instance.crash();
	delete instance.options.env.LONGREEL_ARCHIVE; // so that the next start has a key to make, too
	const before = instance.log.length, started = await instance.start().then(() => true, () => false); // true where the end of the old one has made room
	rmSync(filler);
	if (!started) {
		assert.match(instance.log.slice(before), /The server's disk is full\.|No space left on device/);
		await instance.start();
	}
	ada.base = instance.base;
	const tasks = [];
	for (let page = 1, total = 1; tasks.length < total; page++) {
		const answer = await ada.data('GET', `/api/video/tasks?pageSize=100&page=${page}`);
		({ total } = answer);
		tasks.push(...answer.tasks);
	}
	assert.deepEqual(tasks.map(({ videoId }) => videoId).sort(), [...made].sort());
	const { jobs } = await (await fetch(`${upstream.base}/simulator/jobs`)).json();
	assert.deepEqual(jobs.map(({ id }) => id).sort(), tasks.map(({ externalTaskId }) => externalTaskId).sort());
	assert.equal(readdirSync(join(DISK, 'uploads')).length, tasks.filter(({ hasInput }) => hasInput).length);
});
