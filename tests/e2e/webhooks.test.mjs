// Webhooks of a whole instance: told as soon as a video is done; told all the same when the poller is killed while it tells, or when no receiver is there
// to tell; an upstream's webhook has its task looked at at once. Under FastCGI and as plain CGI.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { Upstream } from '../support/api.mjs';
import { Client } from '../support/client.mjs';
import { freeze, startInstance, until } from '../support/instance.mjs';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', file = join(tmpdir(), `longreel-secret-e2e-${process.pid}`);
const settings = { LONGREEL_RATE_CREATE: '0', LONGREEL_RATE_REGISTER: '0', LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_WEBHOOK_PRIVATE: 'on',
	LONGREEL_WEBHOOK_TIMEOUT: '2s', LONGREEL_LEASE_MARGIN: '300ms' };

let receiver, base, got = [], silent = false, latency = 0;
before(async () => {
	await writeFile(file, SECRET, { mode: 0o600 });
	receiver = createServer(async (request, response) => {
		const body = Buffer.concat(await request.toArray()).toString();
		got.push({ path: request.url, headers: request.headers, body, time: performance.now() });
		if (!silent)
			setTimeout(() => response.writeHead(204).end(), latency);
	});
	receiver.listen(0, '127.0.0.1');
	await once(receiver, 'listening');
	base = `http://127.0.0.1:${receiver.address().port}`;
});
after(async () => {
	receiver?.closeAllConnections();
	receiver?.close();
	await rm(file, { force: true });
});

const at = (path) => got.filter((r) => r.path === path);
const hook = (client, path) => client.data('POST', '/api/webhooks', { url: base + path });
const create = (client) => client.data('POST', '/api/relay/sora/videos', { prompt: 'a cat', model: 'sora_video2:fast' });

for (const cgi of [false, true])
	test(`told as soon as it is done${cgi ? ', as plain CGI' : ''}`, async () => {
		const instance = await startInstance({ simulator: true, cgi, env: settings });
		try {
			const ada = await new Client(instance.base).join(), path = `/done/${cgi}`, { secret } = await hook(ada, path);
			const { videoId } = await create(ada);
			await until(() => at(path).length > 0, 'a webhook');
			const [{ headers, body }] = at(path);
			const { type, data } = new Webhook(secret).verify(body, headers);
			assert.deepEqual([type, data.id], ['video.completed', videoId]);
			assert.equal((await ada.data('GET', `/api/video/tasks/${videoId}`)).status, 'COMPLETED');
		} finally {
			await instance.stop();
		}
	});

test('the poller is killed while it waits for the receiver: another tells again, under the same id', async () => {
	const instance = await startInstance({ simulator: true, env: settings });
	try {
		const ada = await new Client(instance.base).join(), { id } = await hook(ada, '/killed');
		silent = true;
		await create(ada);
		await until(() => at('/killed').length > 0, 'a webhook');
		const pid = instance.child('longreel-poller');
		process.kill(pid, 'SIGKILL');
		silent = false;
		await until(() => at('/killed').length > 1, 'another');
		const status = async () => (await ada.data('GET', `/api/webhooks/${id}/deliveries`)).deliveries[0].status;
		await until(async () => await status() === 'delivered', 'its end');
		assert.equal(new Set(at('/killed').map((r) => r.headers['webhook-id'])).size, 1);
		assert.notEqual(instance.child('longreel-poller'), pid);
	} finally {
		silent = false;
		await instance.stop();
	}
});

test('a receiver at some distance: each answer makes room for the next, without waiting for the poller to look by itself', async () => {
	const instance = await startInstance({ simulator: true, env: settings }), count = 120;
	try {
		const ada = await new Client(instance.base).join(), { id } = await hook(ada, '/far');
		latency = 50;
		await freeze(instance.child('longreel-poller'));
		for (let i = 0; i < count; i++) {
			const { videoId } = await ada.data('POST', '/api/relay/sora/videos', { prompt: 'a cat', model: 'sora_video2:slow' });
			await ada.data('POST', `/api/video/tasks/${videoId}/cancel`, {});
		}
		process.kill(instance.child('longreel-poller'), 'SIGCONT');
		await until(() => at('/far').length >= count, 'all of them');
		/* One look a second, four at a time, would be a pause after each four. */
		const times = at('/far').map(({ time }) => time), pauses = times.filter((time, i) => i > 0 && time - times[i - 1] > 700).length;
		assert.ok(pauses < count / 8, `${pauses} pauses`);
		assert.equal(new Set(at('/far').map((r) => r.headers['webhook-id'])).size, count);
		await until(async () => (await ada.data('GET', `/api/webhooks/${id}/deliveries?limit=100`)).deliveries.every((d) => d.status === 'delivered'), 'their ends');
	} finally {
		latency = 0;
		await instance.stop();
	}
});

