// Several pollers that come and go: while the holder of a task keeps its lease, no other asks about it, over thousands of polls that the upstream counts;
// and one that only waits for something else to end has given its tasks away. The upstream is the test's own; each poller asks it below a path of its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { openDatabase } from '../support/database.mjs';
import { BUILD, freeze, startInstance, until } from '../support/instance.mjs';

const MANY = 90, SHARES = 64, polls = [], told = [], children = [];
let instance, upstream, base, env, database, jobs = 0;

before(async () => {
	upstream = createServer((request, response) => request.resume().on('end', () => {
		const [, who, ...path] = request.url.split('/'), id = request.method === 'POST' ? `job${++jobs}` : path.at(-1);
		if (who === 'told') // a webhook, which is answered when the test says so
			return told.push(response);
		if (request.method === 'GET')
			polls.push({ who, id });
		return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id, status: 'in_progress', progress: 5 }));
	})).listen(0, '127.0.0.1');
	await once(upstream, 'listening');
	upstream.keepAliveTimeout = 60_000; // see providers/standin.mjs
	base = `http://127.0.0.1:${upstream.address().port}`;
	const settings = { SORA_API_KEY: 'k', LONGREEL_POLL_INTERVAL_MIN: '200ms', LONGREEL_POLL_INTERVAL_MAX: '200ms', LONGREEL_RATE_CREATE: '0', LONGREEL_ARCHIVE: 'off',
		LONGREEL_POLL_TIMEOUT: '2s', LONGREEL_LEASE_MARGIN: '10s', LONGREEL_WEBHOOK_PRIVATE: 'on', LONGREEL_WEBHOOK_TIMEOUT: '60s', LONGREEL_LOG_LEVEL: 'warn' };
	env = { ...process.env, ...settings };
	instance = await startInstance({ env: { ...settings, SORA_API_BASE: `${base}/instance` } });
	const ada = await new Client(instance.base).join();
	await ada.data('POST', '/api/webhooks', { url: `${base}/told` });
	const made = await Promise.all(Array.from({ length: MANY + 1 }, (_, i) => ada.create({ prompt: `p${i}` })));
	/* One ends, and no poller has told of it. */
	await freeze(instance.child('longreel-poller'));
	await ada.data('POST', `/api/video/tasks/${made[0].videoId}/cancel`, {});
	await instance.crash();
	database = openDatabase(instance.data);
});
after(async () => {
	for (const child of children)
		child.kill('SIGKILL');
	await database?.close();
	upstream?.closeAllConnections();
	upstream?.close();
	if (instance) {
		await instance.start();
		await instance.stop();
	}
});

function poller(who, args = [], more = {}) {
	const child = spawn(join(BUILD, 'longreel-poller'), ['--data', instance.data, ...args], { env: { ...env, SORA_API_BASE: `${base}/${who}`, ...more }, stdio: ['ignore', 'ignore', 'inherit'] });
	child.ended = once(child, 'exit');
	children.push(child);
	return child;
}

const parts = () => database.rows('SELECT n, owner FROM share ORDER BY n');

/** Until so many pollers have equal parts, and none anything else. */
const settle = (count) => until(async () => {
	const of = new Map();
	for (const { owner } of await parts())
		of.set(owner, (of.get(owner) ?? 0) + 1);
	return of.size === count && !of.has(null) && Math.max(...of.values()) - Math.min(...of.values()) <= count;
}, `${count} equal parts`, 120_000);

/** Who asks about tasks in so many polls: each is asked about by one. Where a machine is so slow that a lease runs out meanwhile, again. */
async function askers(count) {
	for (;;) {
		const held = JSON.stringify(await parts()), from = polls.length, who = new Map();
		await until(() => polls.length >= from + count, `${count} polls`, 120_000);
		const asked = polls.slice(from);
		if (JSON.stringify(await parts()) !== held)
			continue;
		for (const poll of asked)
			who.set(poll.id, (who.get(poll.id) ?? new Set()).add(poll.who));
		for (const [id, names] of who)
			assert.equal(names.size, 1, `${id} is asked about by ${[...names].join(' and ')}`);
		return [...new Set(asked.map((poll) => poll.who))].sort();
	}
}

test('a poller whose time is over, and that waits for a webhook to be answered, has returned its tasks', async () => {
	/* Nothing runs out. */
	const long = { LONGREEL_LEASE_MARGIN: '10m' }, first = poller('first', ['--for', '1'], long);
	await until(() => told.length > 0, 'the webhook');
	const second = poller('second', [], long);
	await until(() => new Set(polls.filter(({ who }) => who === 'second').map(({ id }) => id)).size === MANY, 'a look at each by the second', 60_000);
	assert.equal(first.exitCode, null, 'the first still waits');
	await settle(1);
	assert.deepEqual(await askers(300), ['second']);
	assert.equal(first.exitCode, null);
	for (const response of told)
		response.writeHead(204).end();
	assert.deepEqual(await first.ended, [0, null]);
	second.kill('SIGTERM');
	assert.deepEqual(await second.ended, [0, null]);
	assert.deepEqual(await database.rows('SELECT n FROM share WHERE owner IS NOT NULL UNION ALL SELECT owner FROM poller'), []);
	assert.deepEqual(readdirSync(join(instance.data, 'pollers')), []);
});

test('pollers that come, are killed, and end: over thousands of polls no task is asked about by two', async () => {
	const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((who) => poller(who));
	await settle(4);
	assert.deepEqual(await askers(3000), ['a', 'b', 'c', 'd']);
	d.kill('SIGKILL');
	await d.ended;
	await settle(3);
	assert.deepEqual(await askers(1000), ['a', 'b', 'c']);
	c.kill('SIGTERM');
	assert.deepEqual(await c.ended, [0, null]);
	const e = poller('e', ['--for', '600']);
	await settle(3);
	assert.deepEqual(await askers(1000), ['a', 'b', 'e']);
	for (const child of [a, b, e])
		child.kill('SIGTERM');
	assert.deepEqual(await Promise.all([a, b, e].map((child) => child.ended)), [[0, null], [0, null], [0, null]]);
	assert.deepEqual(readdirSync(join(instance.data, 'pollers')), []);
});
