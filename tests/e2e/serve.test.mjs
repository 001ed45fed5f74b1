// `longreel serve`: what it refuses, what it survives, and that it leaves nothing behind.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { chmod, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { commandOf, isAlive, longreel, newDataDir, startInstance, until } from '../support/instance.mjs';

/** The data directory of a test that starts nothing, or only things that fail. */
async function emptyDir(t) {
	const data = await newDataDir();
	t.after(() => rm(data, { recursive: true, force: true }));
	return data;
}

/** What a link leads to; '' where it has just gone. */
function linkOf(path) {
	try {
		return readlinkSync(path);
	} catch {
		return '';
	}
}

const sockets = (data) => readdirSync(join(data, 'run')).filter((name) => name.endsWith('.sock'));

let instance;

before(async () => (instance = await startInstance({ simulator: true })));
after(() => instance?.stop());

test('it answers once it is ready, in a directory that is private', async () => {
	assert.match(instance.base, /^http:\/\/127\.0\.0\.1:\d+$/);
	const health = await fetch(`${instance.base}/health`);
	assert.equal(health.status, 200);
	assert.equal((await health.json()).success, true);
	const visible = (path) => statSync(path).mode & 0o077;
	assert.equal(visible(instance.data), 0);
	for (const name of ['longreel.db', 'lock', 'run', 'run/lighttpd.conf', 'run/auth.sock', 'uploads', 'tmp'])
		assert.equal(visible(join(instance.data, name)), 0, name);
});

test('an idle program has one thread that accepts; others are started when all are busy', async (t) => {
	const own = await startInstance({ simulator: true, env: { LONGREEL_RATE_LOGIN: '0' } });
	t.after(() => own.stop());
	const pid = own.child('cgi-bin/auth'), threads = () => readdirSync(`/proc/${pid}/task`).length;
	await until(() => threads() === 2, 'one that accepts, and the one that waits for the end');
	let names = 0;
	const login = () => fetch(`${own.base}/api/auth/login`, { method: 'POST', headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ username: `nemo${++names}`, password: 'of no account' }) });
	await until(async () => {
		const statuses = (await Promise.all(Array.from({ length: 4 }, login))).map(({ status }) => status);
		assert.deepEqual(statuses, [401, 401, 401, 401]);
		return threads() > 3;
	}, 'four at the same time');
});

test('threads that cannot open take no place of others', async (t) => {
	const own = await startInstance({ simulator: true });
	t.after(() => own.stop());
	const file = join(own.data, 'longreel.db'), pid = own.child('cgi-bin/tasks'), threads = () => readdirSync(`/proc/${pid}/task`).length;
	const ask = () => fetch(`${own.base}/api/video/tasks`);
	const opened = () => readdirSync(`/proc/${pid}/fd`).filter((fd) => linkOf(`/proc/${pid}/fd/${fd}`).endsWith('longreel.db-wal')).length;
	await until(() => opened() === 1 && threads() === 2, 'its first thread has opened');
	const before = threads();
	await rename(file, `${file}.away`);
	await ask();
	await until(() => /cannot open the database/.test(own.log));
	await rename(`${file}.away`, file);
	assert.equal(threads(), before);
	await until(async () => (await Promise.all(Array.from({ length: 8 }, ask)), threads() > before));
});

test('a second one on the same directory is refused, and named', async () => {
	const before = sockets(instance.data);
	assert.ok(before.length > 0);
	const { code, out, err } = await longreel(['serve', '--data', instance.data, '--port', '0']);
	assert.deepEqual([code, out], [1, '']);
	assert.match(err, new RegExp(`is served already, by process ${instance.pid}\\.`));
	assert.equal((await fetch(`${instance.base}/health`)).status, 200);
	assert.deepEqual(sockets(instance.data), before, 'the sockets of the first are untouched');
});

test('two instances live side by side', async () => {
	const other = await startInstance({ simulator: true });
	try {
		assert.notEqual(other.base, instance.base);
		await fetch(`${other.base}/simulator/control`, { method: 'PUT', headers: { 'content-type': 'application/json' },
			body: '{"duration_ms":1234}' });
		const control = async (base) => (await (await fetch(`${base}/simulator/control`)).json()).duration_ms;
		assert.equal(await control(other.base), 1234);
		assert.notEqual(await control(instance.base), 1234);
	} finally {
		await other.stop();
	}
});

