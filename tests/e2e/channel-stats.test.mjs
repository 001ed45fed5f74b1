// What `longreel channel stats` says of channels, beside what became of the tasks there. A whole instance with an upstream of the test's.
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '../support/client.mjs';
import { longreel, newDataDir, startInstance, until } from '../support/instance.mjs';
import { PROFILE, newUpstream } from '../support/upstream.mjs';

test('what became of tasks is counted for their channel', async (t) => {
	const data = await newDataDir(), upstream = await newUpstream({ keys: ['k1'] }), key = join(data, 'one.key');
	const channel = (...words) => longreel(['channel', ...words, '--data', data]);
	const stats = async (...words) => {
		const { code, out, err } = await channel('stats', ...words, '--json');
		assert.equal(code, 0, err);
		return JSON.parse(out).rows;
	};
	const sum = (rows) => Object.fromEntries(['accepted', 'refused', 'postponed', 'unknown', 'completed', 'failed']
		.map((kind) => [kind, rows.reduce((all, row) => all + row[kind], 0)]));
	await mkdir(join(data, 'dialects'), { mode: 0o700 });
	await writeFile(join(data, 'dialects', 'klecks.json'), PROFILE);
	await writeFile(key, 'k1\n', { mode: 0o600 });
	const instance = await startInstance({ data, env: { LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_POLL_INTERVAL_MAX: '1s', LONGREEL_RATE_CREATE: '0',
		LONGREEL_ARCHIVE: 'off' } });
	t.after(async () => {
		await instance.stop();
		await upstream.close();
		await rm(data, { recursive: true, force: true });
	});
	const ada = await new Client(instance.base).join();
	const { code, out, err } = await channel('add', 'one', '--base', upstream.base, '--dialect', 'klecks', '--key-file', key, '--private');
	assert.equal(code, 0, out + err);
	assert.deepEqual(await stats(), []);

	const ended = (status, count) => until(async () =>
		(await ada.data('GET', '/api/video/tasks')).tasks.filter((task) => task.status === status).length === count, `${count} ${status}`);
	const create = () => ada.call('POST', '/api/relay/sora/videos', { prompt: 'A boat', model: 'm' });
	for (let i = 0; i < 3; i++)
		await create();
	await ended('COMPLETED', 3);
	upstream.mood = () => 'nightmare';
	await create();
	await create();
	await ended('FAILED', 2);
	upstream.answer = () => ({ status: 400, body: { why: 'No boats.' } });
	await create();
	upstream.answer = () => undefined;
	upstream.mood = () => 'dreaming';
	const { body } = await create();
	await ada.call('DELETE', `/api/video/tasks/${(body.data ?? body).videoId}`);

	const counts = { accepted: 6, refused: 1, postponed: 0, unknown: 0, completed: 3, failed: 2 };
	const rows = await stats();
	assert.deepEqual(rows.map((row) => row.channel), ['one']);
	assert.deepEqual(sum(rows), counts);
	assert.deepEqual(sum(await stats('one')), counts, 'the hours of a channel come to its sum');
	assert.deepEqual(await stats('other'), []);
	assert.deepEqual(await stats('--to', '2020-01-01'), []);
	assert.equal((await channel('stats', '--from', 'soon')).code, 1);
});
