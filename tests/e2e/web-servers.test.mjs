// The main job behind nginx and behind Apache, with the configurations of conf/ that people copy.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile, readdir, readlink, rename, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client, PNG } from '../support/client.mjs';
import { LONGREEL, SEVERAL_USERS, childrenOf, commandOf, longreel, newDataDir, startInstance, until } from '../support/instance.mjs';
import { LENGTH, Unread, longFilms } from '../support/long_films.mjs';
import { head, newRaw } from '../support/raw.mjs';
import { apache, nginx, serveApache } from '../support/web_servers.mjs';

let instance, front, shared, piped, below, sharedBelow;
before(async () => {
	instance = await startInstance({ simulator: true }); // the upstream
	const config = `upstream_base = ${instance.base}/simulator\nupstream_key = any\npoll_interval_min = 50ms\n`;
	front = await nginx(`${config}sendfile = x-accel\n`);
	shared = await apache(config);
	piped = await apache(config, 'cgi');
	below = await nginx(`${config}sendfile = x-accel\nbase_path = /a/reel-2.0\n`, '/a/reel-2.0');
	sharedBelow = await apache(`${config}base_path = /reel\n`, 'cgid', '/reel');
});
after(async () => {
	await front?.stop();
	await shared?.stop();
	await piped?.stop();
	await below?.stop();
	await sharedBelow?.stop();
	await instance?.stop();
});

async function pageAndErrors(base) {
	const page = await fetch(`${base}/`);
	assert.match(await page.text(), /<title>longreel/);
	assert.match(page.headers.get('content-security-policy'), /default-src 'self'/);
	assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
	assert.match((await fetch(`${base}/client.js`)).headers.get('content-type'), /javascript/);
	for (const file of ['/style/base.css', '/vendor/preact.js', '/health'])
		assert.equal((await fetch(base + file)).status, 200, file);
	for (const [file, type] of [['/page/app.js', /javascript/], ['/page/app.css', /text\/css/]]) {
		const plain = await fetch(base + file, { headers: { 'accept-encoding': 'identity' } }), small = await fetch(base + file, { headers: { 'accept-encoding': 'gzip' } });
		assert.deepEqual([plain.status, plain.headers.get('content-encoding'), small.status, small.headers.get('content-encoding')], [200, null, 200, 'gzip'], file);
		assert.match(small.headers.get('content-type'), type);
		assert.match(small.headers.get('vary'), /accept-encoding/i);
		assert.equal(await small.text(), await plain.text());
	}
	for (const path of ['/api/video/webhook/none', '/api/video/webhook/none/0123456789abcdef'])
		assert.equal((await fetch(base + path, { method: 'POST', body: '{}' })).status, 401, path);
	const client = new Client(base);
	const nothing = await client.call('GET', '/api/nothing');
	assert.deepEqual([nothing.status, nothing.body.code], [404, 'not_found']);
	assert.equal((await client.call('GET', '/api/video/tasks')).status, 401);
	const wrong = await client.call('PUT', '/api/video/updates');
	assert.deepEqual([wrong.status, wrong.body.code], [405, 'method_not_allowed']);
}