test('an address in use is named before anything starts', async (t) => {
	const data = await emptyDir(t);
	const port = new URL(instance.base).port;
	const { code, out, err } = await longreel(['serve', '--data', data, '--port', port]);
	assert.deepEqual([code, out], [1, '']);
	assert.match(err, new RegExp(`cannot listen on 127\\.0\\.0\\.1 port ${port}: Address already in use`));
	assert.ok(!existsSync(join(data, 'longreel.db')) && !existsSync(join(data, 'lock')));
});

test('a bad configuration is named by file, line and key', async (t) => {
	const data = await emptyDir(t);
	const conf = join(data, 'longreel.conf');
	const refused = async (text, env) => {
		await writeFile(conf, text, { mode: 0o600 });
		const { code, out, err } = await longreel(['serve', '--data', data, '--port', '0'], { env });
		assert.deepEqual([code, out, existsSync(join(data, 'lock'))], [1, '', false], err);
		return err;
	};
	assert.match(await refused('# ours\nregistrations = open\n'), /longreel\.conf, line 2: registrations: /);
	assert.match(await refused('rate_create = many\n'), /longreel\.conf, line 1: rate_create: /);
	for (const value of ['maybe', ''])
		assert.match(await refused('', { LONGREEL_REGISTRATION: value }), /LONGREEL_REGISTRATION: must be open or closed/);
	assert.match(await refused('registration =\n'), /longreel\.conf, line 1: registration: must be open or closed/);
	assert.match(await refused('', { LONGREEL_REGISTRATON: '' }), /LONGREEL_REGISTRATON: there is no such variable; did you mean LONGREEL_REGISTRATION\?/);
	assert.match(await refused('', { LONGREL_REGISTRATION: 'closed' }), /LONGREL_REGISTRATION: there is no such variable; did you mean LONGREEL_REGISTRATION\?/);
	assert.match(await refused('', { SORA_API_BAS: 'http://127.0.0.1:1' }), /SORA_API_BAS: there is no such variable; did you mean SORA_API_BASE\?/);
	assert.match(await refused('trusted_proxies = 10.0.0.1" => "x\n'), /trusted_proxies: /);
	assert.match(await refused('upstream_base = http://127.0.0.1:1\nupstream_dialect = klingon\n'), /klingon/);
});

test('an unknown variable is named, with a guess; one that a channel names is known', async (t) => {
	const data = await emptyDir(t);
	const verb = (words, env) => longreel([...words, '--data', data], { env });
	const misspelt = { LONGREEL_REGISTRATON: 'closed' }, key = { LONGREEL_ARK_KEY: 'a-key' };
	const wrong = /LONGREEL_REGISTRATON: there is no such variable; did you mean LONGREEL_REGISTRATION\?/;
	const { code, out, err } = await verb(['serve', '--port', '0'], misspelt);
	assert.deepEqual([code, out], [1, ''], err);
	assert.match(err, wrong);
	assert.equal((await verb(['check'], {})).code, 0);
	assert.match((await verb(['check'], misspelt)).out, wrong);
	const add = ['channel', 'add', 'ark', '--base', 'http://127.0.0.1:1', '--dialect', 'openai', '--key-env', 'LONGREEL_ARK_KEY'];
	assert.match((await verb(add, { ...key, ...misspelt })).err, wrong);
	assert.equal((await verb(add, key)).code, 0);
	const other = await startInstance({ data, env: key });
	await other.stop();
	assert.match((await verb(['serve', '--port', '0'], { ...key, ...misspelt })).err, wrong);
});

test('registration that is open where strangers may come is told, at the start and by check', async (t) => {
	const data = await emptyDir(t), warnings = (log) => log.match(/anyone who can reach \S+ may register; .*/g) ?? [];
	assert.deepEqual(warnings(instance.log), [], 'only this machine reaches it');
	const open = await startInstance({ data, listen: '0.0.0.0' });
	await open.logged(/may register; /);
	const port = new URL(open.base).port, check = async () => (await longreel(['check', '--data', data])).out;
	assert.deepEqual(warnings(open.log), [`anyone who can reach 0.0.0.0:${port} may register; to prevent it, set registration = closed and use \`longreel user add\``]);
	assert.match(await check(), new RegExp(`^warn  registration   open: anyone who can reach 0\\.0\\.0\\.0:${port} may register: where that is not meant, registration = closed or invite`, 'm'));
	const six = await startInstance({ listen: '::' });
	await six.logged(/anyone who can reach \[::\]:\d+ may register; /);
	await six.stop();
	await writeFile(join(data, 'longreel.conf'), 'registration = closed\n', { mode: 0o600 });
	assert.match(await check(), /^ok    registration   closed$/m);
	await open.restart();
	assert.equal(warnings(open.log).length, 1, 'closed needs no warning');
	await open.stop();
});

