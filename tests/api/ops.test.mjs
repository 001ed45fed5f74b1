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
