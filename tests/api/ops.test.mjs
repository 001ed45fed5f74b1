// GET /health and GET /ready: for those who watch over an instance.
import assert from 'node:assert/strict';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { newApi } from '../support/api.mjs';

let api;
before(async () => (api = await newApi()));
after(() => api?.close());

test('health: the process and the database answer', async () => {
	const { status, json } = await api.call('GET', '/health');
	assert.deepEqual([status, json.data], [200, { status: 'ok' }]);
});

test('ready: as long as a poller shows itself', async () => {
	const before = await api.call('GET', '/ready');
	assert.deepEqual([before.status, before.json.code], [503, 'not_ready']);
	assert.match(before.json.error, /poller/);
	await api.run('longreel-poller', '--data', api.data, '--once');
	const ready = await api.call('GET', '/ready');
	assert.deepEqual([ready.status, ready.json.data], [200, { status: 'ready' }]);
	const old = new Date(Date.now() - 100_000);
	await utimes(join(api.data, 'poller.alive'), old, old);
	assert.equal((await api.call('GET', '/ready')).status, 503);
});

test('metrics: for who asks from this machine and was not forwarded, or has an administrator\'s token', async () => {
	const ada = await api.user('ada'), ask = (request) => api.call('GET', '/metrics', request);
	await ada.create({ prompt: 'a cat' });
	const { status, headers, body } = await ask();
	assert.deepEqual([status, headers.get('content-type')], [200, 'text/plain; version=0.0.4; charset=utf-8']);
	const lines = body.toString().trim().split('\n');
	assert.ok(lines.every((line) => /^# (HELP|TYPE) longreel_\w+ .+$|^longreel_\w+(\{\w+="[\w.-]*"(,\w+="[\w.-]*")*\})? -?\d+(\.\d+)?$/.test(line)), body.toString());
	assert.ok(lines.includes('longreel_tasks{status="PROCESSING"} 1'));
	for (const name of ['task_lag_seconds', 'webhook_lag_seconds', 'channel_failures{channel="default"}', 'database_bytes', 'disk_free_bytes', 'poller_silent_seconds'])
		assert.ok(lines.some((line) => line.startsWith(`longreel_${name} `)), name);
	const bearer = ({ token }) => ({ authorization: `Bearer ${token}` });
	for (const request of [{ env: { REMOTE_ADDR: '192.0.2.7' } }, { env: { REMOTE_ADDR: '1270.0.0.1' } }, { env: { REMOTE_ADDR: '' } },
		{ headers: { 'x-forwarded-for': '127.0.0.1' } }, { headers: { forwarded: 'for=127.0.0.1' } }, { headers: { via: '1.1 proxy' } }])
		assert.equal((await ask(request)).status, 401, JSON.stringify(request));
	assert.equal((await ask({ env: { REMOTE_ADDR: '::1' } })).status, 200);
	assert.equal((await ask({ headers: bearer(ada) })).status, 403, 'a user is no administrator, wherever he is');
	await api.run('longreel', 'user', 'add', 'root', '--admin', '--data', api.data);
	const { json } = await api.call('POST', '/api/auth/login', { body: { username: 'root', password: 'correct horse battery' } });
	assert.equal((await ask({ headers: bearer(json.data), env: { REMOTE_ADDR: '192.0.2.7' } })).status, 200);
});

test('metrics count refusals by their code, whichever program refused', async () => {
	const refusals = async () => {
		const rows = [...(await api.call('GET', '/metrics')).body.toString().matchAll(/^longreel_refusals_total\{code="(\w+)"\} (\d+)$/gm)];
		assert.equal(new Set(rows.map(([, code]) => code)).size, rows.length, 'a code is named once');
		return Object.fromEntries(rows.map(([, code, n]) => [code, Number(n)]));
	};
	const before = await refusals(), eve = await api.user('eve');
	assert.equal(before.bad_credentials, 0);
	assert.equal((await api.call('POST', '/api/auth/login', { body: { username: 'eve', password: 'wrong, all of it' } })).status, 401);
	assert.equal((await eve.call('GET', '/api/video/tasks/video_none')).status, 404);
	assert.equal((await eve.call('GET', '/v1/videos/video_none')).status, 404);
	assert.equal((await eve.call('POST', '/api/relay/sora/videos', { body: {} })).status, 400);
	const after = await refusals();
	const grown = Object.fromEntries(Object.entries(after).map(([code, n]) => [code, n - before[code]]).filter(([, n]) => n !== 0));
	assert.deepEqual(grown, { bad_credentials: 1, bad_field: 1, task_not_found: 2 });
});