test('a directory of another user is not taken over', async (t) => {
	const data = await emptyDir(t);
	await mkdir(join(data, 'photos'));
	await chmod(data, 0o755);
	const { code, err } = await longreel(['serve', '--data', data, '--port', '0']);
	assert.equal(code, 1);
	assert.match(err, /holds other things and is open to others/);
	assert.equal((await stat(data)).mode & 0o777, 0o755);
	assert.deepEqual(readdirSync(data), ['photos']);
});

/** The status of a GET on a connection of its own. */
const statusOf = (path) => new Promise((done, fail) => get(instance.base + path, { agent: false }, (response) => {
	response.resume();
	done(response.statusCode);
}).on('error', fail));

test('a child that is killed is restarted, and connections meanwhile wait', async () => {
	const paths = {
		'cgi-bin/auth': ['/api/auth/login', 405], 'cgi-bin/relay': ['/api/relay/none', 404],
		'cgi-bin/tasks': ['/api/video/tasks', 401], 'cgi-bin/updates': ['/api/video/updates', 401],
		'cgi-bin/content': ['/api/video/tasks/x/content', 401], 'cgi-bin/ops': ['/health', 200],
		'cgi-bin/simulator': ['/simulator/control', 200], 'longreel-poller': ['/health', 200], 'lighttpd.conf': ['/health', 200],
	};
	for (const [name, [path, status]] of Object.entries(paths)) {
		const pid = instance.child(name);
		process.kill(pid, 'SIGKILL');
		await until(() => instance.child(name) !== pid, `${name} dies, the last of its threads too`);
		assert.equal(await statusOf(path), status, name);
		await until(() => ![undefined, pid].includes(instance.child(name)), `${name} comes back`);
	}
});