/** A prompt becomes a video: by form, with a picture, followed by the long poll. `turn` is called while it is awaited. */
async function mainJob(base, turn) {
	const ada = await new Client(base).join(), form = new FormData();
	for (const [name, value] of Object.entries({ prompt: 'A cat, 夕阳下', model: 'sora_video2:fast', clientRequestId: 'one' }))
		form.append(name, value);
	form.append('input_reference', new Blob([PNG], { type: 'image/png' }), 'cat.png');
	let cursor = await ada.cursor();
	const { videoId } = await ada.data('POST', '/api/relay/sora/videos', form);
	const end = await until(async () => {
		const turning = turn?.();
		const page = await ada.data('GET', `/api/video/updates?cursor=${cursor}&wait=2`);
		await turning;
		({ cursor } = page);
		return page.updates.map(({ payload }) => payload).find((task) => task.completedAt);
	}, 'the end of the task');
	assert.deepEqual([end.videoId, end.status], [videoId, 'COMPLETED']);
	const whole = await ada.call('GET', `/api/video/tasks/${videoId}/content`);
	assert.deepEqual([whole.status, whole.headers.get('content-type')], [200, 'video/mp4']);
	assert.equal(whole.bytes.subarray(4, 8).toString(), 'ftyp');
	const link = await fetch(new URL(end.videoUrl, base)); // as it is: with the path that everything stands below
	assert.deepEqual([link.status, Buffer.from(await link.arrayBuffer()).equals(whole.bytes)], [200, true], end.videoUrl);
	assert.deepEqual((await ada.call('GET', `/api/video/tasks/${videoId}/input`)).bytes, PNG);
	const remix = await ada.data('POST', `/api/video/tasks/${videoId}/remix`, { prompt: 'again' });
	assert.equal(remix.remixed_from, videoId);
	const { object, data } = (await ada.call('GET', '/v1/videos')).body;
	assert.deepEqual([object, data.length], ['list', 2]);
	assert.equal((await ada.call('GET', `/v1/videos/${videoId}`)).body.status, 'completed');
	assert.equal((await ada.call('POST', '/v1/videos', { prompt: 'by the other way' })).status, 200);
	assert.equal((await ada.call('DELETE', `/v1/videos/${remix.videoId}`)).status, 200);
	assert.equal((await ada.data('GET', '/api/webhooks')).webhooks.length, 0);
	return { ada, videoId, whole };
}

test('nginx, by FastCGI', async () => {
	await pageAndErrors(front.base);
	const { ada, videoId, whole } = await mainJob(front.base);
	/* What is kept nginx sends by itself: a piece of it, and no guess at what it is. */
	await until(async () => (await ada.call('GET', `/api/video/tasks/${videoId}/content`)).headers.get('accept-ranges') === 'bytes', 'the archive');
	const piece = await ada.call('GET', `/api/video/tasks/${videoId}/content`, undefined, { range: 'bytes=100-199' });
	assert.deepEqual([piece.status, piece.headers.get('content-range')], [206, `bytes 100-199/${whole.bytes.length}`]);
	assert.deepEqual(piece.bytes, whole.bytes.subarray(100, 200));
	assert.equal(piece.headers.get('x-content-type-options'), 'nosniff');
	assert.equal((await fetch(`${front.base}/kept/${videoId}.mp4`)).status, 404, 'the archive itself is closed');
	if (SEVERAL_USERS) { // nginx is another user: of longreel's group, which may read what is kept, and nothing else
		const open = [];
		for (const name of await readdir(front.data, { recursive: true })) {
			const { gid, mode } = await stat(join(front.data, name));
			if (mode & 0o077)
				open.push([gid, (mode & 0o7777).toString(8), name]);
		}
		const within = `archive/${videoId.slice(-2)}`;
		assert.deepEqual(open.filter(([, , name]) => ['archive', within, `${within}/${videoId}`].includes(name)).sort(), [
			[33, '2750', 'archive'], [33, '2750', within], [33, '640', `${within}/${videoId}`]].sort());
		assert.deepEqual(open.filter(([, , name]) => !name.startsWith('archive')), []);
		assert.equal((await stat(front.data)).mode & 0o7777, 0o710);
	}
	assert.equal(front.said().match(/\[(error|crit|alert|emerg)\].*(?<!No such file or directory\)).*/)?.[0], undefined);
});

/** Tokens are asked for before a body is stored. */
async function asksFirst(front) {
	const { pathname } = new URL(front.base), below = pathname === '/' ? '' : pathname;
	for (const path of ['/api/relay/sora/videos', '/api/video/tasks/video_1_x/remix', '/api/video/tasks/recover', '/v1/videos'])
		for (const length of [{ 'content-length': '1900000' }, { 'transfer-encoding': 'chunked' }]) {
			const raw = await newRaw(front.base);
			raw.send(head('POST', below + path, { 'content-type': 'application/json', authorization: 'Bearer lr_nobodys', ...length }), '186a0\r\n', Buffer.alloc(100_000, 'x'));
			const { status, headers, json } = await raw.answer(); // which comes although the body does not
			assert.deepEqual([status, json.code ?? json.error.code, headers.has('www-authenticate')],
				[401, path.startsWith('/v1/') ? 'invalid_api_key' : 'unauthorized', true], path);
			assert.ok(path.startsWith('/v1/') || json.requestId === headers.get('x-request-id'));
			raw.close();
		}
	for (const path of ['/api/auth/login', '/api/video/webhook/default', '/api/webhooks']) {
		const raw = await newRaw(front.base);
		raw.send(head('POST', below + path, { 'content-length': '70000' }));
		assert.equal((await raw.answer()).status, 413, path);
		raw.close();
	}
	const ada = await new Client(front.base).join(), form = new FormData();
	form.append('prompt', 'a large image');
	form.append('input_reference', new Blob([PNG, new Uint8Array(9_000_000)], { type: 'image/png' }), 'cat.png');
	assert.equal((await ada.call('POST', '/api/relay/sora/videos', form)).status, 200);
	assert.deepEqual([(await ada.call('GET', '/v1/videos')).status, (await new Client(front.base).call('GET', '/v1/videos')).status], [200, 401]);
}

