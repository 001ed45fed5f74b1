// On a shared host nobody runs `longreel serve`: the first request makes the database. What cannot be opened is a 500
// whose reason stands in the log, and not in the answer.
import assert from 'node:assert/strict';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { newApi } from '../support/api.mjs';

const ASK = [['POST', '/api/auth/login'], ['POST', '/api/relay/sora/videos'], ['GET', '/api/video/tasks'], ['GET', '/api/video/updates'],
	['GET', '/api/video/tasks/a/content'], ['GET', '/health']];

let api, database;
before(async () => {
	api = await newApi();
	database = join(api.data, 'longreel.db');
});
after(() => api?.close());

test('whoever is asked first makes the database, private', async () => {
	for (const [method, path] of ASK) {
		await rm(database, { force: true });
		const { status } = await api.call(method, path);
		assert.ok(status < 500, `${method} ${path}: ${status}`);
		assert.equal(statSync(database).mode & 0o777, 0o600);
		assert.equal(statSync(join(api.data, 'uploads')).mode & 0o777, 0o700);
	}
});

test('many that are first together', async () => {
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

test('a configuration that is wrong', async () => {
	await all({ LONGREEL_RATE_LOGIN: 'many' }, [500, 'internal'], /LONGREEL_RATE_LOGIN/);
	await all({ LONGREEL_DATA: '' }, [500, 'internal'], /LONGREEL_DATA|No such file|not/);
	await all({ LONGREEL_DATA: `${api.data}/none` }, [500, 'internal'], /No such file or directory/);
});

test('a database of a newer longreel, and one that is none', async () => {
	const whole = await readFile(database);
	const file = await open(database, 'r+');
	await file.write(Buffer.from([0, 0, 0x27, 0x0f]), 0, 4, 60); // SQLite's user_version
	await file.close();
	await all({}, [500, 'schema_too_new'], /newer longreel/);
	await writeFile(database, Buffer.alloc(8192, 'no database '));
	await all({}, [500, 'corrupt'], /damaged/);
	await writeFile(database, whole);
	assert.equal((await api.call('GET', '/health')).status, 200);
});
