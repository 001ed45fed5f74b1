// Whole backups: an instance is backed up while it works, everything of it is destroyed, and all comes back. And what is not whole, or hostile,
// or in the wrong place, is refused and leaves nothing behind.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, chmod, chown, cp, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client, PNG } from '../support/client.mjs';
import { SEVERAL_USERS, longreel, newDataDir, startInstance, until } from '../support/instance.mjs';

let upstream, instance, ada, kept, elsewhere;
/* What a poller of the copied database had leased is free again after these. */
const config = 'poll_interval_min = 50ms\npoll_timeout = 2s\nlease_margin = 200ms\nregistration = open\n';

before(async () => {
	upstream = await startInstance({ simulator: true });
	const data = await newDataDir();
	elsewhere = await newDataDir();
	await chmod(elsewhere, 0o711);
	await writeFile(join(data, 'longreel.conf'), config, { mode: 0o600 });
	instance = await startInstance({ data, env: { LONGREEL_RATE_CREATE: '0' } });
	assert.equal((await longreel(['channel', 'add', 'mine', '--data', data, '--base', `${upstream.base}/simulator`, '--dialect', 'sora', '--private', '--key-file', '-'],
		{ input: 'a-key-of-its-own\n' })).code, 0);
	ada = await new Client(instance.base).join();
	kept = await video(ada);
});
after(async () => {
	await instance?.stop();
	await upstream?.stop();
	await rm(elsewhere, { recursive: true, force: true });
});

/** A video of an image that is in the archive, and all that is to be there again. */
async function video(client) {
	const form = new FormData(), cursor = await client.cursor();
	form.append('prompt', 'A cat, 夕阳下');
	form.append('model', 'sora_video2:fast');
	form.append('input_reference', new Blob([PNG], { type: 'image/png' }), 'cat.png');
	const { videoId } = await client.data('POST', '/api/relay/sora/videos', form);
	await client.ended(cursor, videoId);
	const path = `/api/video/tasks/${videoId}/content`;
	await until(async () => (await client.call('HEAD', path)).headers.has('etag'), 'the archive');
	const task = await client.data('GET', `/api/video/tasks/${videoId}`);
	return { videoId, link: task.videoUrl, bytes: (await client.call('GET', path)).bytes };
}

const tasksOf = async (client) => (await client.data('GET', '/api/video/tasks?pageSize=100')).tasks.map(({ videoId }) => videoId);

/** All that ada had is there: by the token and the link of before, and the channel's key works. */
async function isAllThere(restored, ids) {
	const client = new Client(restored.base);
	client.token = ada.token;
	const now = await tasksOf(client);
	assert.deepEqual(ids.filter((id) => !now.includes(id)), []);
	const link = await fetch(restored.base + kept.link);
	assert.deepEqual([link.status, Buffer.from(await link.arrayBuffer()).equals(kept.bytes)], [200, true], 'the link of before');
	assert.deepEqual((await client.call('GET', `/api/video/tasks/${kept.videoId}/input`)).bytes, PNG);
	await video(client);
}

/** Creates tasks with images and deletes them, again and again, until it is told to stop. */
function churn(client) {
	const state = { stop: false, rounds: 0 };
	state.ended = (async () => {
		while (!state.stop) {
			const form = new FormData();
			form.append('prompt', 'soon gone');
			form.append('model', 'sora_video2:never');
			form.append('input_reference', new Blob([PNG], { type: 'image/png' }), 'cat.png');
			const { videoId } = await client.data('POST', '/api/relay/sora/videos', form);
			await client.data('DELETE', `/api/video/tasks/${videoId}`);
			state.rounds++;
		}
	})();
	return state;
}

/** The images that the rows of a database name. */
const imagesOf = (file) => JSON.parse(execFileSync('python3', ['-c', `import json, sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute("SELECT input_file, images FROM task")
names = [name for one, more in rows for name in [one] + [image["file"] for image in json.loads(more or "[]")] if name]
print(json.dumps(names))`, file], { encoding: 'utf8' }));

/** What lies in a folder, as "mode name". */
async function modesOf(folder) {
	const modes = [];
	for (const name of await readdir(folder, { recursive: true }))
		modes.push([(await stat(join(folder, name))).mode & 0o7777, name]);
	return modes;
}

