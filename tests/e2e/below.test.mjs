// Below a path: nginx that cuts it off and says so, nginx that cuts it off and says nothing, and a longreel that answers there by itself.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { get } from 'node:http';
import { after, before, test } from 'node:test';
import { Client, PNG } from '../support/client.mjs';
import { longreel, newDataDir, startInstance, until } from '../support/instance.mjs';
import { nginxBefore } from '../support/web_servers.mjs';

const fast = { LONGREEL_POLL_INTERVAL_MIN: '50ms' };
let plain, below, cgi, told, silent, left;
before(async () => {
	plain = await startInstance({ simulator: true, env: { ...fast, LONGREEL_TRUSTED_PROXIES: '127.0.0.1' } });
	below = await startInstance({ simulator: true, env: { ...fast, LONGREEL_BASE_PATH: '/a/reel-2.0' } });
	cgi = await startInstance({ cgi: true, env: { LONGREEL_BASE_PATH: '/reel' } });
	told = await nginxBefore('/reel/', `${plain.base}/`, ['X-Forwarded-For $remote_addr', 'X-Forwarded-Prefix /reel']);
	silent = await nginxBefore('/a/reel-2.0/', `${below.base}/`, []);
	left = await nginxBefore('/a/reel-2.0/', below.base, []);
});
after(() => Promise.all([told, silent, left, cgi, below, plain].map((one) => one?.stop())));

/** The page with all that it loads, and a prompt that becomes a video whose link works as it is. `path` is what everything stands below. */
async function everything(host, path) {
	const base = host + path, home = await fetch(`${base}/`);
	assert.match(await home.text(), /<title>longreel/);
	assert.match(home.headers.get('content-security-policy'), /default-src 'self'/);
	for (const file of ['/page/app.js', '/page/app.css', '/app.js', '/style/base.css', '/vendor/preact.js', '/health'])
		assert.equal((await fetch(base + file)).status, 200, file);
	const ada = await new Client(base).join(), form = new FormData(), image = Buffer.concat([PNG, Buffer.alloc(9 << 20)]);
	for (const [name, value] of Object.entries({ prompt: 'A cat', model: 'sora_video2:fast' }))
		form.append(name, value);
	form.append('input_reference', new Blob([image], { type: 'image/png' }), 'cat.png');
	const cursor = await ada.cursor(), { videoId } = await ada.data('POST', '/api/relay/sora/videos', form);
	const { task } = await ada.follow(cursor, ({ completedAt }) => completedAt);
	const listed = (await ada.data('GET', '/api/video/tasks')).tasks[0], one = await ada.call('GET', `/api/video/tasks/${videoId}`);
	assert.ok(task.videoUrl.startsWith(`${path}/api/video/tasks/${videoId}/content?`), task.videoUrl);
	assert.deepEqual([listed.videoUrl, one.body.data.videoUrl], [task.videoUrl, task.videoUrl]);
	const video = await fetch(host + task.videoUrl);
	assert.deepEqual([video.status, video.headers.get('content-type')], [200, 'video/mp4']);
	await video.arrayBuffer();
	assert.equal((await ada.call('GET', `/v1/videos/${videoId}?wait=1`)).body.status, 'completed');
	assert.equal((await ada.call('GET', '/v1/models')).status, 200);
	assert.equal((await ada.call('GET', '/v1/nothing')).body.error.code, 'not_found', 'OpenAI\'s form');
	assert.equal((await ada.call('GET', '/api/nothing')).body.code, 'not_found');
	return ada;
}

test('nginx cuts the path off, and says which', () => everything(told.base, '/reel'));
test('nginx cuts the path off and says nothing: base_path does', () => everything(silent.base, '/a/reel-2.0'));
test('nginx leaves the path', () => everything(left.base, '/a/reel-2.0'));