test('lighttpd takes its configuration without a word, whatever the limits are: newer ones refuse numbers of more than 16 bits', async () => {
	for (const most of ['16', '32000']) {
		const other = await startInstance({ env: { LONGREEL_MAX_CONNECTIONS: most, LONGREEL_TRUSTED_PROXIES: '127.0.0.1 10.0.0.0/8' } });
		await other.halt();
		const conf = readFileSync(join(other.data, 'run/lighttpd.conf'), 'utf8').replace(/#.*|"[^"]*"/g, '');
		await other.stop();
		const numbers = conf.match(/\b\d+\b/g).map(Number);
		assert.ok(numbers.length > 10 && Math.max(...numbers) <= 65535, Math.max(...numbers));
		const words = other.log.match(/\(\w+\.c\.\d+\) .*/g).filter((line) => !/server (started|stopped)|graceful shutdown/.test(line));
		assert.deepEqual(words, [], `with ${most} connections`);
	}
});

test('lighttpd\'s own errors have the envelope', async () => {
	const raw = (text) => new Promise((done, fail) => {
		const { hostname, port } = new URL(instance.base);
		let answer = '';
		const socket = connect(port, hostname, () => socket.write(text));
		socket.on('data', (piece) => (answer += piece)).on('close', () => done(answer)).on('error', fail);
	});
	const cases = {
		404: 'GET /nowhere/../nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
		400: 'GET nowhere HTTP/1.1\r\nHost: x\r\n\r\n',
		413: 'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n',
		431: `GET /health HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20000)}\r\n\r\n`,
		'505|400': 'GET /health HTTP/3.0\r\nHost: x\r\n\r\n',
	};
	for (const [status, text] of Object.entries(cases)) {
		const answer = await raw(text);
		assert.match(answer, new RegExp(`^HTTP/1[.][01] (${status}) `), 'the older lighttpd says 505, the newer 400');
		const [head, body] = answer.split('\r\n\r\n');
		assert.match(head, /^Content-Type: application\/json(; charset=utf-8)?\r?$/m, status);
		const { success, code, error } = JSON.parse(body);
		assert.ok(success === false && code && error, status);
	}
	for (const path of ['/v1/models', '/v1/videos', '/v1/videos/x/remix', '/v1/none']) {
		const answer = await raw(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n`);
		assert.ok(answer.startsWith('HTTP/1.1 413 '), answer.slice(0, 40));
		const [head, body] = answer.split('\r\n\r\n');
		assert.match(head, /^Content-Type: application\/json(; charset=utf-8)?\r?$/m);
		assert.deepEqual(JSON.parse(body), { error: { message: 'The request is too large.', type: 'invalid_request_error', param: null, code: 'too_large' } },
			'OpenAI\'s, where that is what the address says');
	}
});

test('SIGTERM and SIGINT leave no process, socket or lock', async (t) => {
	const data = await emptyDir(t);
	for (const signal of ['SIGTERM', 'SIGINT']) {
		const mine = await startInstance({ simulator: true, data });
		const children = mine.children();
		assert.equal(children.length, 10);
		const { code } = await mine.halt(signal);
		assert.equal(code, 0, mine.log);
		for (const { pid, command } of children)
			assert.ok(!isAlive(pid), command);
		assert.deepEqual(sockets(data), []);
		assert.ok(!existsSync(join(data, 'lock')));
		await assert.rejects(fetch(`${mine.base}/health`));
	}
});

test('kill -9 leaves no child, and the next start works', async (t) => {
	const data = await emptyDir(t);
	const first = await startInstance({ simulator: true, data });
	const children = first.children();
	await first.halt('SIGKILL');
	for (const { pid, command } of children)
		await until(() => !isAlive(pid) || commandOf(pid) !== command, `${command} ends`);
	const second = await startInstance({ simulator: true, data });
	assert.equal((await fetch(`${second.base}/health`)).status, 200);
	assert.equal((await second.halt()).code, 0);
});

test('IPv6, plain CGI and a path longer than a socket may have', async (t) => {
	const data = join(await emptyDir(t), 'x'.repeat(120));
	const mine = await startInstance({ simulator: true, cgi: true, listen: '::1', data });
	assert.match(mine.base, /^http:\/\/\[::1\]:\d+$/);
	assert.equal((await fetch(`${mine.base}/health`)).status, 200);
	assert.equal((await fetch(`${mine.base}/api/auth/login`)).status, 405);
	assert.equal((await fetch(`${mine.base}/api/video/tasks/x/content`)).status, 401);
	assert.equal((await fetch(`${mine.base}/simulator/control`)).status, 200);
	assert.deepEqual(sockets(data), []);
	assert.equal((await mine.halt()).code, 0);
	const again = await startInstance({ data });
	assert.equal((await fetch(`${again.base}/simulator/control`)).status, 404, 'no simulator unless asked for');
	assert.equal((await again.halt()).code, 0);
});

test('the simulator takes images from this machine alone', async () => {
	const mine = await startInstance({ simulator: true, env: { LONGREEL_TRUSTED_PROXIES: '127.0.0.1' } });
	try {
		const ask = async (headers) => (await fetch(`${mine.base}/simulator/control`, { method: 'PUT', headers, body: Buffer.alloc(9000, ' ') })).status;
		assert.notEqual(await ask({}), 413);
		assert.equal(await ask({ 'x-forwarded-for': '192.0.2.7' }), 413);
	} finally {
		await mine.stop();
	}
});

test('an empty variable takes precedence over the file where the key may be empty, under plain CGI, too', async (t) => {
	for (const cgi of [false, true]) {
		const data = await emptyDir(t), settings = { data, cgi };
		await writeFile(join(data, 'longreel.conf'), 'cors_origins = *\n', { mode: 0o600 });
		const allowed = [];
		for (const env of [{}, { LONGREEL_CORS_ORIGINS: '' }]) {
			const one = await startInstance({ ...settings, env });
			const { status, headers } = await fetch(`${one.base}/api/video/tasks`, { headers: { origin: 'https://app.test' } });
			allowed.push(status, headers.get('access-control-allow-origin'));
			await one.stop();
		}
		assert.deepEqual(allowed, [401, 'https://app.test', 401, null]);
	}
});

test('large bodies are taken where an image may come, and nowhere else', async () => {
	const instance = await startInstance({ simulator: true, env: { LONGREEL_POLL_INTERVAL_MIN: '20ms' } });
	try {
		const ada = await new Client(instance.base).join(), big = Buffer.alloc(9 << 20, 7);
		big.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
		for (const path of ['/health', '/api/auth/login', '/api/video/tasks/recover', '/'])
			assert.equal((await ada.call('POST', path, big)).status, 413, path);
		const form = new FormData();
		form.set('prompt', 'a large image');
		form.set('model', 'm:fast');
		form.set('input_reference', new Blob([big]), 'big.png');
		assert.equal((await ada.call('POST', '/api/relay/sora/videos', form)).status, 200);
	} finally {
		await instance.stop();
	}
});
