// `longreel check` as a doctor: what it says of a machine that something is wrong with, and what is to be done.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, copyFileSync, utimesSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { LONGREEL, folder, longreel, startInstance, stopFirst } from '../support/instance.mjs';

/** Runs check --json: { code, good, of(part): the findings about it }. */
async function check(data, env = {}) {
	const { code, out, err } = await longreel(['check', '--json', '--data', data], { env });
	const { good, findings } = JSON.parse(out || assert.fail(err));
	assert.equal(code, good ? 0 : 1);
	for (const finding of findings)
		assert.deepEqual(Object.keys(finding), ['level', 'part', 'text', 'todo']);
	return { code, good, of: (part) => findings.filter((finding) => finding.part === part), findings };
}

test('a good one is good in all parts, as lines and as JSON', async (t) => {
	const data = await folder(t);
	const found = await check(data, { LONGREEL_REGISTRATION: 'closed' });
	assert.ok(found.good);
	const parts = found.findings.map(({ part }) => part);
	for (const part of ['data', 'owners', 'clock', 'configuration', 'database', 'registration', 'limits', 'strangers', 'proxy', 'sendfile',
		'descriptors', 'space', 'web server', 'profiles', 'libcurl', 'upstream'])
		assert.ok(parts.includes(part), `${part} is missing in ${parts}`);
	assert.match(found.of('clock')[0].text, /^20\d\d-/);
	const lines = (await longreel(['check', '--data', data], { env: { LONGREEL_REGISTRATION: 'closed' } })).out.trimEnd().split('\n');
	assert.deepEqual(lines.map((line) => line.slice(6, 20).trim()), parts);
});

test('files of others, and a directory that is open', async (t) => {
	const data = await folder(t);
	assert.ok((await check(data)).good);
	await writeFile(join(data, 'longreel.db-wal.old'), '');
	await chmod(join(data, 'longreel.db-wal.old'), 0o666);
	let [owners] = (await check(data)).of('owners');
	assert.deepEqual([owners.level, owners.todo], ['bad', `chmod o-w ${data}/longreel.db-wal.old`]);
	await rm(join(data, 'longreel.db-wal.old'));
	if (process.getuid() === 0) {
		await mkdir(join(data, 'keys'), { recursive: true });
		await writeFile(join(data, 'keys/one'), '');
		chownSync(join(data, 'keys/one'), 4711, 4711);
		[owners] = (await check(data)).of('owners');
		assert.match(owners.text, /keys\/one belongs to another user than the data directory/);
		assert.match(owners.todo, /^as root: chown -R --from=/);
		await rm(join(data, 'keys/one'));
	}
	await chmod(data, 0o755);
	[owners] = (await check(data)).of('owners');
	assert.deepEqual([owners.level, owners.todo], ['bad', `chmod 700 ${data}`]);
});

test('a proxy that is not believed, registration that is open to the world, and videos that no program could send', async (t) => {
	const data = await folder(t), conf = (text) => writeFile(join(data, 'longreel.conf'), text, { mode: 0o600 });
	await conf('public_url = https://reel.example.com\n');
	let found = await check(data);
	assert.ok(found.good, 'these are warnings');
	assert.deepEqual([found.of('proxy')[0].level, /^trusted_proxies = 127\.0\.0\.1/.test(found.of('proxy')[0].todo)], ['warn', true]);
	assert.deepEqual(found.of('registration')[0].level, 'warn');
	assert.match(found.of('registration')[0].text, /https:\/\/reel\.example\.com may register/);
	await conf('public_url = https://reel.example.com\ntrusted_proxies = 127.0.0.1\nregistration = invite\nsendfile = x-accel\n');
	found = await check(data);
	assert.deepEqual([found.of('proxy')[0].level, found.of('registration')[0].level], ['ok', 'ok']);
	assert.deepEqual([found.of('sendfile')[0].level, /^archive_group = /.test(found.of('sendfile')[0].todo)], ['warn', true]);
	const instance = await startInstance({ data });
	stopFirst(t, () => instance.stop());
	found = await check(data);
	assert.match(found.of('sendfile')[0].text, /counts only where another web server runs the programs/);
	assert.deepEqual([found.of('strangers')[0].level, found.of('proxy')[0].level], ['ok', 'ok']);
	await instance.stop();
	const run = join(data, 'run-for-nginx');
	await mkdir(run);
	const programs = spawn(LONGREEL, ['serve', '--sockets', run, '--data', data], { stdio: ['ignore', 'pipe', 'ignore'] }), ended = once(programs, 'close');
	t.after(async () => {
		programs.kill('SIGTERM');
		await ended;
	});
	await once(programs.stdout, 'data'); // ready
	assert.match((await check(data)).of('sendfile')[0].todo, /^archive_group = /, 'another web server runs them');
});

test('whatever is bad says what is to be done', async (t) => {
	const data = await folder(t), conf = join(data, 'longreel.conf');
	const group = 'upstream_base = http://127.0.0.1:1\nupstream_key = any\narchive_group = no-such-group\n';
	for (const [text, parts] of [['registrationn = closed\n', ['configuration']], [group, ['archive', 'default']]]) {
		await writeFile(conf, text, { mode: 0o600 });
		const bad = (await check(data)).findings.filter(({ level }) => level === 'bad');
		assert.deepEqual([bad.map(({ part }) => part), bad.every(({ todo }) => todo)], [parts, true], JSON.stringify(bad));
	}
	const none = (await check(join(data, 'none/at/all'))).findings.filter(({ level }) => level === 'bad');
	assert.ok(none.length > 0 && none.every(({ todo }) => todo), JSON.stringify(none));
});

test('keys and profiles that cannot be read are named', async (t) => {
	const data = await folder(t), key = join(data, 'old-key');
	await writeFile(key, 'sk-old\n', { mode: 0o644 });
	await chmod(key, 0o644);
	await mkdir(join(data, 'dialects'));
	await writeFile(join(data, 'dialects/mine.json'), '{"auth": {}}');
	const found = await check(data, { LONGREEL_UPSTREAM_OLD_KEY_FILES: `${key} ${data}/none` });
	assert.equal(found.good, false);
	assert.deepEqual(found.of('old keys').map(({ level }) => level), ['bad', 'bad']);
	assert.match(found.of('old keys')[0].text, /can be read by others/);
	assert.match(found.of('profiles')[0].text, /mine\.json/);
	assert.match(found.of('profiles')[0].todo, /longreel dialect check/);
	assert.doesNotMatch(JSON.stringify(found.findings), /sk-old/);
});

test('a lighttpd that does not run is told from one that does', async (t) => {
	const data = await folder(t), own = join(data, 'lighttpd');
	copyFileSync('/bin/true', own);
	await chmod(own, 0o755);
	utimesSync(own, 0, 0);
	let found = await check(data, { LONGREEL_LIGHTTPD: own });
	assert.deepEqual([found.good, found.of('web server')[0].text], [false, `${own} does not run`]);
	found = await check(data);
	assert.match(found.of('web server')[0].text, /^lighttpd 1\.4\.\d+/);
});
