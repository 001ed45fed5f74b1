// Whose an instance is: root acts as that user, another one is told which file is in the way, and service and operator have one configuration.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { LONGREEL, longreel, newDataDir, SEVERAL_USERS, startInstance } from '../support/instance.mjs';

const SERVICE = 65534, STRANGER = 65533; // users
const asRoot = { skip: !SEVERAL_USERS && 'only root can be several users, and only where these may enter the build' };

async function emptyDir(t) {
	const dir = await newDataDir();
	t.after(() => rm(dir, { recursive: true, force: true }));
	return dir;
}

/** Runs longreel as another user. */
async function as(uid, ...args) {
	const child = spawn(LONGREEL, args, { uid, gid: uid, env: { PATH: process.env.PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
	let out = '', err = '';
	child.stdout.on('data', (piece) => (out += piece));
	child.stderr.on('data', (piece) => (err += piece));
	const [code] = await once(child, 'close');
	return { code, out, err };
}

test('root acts as the owner of the data, in each verb', asRoot, async (t) => {
	const data = await emptyDir(t), elsewhere = await emptyDir(t);
	await chown(data, SERVICE, SERVICE);
	const key = join(elsewhere, 'ark.key'), copy = join(elsewhere, 'copy.db');
	await writeFile(key, 'a-key\n', { mode: 0o600 });
	await chmod(elsewhere, 0o711);
	const instance = await startInstance({ data, simulator: true });
	for (const pid of [instance.pid, ...instance.children().map((child) => child.pid)])
		assert.match(await readFile(`/proc/${pid}/status`, 'utf8'), new RegExp(`^Uid:\\t${SERVICE}\\t${SERVICE}\\t${SERVICE}\\t${SERVICE}$`, 'm'));
	const verb = (words, options) => longreel([...words, '--data', data], options);
	assert.equal((await verb(['user', 'add', 'ada'], { input: 'correct horse battery\n' })).code, 0);
	const add = ['channel', 'add', 'ark', '--base', 'http://127.0.0.1:1', '--dialect', 'openai', '--key-file', key];
	assert.match((await verb(add)).err, /ark\.key: Permission denied: it belongs to root \(mode 0600\), and this is nobody/);
	await chown(key, SERVICE, SERVICE);
	assert.equal((await verb(add)).code, 0);
	await chown(key, 0, 0);
	assert.match((await verb(['check'])).out, /^BAD +ark +its key cannot be used: .*ark\.key: Permission denied: it belongs to root/m);
	const backup = await verb(['backup', copy]);
	assert.deepEqual([backup.code, backup.out], [0, `${copy} written\n`], backup.err);
	assert.deepEqual([(await stat(copy)).uid, (await stat(copy)).mode & 0o777], [0, 0o600]);
	assert.match((await verb(['backup', copy])).err, /exists already/);
	await instance.stop();
	for (const name of await readdir(data, { recursive: true }))
		assert.equal((await stat(join(data, name))).uid, SERVICE, name);
});

test('who may not use the data is told which file, what is wrong, and whose it is', asRoot, async (t) => {
	const data = await emptyDir(t);
	await chown(data, SERVICE, SERVICE);
	assert.equal((await longreel(['check', '--data', data])).code, 0);
	const whose = new RegExp(`${data}\\S*: Permission denied: (it|${data}) belongs to nobody \\(mode 0700\\), and this is user ${STRANGER}`);
	for (const words of [['user', 'list'], ['serve', '--port', '0'], ['channel', 'list'], ['task', 'list']]) {
		const { code, err } = await as(STRANGER, ...words, '--data', data);
		assert.equal(code, 1);
		assert.match(err, whose);
		assert.doesNotMatch(err, /went wrong/);
	}
	assert.match((await as(STRANGER, 'check', '--data', data)).out, whose);
	await chmod(join(data, 'longreel.db'), 0o400);
	for (const words of [['user', 'disable', 'ada'], ['serve', '--port', '0']])
		assert.match((await as(SERVICE, ...words, '--data', data)).err, /longreel\.db: Permission denied: it belongs to nobody \(mode 0400\)/);
	await chmod(join(data, 'longreel.db'), 0o600);
	await chown(join(data, 'longreel.db'), 0, 0); // as a root of earlier days has left it
	assert.match((await as(SERVICE, 'user', 'list', '--data', data)).err,
		/longreel\.db: Permission denied: it belongs to root \(mode 0600\), and this is nobody/);
});

test('service and operator have one configuration, in the data or in /etc', async (t) => {
	const data = await emptyDir(t), etc = await emptyDir(t);
	const check = async () => (await longreel(['check', '--data', data], { env: { LONGREEL_ETC: etc } })).out;
	const own = join(data, 'longreel.conf'), common = join(etc, 'longreel.conf');
	await writeFile(common, 'registration = closed\n');
	assert.match(await check(), /^ok +registration +closed$/m);
	const instance = await startInstance({ data, listen: '0.0.0.0', env: { LONGREEL_ETC: etc } });
	assert.doesNotMatch(instance.log, /may register/);
	await instance.stop();
	await writeFile(common, 'registration = shut\n');
	assert.match(await check(), new RegExp(`${common}, line 1: registration: must be open or closed`));
	await writeFile(own, '');
	assert.match(await check(), new RegExp(`^BAD +configuration +${own} and ${common}: there may be only one of the two: mend that, `, 'm'));
	await rm(common);
	assert.match(await check(), /^ok +configuration/m);
});

test('the archive is opened to a group, closed again, and nothing else with it', asRoot, async (t) => {
	const data = await emptyDir(t), folder = join(data, 'archive/aa'), kept = join(folder, 'video_1_aa');
	assert.equal((await longreel(['check', '--data', data])).code, 0);
	await mkdir(folder, { recursive: true, mode: 0o700 });
	await writeFile(kept, 'kept before', { mode: 0o600 });
	const configure = (text) => writeFile(join(data, 'longreel.conf'), text, { mode: 0o600 });
	const modes = () => Promise.all([data, join(data, 'archive'), folder, kept, join(data, 'longreel.db')].map(async (path) => {
		const { gid, mode } = await stat(path);
		return [gid, (mode & 0o7777).toString(8)].join(' ');
	}));
	await configure('archive_group = no-such-group\n');
	const refused = await longreel(['serve', '--data', data, '--port', '0']);
	assert.match(refused.err, /archive_group: there is no group no-such-group/);
	await configure('archive_group = 33\n');
	const instance = await startInstance({ data });
	assert.deepEqual(await modes(), ['33 710', '33 2750', '33 2750', '33 640', '0 600']);
	await instance.restart();
	assert.deepEqual((await modes())[0], '33 710', 'a start does not close it');
	await configure('');
	await instance.restart();
	assert.deepEqual((await modes()).slice(0, 2), ['33 700', '33 700']);
	await instance.stop();
});