test('everything is destroyed, and comes back', async () => {
	const tar = join(elsewhere, 'all.tar'), ids = await tasksOf(ada), work = churn(ada);
	await until(() => work.rounds > 2, 'work');
	const { code, out, err } = await longreel(['backup', '--all', tar, '--data', instance.data]);
	work.stop = true;
	await work.ended;
	assert.deepEqual([code, out, err], [0, `${tar} written\n`, '']);
	assert.equal((await stat(tar)).mode & 0o7777, 0o600);
	assert.match((await longreel(['backup', '--all', tar, '--data', instance.data])).err, /exists already/);
	assert.match((await longreel(['restore', tar, '--data', instance.data])).err, /is served at this moment/);
	for (const name of ['tmp/backup', 'uploads/.backup', 'archive/.backup'])
		await assert.rejects(access(join(instance.data, name)), name);

	await instance.halt();
	await rm(instance.data, { recursive: true });
	const restored = await longreel(['restore', tar, '--data', instance.data]);
	assert.deepEqual([restored.code, restored.err], [0, '']);
	assert.match(restored.out, / restored: a backup of /);
	assert.equal((await stat(instance.data)).mode & 0o7777, 0o700);
	for (const [mode, name] of await modesOf(instance.data))
		assert.equal(mode & 0o077, 0, name);
	assert.equal(await readFile(join(instance.data, 'longreel.conf'), 'utf8'), config);
	assert.match((await longreel(['check', '--data', instance.data])).out, /^ok +archive +\d+ videos/m);
	await instance.start();
	await isAllThere(instance, ids);
	ada.base = instance.base;
});

test('a folder, another path, and none of the archive', async (t) => {
	const folder = join(elsewhere, 'whole'), lean = join(elsewhere, 'lean'), other = join(elsewhere, 'other'), ids = await tasksOf(ada);
	assert.deepEqual(await longreel(['backup', '--all', folder, '--data', instance.data]), { code: 0, out: `${folder} written\n`, err: '' });
	for (const [mode, name] of await modesOf(folder))
		assert.ok([0o600, 0o700].includes(mode), name);
	execFileSync('sha256sum', ['--quiet', '-c', 'SHA256SUMS'], { cwd: folder });
	assert.equal((await longreel(['restore', folder, '--data', other])).code, 0);
	const moved = await startInstance({ data: other, env: { LONGREEL_RATE_CREATE: '0' } });
	t.after(() => moved.stop());
	await rm(join(instance.data, 'keys'), { recursive: true }); // the key of the other place is not needed
	await isAllThere(moved, ids);
	await cp(join(other, 'keys'), join(instance.data, 'keys'), { recursive: true });

	assert.equal((await longreel(['backup', '--all', '--no-archive', lean, '--data', instance.data])).code, 0);
	assert.deepEqual((await readdir(lean)).filter((name) => name.startsWith('archive')), []);
	assert.match((await longreel(['backup', '--no-archive', join(elsewhere, 'x.db'), '--data', instance.data])).err, /--no-archive is for --all/);
});

test('through a pipe, as tar(1) reads and writes it', async () => {
	const data = join(elsewhere, 'piped'), folder = join(elsewhere, 'unpacked');
	await mkdir(folder);
	execFileSync('sh', ['-c', '"$0" backup --all - --no-archive --data "$1" | tar -x -C "$2" && tar -c -C "$2" --exclude=./longreel-backup.json longreel-backup.json . | "$0" restore - --data "$3"',
		join(process.env.LONGREEL_BUILD ?? 'build', 'longreel'), instance.data, folder, data], { stdio: ['ignore', 'pipe', 'pipe'] });
	assert.match((await longreel(['check', '--data', data])).out, /^ok +database +intact/m);
	await rm(data, { recursive: true });
});

