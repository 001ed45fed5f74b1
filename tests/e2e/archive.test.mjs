// The archive, with whole instances: a completed video is kept here and served by a signed link; what the upstream does wrong is never kept; what
// is deleted, or has no room, goes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { longreel, startInstance, until } from '../support/instance.mjs';
import { ENOSPC, newWorld } from '../support/world.mjs';

const SAMPLE = await readFile(new URL('../../simulator/sample.mp4', import.meta.url));
const ENV = { LONGREEL_POLL_INTERVAL_MIN: '50ms', LONGREEL_RATE_CREATE: '0', LONGREEL_LOG_LEVEL: 'warn' };

/** The files that an instance keeps. */
const files = (instance) => (existsSync(join(instance.data, 'archive')) ? readdirSync(join(instance.data, 'archive'), { recursive: true }) : [])
	.filter((name) => name.includes('/')).map((name) => name.split('/')[1]);

async function completed(client, fields = {}) {
	const cursor = await client.cursor();
	const { videoId } = await client.create({ prompt: 'a cat', model: 'm:fast', ...fields });
	return (await client.follow(cursor, (task) => task.videoId === videoId && task.status === 'COMPLETED')).task;
}

describe('with the simulator', () => {
	let instance, ada;
	before(async () => {
		instance = await startInstance({ simulator: true, env: ENV });
		ada = await new Client(instance.base).join();
	});
	after(() => instance?.stop());

	test('a completed video is kept, and its link needs no header: ranges, tags, HEAD', async () => {
		const task = await completed(ada);
		await until(() => files(instance).includes(task.videoId), 'the file');
		const get = (headers = {}, method = 'GET') => fetch(instance.base + task.videoUrl, { method, headers });
		/* The file comes before its row, and what is passed through has no tag. */
		const whole = await until(async () => {
			const answer = await get();
			return answer.headers.has('etag') && answer;
		}, 'the row'), etag = whole.headers.get('etag');
		assert.deepEqual([whole.status, whole.headers.get('content-type'), Buffer.from(await whole.arrayBuffer()).equals(SAMPLE)], [200, 'video/mp4', true]);
		for (const [range, first, last] of [['bytes=0-9', 0, 9], ['bytes=-5', SAMPLE.length - 5, SAMPLE.length - 1], [`bytes=${SAMPLE.length - 1}-`, SAMPLE.length - 1, SAMPLE.length - 1]]) {
			const part = await get({ range });
			assert.deepEqual([part.status, part.headers.get('content-range')], [206, `bytes ${first}-${last}/${SAMPLE.length}`]);
			assert.ok(Buffer.from(await part.arrayBuffer()).equals(SAMPLE.subarray(first, last + 1)), range);
		}
		const beyond = await get({ range: `bytes=${SAMPLE.length}-` });
		assert.deepEqual([beyond.status, beyond.headers.get('content-range')], [416, `bytes */${SAMPLE.length}`]);
		assert.equal((await get({ 'if-none-match': etag })).status, 304);
		assert.equal((await get({ range: 'bytes=0-9', 'if-range': '"another"' })).status, 200);
		assert.equal((await get({ range: 'bytes=0-9', 'if-range': etag })).status, 206);
		const head = await get({}, 'HEAD');
		assert.deepEqual([head.status, head.headers.get('content-length')], [200, String(SAMPLE.length)]);
		assert.match((await fetch(`${instance.base}${task.videoUrl}&download=1`)).headers.get('content-disposition'), /^attachment; filename="video_.*\.mp4"; filename\*=UTF-8''a%20cat\.mp4$/);
	});

	test('a link is of one video and one time; the token is as good', async () => {
		const [mine, other] = [await completed(ada), await completed(ada)];
		const status = async (path) => (await fetch(instance.base + path)).status;
		const link = new URL(mine.videoUrl, instance.base);
		const bent = (change) => {
			const url = new URL(link);
			change(url);
			return url.pathname + url.search;
		};
		assert.equal(await status(mine.videoUrl), 200);
		for (const path of [bent((u) => u.searchParams.set('expires', Number(u.searchParams.get('expires')) + 1)), bent((u) => u.searchParams.set('expires', 1)),
			bent((u) => u.searchParams.set('signature', '0'.repeat(32))), bent((u) => u.searchParams.set('signature', 'x')), bent((u) => u.searchParams.delete('expires')),
			bent((u) => (u.pathname = u.pathname.replace(mine.videoId, other.videoId)))])
			assert.equal(await status(path), 403, path);
		assert.equal(await status(bent((u) => u.searchParams.delete('signature'))), 401);
		assert.equal((await ada.call('GET', link.pathname)).status, 200);
		const eve = await new Client(instance.base).join();
		assert.equal((await eve.call('GET', link.pathname)).status, 404);
		assert.equal((await ada.data('GET', `/api/video/tasks/${mine.videoId}`)).videoUrl, mine.videoUrl, 'it stays the same for a while');
	});

	test('what is deleted is gone at once, its link too', async () => {
		const task = await completed(ada);
		await until(async () => (await fetch(instance.base + task.videoUrl, { method: 'HEAD' })).headers.has('etag'), 'the row');
		await ada.data('DELETE', `/api/video/tasks/${task.videoId}`);
		assert.ok(!files(instance).includes(task.videoId));
		assert.equal((await fetch(instance.base + task.videoUrl)).status, 404);
	});

	test('a file that has got lost: the upstream is asked again', async () => {
		const task = await completed(ada);
		await until(() => files(instance).includes(task.videoId), 'the file');
		await rm(join(instance.data, 'archive', task.videoId.slice(-2), task.videoId));
		const answer = await fetch(instance.base + task.videoUrl);
		assert.deepEqual([answer.status, Buffer.from(await answer.arrayBuffer()).equals(SAMPLE)], [200, true]);
	});
});

