// What one user may read: so many requests, and so many bytes of large answers, that the web server may have to hold for a client that does not
// read them. Others do not notice.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client, PNG } from '../support/client.mjs';
import { startInstance, until } from '../support/instance.mjs';

const ENV = { LONGREEL_RATE_CREATE: '0' };

test('one user reads so often a minute, and no more; what writes does not count (rate_read)', async () => {
	const instance = await startInstance({ simulator: true, env: { ...ENV, LONGREEL_RATE_READ: '30' } });
	try {
		const [ada, bea] = [await new Client(instance.base).join(), await new Client(instance.base).join()];
		const made = await ada.create({}), path = `/api/video/tasks/${made.videoId}`, statuses = [];
		let refused; // one more comes back every two seconds
		while (statuses.length < 40 && refused?.status !== 429)
			statuses.push((refused = await ada.call('GET', path)).status);
		assert.ok(statuses.length > 30 && statuses.length < 35, statuses.join());
		assert.deepEqual([refused.status, refused.body.code], [429, 'rate_limited']);
		assert.ok(['1', '2', '3'].includes(refused.headers.get('retry-after')), refused.headers.get('retry-after'));
		assert.equal((await ada.call('POST', '/api/video/tasks/recover', { clientRequestIds: ['x'] })).status, 429, 'it reads, too');
		assert.equal((await ada.call('POST', `${path}/cancel`)).status, 200);
		assert.equal((await ada.call('POST', '/api/relay/sora/videos', { prompt: 'another' })).status, 200);
		assert.equal((await bea.call('GET', '/api/video/tasks')).status, 200);
	} finally {
		await instance.stop();
	}
});

test('large answers have a budget of bytes (read_max_mb)', async () => {
	const instance = await startInstance({ simulator: true, env: { ...ENV, LONGREEL_READ_MAX_MB: '1' } });
	try {
		const [ada, bea] = [await new Client(instance.base).join(), await new Client(instance.base).join()];
		for (let i = 0; i < 10; i++)
			await ada.create({ prompt: `${i}${'猫'.repeat(31_000)}` });
		const statuses = [];
		for (let i = 0; i < 4; i++)
			statuses.push((await ada.call('GET', '/api/video/tasks')).status);
		assert.deepEqual(statuses, [200, 200, 429, 429], 'the second is over the budget, and paid by what comes after');
		await bea.create({});
		for (let i = 0; i < 50; i++)
			assert.equal((await bea.call('GET', '/api/video/tasks')).status, 200, 'small answers do not count');
	} finally {
		await instance.stop();
	}
});

test('of the slots for what is passed on one user has half, and loses those that are not read; no file holds what is not', async () => {
	const HEAD = readFileSync(new URL('../../simulator/sample.mp4', import.meta.url)), SIZE = 30_000_000;
	const upstream = createServer(async (request, response) => {
		await request.toArray();
		if (request.url.startsWith('/video/')) {
			response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': SIZE });
			return response.end(Buffer.concat([HEAD, Buffer.alloc(SIZE - HEAD.length)]));
		}
		const id = request.method === 'POST' ? `job_${Math.random().toString(36).slice(2)}` : request.url.split('/').pop();
		response.setHeader('content-type', 'application/json');
		response.end(JSON.stringify(request.method === 'POST' ? { id, status: 'queued' } : { id, status: 'completed', progress: 100, video_url: `${base}/video/${id}` }));
	}).listen(0, '127.0.0.1');
	await once(upstream, 'listening');
	const base = `http://127.0.0.1:${upstream.address().port}`;
	const instance = await startInstance({ env: { ...ENV, SORA_API_BASE: base, SORA_API_KEY: 'k', LONGREEL_ARCHIVE: 'off', LONGREEL_PASS_PATIENCE: '2s',
		LONGREEL_POLL_INTERVAL_MIN: '50ms' } });
	const sockets = [];
	try {
		const [ada, bea] = [await new Client(instance.base).join(), await new Client(instance.base).join()];
		const finished = async (who) => {
			const cursor = await who.cursor(), { videoId } = await who.create({});
			await who.ended(cursor, videoId);
			return `/api/video/tasks/${videoId}/content`;
		};
		const [mine, hers] = [await finished(ada), await finished(bea)];
		/** Asks for the video, reads the head of the answer, and nothing more. */
		const asked = async (who, path) => {
			const socket = connect(new URL(instance.base).port, '127.0.0.1');
			sockets.push(socket);
			socket.on('error', () => {});
			socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${who.token}\r\n\r\n`);
			const [piece] = await once(socket, 'data');
			socket.pause();
			return Number(piece.toString().split(' ')[1]);
		};
		assert.deepEqual([await asked(ada, mine), await asked(ada, mine)], [200, 200]);
		const third = await ada.call('GET', mine);
		assert.deepEqual([third.status, third.body.code, third.headers.get('retry-after')], [429, 'too_many_downloads', '5']);
		const other = await bea.call('GET', hers);
		assert.deepEqual([other.status, other.bytes.length], [200, SIZE], 'another user has the other half');
		const held = readdirSync(join(instance.data, 'tmp')).map((name) => statSync(join(instance.data, 'tmp', name)).size).reduce((a, b) => a + b, 0);
		assert.ok(held < 2_000_000, `${held} bytes in files`);
		/* An image takes no thread either, however many are not read. */
		const { videoId } = await ada.create({ input_reference: `data:image/png;base64,${Buffer.concat([PNG, Buffer.alloc(5_000_000)]).toString('base64')}` });
		for (let i = 0; i < 8; i++)
			assert.equal(await asked(ada, `/api/video/tasks/${videoId}/input`), 200);
		assert.equal((await bea.call('GET', hers)).status, 200);
		const again = await until(async () => {
			const answer = await ada.call('GET', mine);
			return answer.status === 200 && answer;
		}, 'a slot that was lost');
		assert.equal(again.bytes.length, SIZE);
	} finally {
		for (const socket of sockets)
			socket.destroy();
		await instance.stop();
		upstream.close();
		upstream.closeAllConnections();
	}
});
