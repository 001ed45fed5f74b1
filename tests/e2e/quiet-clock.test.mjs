// Two pollers, and a clock that is set a year forward, and a day back: leases, looks and deadlines move with it. No task times out, none is asked
// about by two at a time, and all are looked at on.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '../support/client.mjs';
import { BUILD, startInstance, until } from '../support/instance.mjs';
import { newWorld } from '../support/world.mjs';

const MANY = 20, DAY = 86_400_000;

test('a year forward, a day back, and as it was', async (t) => {
	const world = await newWorld(), jobs = new Map();
	let crowded = 0;
	await world.clock(0);
	const upstream = createServer((request, response) => request.resume().on('end', () => {
		const id = request.method === 'POST' ? `job${jobs.size + 1}` : request.url.split('/').pop();
		const job = jobs.get(id) ?? jobs.set(id, { polls: 0, now: 0 }).get(id);
		job.polls++;
		crowded += ++job.now > 1;
		setTimeout(() => {
			job.now--;
			response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id, status: 'in_progress', progress: 5 }));
		}, 30);
	})).listen(0, '127.0.0.1');
	await once(upstream, 'listening');
	upstream.keepAliveTimeout = 60_000; // see providers/standin.mjs
	const env = { ...world.env, SORA_API_BASE: `http://127.0.0.1:${upstream.address().port}`, SORA_API_KEY: 'k', LONGREEL_POLL_INTERVAL_MIN: '100ms',
		LONGREEL_POLL_INTERVAL_MAX: '100ms', LONGREEL_RATE_CREATE: '0', LONGREEL_LOG_LEVEL: 'warn' };
	const instance = await startInstance({ env });
	const ada = await new Client(instance.base).join();
	await Promise.all(Array.from({ length: MANY }, (_, i) => ada.create({ prompt: `p${i}` })));
	const other = spawn(join(BUILD, 'longreel-poller'), ['--data', instance.data], { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
	let log = ''; // the one that is first to notice says so, and the other does not
	other.stderr.on('data', (piece) => (log += piece));
	t.after(async () => {
		other.kill('SIGKILL');
		await instance.stop();
		upstream.closeAllConnections();
		upstream.close();
		await world.remove();
	});
	for (const ms of [365 * DAY, 364 * DAY, 0, -DAY, 0]) {
		const lines = () => [...(instance.log + log).matchAll(/the clock was set (forward|back)/g)].length, before = lines();
		await world.clock(ms);
		await until(() => lines() > before, 'a poller that notices');
		const polls = new Map([...jobs].map(([id, job]) => [id, job.polls]));
		await until(() => [...jobs].every(([id, job]) => job.polls > polls.get(id) + 2), 'looks at each', 60_000);
		const { tasks } = await ada.data('GET', '/api/video/tasks?pageSize=100');
		assert.deepEqual(tasks.filter((task) => task.status !== 'PROCESSING'), []);
	}
	assert.equal(crowded, 0);
});