test('nginx asks who it is before it stores a body', () => asksFirst(front));

test('nginx takes nothing of a video that is not read: its clients have slots, and lose them', async (t) => {
	const upstream = await longFilms(), unread = new Unread();
	t.after(() => unread.leave());
	t.after(() => upstream.stop());
	const own = await nginx(`upstream_base = ${upstream.base}\nupstream_key = k\npoll_interval_min = 50ms\npass_patience = 2s\n`);
	t.after(() => own.stop());
	const ada = await new Client(own.base).join(), cursor = await ada.cursor(), { videoId } = await ada.create({});
	await ada.ended(cursor, videoId);
	const path = `/api/video/tasks/${videoId}/content`;
	await until(async () => (await ada.call('HEAD', path)).headers.has('etag'), 'the archive'); // whose files the program sends (sendfile = off)
	const asked = upstream.asked.length;
	const begun = performance.now();
	assert.deepEqual([await unread.ask(own.base, path, ada.token), await unread.ask(own.base, path, ada.token), await unread.ask(own.base, path, ada.token)], [200, 200, 429]);
	const again = await until(async () => {
		const answer = await ada.call('GET', path);
		return answer.status === 200 && answer;
	}, 'a slot that was lost');
	assert.ok(performance.now() - begun > 1900, 'nginx has taken the whole video, and freed the slot');
	assert.deepEqual([again.bytes.length, upstream.asked.length], [LENGTH, asked]);
});

/** What lies in the document root, and is no page. */
async function isClosed(base) {
	for (const path of ['/longreel/longreel-poller', '/longreel/longreel.data/longreel.db', '/.htaccess', '/longreel/cgi-bin/tasks'])
		assert.ok([403, 404].includes((await fetch(base + path)).status), path);
}

test('Apache on a shared host, by plain CGI and cron', async () => {
	await pageAndErrors(shared.base);
	await mainJob(shared.base, shared.poll);
	await isClosed(shared.base);
});

test('nginx, by FastCGI and below a path, beside another site', async () => {
	const { origin } = new URL(below.base);
	assert.equal((await fetch(`${origin}/api/nothing`)).status, 418, 'the other site');
	const bare = await fetch(below.base, { redirect: 'manual' });
	assert.deepEqual([bare.status, new URL(bare.headers.get('location')).pathname], [301, '/a/reel-2.0/']);
	await pageAndErrors(below.base);
	const { ada, videoId, whole } = await mainJob(below.base);
	await until(async () => (await ada.call('GET', `/api/video/tasks/${videoId}/content`)).headers.get('accept-ranges') === 'bytes', 'the archive');
	const piece = await ada.call('GET', `/api/video/tasks/${videoId}/content`, undefined, { range: 'bytes=100-199' });
	assert.deepEqual([piece.status, piece.bytes], [206, whole.bytes.subarray(100, 200)]);
	assert.equal((await ada.data('GET', '/api/auth/sessions')).sessions[0].address, '127.0.0.0/24', 'the client\'s, not the socket\'s');
	assert.equal(below.said().match(/\[(error|crit|alert|emerg)\].*(?<!No such file or directory\)).*/)?.[0], undefined);
	await asksFirst(below);
	/* Of 32 requests of one address at a time each counts once, though it passes two servers. */
	const users = [ada, await new Client(below.base).join()], cursors = await Promise.all(users.map((user) => user.cursor()));
	const polls = users.flatMap((user, i) => Array.from({ length: 12 }, () => user.call('GET', `/api/video/updates?cursor=${cursors[i]}&wait=2`)));
	assert.deepEqual([...new Set((await Promise.all(polls)).map(({ status }) => status))], [200]);
});

