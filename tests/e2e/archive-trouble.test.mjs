// The archive and the content of videos where things go wrong: an upstream that hangs, whose links expire, or whose video is too large; a task
// that is deleted meanwhile; a disk with too little room; a clock that is set back; a backup that is put back.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFile, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { longreel, startInstance, until } from '../support/instance.mjs';
import { newWorld } from '../support/world.mjs';

const SAMPLE = await readFile(new URL('../../cgi-bin/simulator/sample.mp4', import.meta.url));
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
	await world.clock(0);
	t.after(() => world.remove());
	return [world, ...await start(t, { ...env, ...world.env })];
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
	const calls = [1, 2, 3, 4].map(() => ada.call('GET', path).catch((error) => error));
	await until(() => hanging.length === 5, 'four that are passed through');
	const fifth = await ada.call('GET', path);
	assert.deepEqual([fifth.status, fifth.body.code, Number(fifth.headers.get('retry-after')) >= 1], [503, 'busy', true]);
	assert.ok((await ada.call('GET', `/api/video/tasks/${kept.videoId}/content`)).bytes.equals(SAMPLE));
	for (const response of hanging)
		response.destroy();
	await Promise.all(calls);
	video = whole;
	assert.ok((await ada.call('GET', path)).bytes.equals(SAMPLE), 'there is room again');
});