test('everything is killed as a task ends: it is told after the next start', async () => {
	const instance = await startInstance({ simulator: true, env: settings });
	try {
		const ada = await new Client(instance.base).join();
		await hook(ada, '/crash');
		const { videoId } = await ada.data('POST', '/api/relay/sora/videos', { prompt: 'a cat', model: 'sora_video2:slow' });
		await freeze(instance.child('longreel-poller'));
		await ada.data('POST', `/api/video/tasks/${videoId}/cancel`, {});
		await instance.crash();
		assert.equal(at('/crash').length, 0);
		await instance.start();
		await until(() => at('/crash').length > 0, 'a webhook');
		assert.equal(JSON.parse(at('/crash')[0].body).data.id, videoId);
	} finally {
		await instance.stop();
	}
});

for (const cgi of [false, true])
	test(`an upstream's webhook has its task looked at at once${cgi ? ', as plain CGI' : ''}`, async () => {
		const upstream = await new Upstream().start();
		const instance = await startInstance({ cgi, env: { ...settings, SORA_API_BASE: upstream.base, SORA_API_KEY: 'sk-x',
			LONGREEL_POLL_INTERVAL_MIN: '1h', LONGREEL_POLL_INTERVAL_MAX: '1h', LONGREEL_UPSTREAM_WEBHOOK_SECRET_FILE: file } });
		try {
			const ada = await new Client(instance.base).join(), { videoId } = await create(ada);
			const { externalTaskId } = await ada.data('GET', `/api/video/tasks/${videoId}`);
			upstream.jobs.set(externalTaskId, { status: 'completed', progress: 100, video_url: 'https://v.example/1.mp4' });
			const body = JSON.stringify({ type: 'video.completed', data: { id: externalTaskId } }), date = new Date();
			const post = (signature) => fetch(`${instance.base}/api/video/webhook/default`, { method: 'POST', body, headers: { 'content-type': 'application/json',
				'webhook-id': 'wh_1', 'webhook-timestamp': String(Math.floor(date / 1000)), 'webhook-signature': signature } });
			assert.equal((await post('v1,AAAA')).status, 401);
			assert.equal((await post(new Webhook(SECRET).sign('wh_1', date, body))).status, 200);
			await until(async () => (await ada.data('GET', `/api/video/tasks/${videoId}`)).status === 'COMPLETED', 'the end');
		} finally {
			await instance.stop();
			await upstream.stop();
		}
	});

test('each webhook of an upstream that comes while the task is being looked at leads to a look that begins after it', async () => {
	const upstream = await new Upstream().start(), answer = upstream.answer.bind(upstream), held = [];
	const instance = await startInstance({ env: { ...settings, SORA_API_BASE: upstream.base, SORA_API_KEY: 'sk-x',
		LONGREEL_POLL_INTERVAL_MIN: '1h', LONGREEL_POLL_INTERVAL_MAX: '1h', LONGREEL_UPSTREAM_WEBHOOK_SECRET_FILE: file } });
	let hold = true, ids = 0;
	upstream.answer = (request, response) => (request.method === 'GET' && hold ? held.push({ request, response }) : answer(request, response));
	try {
		const ada = await new Client(instance.base).join();
		const post = async (id) => {
			const body = JSON.stringify({ type: 'video.completed', data: { id } }), date = new Date(), webhook = `wh_look_${++ids}`;
			const { status } = await fetch(`${instance.base}/api/video/webhook/default`, { method: 'POST', body, headers: { 'content-type': 'application/json',
				'webhook-id': webhook, 'webhook-timestamp': String(Math.floor(date / 1000)), 'webhook-signature': new Webhook(SECRET).sign(webhook, date, body) } });
			assert.equal(status, 200);
		};
		const made = await Promise.all(Array.from({ length: 6 }, () => create(ada)));
		const jobs = await Promise.all(made.map(async ({ videoId }) => (await ada.data('GET', `/api/video/tasks/${videoId}`)).externalTaskId));
		await Promise.all(jobs.map(post));
		await until(() => held.length === jobs.length, 'a look at each');
		/* Each ends while the answer is on its way, and says so: once, or several times. */
		for (const id of jobs)
			upstream.jobs.set(id, { status: 'completed', progress: 100, video_url: 'https://v.example/1.mp4' });
		await Promise.all(jobs.flatMap((id, i) => Array.from({ length: i % 3 + 1 }, () => post(id))));
		hold = false;
		for (const { request, response } of held) { // without news, with some, with none at all
			const id = request.url.split('/').pop(), i = jobs.indexOf(id);
			response.writeHead(i === 5 ? 500 : 200, { 'content-type': 'application/json' }).end(JSON.stringify({ id, status: 'processing', progress: i * 10 }));
		}
		await until(async () => (await ada.data('GET', '/api/video/tasks')).tasks.every((task) => task.status === 'COMPLETED'), 'the ends');
	} finally {
		await instance.stop();
		await upstream.stop();
	}
});
