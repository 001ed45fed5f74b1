// The firewall and proxies of conf/ before longreel: with them, slow requests take no connection of longreel's, and
// known clients go on working.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { Attackers } from '../support/attackers.mjs';
import { Client, PNG } from '../support/client.mjs';
import { front } from '../support/fronts.mjs';
import { startInstance, until } from '../support/instance.mjs';

const CONNECTIONS = 30;

async function fronted(t, kind, changes, env = {}) {
	const instance = await startInstance({ simulator: true, env: { LONGREEL_MAX_CONNECTIONS: String(CONNECTIONS), LONGREEL_TRUSTED_PROXIES: '127.0.0.1',
		LONGREEL_POLL_INTERVAL_MIN: '50ms', ...env } });
	t.after(() => instance.stop());
	const before = await front(kind, instance.base, changes);
	t.after(() => before.stop());
	return { instance, base: before.base };
}

/** The whole job through the proxy: login, an image, the long poll, the video. */
async function work(base) {
	const ada = await new Client(base).join(), cursor = await ada.cursor(), form = new FormData();
	form.append('prompt', 'a cat');
	form.append('model', 'sora_video2:fast');
	form.append('input_reference', new Blob([PNG, Buffer.alloc(2_000_000)], { type: 'image/png' }), 'a.png');
	const { videoId } = await ada.data('POST', '/api/relay/sora/videos', form);
	const { task } = await ada.ended(cursor, videoId);
	assert.equal(task.status, 'COMPLETED');
	assert.match((await ada.call('GET', task.videoUrl)).headers.get('content-type'), /^video\/mp4/);
}

for (const [kind, changes] of [['nginx', [['client_header_timeout 10s', 'client_header_timeout 1s']]], ['caddy', []]])
	test(`${kind}: drippers take none of longreel's connections`, async (t) => {
		const { instance, base } = await fronted(t, kind, changes);
		for (const drip of ['header drip', 'body drip']) {
			const attackers = new Attackers(base, drip, { sockets: 3 * CONNECTIONS, addresses: 20, paceMs: 100 });
			t.after(() => attackers.stop());
			await until(() => attackers.open > 2 * CONNECTIONS, `${drip} from all sides`);
			await until(async () => { // what waits for the drippers never comes so soon
				const begun = performance.now();
				assert.equal((await fetch(`${base}/health`)).status, 200);
				return performance.now() - begun < 1000;
			}, `${drip}: an answer within a second`);
			await work(base);
			if (kind === 'nginx' && drip === 'header drip')
				await until(() => attackers.cut > 0, 'the end of headers that take too long, though bytes come');
			attackers.stop();
		}
		await instance.logged(/client=127\.0\.0\.1 /);
	});

for (const kind of ['nginx-below', 'caddy-below'])
	test(`${kind}: everything below a path, beside another site`, async (t) => {
		const { base } = await fronted(t, kind, []), host = new URL(base).origin;
		const bare = await fetch(base, { redirect: 'manual' });
		assert.deepEqual([bare.status, bare.headers.get('location').replace(host, '')], [301, '/reel/']);
		assert.match(await (await fetch(`${base}/`)).text(), /<title>longreel/);
		assert.equal((await fetch(`${base}/page/app.js`)).status, 200);
		for (const path of ['/', '/api/models', '/reelx/health'])
			assert.equal((await fetch(host + path)).status, 418, path);
		const ada = await new Client(base).join(), cursor = await ada.cursor(), { videoId } = await ada.create({ model: 'sora_video2:fast' });
		const { task } = await ada.ended(cursor, videoId);
		assert.ok(task.videoUrl.startsWith('/reel/api/'), task.videoUrl);
		const video = await fetch(host + task.videoUrl);
		assert.deepEqual([video.status, video.headers.get('content-type')], [200, 'video/mp4']);
		await video.arrayBuffer();
		const again = await ada.cursor(), begun = performance.now();
		assert.deepEqual((await ada.data('GET', `/api/video/updates?cursor=${again}&wait=1`)).updates, []);
		assert.ok(performance.now() - begun >= 1000, 'a long poll waits its whole time');
		assert.equal((await ada.data('GET', '/api/auth/sessions')).sessions[0].address, '127.0.0.0/24');
		const form = new FormData();
		form.append('prompt', 'a large image');
		form.append('input_reference', new Blob([PNG, new Uint8Array(9_000_000)], { type: 'image/png' }), 'cat.png');
		assert.equal((await ada.call('POST', '/api/relay/sora/videos', form)).status, 200);
	});

test('nginx: one address gets so much and no more', async (t) => {
	/* longreel itself has room for all of them. */
	const { base } = await fronted(t, 'nginx', [], { LONGREEL_MAX_CONNECTIONS: '300', LONGREEL_MAX_WAITERS_PER_USER: '100' });
	const ada = await new Client(base).join(), cursor = await ada.cursor(), leave = new AbortController();
	const few = await Promise.all(Array.from({ length: 20 }, () => ada.call('GET', `/api/video/updates?cursor=${cursor}&wait=1`)));
	assert.deepEqual([...new Set(few.map(({ status }) => status))], [200], 'what has no body counts to no bodies');
	const polls = Array.from({ length: 40 }, () => ada.call('GET', `/api/video/updates?cursor=${cursor}&wait=30`, undefined, {}, leave.signal));
	const statuses = polls.map(async (poll) => (await poll).status);
	await Promise.any(statuses.map(async (status) => assert.equal(await status, 429)))
		.catch(async () => assert.fail(`none was refused: ${await Promise.all(statuses)}`));
	leave.abort();
	await Promise.allSettled(polls);
});

test('nftables: drippers get a few connections each, and others get in', async (t) => {
	if (process.getuid() !== 0)
		return t.skip('a network namespace needs root');
	const child = spawn(process.execPath, ['bench/attack.mjs'], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, FRONT: 'nftables', SOCKETS: '150',
		ADDRESSES: '5', MAX_CONNECTIONS: '120', SECONDS: '3', LEAVE: '0', KINDS: 'header drip,body drip' } });
	let said = '';
	child.stdout.on('data', (piece) => (said += piece));
	child.stderr.on('data', (piece) => (said += piece));
	const [code] = await once(child, 'exit');
	assert.equal(code, 0, said);
	assert.match(said, /^header drip +\d+\/150 /m);
	return undefined;
});
