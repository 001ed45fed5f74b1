// A kill -9 at every named point of submitting and polling (base/kill_point.h: compiled into the sanitizer builds, which
// alone run this folder), while a client
// behaves as a good client does: it repeats its request, under the same id, until it is answered. Killed is the process that comes by; or, while
// it stands at that point, lighttpd; or everything, which is then started anew. What the simulator has on record must agree with what the client
// was told: no job twice, no task without its job, none forgotten, and states that only went forward.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client, PNG } from '../support/client.mjs';
import { openDatabase } from '../support/database.mjs';
import { BUILD, newDataDir, startInstance, until } from '../support/instance.mjs';
import * as money from '../support/money.mjs';
import { checkEnd, checkRecord } from '../support/record.mjs';

const GRANT = 1_000_000_000;

/** The points, as the sources have them; of those of money those that a task comes by. */
const points = ['lib', 'poller'].flatMap((top) => readdirSync(top, { recursive: true }).map((f) => join(top, f)))
	.filter((f) => f.endsWith('.c')).flatMap((f) => [...readFileSync(f, 'utf8').matchAll(/kill_point\("([a-z.]+)"\)/g)].map((m) => m[1]))
	.filter((point) => !/^(lapse|credit|code)\./.test(point));

const settings = { LONGREEL_RATE_CREATE: '0', LONGREEL_LOG_LEVEL: 'error', LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_SUBMIT_TIMEOUT: '3s',
	LONGREEL_POLL_TIMEOUT: '3s', LONGREEL_LEASE_MARGIN: '1s', LONGREEL_WEBHOOK_TIMEOUT: '1s', LONGREEL_WEBHOOK_PRIVATE: 'on',
	LONGREEL_ARCHIVE_TIMEOUT: '3s', LONGREEL_UPLOADS_KEEP: '1s',
	LONGREEL_BILLING: 'on', LONGREEL_LATE_HOLD: '0s' };

let instance, ada, dir, fault, receiver, database, kills = 0;
/** The videos whose end a webhook has told. */
const told = new Set();

before(async () => {
	assert.ok(readFileSync(join(BUILD, 'cgi-bin', 'relay')).includes('submit.settled'), 'this build has its kill points');
	dir = await newDataDir();
	fault = join(dir, 'fault');
	instance = await startInstance({ simulator: true, env: { ...settings, LONGREEL_FAULT_FILE: fault } });
	ada = await new Client(instance.base).join();
	receiver = createServer(async (request, response) => {
		for await (const piece of request)
			told.add(JSON.parse(piece).data.id);
		response.end();
	});
	receiver.listen(0, '127.0.0.1');
	await once(receiver, 'listening');
	await ada.data('POST', '/api/webhooks', { url: `http://127.0.0.1:${receiver.address().port}/` });
	money.price(instance.data, { flat: 800_000 });
	money.grant(instance.data, GRANT);
	database = openDatabase(instance.data);
});
after(async () => {
	await database?.close();
	await instance?.stop();
	receiver?.closeAllConnections();
	receiver?.close();
	await rm(dir, { recursive: true, force: true });
});

const control = (settings) => fetch(`${instance.base}/simulator/control`, { method: 'PUT', body: JSON.stringify(settings),
	headers: { 'content-type': 'application/json' } });
const isArmed = () => { try { readFileSync(fault); return true; } catch { return false; } };

/** The videos that are kept, by id, and what is left of others under their temporary names. */
function archived() {
	const top = join(instance.data, 'archive');
	const names = existsSync(top) ? readdirSync(top, { recursive: true }).filter((name) => name.includes('/')) : [];
	return new Map(names.map((name) => [name.split('/')[1], join(top, name)]));
}

/** Until nothing of another task is to be done, and the poller has its shares: what comes by a point then does so for the test's own task. */
const quiet = () => until(async () => {
	const [{ n }] = await database.rows(`SELECT (SELECT count(*) FROM delivery WHERE due_at > 0) + (SELECT count(*) FROM archive WHERE due_at > 0 AND tries = 0)
		+ (SELECT count(*) FROM share WHERE owner IS NULL OR owner NOT IN (SELECT owner FROM poller)) + (SELECT count(*) <> 1 FROM poller) AS n`);
	return n === 0;
}, 'the end of what came before');

/** The child that stands still, if there is one. */
const stopped = () => instance.children().find(({ pid }) => {
	try {
		return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return false;
	}
})?.pid;

/** What is killed, once the point is reached. */
const victims = {
	itself: { order: '', kill: () => until(() => !isArmed(), 'a death') },
	lighttpd: { order: 'stop ', async kill() {
		const pid = await until(stopped, 'somebody at the point');
		process.kill(instance.child('lighttpd'), 'SIGKILL');
		process.kill(pid, 'SIGCONT');
	} },
	everything: { order: 'stop ', async kill() {
		await until(stopped, 'somebody at the point');
		await instance.crash();
		await instance.start();
		ada.base = instance.base;
	} },
};