describe('with an upstream of its own', () => {
	let upstream, base, instance, ada, video;
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
		instance = await startInstance({ env: { ...ENV, SORA_API_BASE: base, SORA_API_KEY: 'k' } });
		ada = await new Client(instance.base).join();
	});
	after(async () => {
		await instance?.stop();
		upstream.close();
		upstream.closeAllConnections();
	});

	const whole = (request, response) => response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': SAMPLE.length }).end(SAMPLE);
	const bad = {
		'an HTML page': (_, response) => response.writeHead(200, { 'content-type': 'video/mp4' }).end('<!DOCTYPE html><title>502</title>'),
		'half a video, then the end of the connection': (_, response) => {
			response.writeHead(200, { 'content-length': SAMPLE.length }).write(SAMPLE.subarray(0, SAMPLE.length / 2), () => response.destroy());
		},
		'half a video, and a length of just that': (_, response) => response.writeHead(200, { 'content-length': SAMPLE.length >> 1 }).end(SAMPLE.subarray(0, SAMPLE.length >> 1)),
		'a part in answer to a request for the whole': (_, response) => response.writeHead(206, { 'content-length': SAMPLE.length,
			'content-range': `bytes 0-${SAMPLE.length - 1}/${SAMPLE.length * 2}` }).end(SAMPLE),
		'half a video without a length': (_, response) => response.writeHead(200, { connection: 'close' }).end(SAMPLE.subarray(0, SAMPLE.length / 2)),
		'a server error': (_, response) => response.writeHead(500).end('oops'),
		'a way to a private address': (_, response) => response.writeHead(302, { location: 'http://127.0.0.2:9/x.mp4' }).end(),
		'JSON that leads to a private address': (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"url":"http://127.0.0.2:9/x.mp4"}'),
		'JSON that leads nowhere': (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"error":"no such file"}'),
		'a way to a page': (request, response) => (request.url.startsWith('/video/page/') ? response.writeHead(200).end('<!DOCTYPE html>')
			: response.writeHead(302, { location: `${base}/video/page/${request.url.split('/').at(-1)}` }).end()),
		'a way to a cloud\'s secrets': (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
	};
	const causes = { 'an HTML page': 'it is no video', 'a way to a page': 'it is no video', 'half a video, and a length of just that': 'the video is not whole' };
	for (const [what, answer] of Object.entries(bad))
		test(`${what} is not kept; the task stays completed`, async () => {
			let asked = 0;
			video = (request, response) => {
				asked++;
				answer(request, response);
			};
			const task = await completed(ada);
			await until(() => asked > 0, 'a try');
			/* The next video is fetched by the same thread: then it is done with this one. */
			video = (request, response) => (request.url.endsWith(task.externalTaskId) ? answer : whole)(request, response);
			const next = await completed(ada);
			await until(() => files(instance).includes(next.videoId), 'the next');
			assert.deepEqual(files(instance).filter((name) => name.startsWith(task.videoId)), []);
			assert.equal((await ada.data('GET', `/api/video/tasks/${task.videoId}`)).status, 'COMPLETED');
			if (causes[what])
				await until(() => instance.log.includes(`could not be kept: task=${task.videoId} why=upstream_failed cause="${causes[what]}"`), 'the cause in the log');
		});

	test('a stop does not wait for an upstream that hangs; afterwards the video is fetched anew', async () => {
		let asked = false;
		video = (_, response) => {
			asked = true;
			response.writeHead(200, { 'content-length': SAMPLE.length }).write(SAMPLE.subarray(0, 100));
		};
		const task = await completed(ada);
		await until(() => asked, 'a try');
		await instance.halt();
		assert.deepEqual(files(instance).filter((name) => name.startsWith(task.videoId)), [], 'nothing half is left');
		video = whole;
		await instance.start();
		ada.base = instance.base;
		await until(() => files(instance).includes(task.videoId), 'the file');
	});

	test('a way to a private address, where the operator allows them: kept', async (t) => {
		const other = createServer(whole).listen(0, '127.0.0.1');
		await once(other, 'listening');
		const near = await startInstance({ env: { ...ENV, SORA_API_BASE: base, SORA_API_KEY: 'k', LONGREEL_UPSTREAM_PRIVATE: 'on' } });
		t.after(async () => {
			await near.stop();
			other.closeAllConnections();
			other.close();
		});
		video = (_, response) => response.writeHead(302, { location: `http://127.0.0.1:${other.address().port}/x.mp4` }).end();
		const task = await completed(await new Client(near.base).join());
		await until(() => files(near).includes(task.videoId), 'the file');
	});

	test('JSON with the link, in place of the video: kept', async () => {
		video = (request, response) => (request.url.endsWith('.mp4') ? whole(request, response)
			: response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data: { url: `${base}/video/x.mp4` } })));
		const task = await completed(ada);
		await until(() => files(instance).includes(task.videoId), 'the file');
		assert.ok(Buffer.from(await (await fetch(instance.base + task.videoUrl)).arrayBuffer()).equals(SAMPLE));
	});

	test('no length, but a whole video: kept', async () => {
		video = (_, response) => response.writeHead(200, { connection: 'close' }).end(SAMPLE);
		const task = await completed(ada);
		await until(() => files(instance).includes(task.videoId), 'the file');
	});
});