test('what the database names is in the backup, however much is deleted meanwhile', async () => {
	const others = [ada, await new Client(instance.base).join('bob'), await new Client(instance.base).join('eve')].map(churn);
	for (let i = 0; i < 4; i++) {
		const folder = join(elsewhere, `busy${i}`), rounds = others[0].rounds;
		await until(() => others[0].rounds > rounds, 'work');
		assert.equal((await longreel(['backup', '--all', folder, '--data', instance.data])).code, 0);
		const there = new Set(await readdir(join(folder, 'uploads')));
		assert.deepEqual(imagesOf(join(folder, 'longreel.db')).filter((name) => !there.has(name)), []);
	}
	others.forEach((one) => (one.stop = true));
	await Promise.all(others.map(({ ended }) => ended));
});

test('one backup at a time; what a killed one has left goes with the next', async () => {
	const folder = join(elsewhere, 'after');
	for (const name of ['tmp/backup', 'uploads/.backup', 'archive/.backup'])
		await mkdir(join(instance.data, name, 'old'), { recursive: true });
	assert.equal((await longreel(['backup', '--all', folder, '--data', instance.data])).code, 0);
	assert.deepEqual((await readdir(folder)).includes('old'), false);
	for (const name of ['tmp/backup', 'uploads/.backup', 'archive/.backup'])
		await assert.rejects(access(join(instance.data, name)), name);
	execFileSync('flock', [join(instance.data, 'tmp'), join(process.env.LONGREEL_BUILD ?? 'build', 'longreel'), 'check', '--data', instance.data]);
	assert.throws(() => execFileSync('flock', [join(instance.data, 'tmp'), join(process.env.LONGREEL_BUILD ?? 'build', 'longreel'), 'backup', '--all',
		join(elsewhere, 'none'), '--data', instance.data], { stdio: 'pipe' }), /another backup/);
	await assert.rejects(access(join(elsewhere, 'none')));
});

