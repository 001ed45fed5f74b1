// The poller from cron, a run each minute, beside one that stays: each asks about a task as often as the other, and keeps to a Retry-After for as
// long. The minutes pass by the programs' clock alone (tests/support/world.c), and all is counted by it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { BUILD, startInstance, until } from '../support/instance.mjs';
import { newWorld } from '../support/world.mjs';

const MANY = 24, MINUTE = 60_000, INTERVAL = 2 * MINUTE, WAIT = 3 * MINUTE, ROUNDS = 3;
const modes = { once: {}, for: {}, daemon: {} };
let upstream, base, seed;

function answer(request, response) {
	request.resume().on('end', () => {
		const [, name, ...path] = request.url.split('/'), mode = modes[name], id = request.method === 'POST' ? `job${++modes.jobs}` : path.at(-1);
		if (request.method === 'GET' && mode) {
			mode.polls.push({ id, at: mode.now(), refused: mode.refuses });
			if (mode.refuses)
				return response.writeHead(429, { 'retry-after': String(WAIT / 1000) }).end();
		}
		return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id, status: 'in_progress', progress: 5 }));
	});
}

before(async () => {
	modes.jobs = 0;
	upstream = createServer(answer).listen(0, '127.0.0.1');
	await once(upstream, 'listening');
	upstream.keepAliveTimeout = 60_000; // see providers/standin.mjs
	base = `http://127.0.0.1:${upstream.address().port}`;
	const instance = await startInstance({ env: { SORA_API_BASE: `${base}/before`, SORA_API_KEY: 'k', LONGREEL_RATE_CREATE: '0', LONGREEL_POLL_INTERVAL_MIN: '2m',
		LONGREEL_POLL_INTERVAL_MAX: '2m' } });
	const ada = await new Client(instance.base).join();
	await Promise.all(Array.from({ length: MANY }, (_, i) => ada.create({ prompt: `p${i}` })));
	await instance.halt();
	seed = instance.data;
});
after(async () => {
	upstream?.closeAllConnections();
	upstream?.close();
	if (seed)
		await rm(seed, { recursive: true, force: true });
});

/** A copy of the tasks, and a world of its own. pass(): lets some time pass, with its polls. */
async function prepare(t, name) {
	const mode = modes[name], world = await newWorld(), dir = await mkdtemp(join(tmpdir(), 'longreel-runs-')), data = join(dir, 'data');
	let passed = 0;
	Object.assign(mode, { polls: [], refuses: false, now: () => Date.now() + passed });
	await cp(seed, data, { recursive: true });
	const env = { ...process.env, ...world.env, SORA_API_BASE: `${base}/${name}`, SORA_API_KEY: 'k', LONGREEL_POLL_INTERVAL_MIN: '2m', LONGREEL_POLL_INTERVAL_MAX: '2m',
		LONGREEL_TASK_DEADLINE: '24h', LONGREEL_LEASE_MARGIN: '1h', LONGREEL_ARCHIVE: 'off', LONGREEL_LOG_LEVEL: 'error' };
	const run = (...args) => spawn(join(BUILD, 'longreel-poller'), ['--data', data, ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
	const leap = async (ms) => world.passed(passed += ms);
	await leap(0);
	const fromCron = (ms, ...args) => async () => {
		await leap(ms);
		assert.deepEqual(await once(run(...args), 'exit'), [0, null]);
	};
	let daemon;
	const alive = async () => (await stat(join(data, 'poller.alive'))).mtimeMs;
	/* Once it has told twice that it is alive, what was due at the first time has been asked for. */
	const stays = async () => {
		await leap(50_000);
		const at = mode.now();
		daemon ??= run();
		for (let i = 0, last = at; i < 2; i++) {
			let now = 0;
			await until(async () => (now = await alive()) > last, 'a sign of life', 60_000);
			last = now;
		}
	};
	mode.pass = { once: fromCron(MINUTE, '--once'), for: fromCron(MINUTE - 1000, '--for', '1'), daemon: stays }[name];
	t.after(async () => {
		if (daemon) {
			daemon.kill('SIGTERM');
			await once(daemon, 'exit');
		}
		await world.remove();
		await rm(dir, { recursive: true, force: true });
	});
	return mode;
}

/** How often each task is asked about in an interval, and how long it is left alone after a Retry-After. */
async function measure(mode) {
	const passTime = async (time) => {
		do
			await mode.pass();
		while (mode.now() < time);
	};
	await passTime(mode.now() + INTERVAL); // what was due by the time before
	const begun = mode.now(), count = mode.polls.length;
	await passTime(begun + ROUNDS * INTERVAL);
	const rate = (mode.polls.length - count) / MANY / ((mode.now() - begun) / INTERVAL);
	mode.refuses = true;
	const first = mode.polls.length;
	while (mode.polls.length === first)
		await mode.pass();
	mode.refuses = false;
	/* From the first that was refused to the next of each task; a map of the latest first keeps the first. */
	const { at } = mode.polls[first], waitsBy = () => new Map(mode.polls.slice(first).filter((poll) => !poll.refused).reverse().map((poll) => [poll.id, poll.at - at]));
	while (waitsBy().size < MANY)
		await mode.pass();
	const waits = [...waitsBy().values()];
	return { rate, least: Math.min(...waits), wait: waits.reduce((sum, ms) => sum + ms, 0) / MANY };
}

test('a run each minute asks as often as a poller that stays, and waits for as long as it is told to', async (t) => {
	const [byOnce, byFor, byDaemon] = await Promise.all(['once', 'for', 'daemon'].map(async (name) => measure(await prepare(t, name))));
	t.diagnostic(JSON.stringify({ byOnce, byFor, byDaemon }));
	for (const [name, { rate, least, wait }] of Object.entries({ once: byOnce, for: byFor, daemon: byDaemon })) {
		assert.ok(rate > 0.8 && rate < 1.2, `${name}: ${rate} looks in an interval`);
		assert.ok(least >= WAIT, `${name}: ${least} ms after a Retry-After`);
		assert.ok(rate / byDaemon.rate > 0.8 && rate / byDaemon.rate < 1.2, `${name}: ${rate} looks in an interval, where a daemon makes ${byDaemon.rate}`);
		assert.ok(wait / byDaemon.wait > 0.8 && wait / byDaemon.wait < 1.2, `${name}: ${wait} ms after a Retry-After, where a daemon waits for ${byDaemon.wait}`);
	}
});
