// The archive and the content of videos where things go wrong: an upstream that hangs, whose links expire, or whose video is too large; a task
// that is deleted meanwhile; a disk with too little room; a clock that is set back; a backup that is put back.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { BUILD, longreel, startInstance, until } from '../support/instance.mjs';
import { newWorld } from '../support/world.mjs';

const SAMPLE = await readFile(new URL('../../simulator/sample.mp4', import.meta.url));
const ENV = { LONGREEL_POLL_INTERVAL_MIN: '50ms', LONGREEL_RATE_CREATE: '0', LONGREEL_LOG_LEVEL: 'info' };
const HOUR = 3_600_000;

let upstream, base, video;
before(async () => {
	/* Jobs are completed at once; what their video is, the test says. */
	upstream = createServer(async (request, response) => {
		await request.toArray();
		if (request.url.startsWith('/video/'))
			return video(request, response);
		const id = request.method === 'POST' ? `job_${Math.random().toString(36).slice(2)}` : request.url.split('/').pop();
		response.setHeader('content-type', 'application/json');
		response.end(JSON.stringify(request.method === 'POST' ? { id, status: 'queued' } : { id, status: 'completed', progress: 100, video_url: `${base}/video/${id}` }));
	}).listen(0, '127.0.0.1');
	await once(upstream, 'listening');
	base = `http://127.0.0.1:${upstream.address().port}`;
});
after(() => {
	upstream.close();
	upstream.closeAllConnections();
});

/** An instance at that upstream, ended with the test, and its client. */
async function start(t, env = {}) {
	const instance = await startInstance({ env: { ...ENV, SORA_API_BASE: base, SORA_API_KEY: 'k', ...env } });
	t.after(() => instance.stop());
	return [instance, await new Client(instance.base).join()];
}

async function startInWorld(t, env = {}) {
	const world = await newWorld();
	await world.passed(0);
	t.after(() => world.remove());
	return [world, ...await start(t, { ...env, ...world.env })];
}

/** So much time has passed, and the poller looks, as it would within a second. */
async function passed(world, instance, ms) {
	await world.passed(ms);
	await writeFile(join(instance.data, 'bell'), '!', { flag: 'r+' });
}

const files = (instance) => (existsSync(join(instance.data, 'archive')) ? readdirSync(join(instance.data, 'archive'), { recursive: true }) : [])
	.filter((name) => name.includes('/')).map((name) => name.split('/')[1]);
const pathOf = (instance, { videoId }) => join(instance.data, 'archive', videoId.slice(-2), videoId);
const shown = async (instance, { videoId }) => (await longreel(['task', 'show', videoId, '--data', instance.data])).out;
const stands = (instance, task, state) => until(async () => new RegExp(`^archive +${state}$`, 'm').test(await shown(instance, task)), state);
const whole = (request, response) => response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': SAMPLE.length }).end(SAMPLE);

async function completed(client) {
	const cursor = await client.cursor();
	const { videoId } = await client.create({ prompt: 'a cat', model: 'm:fast' });
	return (await client.follow(cursor, (task) => task.videoId === videoId && task.status === 'COMPLETED')).task;
}

test('videos that are passed through and hang leave room for those that are kept', async (t) => {
	const [instance, ada] = await start(t);
	video = whole;
	const kept = await completed(ada);
	await stands(instance, kept, 'kept');
	const hanging = [];
	video = (request, response) => {
		response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': SAMPLE.length }).write(SAMPLE.subarray(0, 1000));
		hanging.push(response);
	};
	const other = await completed(ada), path = `/api/video/tasks/${other.videoId}/content`;
	await until(() => hanging.length === 1, 'the archiver');
	/* One user has a third of the slots: it takes three to fill them. */
	const [bea, cid, dan] = [await new Client(instance.base).join(), await new Client(instance.base).join(), await new Client(instance.base).join()];
	const [beas, cids, dans] = [await completed(bea), await completed(cid), await completed(dan)].map(({ videoId }) => `/api/video/tasks/${videoId}/content`);
	const calls = [[ada, path], [ada, path], [bea, beas], [bea, beas], [dan, dans], [dan, dans]].map(([who, at]) => who.call('GET', at).catch((error) => error));
	await until(() => hanging.length === 7, 'six that are passed through');
	const one = await cid.call('GET', cids);
	assert.deepEqual([one.status, one.body.code, Number(one.headers.get('retry-after')) >= 1], [503, 'busy', true]);
	assert.ok((await ada.call('GET', `/api/video/tasks/${kept.videoId}/content`)).bytes.equals(SAMPLE));
	for (const response of hanging)
		response.destroy();
	await Promise.all(calls);
	video = whole;
	assert.ok((await ada.call('GET', path)).bytes.equals(SAMPLE), 'there is room again');
});

