// Where `longreel serve` listens, what it does when nothing is said about that, and the socket of a proxy.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { LONGREEL, SEVERAL_USERS, childrenOf, commandOf, folder, longreel, stopFirst, until } from '../support/instance.mjs';

const CLEAN = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(LONGREEL|SORA_API|XDG)_/.test(name)));

/** Starts `longreel serve ARGS`, and waits until it is ready: { at, out(), log(), pid, stop() }. */
async function serve(t, args, { env = {}, ...options } = {}) {
	const child = spawn(LONGREEL, ['serve', ...args], { env: { ...CLEAN, ...env }, stdio: ['ignore', 'pipe', 'pipe'], ...options });
	const ended = once(child, 'close');
	let out = '', log = '';
	child.stdout.on('data', (piece) => (out += piece));
	child.stderr.on('data', (piece) => (log += piece));
	const stop = async (signal = 'SIGTERM') => (child.kill(signal), ended);
	stopFirst(t, stop);
	await until(() => /^ready \S+\n/.test(out) || child.exitCode !== null, 'the start', 60_000);
	assert.match(out, /^ready /, log);
	return { at: /^ready (\S+)/.exec(out)[1], out: () => out, log: () => log, pid: child.pid, stop };
}

/** GET /health by a socket's path; the status. */
async function health(socketPath, headers = {}) {
	const asked = request({ socketPath, path: '/health', headers }).end();
	const [answer] = await once(asked, 'response');
	answer.resume();
	await once(answer, 'end');
	return answer.statusCode;
}

const status = async (url) => (await fetch(`${url}/health`)).status;

test('a relative data directory, and where to listen from its configuration', async (t) => {
	const cwd = await folder(t);
	await mkdir(join(cwd, 'data'), { mode: 0o700 });
	await writeFile(join(cwd, 'data/longreel.conf'), 'listen = 127.0.0.1:0\n', { mode: 0o600 });
	assert.equal(await status((await serve(t, ['--data', 'data'], { cwd })).at), 200);
});

test('addresses are taken in every usual form', async (t) => {
	for (const [listen, at, more] of [
		['127.0.0.1:0', /^http:\/\/127\.0\.0\.1:\d+$/], ['localhost:0', /^http:\/\/(127\.0\.0\.1|\[::1\]):\d+$/],
		['0', /^http:\/\/127\.0\.0\.1:\d+$/], ['[::1]:0', /^http:\/\/\[::1\]:\d+$/], ['::1', /^http:\/\/\[::1\]:\d+$/, ['--port', '0']],
		[':0', /^http:\/\/0\.0\.0\.0:\d+$/], ['[::]', /^http:\/\/\[::\]:\d+$/, ['--port', '0']],
	]) {
		const served = await serve(t, ['--data', await folder(t), '--listen', listen, ...more ?? []]);
		assert.match(served.at, at, listen);
		const { port } = new URL(served.at);
		assert.equal(await status(served.at.replace('[::]', '[::1]').replace('0.0.0.0', '127.0.0.1')), 200, listen);
		if (listen === '[::]')
			assert.equal(await status(`http://127.0.0.1:${port}`), 200, 'IPv4 as well');
		await served.stop();
	}
});

test('what is no address is refused, and what contradicts itself', async (t) => {
	const data = await folder(t);
	for (const [args, sentence] of [
		[['--listen', 'http://localhost'], /^longreel: --listen must be HOST, HOST:PORT, /],
		[['--listen', 'unix:longreel.sock'], /^longreel: --listen must be HOST, /],
		[['--listen', '127.0.0.1:1', '--port', '2'], /^longreel: --listen 127\.0\.0\.1:1 leaves no choice to --port/],
		[['--listen', `unix:${data}/s`, '--port', '2'], /leaves no choice to --port/],
		[['--listen', `unix:${data}/s`, '--simulator'], /^longreel: --simulator: the programs reach it by TCP alone/m],
		[['--listen', `unix:${data}/no/such/s`], /cannot listen on \S+\/no\/such\/s: No such file/],
	]) {
		const { code, out, err } = await longreel(['serve', '--data', data, ...args]);
		assert.deepEqual([code, out], [1, ''], err);
		assert.match(err, sentence);
	}
	assert.ok(!existsSync(`${data}/s`));
});

