// `longreel setup`: all answers as options, or at a terminal; one file is written, and only what was answered in it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, lstatSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { LONGREEL, SEVERAL_USERS, folder, longreel, startInstance, stopFirst } from '../support/instance.mjs';

/** An upstream of the dialect openai that takes one key. */
async function upstream(t, key) {
	const server = createServer((request, response) => {
		const good = request.headers.authorization === `Bearer ${key}`;
		response.writeHead(good ? 200 : 401, { 'content-type': 'application/json', connection: 'close' });
		response.end(JSON.stringify(good ? { data: [] } : { error: { message: 'wrong' } }));
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.close());
	return `http://127.0.0.1:${server.address().port}`;
}

test('all answers are options; a second time nothing changes', async (t) => {
	const data = await folder(t), base = await upstream(t, 'sk-right'), conf = join(data, 'longreel.conf');
	const example = readFileSync('conf/longreel.conf.example', 'utf8');
	await writeFile(conf, example, { mode: 0o600 });
	const args = ['setup', '--data', data, '--listen', '127.0.0.1:0', '--public-url', 'https://reel.example.com', '--registration', 'closed',
		'--dialect', 'openai', '--base', base, '--key-file', '-', '--administrator', 'ada'];
	const first = await longreel(args, { input: 'sk-right\ncorrect horse\n' });
	assert.equal(first.code, 0, first.err + first.out);
	assert.match(first.out, /^ok +default +answers, and takes the key$/m);
	for (const line of [/^set +listen +127\.0\.0\.1:0$/m, /^set +public_url +https:\/\/reel\.example\.com$/m, /^set +trusted_proxies +127\.0\.0\.1$/m, /^set +registration +closed$/m,
		/^set +upstream_dialect +openai$/m, /^set +upstream_key +\(not shown\)$/m, /^set +administrator +ada$/m])
		assert.match(first.out, line);
	assert.doesNotMatch(first.out + first.err, /sk-right|correct horse/);

	const written = readFileSync(conf, 'utf8');
	const added = ['listen = 127.0.0.1:0', 'public_url = https://reel.example.com', 'trusted_proxies = 127.0.0.1', 'registration = closed', 'upstream_dialect = openai',
		`upstream_base = ${base}`, 'upstream_key = sk-right'];
	assert.deepEqual(written.split('\n').filter((line) => !added.includes(line)).join('\n'), example, 'all else stays');
	for (const line of added)
		assert.ok(written.includes(`\n${line}\n`), line);
	assert.equal(statSync(conf).mode & 0o777, 0o600);

	const again = await longreel(args, { input: 'sk-right\n' });
	assert.equal(again.code, 0, again.err);
	assert.doesNotMatch(again.out, /^set /m);
	assert.equal(readFileSync(conf, 'utf8'), written);
	const nothing = await longreel(['setup', '--data', data]);
	assert.deepEqual([nothing.code, /^set /m.test(nothing.out), readFileSync(conf, 'utf8') === written], [0, false, true], nothing.err);

	const instance = await startInstance({ data });
	stopFirst(t, () => instance.stop());
	const login = await fetch(`${instance.base}/api/auth/login`, { method: 'POST', headers: { 'content-type': 'application/json' },
		body: '{"username":"ada","password":"correct horse"}' });
	assert.equal(login.status, 200);
	assert.match((await longreel(['setup', '--data', data, '--registration', 'invite'])).out, /It is running: a reload/);
});

test('what is refused changes nothing', async (t) => {
	const data = await folder(t), base = await upstream(t, 'sk-right'), conf = join(data, 'longreel.conf'), key = join(data, 'a-key');
	await writeFile(key, 'sk-wrong\n', { mode: 0o600 });
	const first = await longreel(['setup', '--data', data, '--registration', 'closed']);
	assert.equal(first.code, 0, first.err);
	const before = readFileSync(conf, 'utf8');
	for (const [args, sentence] of [
		[['--dialect', 'openai', '--base', base, '--key-file', key], /nothing was written; --no-check takes the upstream all the same/],
		[['--dialect', 'openai'], /openai has no address of its own: name one with --base URL/],
		[['--dialect', 'klingon', '--base', base], /klingon/], [['--key-file', key], /a key wants an upstream/],
		[['--registration', 'maybe'], /^longreel: registration: must be open or closed or invite$/m],
		[['--listen', 'x y'], /^longreel: listen: must be a port/m], [['--public-url', 'ftp://x'], /^longreel: public_url: must be/m],
		[['--public-url', 'https://x/ #y'], /public_url: must not have a #/], [['--dialect', 'openai', '--base', base, '--key-file', '-'], /holds no key/],
	]) {
		const { code, out, err } = await longreel(['setup', '--data', data, ...args]);
		assert.equal(code, 1, args.join(' '));
		assert.match(err, sentence);
		assert.doesNotMatch(out + err, /sk-wrong/);
		assert.equal(readFileSync(conf, 'utf8'), before, args.join(' '));
	}
	await chmod(key, 0o644);
	const exposed = await longreel(['setup', '--data', data, '--dialect', 'openai', '--base', base, '--key-file', key]);
	assert.match(exposed.err, /the key cannot be used: .*can be read by others/);
	assert.equal(readFileSync(conf, 'utf8'), before);

	await chmod(key, 0o600);
	const untried = await longreel(['setup', '--data', data, '--dialect', 'openai', '--base', base, '--key-file', key, '--no-check']);
	assert.equal(untried.code, 0, untried.err);
	assert.match(readFileSync(conf, 'utf8'), /^upstream_key = sk-wrong$/m);
	const none = await longreel(['setup', '--data', data, '--dialect', 'none']);
	assert.equal(none.code, 0, none.err);
	assert.match(readFileSync(conf, 'utf8'), /^upstream_key =$/m);
});

test('a longreel.conf that is a link is not replaced', async (t) => {
	const data = await folder(t), elsewhere = join(await folder(t), 'kept.conf'), conf = join(data, 'longreel.conf');
	await symlink(elsewhere, conf);
	for (const text of [undefined, 'registration = closed\n']) {
		if (text) await writeFile(elsewhere, text);
		const refused = await longreel(['setup', '--data', data, '--registration', 'invite']);
		assert.equal(refused.code, 1);
		assert.match(refused.err, /longreel\.conf is a symbolic link, which setup would replace; nothing was written/);
		assert.ok(lstatSync(conf).isSymbolicLink());
		assert.equal(existsSync(elsewhere) ? readFileSync(elsewhere, 'utf8') : undefined, text);
	}
	const same = await longreel(['setup', '--data', data, '--registration', 'closed']);
	assert.equal(same.code, 0, `nothing is to be written: ${same.err}`);
});

test('a profile knows the address of its provider', async (t) => {
	const data = await folder(t);
	const { code, err } = await longreel(['setup', '--data', data, '--dialect', 'fal', '--no-check']);
	assert.equal(code, 0, err);
	assert.match(readFileSync(join(data, 'longreel.conf'), 'utf8'), /^upstream_base = https:\/\/queue\.fal\.run$/m);
});

test('a proxy of this machine is believed where a new https address leads to a port of this machine alone', async (t) => {
	for (const [listen, url, more, proxies] of [
		['127.0.0.1:9', 'https://x.example', [], '127.0.0.1'], ['9', 'https://x.example', [], '127.0.0.1'], ['[::1]:9', 'https://x.example', [], '127.0.0.1'],
		['[::]:9', 'https://x.example', [], ''], ['0.0.0.0:9', 'https://x.example', [], ''], ['unix:/run/x.sock', 'https://x.example', [], ''],
		['9', 'http://x.example', [], ''], ['9', 'https://x.example', ['--trusted-proxies', ''], ''], ['9', 'https://x.example', ['--trusted-proxies', '192.0.2.1'], '192.0.2.1'],
	]) {
		const data = await folder(t);
		const { code, out, err } = await longreel(['setup', '--data', data, '--listen', listen, '--public-url', url, ...more]);
		assert.equal(code, 0, err);
		assert.equal(/^\w+ +trusted_proxies +(.*)$/m.exec(out)[1], proxies || '-', `${listen} ${url} ${more}`);
		assert.equal(/^trusted_proxies = (.*)$/m.exec(readFileSync(join(data, 'longreel.conf'), 'utf8'))?.[1] ?? '', proxies);
	}
	const open = await folder(t), server = spawn(LONGREEL, ['serve', '--data', open, '--listen', '0.0.0.0:0'], { stdio: ['ignore', 'pipe', 'ignore'] });
	const ended = once(server, 'close');
	await once(server.stdout, 'data'); // ready
	const { out } = await longreel(['setup', '--data', open, '--public-url', 'https://x.example']);
	server.kill('SIGTERM');
	await ended;
	assert.match(out, /^stays +trusted_proxies +-$/m, 'one that runs is open to the network');
	const data = await folder(t), conf = join(data, 'longreel.conf');
	await writeFile(conf, 'public_url = https://x.example\n', { mode: 0o600 });
	assert.equal((await longreel(['setup', '--data', data, '--registration', 'closed'])).code, 0);
	assert.doesNotMatch(readFileSync(conf, 'utf8'), /trusted_proxies/, 'an address that was there changes nothing');
});

test('one who is no administrator does not become one', async (t) => {
	const data = await folder(t), password = join(data, 'password');
	await writeFile(password, 'correct horse\n', { mode: 0o600 });
	const named = (name) => longreel(['setup', '--data', data, '--administrator', name, '--password-file', password]);
	assert.equal((await named('ada')).code, 0);
	assert.equal((await longreel(['user', 'add', 'bob', '--data', data], { input: 'correct horse\n' })).code, 0);
	const refused = await named('bob');
	assert.deepEqual([refused.code, /bob is there, and no administrator/.test(refused.err)], [1, true], refused.err);
	assert.match((await longreel(['audit', 'list', '--data', data])).out, /user\.add.*ada/);
});

test('the file of the machine stays root\'s, and readable by the service', { skip: !SEVERAL_USERS }, async (t) => {
	const data = await folder(t), etc = await folder(t), conf = join(etc, 'longreel.conf'), service = 4711;
	await writeFile(conf, '# ours\n');
	await chmod(conf, 0o640);
	await chmod(etc, 0o755);
	chownSync(conf, 0, service);
	chownSync(data, service, service);
	const { code, out, err } = await longreel(['setup', '--data', data, '--registration', 'closed', '--administrator', 'ada'],
		{ env: { LONGREEL_ETC: etc }, input: 'correct horse\n' });
	assert.equal(code, 0, err);
	assert.ok(out.startsWith(`${conf}\n`), out);
	assert.equal(readFileSync(conf, 'utf8'), '# ours\nregistration = closed\n');
	const { uid, gid, mode } = statSync(conf);
	assert.deepEqual([uid, gid, mode & 0o777], [0, service, 0o640]);
	assert.ok(!existsSync(join(data, 'longreel.conf')));
	assert.equal(statSync(join(data, 'longreel.db')).uid, service);
});

test('a file that others may read is closed to them before a key stands there', async (t) => {
	const data = await folder(t), conf = join(data, 'longreel.conf'), key = join(data, 'key');
	const again = () => longreel(['setup', '--data', data, '--base', 'http://127.0.0.1:9', '--dialect', 'sora', '--key-file', key, '--no-check']);
	await writeFile(key, 'sk-x\n', { mode: 0o600 });
	await writeFile(conf, '# ours\n');
	await chmod(conf, 0o644);
	assert.equal((await again()).code, 0);
	assert.equal(statSync(conf).mode & 0o777, 0o600);
	const { code, err } = await again();
	assert.equal(code, 0, err);
});

test('the machine\'s file that all might read goes to the group of the service', { skip: !SEVERAL_USERS }, async (t) => {
	const data = await folder(t), etc = await folder(t), conf = join(etc, 'longreel.conf'), service = 4711;
	await writeFile(conf, '# ours\n');
	await chmod(conf, 0o644);
	await chmod(etc, 0o755);
	chownSync(data, service, service);
	assert.equal((await longreel(['setup', '--data', data, '--registration', 'closed'], { env: { LONGREEL_ETC: etc } })).code, 0);
	const { uid, gid, mode } = statSync(conf);
	assert.deepEqual([uid, gid, mode & 0o777], [0, service, 0o640]);
});

test('at a terminal it asks, proposes what is there, and asks again', async (t) => {
	const data = await folder(t), base = await upstream(t, 'sk-right'), apart = join(data, 'apart');
	await mkdir(apart, { mode: 0o700 });
	const child = spawn('script', ['-qefc', `${LONGREEL} setup --data ${apart}`, '/dev/null']);
	const replies = [['Where to listen', 'nowhere at all'], ['Where to listen', '127.0.0.1:0'], ['The address that others use', 'https://reel.example.com'],
		['The proxies before it.*\\[127\\.0\\.0\\.1\\]', ''],
		['Who may register .*\\[open\\]', 'closed'], ['profile, or none \\[none\\]', 'openai'], ['Its address \\[none\\]', base],
		['Its key \\[none\\]', 'sk-right'], ['administrator \\[none\\]', 'ada'], ['Password', 'correct horse'], ['Again', 'correct horse']];
	let said = '', seen = 0;
	const ended = once(child, 'close');
	child.stdout.on('data', (piece) => {
		said += piece;
		const found = replies.length > 0 && new RegExp(`${replies[0][0]}[^\\n]*: `).exec(said.slice(seen));
		if (!found)
			return;
		seen += found.index + found[0].length;
		child.stdin.write(`${replies.shift()[1]}\n`);
	});
	const [code] = await ended;
	assert.deepEqual([code, replies], [0, []], said);
	assert.match(said, /Profiles: .*\bfal\b/);
	assert.doesNotMatch(said, /sk-right|correct horse/, 'no echo of secrets');
	const conf = readFileSync(join(apart, 'longreel.conf'), 'utf8');
	for (const line of ['listen = 127.0.0.1:0', 'trusted_proxies = 127.0.0.1', 'registration = closed', `upstream_base = ${base}`, 'upstream_key = sk-right'])
		assert.ok(conf.includes(`\n${line}\n`), conf);
	assert.match((await longreel(['user', 'list', '--data', apart])).out, /admin\tenabled\tada/);
});