test('a task that is deleted while its video is fetched: nothing of it is left', async (t) => {
	const [instance, ada] = await start(t);
	let rest;
	video = (request, response) => {
		response.writeHead(200, { 'content-length': SAMPLE.length }).write(SAMPLE.subarray(0, 1000), () => (rest = () => response.end(SAMPLE.subarray(1000))));
	};
	const task = await completed(ada);
	await until(() => rest && files(instance).length === 1, 'a part of it');
	await ada.data('DELETE', `/api/video/tasks/${task.videoId}`);
	video = whole;
	rest();
	const next = await completed(ada);
	await stands(instance, next, 'kept');
	assert.deepEqual(files(instance), [next.videoId]);
});

test('a video that is larger than the archive is given up, and drops no other', async (t) => {
	const [instance, ada] = await start(t, { LONGREEL_ARCHIVE_MAX_MB: '1' });
	video = whole;
	const kept = await completed(ada);
	await stands(instance, kept, 'kept');
	const large = Buffer.concat([SAMPLE, Buffer.alloc(1_000_000)]);
	for (const headers of [{ 'content-length': large.length }, { connection: 'close' }]) {
		video = (request, response) => response.writeHead(200, headers).end(large);
		await stands(instance, await completed(ada), 'gone');
	}
	assert.deepEqual(files(instance), [kept.videoId]);
});

test('404 is believed the third time only', async (t) => {
	const [world, instance, ada] = await startInWorld(t);
	let asked = 0, found = false;
	video = (request, response) => (asked++, found ? whole(request, response) : response.writeHead(404).end());
	const failed = (task, n) => until(async () => new RegExp(`^failed fetches +${n}$`, 'm').test(await shown(instance, task)), `failure ${n}`);
	const late = await completed(ada);
	await failed(late, 1);
	await passed(world, instance, HOUR);
	await failed(late, 2);
	assert.match(await shown(instance, late), /^archive +wanted$/m);
	found = true;
	await passed(world, instance, 2 * HOUR);
	await stands(instance, late, 'kept');
	found = false;
	asked = 0;
	const never = await completed(ada);
	for (let n = 1; n < 3; n++) {
		await failed(never, n);
		await passed(world, instance, (n + 2) * HOUR);
	}
	await stands(instance, never, 'gone');
	assert.equal(asked, 3);
});

test('a clock that is set back: what has failed is not left alone for as long', async (t) => {
	const [world, instance, ada] = await startInWorld(t);
	await world.clock(5 * HOUR);
	video = (request, response) => response.writeHead(500).end();
	const task = await completed(ada);
	await until(async () => /^failed fetches +1$/m.test(await shown(instance, task)), 'a failure');
	video = whole;
	await world.clock(0);
	await stands(instance, task, 'kept');
});

test('the disk keeps its reserve: a new video waits for room, and what is kept stays, unless the disk has been too full for hours', async (t) => {
	const [world, instance, ada] = await startInWorld(t, { LONGREEL_ARCHIVE_RESERVE_MB: '100' });
	let clock = 0;
	const lines = (task) => instance.log.split(`task=${task.videoId} why=no_space`).length - 1;
	const later = async (task, ms) => {
		const before = lines(task);
		await passed(world, instance, (clock += ms));
		await until(() => lines(task) > before, 'another look');
	};
	const STEP = 100 * 60_000; // four are more than six hours, three are less
	const short = 100_000_000 + SAMPLE.length / 2; // half of a video
	video = whole;
	const [first, second] = [await completed(ada), await completed(ada)];
	await Promise.all([stands(instance, first, 'kept'), stands(instance, second, 'kept')]);
	/* Others take the room, for three hours. */
	await world.room(short);
	const third = await completed(ada);
	await until(() => lines(third) > 0, 'a line about it');
	await later(third, STEP);
	await later(third, STEP);
	assert.equal(files(instance).length, 2);
	await world.room(0);
	await passed(world, instance, (clock += HOUR));
	await stands(instance, third, 'kept');
	assert.equal(files(instance).length, 3);
	/* What uploads take goes by itself, however long it stays. */
	await writeFile(join(instance.data, 'tmp', 'upload'), SAMPLE);
	await world.room(short);
	const fourth = await completed(ada);
	await until(() => lines(fourth) > 0, 'a line about it');
	for (let step = 0; step < 4; step++)
		await later(fourth, STEP);
	assert.equal(files(instance).length, 3);
	/* Then, though, the disk is too small at every look. */
	await rm(join(instance.data, 'tmp', 'upload'));
	await later(fourth, STEP);
	for (let step = 0; step < 3; step++)
		await later(fourth, STEP);
	assert.equal(files(instance).length, 3, 'five hours are no lasting want');
	let asked = 0;
	video = async (request, response) => {
		if (++asked === 2) // the oldest has gone by now
			await world.room(0);
		whole(request, response);
	};
	await passed(world, instance, (clock += STEP));
	await stands(instance, fourth, 'kept');
	assert.deepEqual([asked, files(instance).length, files(instance).includes(first.videoId)], [2, 3, false]);
	/* What all of them together could not make room for drops none. */
	await world.room(1);
	const fifth = await completed(ada);
	await until(() => lines(fifth) > 0, 'a line about it');
	assert.equal(files(instance).length, 3);
	assert.match(await shown(instance, fifth), /^archive +wanted$/m);
	await world.room(0);
	await passed(world, instance, (clock += HOUR));
	await stands(instance, fifth, 'kept');
});