test('the configuration says where; the command line has precedence', async (t) => {
	const data = await folder(t), socket = join(data, 'front.sock');
	await writeFile(join(data, 'longreel.conf'), `listen = unix:${socket}\n`, { mode: 0o600 });
	const served = await serve(t, ['--data', data]);
	assert.equal(served.at, `unix:${socket}`);
	assert.equal(await health(socket), 200);
	await served.stop();
	const other = await serve(t, ['--data', data, '--port', '0']);
	assert.match(other.at, /^http:\/\/127\.0\.0\.1:\d+$/);
	await other.stop();
	const third = await serve(t, ['--data', data], { env: { LONGREEL_LISTEN: '[::1]:0' } });
	assert.match(third.at, /^http:\/\/\[::1\]:\d+$/);
});

test('a unix socket is for a proxy: its group connects, what it forwards is believed, and no other takes its place', async (t) => {
	const data = await folder(t), socket = join(data, 'front.sock'), args = ['--data', data, '--listen', `unix:${socket}`];
	const first = await serve(t, args);
	assert.equal(statSync(socket).mode & 0o777, 0o660);
	assert.equal(await health(socket, { 'X-Forwarded-For': '203.0.113.9' }), 200);
	await until(() => /client=203\.0\.113\.9 .*path=\/health/.test(first.log()), 'the line about the client');

	const rival = await longreel(['serve', '--data', await folder(t), '--listen', `unix:${socket}`]);
	assert.equal(rival.code, 1);
	assert.match(rival.err, /cannot listen on \S+front\.sock: Address already in use/);
	assert.equal(await health(socket), 200, 'the first has its socket still');

	const web = () => childrenOf(first.pid).find((pid) => /lighttpd/.test(commandOf(pid)));
	const before = web();
	process.kill(before, 'SIGKILL');
	await until(() => web() && web() !== before, 'another lighttpd');
	assert.equal(await health(socket), 200);

	const programs = childrenOf(first.pid);
	await first.stop('SIGKILL');
	await until(() => programs.every((pid) => !commandOf(pid)), 'the end of its programs');
	assert.ok(existsSync(socket), 'it had no time to remove it');
	const second = await serve(t, args);
	assert.equal(await health(socket), 200);
	await second.stop();
	assert.ok(!existsSync(socket));
});

test('with nothing said there is a data directory, a port that is free, a simulator, and what to do next', { skip: process.getuid() === 0 && !SEVERAL_USERS }, async (t) => {
	const home = await folder(t), user = process.getuid() === 0 ? { uid: 4711, gid: 4711 } : {};
	if (user.uid)
		chownSync(home, user.uid, user.gid);
	const options = { env: { HOME: home }, cwd: home, ...user };
	const first = await serve(t, [], options);
	const port = Number(new URL(first.at).port);
	assert.ok(port >= 8080 && port < 8100, first.at);
	assert.equal(statSync(join(home, '.local/share/longreel/longreel.db')).mode & 0o077, 0);
	await until(() => first.out().includes('Ctrl-C'), 'what to do next');
	for (const line of [`page    ${first.at}/`, `data    ${home}/.local/share/longreel`, 'simulator', 'setup', 'user add NAME --admin'])
		assert.ok(first.out().includes(line), first.out());
	assert.equal((await fetch(`${first.at}/simulator/control`)).status, 200);
	assert.equal(first.log().split('max_connections=').length, 2, 'the configuration is told once');

	const second = await serve(t, [], { ...options, env: { HOME: home, XDG_DATA_HOME: join(home, 'share') } });
	assert.notEqual(second.at, first.at);
	assert.ok(existsSync(join(home, 'share/longreel/longreel.db')));
	await second.stop();
	await first.stop();

	const listed = spawn(LONGREEL, ['user', 'list'], { env: { ...CLEAN, HOME: home }, ...user });
	assert.deepEqual(await once(listed, 'close'), [0, null]);
});

test('a port that is named is not passed over, and a data directory that is named has no simulator', async (t) => {
	const taken = createServer().listen(0, '127.0.0.1');
	await once(taken, 'listening');
	t.after(() => taken.close());
	const data = await folder(t), { port } = taken.address();
	for (const args of [['--port', String(port)], ['--listen', `127.0.0.1:${port}`]]) {
		const { code, err } = await longreel(['serve', '--data', data, ...args]);
		assert.equal(code, 1);
		assert.match(err, new RegExp(`cannot listen on 127\\.0\\.0\\.1 port ${port}: Address already in use`));
	}
	await mkdir(join(data, 'apart'), { mode: 0o700 });
	const served = await serve(t, ['--data', join(data, 'apart'), '--port', '0']);
	assert.equal((await fetch(`${served.at}/simulator/control`)).status, 404);
	assert.match(served.log(), /no channel yet: new tasks are refused/);
});