for (const point of points)
	for (const [victim, { order, kill }] of Object.entries(victims))
		test(`${victim} killed at ${point}`, async () => {
			const prompt = `${victim} killed at ${point}`;
			await quiet();
			const cursor = await ada.cursor();
			const image = point.startsWith('upload.') ? { input_reference: `data:image/png;base64,${PNG.toString('base64')}` } : {};
			const create = () => ada.insist({ prompt, model: 'sora_video2:fast', clientRequestId: prompt, ...image });
			/* For the poller's own submissions the upstream is away at first: nothing is under way when the poller comes by. */
			const queued = point.startsWith('due.');
			if (queued) {
				await control({ submit: '503', times: 1 });
				await create();
			}
			await writeFile(fault, order + point);
			const killed = kill();
			const made = await create();
			const { task, words } = await ada.followAnyway(made.videoId, cursor);
			await killed;
			kills++;
			await checkEnd(instance, task, words);
			/* What was written before the first byte, or after the answer, loses nothing at all; lighttpd holds no state. */
			if (victim === 'lighttpd' || !['create.written', 'submit.started', 'submit.answered', 'submit.settled', 'due.settled'].includes(point))
				assert.equal(task.status, 'COMPLETED');
			/* The row has let its image go, and what is left of that is for the sweep. */
			if (point.startsWith('upload.'))
				assert.equal((await ada.data('GET', `/api/video/tasks/${task.videoId}`)).hasInput, false);
			/* Whoever comes next fetches the video anew: from a simulator that was there all the time, at the address that its link says. */
			if (point.startsWith('archive.') && victim === 'itself')
				await until(() => archived().has(task.videoId), 'the video');
		});

test('a poller asleep between a claim and the submission: another submits, the sleeper does not', async () => {
	const cursor = await ada.cursor(), prompt = 'claimed and slept over';
	await control({ submit: '503', times: 1 });
	const made = await ada.insist({ prompt, model: 'sora_video2:fast', clientRequestId: prompt });
	assert.equal(made.status, 'queued');
	await writeFile(fault, 'stop due.claimed');
	const sleeper = await until(stopped, 'the sleep');
	const env = { ...process.env, ...settings, LONGREEL_UPSTREAM_BASE: `${instance.base}/simulator`, LONGREEL_UPSTREAM_KEY: 'simulator' };
	const other = spawn(join(BUILD, 'longreel-poller'), ['--data', instance.data], { env, stdio: ['ignore', 'ignore', 'inherit'] });
	await ada.follow(cursor, (t) => t.videoId === made.videoId && t.externalTaskId !== null);
	process.kill(sleeper, 'SIGCONT');
	const { task, words } = await ada.followAnyway(made.videoId, cursor);
	other.kill('SIGTERM');
	await once(other, 'exit');
	assert.equal(task.status, 'COMPLETED');
	/* The sleeper is awake when it has driven another task to its end. */
	const next = await ada.insist({ prompt: 'awake again', model: 'sora_video2:fast', clientRequestId: 'awake again' });
	assert.equal((await ada.followAnyway(next.videoId, cursor)).task.status, 'COMPLETED');
	await checkEnd(instance, task, words);
});

test('the points are known, and all of them together leave a consistent record', async () => {
	assert.ok(points.length >= 10 && new Set(points).size === points.length, points.join());
	assert.equal(kills, points.length * Object.keys(victims).length);
	await checkRecord(instance, ada);
	/* Each video is paid for once, and nothing is left on hold. */
	const [{ paid, made, held }] = money.sql(instance.data, `SELECT (SELECT sum(amount) FROM transfer WHERE kind = 'settle') AS paid,
		(SELECT count(*) FROM task WHERE state = 'completed') AS made, (SELECT sum(balance) FROM account WHERE kind = 'held') AS held`);
	assert.deepEqual([paid, held], [800_000 * made, 0]);
	money.check(instance.data);
	for (let page = 1, more = true; more; page++) {
		const { tasks, nextCursor } = await ada.data('GET', `/api/video/tasks?page=${page}&pageSize=100`);
		await until(() => tasks.every((t) => told.has(t.videoId)), 'a webhook of each task');
		more = nextCursor !== null;
	}
	const sample = readFileSync(new URL('../../simulator/sample.mp4', import.meta.url));
	const whole = [...archived()].filter(([name]) => !name.includes('.part-'));
	assert.ok(whole.length >= 8 && whole.every(([, path]) => readFileSync(path).equals(sample)), 'a video is kept whole or not at all');
});