test('the oldest makes room; with archive = off the link is the upstream\'s', async () => {
	let instance = await startInstance({ simulator: true, env: { ...ENV, LONGREEL_ARCHIVE_MAX_MB: '1' } });
	try {
		const ada = await new Client(instance.base).join(), made = [];
		const room = Math.floor(1_000_000 / SAMPLE.length);
		for (let i = 0; i < room + 3; i++) {
			made.push((await completed(ada)).videoId);
			await until(() => files(instance).includes(made[i]), `file ${i}`);
		}
		await until(() => files(instance).length === room, 'room');
		assert.deepEqual(files(instance).sort(), made.slice(-room).sort());
		await instance.stop();
		instance = await startInstance({ simulator: true, env: { ...ENV, LONGREEL_ARCHIVE: 'off' } });
		const task = await completed(await new Client(instance.base).join());
		assert.match(task.videoUrl, /^http:\/\/127\.0\.0\.1:\d+\/simulator\/files\//);
		assert.deepEqual(files(instance), []);
	} finally {
		await instance.stop();
	}
});

test('a user who keeps more makes room for themself, and pushes out no video of who keeps less', async () => {
	const instance = await startInstance({ simulator: true, env: { ...ENV, LONGREEL_ARCHIVE_MAX_MB: '1' } });
	try {
		const [ada, bea] = [await new Client(instance.base).join(), await new Client(instance.base).join()];
		const room = Math.floor(1_000_000 / SAMPLE.length), few = Math.floor(room / 3);
		const make = async (client) => {
			const { videoId } = await completed(client);
			await until(() => files(instance).includes(videoId), 'the file');
			return videoId;
		};
		const adas = [], beas = [];
		for (let i = 0; i < few; i++)
			adas.push(await make(ada));
		for (let i = 0; i < room + 2; i++)
			beas.push(await make(bea));
		await until(() => files(instance).length === room, 'room');
		assert.deepEqual(files(instance).sort(), [...adas, ...beas.slice(few - room)].sort());
		for (const videoId of adas)
			assert.equal((await ada.call('GET', `/api/video/tasks/${videoId}/content`)).status, 200);
	} finally {
		await instance.stop();
	}
});

test('a full disk: nothing half is kept, and it goes on afterwards', async () => {
	const world = await newWorld();
	const instance = await startInstance({ simulator: true, env: { ...ENV, ...world.env } });
	try {
		const ada = await new Client(instance.base).join();
		const first = await completed(ada);
		await until(() => files(instance).includes(first.videoId), 'the first');
		const cursor = await ada.cursor();
		const { videoId } = await ada.create({ prompt: 'x', model: 'm:slow=1s' });
		await world.disk(ENOSPC);
		assert.equal((await fetch(instance.base + first.videoUrl)).status, 200, 'what is there is served');
		await world.disk(0);
		await ada.follow(cursor, (task) => task.videoId === videoId && task.status === 'COMPLETED');
		await until(() => files(instance).includes(videoId), 'the second');
		assert.equal(files(instance).length, 2);
	} finally {
		await instance.stop();
		await world.remove();
	}
});

test('a disk that is full in the middle of a video: nothing half is left, nothing else suffers, and it is fetched anew', async () => {
	const world = await newWorld(), half = SAMPLE.length >> 1;
	let rest = null;
	const upstream = createServer((request, response) => {
		if (request.url.startsWith('/video/')) {
			response.writeHead(200, { 'content-length': SAMPLE.length });
			if (rest !== null)
				return response.end(SAMPLE);
			return response.write(SAMPLE.subarray(0, half), () => (rest = () => response.end(SAMPLE.subarray(half))));
		}
		const id = request.method === 'POST' ? 'job_1' : request.url.split('/').pop();
		response.setHeader('content-type', 'application/json');
		request.resume().on('end', () => response.end(JSON.stringify(request.method === 'POST' ? { id, status: 'queued' }
			: { id, status: 'completed', progress: 100, video_url: `${base}/video/${id}` })));
	}).listen(0, '127.0.0.1');
	await once(upstream, 'listening');
	const base = `http://127.0.0.1:${upstream.address().port}`;
	/* What cannot be written at all is due again when the lease has ended. */
	const instance = await startInstance({ env: { ...ENV, ...world.env, LONGREEL_ARCHIVE_TIMEOUT: '5s', LONGREEL_LEASE_MARGIN: '100ms',
		SORA_API_BASE: base, SORA_API_KEY: 'k' } });
	try {
		const ada = await new Client(instance.base).join(), task = await completed(ada);
		await until(() => rest !== null && files(instance).length === 1, 'half of it');
		await world.disk(ENOSPC);
		rest();
		await until(() => files(instance).length === 0, 'nothing');
		assert.equal((await ada.data('GET', `/api/video/tasks/${task.videoId}`)).status, 'COMPLETED');
		await until(() => /the archive: no_space/.test(instance.log), 'a line about it');
		await world.disk(0);
		await until(() => files(instance).includes(task.videoId), 'the file');
	} finally {
		await instance.stop();
		upstream.closeAllConnections();
		upstream.close();
		await world.remove();
	}
});

test('the operator sees what is kept, what is lost, and what belongs to no task; what has been kept for long enough goes', async () => {
	const instance = await startInstance({ simulator: true, env: ENV });
	try {
		const task = await completed(await new Client(instance.base).join());
		await until(() => files(instance).includes(task.videoId), 'the file');
		const path = join(instance.data, 'archive', task.videoId.slice(-2), task.videoId);
		const upstream = { SORA_API_BASE: `${instance.base}/simulator`, SORA_API_KEY: 'k' };
		const check = () => longreel(['check', '--data', instance.data], { env: upstream });
		const shown = async () => (await longreel(['task', 'show', task.videoId, '--data', instance.data])).out;
		/* The file comes before its row. */
		await until(async () => /^archive +kept$/m.test(await shown()), 'the row');
		assert.match(await shown(), new RegExp(`^bytes +${SAMPLE.length}$`, 'm'));
		const fine = await check();
		assert.deepEqual([fine.code, /^ok +archive +1 videos, 0 MB$/m.test(fine.out)], [0, true], fine.out);

		await writeFile(path, SAMPLE.subarray(1));
		await writeFile(`${path}x`, SAMPLE);
		const bad = await check();
		assert.deepEqual([bad.code, /^BAD +archive +1 of 1 files are missing or incomplete; 1 files of no video/m.test(bad.out)], [1, true], bad.out);

		await instance.halt();
		const old = new Date(Date.now() - 25 * 3600 * 1000);
		await utimes(`${path}x`, old, old);
		instance.options.env = { ...ENV, LONGREEL_ARCHIVE_KEEP: '1ms' };
		await instance.start();
		await until(() => files(instance).length === 0, 'an end');
		assert.match(await shown(), /^archive +gone$/m);
	} finally {
		await instance.stop();
	}
});
