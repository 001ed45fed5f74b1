// SIGHUP: the configuration is read again while everything runs. Nothing is refused or cut off by it, and a bad one changes nothing.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { isAlive, startInstance, until } from '../support/instance.mjs';

let instance, ada;

before(async () => {
	instance = await startInstance({ simulator: true, config: 'rate_create = 0\npoll_interval_min = 1s\n' });
	ada = await new Client(instance.base).join();
});
after(() => instance?.stop());

const configure = (text) => writeFile(join(instance.data, 'longreel.conf'), text, { mode: 0o600 });

const DONE = /the configuration was read again, and is in force/g, KEPT = /the one before stays in force: .*/g;

/** Sends SIGHUP and waits for the line in the log. @returns {Promise<string>} the line */
async function reload(line = DONE) {
	const lines = () => instance.log.match(line) ?? [];
	const before = lines().length;
	process.kill(instance.pid, 'SIGHUP');
	await until(() => lines().length > before, 'the line of a reload');
	return lines().at(-1);
}

/** One request on a connection of its own. @returns {Promise<{status:number, body:any}>} */
async function alone(method, path, body) {
	const asked = request(instance.base + path, { method, agent: false,
		headers: { authorization: `Bearer ${ada.token}`, ...(body && { 'content-type': 'application/json' }) } });
	asked.end(body && JSON.stringify(body));
	const [answer] = await once(asked, 'response');
	let text = '';
	for await (const piece of answer.setEncoding('utf8'))
		text += piece;
	return { status: answer.statusCode, body: JSON.parse(text) };
}

test('what is changed holds for all programs, and the processes are others', async () => {
	const cors = async () => (await fetch(`${instance.base}/health`, { headers: { origin: 'https://a.example' } }))
		.headers.get('access-control-allow-origin');
	const register = () => ada.call('POST', '/api/auth/register', { username: 'eve', password: 'correct horse battery' });
	const names = ['ops', 'auth', 'relay', 'updates', 'content', 'tasks', 'hooks', 'longreel-poller'];
	const pids = names.map((name) => instance.child(name));
	const lighttpd = instance.child('lighttpd'), simulator = instance.child('cgi-bin/simulator');
	assert.equal(await cors(), null);
	await configure('registration = closed\ncors_origins = https://a.example\n');
	await reload();
	assert.equal(await cors(), 'https://a.example');
	assert.equal((await register()).body.code, 'registration_closed');
	for (const [i, name] of names.entries()) {
		await until(() => !isAlive(pids[i]), `the end of the ${name} before`);
		assert.ok(instance.child(name), name);
	}
	assert.deepEqual([instance.child('lighttpd'), instance.child('cgi-bin/simulator')], [lighttpd, simulator]);
	assert.equal(instance.children().length, names.length + 2);
});

test('one that is bad changes nothing, and is named by file, line and key', async () => {
	await until(() => !instance.children().some(({ command }) => command.includes('longreel serve ')), 'the children, each a program of its own');
	const before = instance.children();
	await configure('registration = open\nrate_create = many\n');
	assert.match(await reload(KEPT), /longreel\.conf, line 2: rate_create: must be a whole number/);
	await configure('upstream_dialect = klingon\n');
	assert.match(await reload(KEPT), /klingon/);
	await configure('lighttpd = /nowhere/lighttpd\n');
	assert.match(await reload(KEPT), /lighttpd is missing/);
	await configure('trusted_proxies = nobody\n');
	await reload(KEPT);
	assert.deepEqual(instance.children(), before);
	assert.equal((await ada.call('POST', '/api/auth/register', { username: 'eve', password: 'correct horse battery' })).status, 403);
});

test('no request fails over several reloads, lighttpd\'s own among them', async (t) => {
	const wrong = [], counts = { get: 0, poll: 0, create: 0 };
	let going = true;
	t.after(() => (going = false));
	const loop = async (kind, expected, ask) => {
		while (going) {
			const { status, body } = await ask().catch((error) => ({ status: error.code }));
			counts[kind]++;
			if (!expected.includes(status))
				wrong.push([kind, status, body?.code]);
		}
	};
	await configure('rate_create = 0\n');
	await reload();
	const load = [
		...Array.from({ length: 4 }, () => loop('get', [200], () => alone('GET', '/api/video/tasks?pageSize=1'))),
		...Array.from({ length: 6 }, () => loop('poll', [200], async () => {
			const now = (await alone('GET', '/api/video/updates')).body.data.cursor;
			return alone('GET', `/api/video/updates?cursor=${now}&wait=20`);
		})),
		...Array.from({ length: 3 }, () => loop('create', [200], () =>
			alone('POST', '/api/relay/sora/videos', { prompt: 'a cat', model: 'sim:fast+delay=400ms' }))),
	];
	for (let i = 1; i <= 4; i++) {
		const had = { ...counts };
		await configure(`rate_create = 0\nmax_header_kb = ${i % 2 ? 5 : 6}\n`);
		const lighttpd = instance.child('lighttpd');
		await reload();
		await until(() => !isAlive(lighttpd), 'the end of the lighttpd before');
		assert.ok(instance.child('lighttpd'));
		await until(() => Object.keys(counts).every((kind) => counts[kind] > had[kind] + 2), 'requests of each kind');
	}
	going = false;
	await reload(); // the polls are answered, too
	await Promise.all(load);
	assert.deepEqual(wrong, []);
	const { total, tasks } = await ada.data('GET', '/api/video/tasks?pageSize=100');
	assert.equal(total, counts.create);
	assert.ok(tasks.every((task) => task.status !== 'FAILED'), 'a submission was cut off');
});

test('a stop in the middle of a reload is a clean one', async () => {
	const other = await startInstance({ simulator: true });
	process.kill(other.pid, 'SIGHUP');
	process.kill(other.pid, 'SIGHUP');
	await other.stop();
});
