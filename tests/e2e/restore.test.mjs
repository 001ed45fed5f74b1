// A backup that is put back is another database: cursors given out since then must not pass for its own.
import assert from 'node:assert/strict';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { longreel, startInstance } from '../support/instance.mjs';

let instance, ada;

before(async () => {
	instance = await startInstance({ simulator: true });
	ada = await new Client(instance.base).join();
});
after(() => instance?.stop());

test('410 after a restored backup, and a full sync finds what it holds', async () => {
	const made = await ada.create({ prompt: 'kept', model: 'sora_video2:never' });
	const before = await ada.cursor();
	const file = join(instance.data, 'copy.db');
	assert.equal((await longreel(['backup', file, '--data', instance.data])).code, 0);
	await ada.create({ prompt: 'lost', model: 'sora_video2:never' });
	const later = await ada.cursor();
	assert.equal((await ada.call('GET', `/api/video/updates?cursor=${before}&wait=0`)).status, 200);

	await instance.halt();
	for (const end of ['-wal', '-shm'])
		await rm(join(instance.data, `longreel.db${end}`), { force: true });
	await copyFile(file, join(instance.data, 'longreel.db'));
	await instance.start();
	ada.base = instance.base;
	for (const cursor of [before, later]) {
		const answer = await ada.call('GET', `/api/video/updates?cursor=${cursor}&wait=25`);
		assert.deepEqual([answer.status, answer.body.code], [410, 'cursor_gone']);
	}
	const sync = await ada.data('GET', '/api/video/updates?cursor=0&wait=0');
	assert.deepEqual(sync.updates.map((u) => u.payload.videoId), [made.videoId]);
});
