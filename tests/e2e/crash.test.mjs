// A kill -9 at every named point of submitting and polling (base/fault.h: compiled into the sanitizer builds only), while a client
// behaves as a good client does: it repeats its request, under the same id, until it is answered. Killed is the process that comes by; or, while
// it stands at that point, lighttpd; or everything, which is then started anew. What the simulator has on record must agree with what the client
// was told: no job twice, no task without its job, none forgotten, and states that only went forward.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { BUILD, newDataDir, startInstance, until } from '../support/instance.mjs';
import { checkEnd, checkRecord } from '../support/record.mjs';

/** The points, as the sources have them. */
const points = ['lib', 'poller'].flatMap((top) => readdirSync(top, { recursive: true }).map((f) => join(top, f)))
	.filter((f) => f.endsWith('.c')).flatMap((f) => [...readFileSync(f, 'utf8').matchAll(/fault_point\("([a-z.]+)"\)/g)].map((m) => m[1]));
const armed = readFileSync(join(BUILD, 'cgi-bin', 'relay')).includes('LONGREEL_FAULT_FILE');

let instance, ada, dir, fault, kills = 0;

before(async () => {
	dir = await newDataDir();
	fault = join(dir, 'fault');
	instance = await startInstance({ simulator: true, env: { LONGREEL_FAULT_FILE: fault, LONGREEL_RATE_CREATE: '0', LONGREEL_LOG_LEVEL: 'error',
		LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_SUBMIT_TIMEOUT: '1s', LONGREEL_POLL_TIMEOUT: '1s', LONGREEL_LEASE_MARGIN: '300ms' } });
	ada = await new Client(instance.base).join();
});
after(async () => {
	await instance?.stop();
	await rm(dir, { recursive: true, force: true });
});

const control = (settings) => fetch(`${instance.base}/simulator/control`, { method: 'PUT', body: JSON.stringify(settings),
	headers: { 'content-type': 'application/json' } });
const isArmed = () => { try { readFileSync(fault); return true; } catch { return false; } };

/** The child that stands still, if there is one. */
const stopped = () => instance.children().find(({ pid }) => {
	try {
		return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return false;
	}
})?.pid;

/** What is killed, once the point is reached. */
const victims = {
	itself: { order: '', kill: () => until(() => !isArmed(), 'a death') },
	lighttpd: { order: 'stop ', async kill() {
		const pid = await until(stopped, 'somebody at the point');
		process.kill(instance.child('lighttpd'), 'SIGKILL');
		process.kill(pid, 'SIGCONT');
	} },
	everything: { order: 'stop ', async kill() {
		await until(stopped, 'somebody at the point');
		await instance.crash();
		await instance.start();
		ada.base = instance.base;
	} },
};

for (const point of armed ? points : [])
	for (const [victim, { order, kill }] of Object.entries(victims))
		test(`${victim} killed at ${point}`, async () => {
			const prompt = `${victim} killed at ${point}`;
			const cursor = await ada.cursor();
			const create = () => ada.insist({ prompt, model: 'sora_video2:fast', clientRequestId: prompt });
			/* For the poller's own submissions the upstream is away at first: nothing is under way when the poller comes by. */
			const queued = point.startsWith('due.');
			if (queued) {
				await control({ submit: '503', times: 1 });
				await create();
			}
			await writeFile(fault, order + point);
			const killed = kill();
			const made = await create();
			const { task, words } = await ada.followAnyway(made.videoId, cursor);
			await killed;
			kills++;
			await checkEnd(instance, task, words);
			/* What was written before the first byte, or after the answer, loses nothing at all; lighttpd holds no state. */
			if (victim === 'lighttpd' || !['create.written', 'submit.started', 'submit.answered', 'submit.settled', 'due.settled'].includes(point))
				assert.equal(task.status, 'COMPLETED');
		});

test('the points are known, and all of them together leave a consistent record', async () => {
	assert.ok(points.length >= 10 && new Set(points).size === points.length, points.join());
	assert.equal(kills, armed ? points.length * Object.keys(victims).length : 0);
	await checkRecord(instance, ada);
});