test('Apache, by plain CGI and below a path', async () => {
	const bare = await fetch(sharedBelow.base, { redirect: 'manual' });
	assert.deepEqual([bare.status, new URL(bare.headers.get('location')).pathname], [301, '/reel/']);
	await pageAndErrors(sharedBelow.base);
	const { ada } = await mainJob(sharedBelow.base, sharedBelow.poll);
	const cursor = await ada.cursor(), started = Date.now();
	assert.deepEqual((await ada.data('GET', `/api/video/updates?cursor=${cursor}&wait=1`)).updates, []);
	assert.ok(Date.now() - started >= 1000, 'its whole time');
	await isClosed(sharedBelow.base);
});

test('Apache: what install-htdocs has laid out is whole, and stays so when it is moved', async (t) => {
	const config = `upstream_base = ${instance.base}/simulator\nupstream_key = any\npoll_interval_min = 50ms\n`, own = join(sharedBelow.root, 'longreel');
	assert.equal(await readlink(join(own, 'longreel.data')), '../../../longreel-data');
	assert.equal(await readFile(join(own, 'lib/libsomething.so.1'), 'utf8'), 'as a release has them');
	assert.doesNotMatch(await readFile(join(sharedBelow.root, '.htaccess'), 'utf8'), /^SetEnv|^(?!#).*\/home\//m, 'no path but relative ones');
	for (const [name, mode] of [['longreel-poller', 0o755], ['cgi-bin/tasks', 0o755], ['share/web/index.html', 0o644], ['', 0o755], ['../.htaccess', 0o644]])
		assert.equal((await stat(join(own, name))).mode & 0o7777, mode, name);
	/* The folder gets another name, and the configuration says so, while Apache runs. */
	const moving = await apache(`${config}base_path = /reel\n`, 'cgid', '/reel');
	t.after(() => moving.stop());
	await rename(moving.root, join(moving.dir, 'public_html/film'));
	await writeFile(join(moving.data, 'longreel.conf'), `${config}base_path = /film\n`);
	const base = `${new URL(moving.base).origin}/film`;
	await pageAndErrors(base);
	/* The whole home is another one, on another machine it may be. */
	const home = `${moving.dir}-moved`;
	execFileSync('sh', ['-c', 'mkdir "$1" && cp -a "$0/public_html" "$0/longreel-data" "$1"', moving.dir, home]);
	await rename(moving.data, `${moving.data}.away`);
	const moved = await serveApache(home, 'cgid', '/film');
	t.after(() => moved.stop());
	await pageAndErrors(moved.base);
	const ada = await new Client(moved.base).join();
	assert.equal((await ada.call('POST', '/v1/videos', { prompt: 'there' })).status, 200);
});

test('install-htdocs serves no data, takes no other folder, and may be repeated', async (t) => {
	const home = await newDataDir(), dir = join(home, 'public_html'), data = join(home, 'data');
	t.after(() => rm(home, { recursive: true, force: true }));
	const lay = (...more) => longreel(['install-htdocs', dir, '--data', data, ...more]);
	for (const inside of [dir, join(dir, 'data'), join(dir, 'longreel')]) {
		const { code, err } = await longreel(['install-htdocs', dir, '--data', inside]);
		assert.equal(code, 1);
		assert.match(err, /is served by the web server/);
	}
	await rm(dir, { recursive: true });
	assert.equal((await lay('--base-path', '/reel')).code, 0);
	assert.equal(await readFile(join(data, 'longreel.conf'), 'utf8'), 'base_path = /reel\n');
	assert.equal((await stat(data)).mode & 0o7777, 0o700);
	await writeFile(join(data, 'longreel.conf'), 'base_path = /reel\nrate_create = 3\n');
	await writeFile(join(dir, 'longreel/cgi-bin/tasks'), 'of an older version');
	const again = await lay();
	assert.deepEqual([again.code, again.err], [0, '']);
	assert.match(again.out, /^\* \* \* \* \* \S+\/longreel\/longreel-poller --data \S+ --for 55$/m);
	assert.match(await readFile(join(data, 'longreel.conf'), 'utf8'), /rate_create = 3/);
	assert.ok((await stat(join(dir, 'longreel/cgi-bin/tasks'))).size > 10_000);
	await writeFile(join(dir, '.htaccess'), 'Deny from all\n');
	assert.match((await lay()).err, /\.htaccess is another's/);
	assert.equal(await readFile(join(dir, '.htaccess'), 'utf8'), 'Deny from all\n');
	await assert.rejects(access(join(dir, 'longreel/lighttpd')));
});

/** A long poll over a connection of its own, which the client may close on its side at once. @returns {Promise<string>} the whole answer */
async function rawPoll({ base, token }, query, half) {
	const { hostname, port } = new URL(base), socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
	const head = `GET /api/video/updates?${query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n\r\n`;
	(half ? socket.end(head) : socket.write(head));
	const answer = Buffer.concat(await socket.toArray()).toString();
	socket.destroy();
	return answer;
}

for (const [name, server] of [['mod_cgid', () => shared], ['mod_cgi', () => piped]]) {
	test(`a long poll waits as plain CGI, under ${name}, also one that is half closed`, async () => {
		const ada = await new Client(server().base).join();
		for (const half of [false, true]) {
			const cursor = await ada.cursor(), started = Date.now();
			const empty = await rawPoll(ada, `cursor=${cursor}&wait=1`, half);
			assert.match(empty, /^HTTP\/1\.1 200 [^]*"updates":\[\]/);
			assert.ok(Date.now() - started >= 1000, 'its whole time');
			const waiting = rawPoll(ada, `cursor=${cursor}&wait=10`, half);
			const { videoId } = await ada.create({ prompt: 'woken', model: 'sora_video2:never' });
			assert.match(await waiting, new RegExp(`^HTTP/1\\.1 200 [^]*"videoId":"${videoId}"`));
		}
	});
}

test('serve --sockets: one command runs all programs and the poller, starts anew what dies, reads its configuration again, and removes its sockets', async (t) => {
	const data = await newDataDir(), dir = join(data, 'sockets');
	t.after(() => rm(data, { recursive: true, force: true }));
	const words = (...more) => ['serve', '--sockets', dir, '--data', data, ...more];
	for (const more of [['--port', '0'], ['--listen', '127.0.0.1'], ['--simulator'], ['--cgi']])
		assert.match((await longreel(words(...more))).err, /--sockets is for another web server/);
	assert.match((await longreel(words(), { env: { LONGREEL_ARCHIVE_GROUP: 'no-such-group' } })).err, /no-such-group/);
	const child = spawn(LONGREEL, words(), { stdio: ['ignore', 'pipe', 'pipe'] }), ended = once(child, 'exit');
	t.after(() => child.kill('SIGKILL'));
	let out = '', said = '';
	child.stdout.on('data', (piece) => (out += piece));
	child.stderr.on('data', (piece) => (said += piece));
	await until(() => out === `ready unix:${dir}/\n`, 'the sockets');
	const sockets = ['auth', 'content', 'hooks', 'ops', 'relay', 'tasks', 'updates'].map((name) => `${name}.sock`);
	assert.deepEqual((await readdir(dir)).sort(), sockets);
	for (const name of sockets)
		assert.equal((await stat(join(dir, name))).mode & 0o777, 0o660, name);
	assert.match((await longreel(['serve', '--port', '0', '--data', data])).err, /is served already/);
	const running = () => childrenOf(child.pid).map((pid) => [pid, commandOf(pid)]).filter(([, command]) => /cgi-bin|poller/.test(command));
	await until(() => running().length === 8, 'seven programs and a poller');
	assert.match((await longreel(words())).err, /is served already/);
	assert.deepEqual((await readdir(dir)).sort(), sockets, 'and took nothing with it');
	const [[killed, command]] = running();
	process.kill(killed, 'SIGKILL');
	await until(() => running().some(([pid, other]) => pid !== killed && other === command), 'another one');
	child.kill('SIGHUP');
	await until(() => said.includes('the configuration was read again, and is in force'), 'the reload');
	child.kill('SIGTERM');
	assert.deepEqual(await ended, [0, null], said);
	assert.deepEqual(await readdir(dir), []);
});
