// Polls without news: nothing is written for them, and what is remembered outlives a stop, a run from cron and a kill. The upstream is the test's
// own, and counts who asks how often.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Client } from '../support/client.mjs';
import { BUILD, freeze, startInstance, until } from '../support/instance.mjs';

const MANY = 60, asked = new Map(), children = [], refusals = [];
let instance, ada, upstream, env, now = 0, crowded = 0, others = 0, word = 'in_progress', throttled = false, looks = [];

function answer(request, response) {
	request.resume().on('end', () => {
		const id = request.method === 'POST' ? `job${asked.size + 1}` : request.url.split('/').pop();
		const job = asked.get(id) ?? asked.set(id, { polls: 0, now: 0 }).get(id);
		if (request.method === 'GET') {
			(throttled ? refusals : looks).push(performance.now());
			job.polls++;
			now++;
			others += request.url.startsWith('/other/');
			crowded += ++job.now > 1;
			response.on('close', () => job.now--);
		}
		if (throttled && request.method === 'GET')
			return response.writeHead(429, { 'retry-after': '3' }).end();
		response.writeHead(200, { 'content-type': 'application/json' });
		return response.end(JSON.stringify({ id, status: word, progress: 5, video_url: 'http://127.0.0.1:9/v.mp4' }));
	});
}

const wrote = (pid) => Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))[1]);

/** A poller of its own; the instance's is stopped. */
function poller(args, more = {}) {
	const child = spawn(join(BUILD, 'longreel-poller'), ['--data', instance.data, ...args], { env: { ...env, ...more }, stdio: ['ignore', 'ignore', 'inherit'] });
	child.ended = once(child, 'exit');
	children.push(child);
	return child;
}
/** One run, two of the shortest intervals after all before it: a poller may have started sooner than that. */
async function runOnce(more) {
	await setTimeout(20);
	const before = now, child = poller(['--once'], more);
	assert.deepEqual(await child.ended, [0, null]);
	return now - before;
}

before(async () => {
	upstream = createServer(answer).listen(0, '127.0.0.1');
	await once(upstream, 'listening');
	upstream.keepAliveTimeout = 60_000; // see providers/standin.mjs
	const settings = { SORA_API_BASE: `http://127.0.0.1:${upstream.address().port}`, SORA_API_KEY: 'k', LONGREEL_POLL_INTERVAL_MIN: '200ms',
		LONGREEL_POLL_INTERVAL_MAX: '200ms', LONGREEL_RATE_CREATE: '0', LONGREEL_POLL_TIMEOUT: '1500ms', LONGREEL_LEASE_MARGIN: '4s', LONGREEL_ARCHIVE: 'off',
		LONGREEL_LOG_LEVEL: 'warn' };
	env = { ...process.env, ...settings };
	instance = await startInstance({ env: settings });
	ada = await new Client(instance.base).join();
	await Promise.all(Array.from({ length: MANY }, (_, i) => ada.create({ prompt: `p${i}` })));
	await until(() => [...asked.values()].every((job) => job.polls > 0), 'a look at each');
});
after(async () => {
	for (const child of children)
		child.kill('SIGKILL');
	await instance?.stop();
	upstream?.closeAllConnections();
	upstream?.close();
});

test('of two thousand polls without news, none writes anything', async () => {
	const pid = instance.child('longreel-poller'), before = now, bytes = wrote(pid);
	await until(() => now - before >= 2000, 'two thousand polls', 60_000);
	const each = (wrote(pid) - bytes) / (now - before);
	assert.ok(each <= 100, `${each} bytes a poll`);
	assert.equal(crowded, 0);
	const polls = [...asked.values()].map((job) => job.polls);
	assert.ok(Math.min(...polls) > 0.7 * Math.max(...polls), 'each has its turn');
});

