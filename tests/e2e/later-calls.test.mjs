// The calls that follow a submission, where a provider has them otherwise than by a GET with an id and a word in the answer: a POST, a code without
// a body, a second call for the video, links given for calls, a video inside the answer.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { childrenOf, commandOf, longreel, newDataDir, startInstance, until } from '../support/instance.mjs';

const SAMPLE = await readFile(new URL('../../simulator/sample.mp4', import.meta.url));
const KEY = 'sk-the-key-of-the-channel';
const ENV = { LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_POLL_INTERVAL_MAX: '1s', LONGREEL_RATE_CREATE: '0' };

/** A video of that size: the sample, and a box that players pass over. */
function videoOf(size) {
	const box = Buffer.alloc(size - SAMPLE.length, 7);
	box.writeUInt32BE(box.length, 0);
	box.write('free', 4);
	return Buffer.concat([SAMPLE, box]);
}

/** Profiles that differ in their later calls. */
const profile = (fields) => ({ auth: { header: 'Authorization', prefix: 'Key ' }, ...fields,
	submit: { path: '/make', body: 'json', accepted: [200], fields: { prompt: 'prompt', model: 'model' } } });
const PROFILES = {
	// as MiniMax and SiliconFlow, with xAI's empty 202
	second: profile({ poll: { path: '/status', method: 'POST', body: { ask: { id: '{id}' } }, accepted: [200], pending: [202] },
		result: { path: '/files?file_id={result_id}', accepted: [200], failed: [422] },
		cancel: { method: 'PUT', path: '/cancel', body: { id: '{id}' } },
		answer: { id: ['/id'], status: ['/state'], result_id: ['/file'], video_url: ['/file/url'], cost: ['/price'] },
		words: { processing: [5], completed: [1], failed: [7] } }),
	// as fal
	links: profile({ poll: { path: '/by-path/{id}/status', url: ['/status_url'], accepted: [200] },
		result: { path: '/by-path/{id}', url: ['/response_url'], accepted: [200] },
		answer: { id: ['/id'], status: ['/state'], video_url: ['/video/url'] }, words: { completed: ['COMPLETED'], failed: ['no'] } }),
	// as MiniMax, which says when a job has ended
	hooked: profile({ poll: { path: '/status/{id}', accepted: [200], interval_min: 600 }, webhook: { id: ['/event/job'] },
		answer: { id: ['/id'], status: ['/state'], video_url: ['/url'] }, words: { processing: ['runs'], completed: ['done'], failed: ['bad'] } }),
	// as Vertex
	inside: profile({ poll: { path: '/models/{model}:fetch', method: 'POST', body: { name: '{id}' }, accepted: [200] },
		answer: { id: ['/name'], completed: ['/response/videos/0/bytes'], failed: ['/error'], video_base64: ['/response/videos/0/bytes'] } }),
};