test('longreel by itself, below base_path and at the root', async () => {
	await everything(below.base, '/a/reel-2.0');
	const bare = await fetch(`${below.base}/a/reel-2.0`, { redirect: 'manual' });
	assert.deepEqual([bare.status, bare.headers.get('location')], [301, '/a/reel-2.0/']);
	for (const path of ['/a/reel-2x0/health', '/a/reel-2.0x/health', '/a/health', '/a/reel-2.0/a/reel-2.0/health'])
		assert.equal((await fetch(below.base + path)).status, 404, path);
	assert.equal((await fetch(`${below.base}/health`)).status, 200, 'what asks on this machine');
	const large = await fetch(`${below.base}/a/reel-2.0/v1/videos`, { method: 'POST', body: Buffer.alloc(20 << 20) });
	assert.equal(large.status, 413);
	assert.equal((await large.json()).error.code, 'too_large', 'lighttpd\'s own errors, too');
});

test('plain CGI', async () => {
	for (const base of [cgi.base, `${cgi.base}/reel`]) {
		assert.equal((await fetch(`${base}/health`)).status, 200);
		assert.equal((await fetch(`${base}/api/auth/login`)).status, 405);
		assert.match(await (await fetch(`${base}/`)).text(), /<title>longreel/);
	}
});

/** The video's link, with further headers. */
const linkWith = async (ada, headers) => (await ada.call('GET', '/api/video/tasks', undefined, headers)).body.data.tasks[0].videoUrl;

async function withVideo(instance) {
	const ada = await new Client(instance.base).join(), { videoId } = await ada.create({ model: 'sora_video2:fast' });
	await until(async () => (await ada.data('GET', `/api/video/tasks/${videoId}`)).completedAt, 'the video');
	return ada;
}

test('a path that is none, or comes from elsewhere, is not believed', async () => {
	const ada = await withVideo(plain), eve = await withVideo(below);
	const forwarded = { 'x-forwarded-for': '203.0.113.9' };
	assert.match(await linkWith(ada, { ...forwarded, 'x-forwarded-prefix': '/reel/' }), /^\/reel\/api\//);
	assert.match(await linkWith(ada, { 'x-forwarded-prefix': '/' }), /^\/api\//);
	for (const prefix of ['//evil.example', '/a/../b', '/..', 'https://evil.example', 'reel', '/a b', '/a"b', '/a\\b', '/a?b', '/a#', '/%2e%2e',
		'/a//b', '/reel, /other', `/${'x'.repeat(200)}`, '/é'])
		assert.match(await linkWith(ada, { ...forwarded, 'x-forwarded-prefix': prefix }), /^\/api\//, prefix);
	for (let i = 0; i < 40; i++)
		await linkWith(ada, { ...forwarded, 'x-forwarded-prefix': `/path${i}` });
	assert.match(await linkWith(ada, { ...forwarded, 'x-forwarded-prefix': '/reel' }), /^\/reel\/api\//, 'the first ones stay');
	/* A peer that is no proxy, whatever it writes. */
	const stranger = await new Promise((done, fail) => get(`${plain.base}/api/video/tasks`, { localAddress: '127.0.0.2', headers: {
		authorization: `Bearer ${ada.token}`, 'x-forwarded-for': '127.0.0.1', 'x-forwarded-prefix': '/evil', 'remote-port': '0' } },
	(response) => response.setEncoding('utf8').toArray().then((pieces) => done(JSON.parse(pieces.join(''))), fail)).on('error', fail));
	assert.match(stranger.data.tasks[0].videoUrl, /^\/api\//);
	/* An instance that trusts no proxy. */
	assert.match(await linkWith(eve, { ...forwarded, 'x-forwarded-prefix': '/evil' }), /^\/a\/reel-2\.0\/api\//);
	assert.match(await linkWith(eve, { ...forwarded, 'x-forwarded-prefix': '/evil', 'remote-port': '0' }), /^\/a\/reel-2\.0\/api\//);
});

test('a base_path that is none is refused at the start', async () => {
	const data = await newDataDir();
	for (const path of ['reel', '/reel/', '//reel', '/a/../b', '/a b', '/a"', '/a(b|c)', '/']) {
		const { code, err } = await longreel(['serve', '--data', data, '--port', '0'], { env: { LONGREEL_BASE_PATH: path } });
		assert.equal(code, 1, path);
		assert.match(err, /LONGREEL_BASE_PATH: must be a path/, path);
	}
	await rm(data, { recursive: true });
});