/** A member of tar, as anything might write it. */
function member(name, content = '', type = '0') {
	const head = Buffer.alloc(512), bytes = Buffer.from(content);
	head.write(name, 0, 100);
	head.write('0000777\0', 100);
	head.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
	head.write('        ', 148);
	head.write(type, 156);
	head.write('/tmp', 157);
	head.write('ustar\0' + '00', 257);
	head.write(`${head.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148);
	return Buffer.concat([head, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

test('what is hostile or damaged is refused, and leaves nothing', async () => {
	const data = join(elsewhere, 'victim'), tar = join(elsewhere, 'bad.tar'), end = Buffer.alloc(1024);
	const good = await readFile(join(elsewhere, 'all.tar'));
	const said = (changes = {}) => member('longreel-backup.json', JSON.stringify({ format: 1, version: '1', createdAt: 1, data: '/x', owner: '', archive: false, outside: [], ...changes }));
	const sums = (...files) => member('SHA256SUMS', files.map(([name, content]) => `${createHash('sha256').update(content).digest('hex')}  ${name}\n`).join(''));
	const flipped = Buffer.from(good);
	flipped[flipped.length - 4096 * 3] ^= 1;
	for (const [what, bytes, why] of [
		['nothing', Buffer.alloc(0), /ends too early/],
		['no tar', Buffer.alloc(4096, 'x'), /no tar file/],
		['another tar', Buffer.concat([member('a', 'b'), end]), /no backup of longreel/],
		['a later format', Buffer.concat([said({ format: 2 }), end]), /newer/],
		['no JSON', Buffer.concat([member('longreel-backup.json', '{'), end]), /cannot be read/],
		['cut off', good.subarray(0, good.length / 2), /ends too early/],
		['without its end', good.subarray(0, good.length - 1536), /ends too early|SHA256SUMS/],
		['a bit', flipped, /damaged|differs|SHA256SUMS|cannot be read/],
		['../', Buffer.concat([said(), member('../evil', 'x'), end]), /leads elsewhere/],
		['/', Buffer.concat([said(), member('/tmp/evil', 'x'), end]), /leads elsewhere/],
		['keys/../..', Buffer.concat([said(), member('keys/../../evil', 'x'), end]), /leads elsewhere/],
		['a link', Buffer.concat([said(), member('keys', '', '2'), member('keys/evil', 'x'), end]), /neither a file nor a folder/],
		['a device', Buffer.concat([said(), member('keys', '', '3'), end]), /neither a file nor a folder/],
		['twice', Buffer.concat([said(), member('link.key', 'a'), member('link.key', 'b'), end]), /exists/],
		['the log of a database', Buffer.concat([said(), member('longreel.db-wal', 'a'), end]), /no backup has/],
		['a lock', Buffer.concat([said(), member('run', '', '5'), end]), /no backup has/],
		['no sums', Buffer.concat([said(), member('link.key', 'a'), end]), /SHA256SUMS: it is missing/],
		['too few sums', Buffer.concat([said(), member('link.key', 'a'), sums(), end]), /does not name/],
		['a sum of what is not there', Buffer.concat([said(), sums(['link.key', 'a']), end]), /link\.key: it is damaged/]]) {
		await writeFile(tar, bytes);
		const { code, out, err } = await longreel(['restore', tar, '--data', data]);
		assert.deepEqual([code, out], [1, ''], what);
		assert.match(err, why, what);
		await assert.rejects(access(data), what);
		await assert.rejects(access(join(elsewhere, 'evil')), what);
	}
	/* What is whole in itself, with a database that is none of ours, or of a later longreel. */
	for (const [sql, why] of [['create table task (id)', /cannot be used/], ['', /cannot be used/]]) {
		const file = join(elsewhere, 'other.db');
		await rm(file, { force: true });
		execFileSync('python3', ['-c', 'import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1]); db.execute(sys.argv[2]); db.commit()', file, sql || 'select 1']);
		const text = said(), db = await readFile(file), json = text.subarray(512, 512 + Number.parseInt(text.toString('latin1', 124, 135), 8));
		await writeFile(tar, Buffer.concat([text, member('longreel.db', db), sums(['longreel-backup.json', json], ['longreel.db', db]), end]));
		const { code, err } = await longreel(['restore', tar, '--data', data]);
		assert.equal(code, 1);
		assert.match(err, why);
		await assert.rejects(access(data));
	}
});

test('nothing is restored over what is there', async () => {
	const data = await newDataDir(), tar = join(elsewhere, 'all.tar');
	await writeFile(join(data, 'notes.txt'), 'mine');
	assert.match((await longreel(['restore', tar, '--data', data])).err, /holds an instance, or other things/);
	assert.deepEqual(await readdir(data), ['notes.txt']);
	/* What a restore leaves that was killed is nothing; an image is something. */
	await rm(join(data, 'notes.txt'));
	for (const folder of ['run', 'tmp/restore/keys', 'uploads'])
		await mkdir(join(data, folder), { recursive: true });
	await writeFile(join(data, 'lock'), '');
	await writeFile(join(data, 'uploads/image'), 'mine');
	assert.match((await longreel(['restore', tar, '--data', data])).err, /holds an instance, or other things/);
	await rm(join(data, 'uploads/image'));
	const { code, err } = await longreel(['restore', tar, '--data', data]);
	assert.equal(code, 0, err);
	assert.ok((await readdir(data)).includes('longreel.db'));
	await rm(data, { recursive: true });
});

test('root restores for the user of the service', { skip: !SEVERAL_USERS && 'only root can be several users' }, async () => {
	const data = join(elsewhere, 'theirs'), tar = join(elsewhere, 'theirs.tar'), again = await newDataDir();
	assert.match((await longreel(['restore', join(elsewhere, 'all.tar'), '--data', data, '--user', 'no-such-user'])).err, /there is no user no-such-user here/);
	assert.equal((await longreel(['restore', join(elsewhere, 'whole'), '--data', data, '--user', 'nobody'])).code, 0); // a folder that only root may read
	const ownedBy = async (folder, uid) => {
		for (const [, name] of await modesOf(folder))
			assert.equal((await stat(join(folder, name))).uid, uid, name);
	};
	await ownedBy(data, 65534);
	assert.equal((await longreel(['backup', '--all', tar, '--data', data])).code, 0);
	assert.deepEqual([(await stat(tar)).uid, (await stat(tar)).mode & 0o777], [0, 0o600]);
	await chown(again, 65533, 65533); // as systemd makes it: empty, and of another user
	assert.equal((await longreel(['restore', tar, '--data', again])).code, 0);
	await ownedBy(again, 65533);
	await rm(data, { recursive: true });
	assert.equal((await longreel(['restore', tar, '--data', data])).code, 0);
	await ownedBy(data, 65534); // as it says itself
	await rm(again, { recursive: true });
});