/** A server on a port of the kernel's choice; `seen` are its requests. */
async function newServer(answer) {
	const seen = [];
	const server = createServer(async (request, response) => {
		let text = '';
		for await (const piece of request)
			text += piece;
		const call = { method: request.method, url: request.url, key: request.headers.authorization, length: request.headers['content-length'], body: text && JSON.parse(text) };
		seen.push(call);
		answer(call, (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(body === undefined ? '' : JSON.stringify(body)), response);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return { seen, base: `http://127.0.0.1:${server.address().port}`, close: () => (server.closeAllConnections(), new Promise((done) => server.close(done))) };
}

let instance, ada;
before(async () => {
	const data = await newDataDir();
	await mkdir(join(data, 'dialects'), { mode: 0o700 });
	for (const [name, text] of Object.entries(PROFILES))
		await writeFile(join(data, 'dialects', `${name}.json`), JSON.stringify(text));
	await writeFile(join(data, 'key'), KEY, { mode: 0o600 });
	instance = await startInstance({ data, env: { ...ENV, LONGREEL_ARCHIVE: 'off' } });
	ada = await new Client(instance.base).join();
});
after(() => instance?.stop());

/** Has `model` made by the upstream. */
async function addChannel(name, dialect, upstream, target = instance) {
	const { code, out, err } = await longreel(['channel', 'add', name, '--base', upstream.base, '--dialect', dialect, '--key-file', join(target.data, 'key'), '--private', '--models', name, '--data', target.data]);
	assert.equal(code, 0, err + out);
}

/** Creates a task and follows it to its end. */
async function make(model, client = ada) {
	const cursor = await client.cursor();
	const { videoId } = await client.create({ prompt: 'a cat', model });
	return (await client.follow(cursor, (task) => task.videoId === videoId && ['COMPLETED', 'FAILED'].includes(task.status))).task;
}

const content = (task, client = ada, target = instance) => fetch(`${target.base}/api/video/tasks/${task.videoId}/content`, { headers: { authorization: `Bearer ${client.token}` } });

test('a POST asks, an empty 202 is no end, and a second call has the video', async () => {
	let polls = 0, results = 0;
	const upstream = await newServer((call, say, response) => {
		if (call.url === '/make')
			return say(200, { id: 'a/"b"' });
		if (call.url === '/v.mp4')
			return response.writeHead(200, { 'content-type': 'video/mp4' }).end(SAMPLE);
		if (call.url === '/status')
			return ++polls === 1 ? say(202) : polls === 2 ? say(200, { state: 5 }) : say(200, { state: 1, file: 42, price: 0.5 });
		return ++results === 1 ? say(200, { file: {} }) : say(200, { file: { url: `${upstream.base}/v.mp4` } });
	});
	await addChannel('second', 'second', upstream);
	const task = await make('second');
	assert.equal(task.status, 'COMPLETED');
	assert.ok(Buffer.from(await (await content(task)).arrayBuffer()).equals(SAMPLE));
	assert.deepEqual(upstream.seen.find(({ url }) => url === '/status').body, { ask: { id: 'a/"b"' } });
	assert.ok(upstream.seen.some(({ method, url, key }) => method === 'GET' && url === '/files?file_id=42' && key === `Key ${KEY}`));
	const { out } = await longreel(['task', 'show', task.videoId, '--data', instance.data]);
	assert.doesNotMatch(instance.log + out, new RegExp(KEY));
	await upstream.close();
});

test('the second call may say that the job has failed', async () => {
	const upstream = await newServer((call, say) => (call.url === '/make' ? say(200, { id: 1 }) : call.url === '/status' ? say(200, { state: 1, file: 'f' })
		: say(422, { detail: [{ msg: 'It was flagged.', type: 'policy' }] })));
	await addChannel('flagged', 'second', upstream);
	const task = await make('flagged');
	assert.deepEqual([task.status, task.errorMessage], ['FAILED', 'It was flagged.']);
	await upstream.close();
});

test('a cancellation is a PUT with a body', async () => {
	const upstream = await newServer((call, say) => (call.url === '/make' ? say(200, { id: 'job' }) : call.url === '/status' ? say(200, { state: 5 }) : say(200, {})));
	await addChannel('stopped', 'second', upstream);
	const { videoId } = await ada.create({ prompt: 'a cat', model: 'stopped' });
	await until(() => upstream.seen.some(({ url }) => url === '/status'), 'a poll');
	await ada.data('POST', `/api/video/tasks/${videoId}/cancel`);
	const put = await until(() => upstream.seen.find(({ url }) => url === '/cancel'), 'the cancellation');
	assert.deepEqual([put.method, put.body], ['PUT', { id: 'job' }]);
	await upstream.close();
});

test('links of the channel’s own origin are used, and another origin gets neither the key nor a call', async () => {
	const thief = await newServer((call, say) => say(200, { state: 'COMPLETED', video: { url: 'http://127.0.0.1:1/v.mp4' } }));
	let own = true;
	const upstream = await newServer((call, say) => {
		const at = own ? `${upstream.base}/given` : `${thief.base}/given`;
		if (call.url === '/make')
			return say(200, { id: 'job', status_url: `${at}/status`, response_url: `${at}/result` });
		return say(200, call.url.endsWith('/status') ? { state: 'COMPLETED' } : { video: { url: `${upstream.base}/v.mp4` } });
	});
	await addChannel('links', 'links', upstream);
	assert.equal((await make('links')).status, 'COMPLETED');
	assert.deepEqual(upstream.seen.slice(1).map(({ url }) => url), ['/given/status', '/given/result']);
	upstream.seen.length = 0;
	own = false;
	assert.equal((await make('links')).status, 'COMPLETED');
	assert.deepEqual(upstream.seen.slice(1).map(({ url }) => url), ['/by-path/job/status', '/by-path/job']);
	assert.ok(upstream.seen.every(({ key }) => key === `Key ${KEY}`));
	assert.deepEqual(thief.seen, []);
	await Promise.all([upstream.close(), thief.close()]);
});

test('an unsigned webhook counts by the token of its address, which no log has', async () => {
	let state = 'runs';
	const upstream = await newServer((call, say) => (call.url === '/make' ? say(200, { id: 'job-7' }) : say(200, { state, url: `${upstream.base}/v.mp4` })));
	await addChannel('hooked', 'hooked', upstream);
	const show = async () => (await longreel(['channel', 'webhook', 'hooked', '--data', instance.data])).out.trim();
	const path = await show(), token = path.split('/').at(-1);
	assert.match(path, /^\/api\/video\/webhook\/hooked\/[\w-]{43}$/);
	assert.equal(await show(), path);
	const cursor = await ada.cursor(), { videoId } = await ada.create({ prompt: 'a cat', model: 'hooked' });
	await until(() => upstream.seen.some(({ url }) => url === '/status/job-7'), 'the first poll');
	const post = (to, body) => fetch(instance.base + to, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
	const news = { event: { job: 'job-7' }, state: 'done', url: 'http://127.0.0.1:1/forged.mp4' };
	const asked = upstream.seen.length;
	for (const wrong of [path.replace(/.$/, (c) => (c === 'A' ? 'B' : 'A')), path.replace('/hooked/', '/second/'), path.slice(0, -1)])
		assert.equal((await post(wrong, news)).status, 401);
	assert.equal((await post(path, { event: {} })).status, 200);
	assert.equal(upstream.seen.length, asked);
	const challenge = await post(path, { challenge: 'a "b"' });
	assert.equal((await challenge.json()).challenge, 'a "b"');
	state = 'done';
	await until(async () => (await post(path, news)).status === 200, 'the webhook');
	const { task } = await ada.follow(cursor, (t) => t.videoId === videoId && t.status === 'COMPLETED');
	assert.equal(task.status, 'COMPLETED');
	await until(() => /path=\/api\/video\/webhook\/hooked\/\*\*\* /.test(instance.log), 'its line in the log');
	assert.ok(!instance.log.includes(token));
	await upstream.close();
});

/** An upstream whose videos are in its answers. */
const newInside = (video) => newServer((call, say) => (call.url === '/make' ? say(200, { name: 'operations/7' })
	: say(200, { name: 'operations/7', done: true, response: { videos: [{ bytes: video.toString('base64'), mimeType: 'video/mp4' }] } })));

/** The most memory that the instance's poller has had, in KB. */
function peakOfPoller(target) {
	const pids = (pid) => [pid, ...childrenOf(pid).flatMap(pids)];
	const poller = pids(target.process.pid).find((pid) => commandOf(pid).includes('longreel-poller'));
	return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${poller}/status`, 'utf8'))[1]);
}

test('a video inside the answer is passed through where videos are not kept', async () => {
	const video = videoOf(3 << 20), upstream = await newInside(video);
	await addChannel('inside', 'inside', upstream);
	const task = await make('inside');
	assert.equal(task.status, 'COMPLETED');
	const answer = await content(task);
	assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'video/mp4']);
	assert.ok(Buffer.from(await answer.arrayBuffer()).equals(video));
	assert.deepEqual(upstream.seen.at(-1), { method: 'POST', url: '/models/inside:fetch', key: `Key ${KEY}`, length: '23', body: { name: 'operations/7' } });
	await upstream.close();
});

test('a large one costs the poller no memory, is no fault of the channel, and is kept', async () => {
	const data = await newDataDir();
	await mkdir(join(data, 'dialects'), { mode: 0o700 });
	await writeFile(join(data, 'dialects', 'inside.json'), JSON.stringify(PROFILES.inside));
	await writeFile(join(data, 'key'), KEY, { mode: 0o600 });
	const other = await startInstance({ data, env: ENV }), small = await newInside(videoOf(200_000)), video = videoOf(12 << 20), large = await newInside(video);
	try {
		const bea = await new Client(other.base).join();
		await addChannel('small', 'inside', small, other);
		await addChannel('large', 'inside', large, other);
		const kept = (task) => until(() => other.log.includes(`a video is kept: task=${task.videoId}`), 'the file');
		await kept(await make('small', bea));
		const before = peakOfPoller(other);
		const task = await make('large', bea);
		assert.equal(task.status, 'COMPLETED');
		await kept(task);
		assert.ok(Buffer.from(await (await content(task, bea, other)).arrayBuffer()).equals(video));
		const more = peakOfPoller(other) - before;
		assert.ok(more < 4096, `${more} KB more`); // of 16 MB; the sanitizers alone take one
		assert.doesNotMatch(other.log, /poll failed|cool/);
	} finally {
		await other.stop();
		await Promise.all([small.close(), large.close()]);
	}
});