test('a poller that is killed is followed at once, though its lease lasts ten minutes', async () => {
	const long = { LONGREEL_LEASE_MARGIN: '10m' }, each = async (what) => {
		const polls = new Map([...asked].map(([id, job]) => [id, job.polls]));
		await until(() => [...asked].every(([id, job]) => job.polls > polls.get(id) + 1), what, 60_000);
	};
	await instance.halt();
	for (const next of [['--for', '600'], []]) {
		const dead = poller([], long);
		await each('looks by the first');
		dead.kill('SIGKILL');
		await dead.ended;
		const other = poller(next, long);
		await each('looks by the next');
		other.kill('SIGTERM');
		assert.deepEqual(await other.ended, [0, null]);
	}
	assert.equal(crowded, 0);
	await instance.start();
	ada.base = instance.base;
});

test('a poller that is frozen is followed when its lease ends; thawed, it does no harm and has its part again', async () => {
	const sleeper = poller([], { LONGREEL_LEASE_MARGIN: '500ms', SORA_API_BASE: `${env.SORA_API_BASE}/other` });
	await until(() => others > 0, 'polls by the other', 60_000);
	await freeze(sleeper.pid);
	const polls = new Map([...asked].map(([id, job]) => [id, job.polls]));
	await until(() => [...asked].every(([id, job]) => job.polls > polls.get(id) + 1), 'looks at each', 60_000);
	const before = others;
	process.kill(sleeper.pid, 'SIGCONT');
	await until(() => others > before + 10, 'polls by the one that slept', 60_000);
	sleeper.kill('SIGTERM');
	assert.deepEqual(await sleeper.ended, [0, null]);
	assert.equal(crowded, 0);
	const { tasks } = await ada.data('GET', '/api/video/tasks?pageSize=100');
	assert.deepEqual(tasks.filter((task) => task.status !== 'PROCESSING'), []);
});

test('two pollers have equal parts, and no task is asked about by both', async () => {
	const other = poller([]), before = now;
	await until(() => now - before > 1500, 'many polls', 60_000);
	other.kill('SIGTERM');
	assert.deepEqual(await other.ended, [0, null]);
	assert.equal(crowded, 0);
	/* What it has returned is polled on. */
	const polls = new Map([...asked].map(([id, job]) => [id, job.polls]));
	await until(() => [...asked].every(([id, job]) => job.polls > polls.get(id)), 'a look at each');
});

test('runs from cron go on where the last ended', async () => {
	const hour = { LONGREEL_POLL_INTERVAL_MIN: '1h', LONGREEL_POLL_INTERVAL_MAX: '1h' };
	const at_once = { LONGREEL_POLL_INTERVAL_MIN: '10ms', LONGREEL_POLL_INTERVAL_MAX: '10ms' };
	await instance.halt();
	for (let i = 0; i < 2; i++) // what the stop has cut off has its time in its row, which is just now in the first run
		assert.equal(await runOnce(at_once), MANY);
	/* Within the hour each is due once: none now, or a few whose time is just now. */
	assert.ok(await runOnce(hour) <= 2);
	assert.equal(await runOnce(at_once), MANY);
	/* So it is with runs of a time: no look is made twice, none is left out. */
	const before = now, begun = Date.now();
	for (let i = 0; i < 3; i++)
		assert.deepEqual(await poller(['--for', '1']).ended, [0, null]);
	const each = (now - before) / MANY, due = (Date.now() - begun) / 200;
	assert.ok(each >= 1 && each <= due + 3, `${each} polls of each where ${due} were due`);
	/* And what the upstream asked for is kept to by the next runs. */
	throttled = true;
	assert.ok(await runOnce(at_once) > 0);
	throttled = false;
	looks = [];
	await until(async () => await runOnce(at_once) > 0, 'polls after the wait');
	assert.ok(looks[0] - refusals[0] >= 2990, `the next came after ${looks[0] - refusals[0]} ms`);
	await instance.start();
	ada.base = instance.base;
});

test('news are written and told as ever', async () => {
	word = 'completed';
	const cursor = '0', open = new Set();
	const { seen } = await ada.follow(cursor, (t) => t.status === 'COMPLETED' && open.add(t.videoId) && open.size === MANY);
	assert.ok(seen.length >= MANY);
	assert.equal(crowded, 0);
});
