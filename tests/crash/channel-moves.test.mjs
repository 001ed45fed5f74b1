// A channel moves between a poller's look at the channels and the transaction that takes its task to SENDING: the poller stands still there,
// at a fault point (base/kill_point.h), while the operator moves the channel. The task goes to the new place, and its row says so.
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { longreel, newDataDir, startInstance, until } from '../support/instance.mjs';
import { PROFILE, newUpstream } from '../support/upstream.mjs';

let data, instance, ada, here, there, fault;

async function does(...words) {
	const { code, out, err } = await longreel(['channel', ...words, '--data', data]);
	assert.equal(code, 0, err + out);
}

async function keyFile(name) {
	await writeFile(join(data, name), name, { mode: 0o600 });
	return join(data, name);
}

const stopped = () => instance.children().find(({ pid }) => {
	try {
		return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return false;
	}
})?.pid;

before(async () => {
	data = await newDataDir();
	fault = join(data, 'fault');
	await mkdir(join(data, 'dialects'), { mode: 0o700 });
	await writeFile(join(data, 'dialects', 'klecks.json'), PROFILE);
	[here, there] = [await newUpstream({ keys: ['key-here'] }), await newUpstream({ keys: ['key-there'] })];
	instance = await startInstance({ data, env: { LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_RATE_CREATE: '0', LONGREEL_ARCHIVE: 'off',
		LONGREEL_FAULT_FILE: fault } });
	ada = await new Client(instance.base).join();
	await does('add', 'one', '--base', here.base, '--dialect', 'klecks', '--private', '--key-file', await keyFile('key-here'));
});
after(async () => {
	await Promise.all([here?.close(), there?.close()]);
	await instance?.stop();
	await rm(data, { recursive: true, force: true });
});

test('what a poller has claimed goes where its channel is when it is sent', async () => {
	const key = await keyFile('key-there');
	here.answer = () => 503; // the channel rests, and what comes is left to the poller
	const cursor = await ada.cursor();
	const { videoId, status } = await ada.create({ prompt: 'a cat' });
	assert.equal(status, 'queued');
	await writeFile(fault, 'stop due.claimed');
	const pid = await until(stopped, 'a poller at the point');
	await does('set', 'one', '--base', there.base, '--key-file', key);
	here.answer = () => undefined;
	process.kill(pid, 'SIGCONT');
	assert.equal((await ada.ended(cursor, videoId)).task.status, 'COMPLETED');
	assert.deepEqual([here.jobs.length, there.jobs.map((job) => job.key)], [0, ['key-there']]);
	assert.ok(await readFile(fault).then(() => false, () => true), 'it came by');
});
