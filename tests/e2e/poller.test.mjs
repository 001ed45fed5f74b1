// Several pollers on one database: no task is polled by two at the same time, and what a killed one held is taken over. The upstream is the
// test's own, so that it can see who asks, and hold an answer back.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { BUILD, freeze, startInstance, until } from '../support/instance.mjs';

const jobs = new Map();
let instance, ada, upstream, env, crowded = 0, hold = false;
const held = [];

/** A job is completed at its tenth poll. */
function answer(request, response) {
	request.resume().on('end', () => {
		const id = request.method === 'POST' ? `job${jobs.size + 1}` : request.url.split('/').pop();
		const job = jobs.get(id) ?? jobs.set(id, { polls: 0, now: 0 }).get(id);
		if (request.method === 'GET') {
			job.polls++;
			crowded += ++job.now > 1;
			response.on('close', () => job.now--);
		}
		if (hold && request.method === 'GET')
			return held.push(response);
		response.writeHead(200, { 'content-type': 'application/json' });
		return response.end(JSON.stringify({ id, status: job.polls < 10 ? 'in_progress' : 'completed', progress: job.polls * 10,
			video_url: `http://127.0.0.1/${id}.mp4` }));
	});
}

/** A poller beside the instance's own. */
function poller(...args) {
	const child = spawn(join(BUILD, 'longreel-poller'), ['--data', instance.data, ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
	child.ended = once(child, 'exit');
	return child;
}

before(async () => {
	upstream = createServer(answer).listen(0, '127.0.0.1');
	await once(upstream, 'listening');
	const base = `http://127.0.0.1:${upstream.address().port}`;
	const settings = { SORA_API_BASE: base, SORA_API_KEY: 'key-of-the-upstream', LONGREEL_POLL_INTERVAL_MIN: '20ms',
		LONGREEL_RATE_CREATE: '0', LONGREEL_POLL_TIMEOUT: '1s', LONGREEL_LEASE_MARGIN: '500ms', LONGREEL_LOG_LEVEL: 'warn' };
	env = { ...process.env, ...settings };
	instance = await startInstance({ env: settings });
	ada = await new Client(instance.base).join();
});
after(async () => {
	await instance?.stop();
	upstream?.closeAllConnections();
	upstream?.close();
});

test('four pollers, thirty tasks: each polled by one at a time, each completed once', async () => {
	const others = [poller('--for', '20'), poller('--for', '20'), poller()];
	const cursor = await ada.cursor();
	const made = await Promise.all(Array.from({ length: 30 }, (_, i) => ada.create({ prompt: `p${i}` })));
	const open = new Set(made.map((m) => m.videoId));
	const { seen } = await ada.follow(cursor, (t) => t.completedAt !== null && open.delete(t.videoId) && open.size === 0);
	assert.equal(seen.filter((t) => t.status === 'COMPLETED').length, 30);
	assert.equal(crowded, 0, 'no job was asked for twice at a time');
	for (const other of others)
		other.kill('SIGTERM');
	const ends = await Promise.all(others.map((other) => other.ended));
	assert.deepEqual(ends, [[0, null], [0, null], [0, null]]);
});

test('what a killed poller held is taken over', async () => {
	hold = true;
	const made = await ada.create({ prompt: 'held' });
	await until(() => held.length > 0, 'a poll under way');
	const pid = instance.child('longreel-poller');
	process.kill(pid, 'SIGKILL');
	hold = false;
	const { task } = await ada.ended('0', made.videoId);
	assert.equal(task.status, 'COMPLETED');
	assert.notEqual(instance.child('longreel-poller'), pid);
});

test('a poller that sleeps beyond its lease, and wakes, changes nothing any more', async () => {
	const cursor = await ada.cursor();
	hold = true;
	held.length = 0;
	const made = await ada.create({ prompt: 'slept over' });
	const sleeper = instance.child('longreel-poller');
	await until(() => held.length > 0, 'a poll under way');
	await freeze(sleeper);
	hold = false;
	const other = poller();
	const { task } = await ada.ended(cursor, made.videoId);
	assert.equal(task.status, 'COMPLETED');
	for (const response of held.splice(0))
		response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"x","status":"failed","error":{"message":"late"}}');
	process.kill(sleeper, 'SIGCONT');
	/* The sleeper is awake when it has polled another task. */
	other.kill('SIGTERM');
	await other.ended;
	const next = await ada.create({ prompt: 'awake' });
	await ada.ended(cursor, next.videoId);
	assert.equal(instance.child('longreel-poller'), sleeper);
	assert.deepEqual(await ada.data('GET', `/api/video/tasks/${made.videoId}`), task);
});

test('--once does what is due and ends', async () => {
	const once = poller('--once');
	assert.deepEqual(await once.ended, [0, null]);
	const nothing = spawn(join(BUILD, 'longreel-poller'), ['--once', '--for', '3'], { env, stdio: 'ignore' });
	assert.deepEqual((await new Promise((done) => nothing.on('exit', (...end) => done(end)))), [2, null], 'not both');
});

test('the upstream\'s key is nowhere to be read', async () => {
	assert.ok(!instance.log.includes('key-of-the-upstream'));
	const list = await ada.call('GET', '/api/video/tasks?pageSize=100');
	assert.ok(!list.bytes.includes('key-of-the-upstream'));
});
