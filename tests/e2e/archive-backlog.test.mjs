// An archive that is switched on when there are videos already: these come slowly, behind what is new; a host that fails is left alone, others are not;
// and the log has no line for each. The past is made by the programs' clock (tests/support/world.c), the pace is measured by the test's own.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '../support/client.mjs';
import { longreel, startInstance, until } from '../support/instance.mjs';
import { newWorld } from '../support/world.mjs';

const SAMPLE = await readFile(new URL('../../simulator/sample.mp4', import.meta.url));
const DAY = 86_400_000, ALIVE = 14, DEAD = 3, BURST = 8, PAUSE = 1000, REST = 10_000;

test('the backlog of an archive that is switched on', async (t) => {
	const world = await newWorld(), jobs = new Map(), fetched = [];
	let hold;
	const upstream = createServer(async (request, response) => {
		await request.toArray();
		const [host] = request.headers.host.split(':'), id = request.method === 'POST' ? `job_${jobs.size}` : request.url.split('/').pop();
		if (request.url.startsWith('/video/')) {
			fetched.push({ id, host, at: performance.now() });
			await hold?.(id);
			return host === 'localhost' && !jobs.get(id).late ? response.writeHead(500).end() : response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': SAMPLE.length }).end(SAMPLE);
		}
		if (request.method === 'POST')
			jobs.set(id, { late: false });
		response.setHeader('content-type', 'application/json');
		return response.end(JSON.stringify(request.method === 'POST' ? { id, status: 'queued' }
			: { id, status: 'completed', progress: 100, video_url: `http://${request.headers.host}/video/${id}` }));
	}).listen(0, '127.0.0.1');
	await once(upstream, 'listening');
	const { port } = upstream.address(), env = { ...world.env, SORA_API_BASE: `http://127.0.0.1:${port}`, SORA_API_KEY: 'k', LONGREEL_POLL_INTERVAL_MIN: '50ms',
		LONGREEL_RATE_CREATE: '0', LONGREEL_LOG_LEVEL: 'warn', LONGREEL_ARCHIVE: 'off' };
	const instance = await startInstance({ env });
	t.after(async () => {
		await instance.stop();
		upstream.closeAllConnections();
		upstream.close();
		await world.remove();
	});
	await world.passed(0);
	const key = join(instance.data, 'second.key');
	await writeFile(key, 'k\n', { mode: 0o600 });
	const added = await longreel(['channel', 'add', 'second', '--base', `http://localhost:${port}`, '--dialect', 'sora', '--private', '--key-file', key, '--models', 'theirs',
		'--data', instance.data]);
	assert.equal(added.code, 0, added.err);
	const ada = await new Client(instance.base).join();
	const make = async (model, count) => {
		const cursor = await ada.cursor(), made = await Promise.all(Array.from({ length: count }, () => ada.create({ prompt: 'p', model }))), open = new Set(made.map((m) => m.videoId));
		await ada.follow(cursor, (task) => task.status === 'COMPLETED' && open.delete(task.videoId) && open.size === 0);
		return made;
	};
	await make('theirs', DEAD);
	await make('m:fast', ALIVE);
	assert.deepEqual(fetched, [], 'the archive is off');
	await instance.halt();
	await world.passed(2 * DAY);

	/* While the first of the old ones is fetched, there is a new one: it is next, though its host fails for the old ones. */
	let release;
	hold = () => new Promise((done) => (release = done));
	env.LONGREEL_ARCHIVE = 'on';
	await instance.start();
	ada.base = instance.base;
	await until(() => release, 'the first of the backlog');
	const known = jobs.size;
	hold = undefined;
	const isNew = ({ id }) => Number(id.slice(4)) >= known;
	await make('theirs', 1);
	jobs.get(`job_${known}`).late = true;
	release();
	await until(() => fetched.length > 1, 'the next');
	assert.ok(!isNew(fetched[0]) && isNew(fetched[1]), 'behind what is new');

	/* The others of the host that works come one after the other, whatever the other host does; that one is asked once, and then left alone. */
	const old = (host) => fetched.filter((fetch) => fetch.host === host && !isNew(fetch));
	await until(() => new Set(old('127.0.0.1').map(({ id }) => id)).size === ALIVE && old('localhost').length > 1, 'all of one host, and a second try at the other', 300_000);
	const all = fetched.filter((fetch) => !isNew(fetch));
	for (let i = BURST; i < all.length; i++)
		assert.ok(all[i].at - all[0].at > (i - BURST) * PAUSE - 100, `the ${i}th after ${all[i].at - all[0].at} ms`);
	assert.equal(old('127.0.0.1').length, ALIVE, 'each once');
	assert.ok(old('localhost')[1].at - old('localhost')[0].at > REST - 100, 'a rest for the host that fails');
	const lines = instance.log.split('\n').filter((line) => line.includes('could not be kept'));
	assert.ok(lines.length >= 1 && lines.every((line) => line.includes('old videos could not be kept: count=')), lines.join('\n'));
	assert.ok(lines.length <= 1 + (performance.now() - fetched[0].at) / 60_000, 'one line a minute at most');
});