test('a backup that is put back knows less than the disk: what lies there is kept, also where the upstream has it no longer', async (t) => {
	const [world, instance, ada] = await startInWorld(t);
	video = (request, response) => response.writeHead(500).end();
	const task = await completed(ada), copy = join(instance.data, 'copy.db'), path = pathOf(instance, task);
	await until(async () => /^failed fetches +1$/m.test(await shown(instance, task)), 'a failure');
	assert.equal((await longreel(['backup', copy, '--data', instance.data])).code, 0);
	video = whole;
	await passed(world, instance, HOUR);
	await stands(instance, task, 'kept');
	const other = await completed(ada);
	await stands(instance, other, 'kept');

	await instance.halt();
	for (const end of ['-wal', '-shm'])
		await rm(join(instance.data, `longreel.db${end}`), { force: true });
	await copyFile(copy, join(instance.data, 'longreel.db'));
	const old = new Date(Date.now() - 25 * HOUR);
	for (const file of [path, pathOf(instance, other)])
		await utimes(file, old, old);
	let asked = 0;
	video = (request, response) => (asked++, response.writeHead(410).end());
	await instance.start();
	await stands(instance, task, 'kept');
	assert.equal(asked, 0);
	assert.deepEqual(files(instance), [task.videoId], 'the other is not known any more');
	assert.ok((await readFile(path)).equals(SAMPLE));
});

test('a file that has got lost, or is not whole, is fetched anew', async (t) => {
	const [instance, ada] = await start(t);
	video = whole;
	const lost = await completed(ada), short = await completed(ada);
	await Promise.all([stands(instance, lost, 'kept'), stands(instance, short, 'kept')]);
	await instance.halt();
	await rm(pathOf(instance, lost));
	await writeFile(pathOf(instance, short), SAMPLE.subarray(0, 1000));
	await instance.start();
	for (const task of [lost, short]) {
		await until(async () => (await readFile(pathOf(instance, task)).catch(() => '')).length === SAMPLE.length, 'the file');
		await stands(instance, task, 'kept');
	}
});

test('a disk of the archive that is not mounted costs no video', async (t) => {
	const [instance, ada] = await start(t);
	let asked = 0;
	video = whole;
	const kept = await completed(ada), path = `/api/video/tasks/${kept.videoId}/content`;
	await stands(instance, kept, 'kept');
	const archive = join(instance.data, 'archive'), disk = join(instance.data, 'disk');
	await instance.halt(); // and started again, as a poller sweeps when it starts
	await rename(archive, disk);
	await mkdir(archive);
	await instance.start();
	ada.base = instance.base;
	await until(() => / error poller.*the archive is away/.test(instance.log), 'a line of the log');
	assert.deepEqual((await ada.data('GET', '/ready')).warnings, ['The archive is away. Is its disk mounted?']);
	assert.match(await (await fetch(`${instance.base}/metrics`)).text(), /^longreel_archive_there 0\.000$/m);
	assert.match((await longreel(['check', '--data', instance.data])).out, /archive.* is away: .*mounted/);
	video = (request, response) => (asked++, response.writeHead(410).end());
	const away = await ada.call('GET', path);
	assert.deepEqual([away.status, away.body.code, away.headers.get('retry-after'), asked], [503, 'archive_away', '60', 1]);
	video = (request, response) => (asked++, whole(request, response));
	const other = await completed(ada);
	await once(spawn(join(BUILD, 'longreel-poller'), ['--data', instance.data, '--once'], { env: { ...process.env, SORA_API_BASE: base, SORA_API_KEY: 'k' } }), 'exit');
	await stands(instance, kept, 'kept');
	await stands(instance, other, 'wanted');
	assert.deepEqual([readdirSync(archive), asked], [[], 1], 'nothing is fetched into the place where the disk is mounted');
	await rm(archive, { recursive: true });
	await rename(disk, archive);
	await until(() => /the archive is there again/.test(instance.log), 'a line of the log');
	await stands(instance, other, 'kept');
	assert.ok((await ada.call('GET', path)).bytes.equals(SAMPLE));
	assert.deepEqual(files(instance).sort(), [kept.videoId, other.videoId].sort());
});

test('free space is told before it is gone', async (t) => {
	const [world, instance, ada] = await startInWorld(t, { LONGREEL_ARCHIVE_RESERVE_MB: '256' });
	const check = async () => (await longreel(['check', '--data', instance.data], { env: world.env })).out.match(/^(\w+) +space +.*$/m);
	const warnings = async () => (await ada.call('GET', '/ready')).body.data?.warnings ?? [];
	assert.deepEqual([(await check())[1], await warnings()], ['ok', []]);
	await world.room(200_000_000);
	assert.match((await check())[0], /^warn .* 200 MB are free .*: less than archive_reserve_mb/);
	assert.deepEqual(await warnings(), ['The archive\'s disk is almost full; new videos wait for room.']);
	await world.room(20_000_000);
	assert.match((await check())[0], /^BAD .* 20 MB are free .*: the disk is almost full/);
	assert.equal((await ada.call('GET', '/ready')).status, 503);
});
