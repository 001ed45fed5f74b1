// On a shared host no `longreel serve` runs: the first request makes the database. What cannot be opened is a 500
// whose reason stands in the log, and not in the answer.
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { newApi } from '../support/api.mjs';
import { BUILD, cgi } from '../support/cgi.mjs';

const ASK = [['POST', '/api/auth/login'], ['POST', '/api/relay/sora/videos'], ['GET', '/api/video/tasks'], ['GET', '/api/video/updates'],
	['GET', '/api/video/tasks/a/content'], ['GET', '/health']];

let api, database;
before(async () => {
	api = await newApi();
	database = join(api.data, 'longreel.db');
});
after(() => api?.close());

test('the program that is asked first makes the database, private', async () => {
	for (const [method, path] of ASK) {
		await rm(database, { force: true });
		const { status } = await api.call(method, path);
		assert.ok(status < 500, `${method} ${path}: ${status}`);
		assert.equal(statSync(database).mode & 0o777, 0o600);
		assert.equal(statSync(join(api.data, 'uploads')).mode & 0o777, 0o700);
	}
});

test('several first requests at once', async () => {
	await rm(database);
	const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => api.call(...ASK[i % ASK.length])));
	assert.ok(answers.every((a) => a.status < 500), answers.map((a) => a.status).join());
});

/** Every program must answer so. */
async function all(env, wanted, reason) {
	for (const [method, path] of ASK) {
		const { status, json, stderr, body } = await api.call(method, path, { env });
		assert.deepEqual([status, json.code], wanted, `${method} ${path}`);
		assert.match(stderr, reason);
		assert.ok(!body.includes(api.data), 'no path in the answer');
	}
}

test('a bad configuration', async () => {
	await all({ LONGREEL_RATE_LOGIN: 'many' }, [500, 'internal'], /LONGREEL_RATE_LOGIN/);
	await all({ LONGREEL_DATA: '' }, [500, 'internal'], /LONGREEL_DATA|No such file|not/);
	await all({ LONGREEL_DATA: `${api.data}/none` }, [500, 'internal'], /No such file or directory/);
});

test('a host that passes no environment to programs: a link beside cgi-bin names the data directory', async () => {
	const home = await mkdtemp(join(tmpdir(), 'longreel-host-')), program = join(home, 'cgi-bin', 'auth');
	try {
		await mkdir(join(home, 'cgi-bin'));
		await copyFile(join(BUILD, 'cgi-bin', 'auth'), program);
		const ask = () => cgi(program, { path: '/api/auth/login', body: { username: 'nobody', password: 'whatever it is' } });
		const lost = await ask();
		assert.equal(lost.status, 500);
		assert.match(lost.stderr, /LONGREEL_DATA is not set/);
		await mkdir(join(home, 'data'), { mode: 0o700 });
		await symlink(join(home, 'data'), join(home, 'longreel.data'));
		assert.equal((await ask()).status, 401);
		assert.ok(statSync(join(home, 'data', 'longreel.db')).isFile());
	} finally {
		await rm(home, { recursive: true, force: true });
	}
});

test('a database of a newer longreel, and files that are none', async () => {
	await api.call('GET', '/health'); // who closes the database alone leaves nothing in the WAL
	const whole = await readFile(database);
	const file = await open(database, 'r+');
	await file.write(Buffer.from([0, 0, 0x27, 0x0f]), 0, 4, 60); // SQLite's user_version
	await file.close();
	await all({}, [500, 'schema_too_new'], /newer longreel/);
	await writeFile(database, Buffer.alloc(8192, 'no database '));
	await all({}, [500, 'not_ours'], /not a database of longreel/);
	await writeFile(database, '');
	await all({}, [500, 'not_ours'], /not a database of longreel: it is empty/);
	assert.equal(statSync(database).size, 0, 'it is not taken for a new one');
	await writeFile(database, whole);
	assert.equal((await api.call('GET', '/health')).status, 200);
});
