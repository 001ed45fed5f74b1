// Several clients at work, while now and then a process is killed with -9: a program, lighttpd, the poller, or everything at once. After
// that, each request that a client was answered for is a task, each task has at most one job, and no feed has missed a change.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { startInstance, until } from '../support/instance.mjs';
import { random } from '../support/random.mjs';
import { checkRecord } from '../support/record.mjs';

const KILLS = 24, CLIENTS = 4, PAUSE_MS = 400;
const dice = random();
let instance, answered = 0;

before(async () => {
	instance = await startInstance({ simulator: true, env: { LONGREEL_RATE_CREATE: '0', LONGREEL_RATE_REGISTER: '0', LONGREEL_LOG_LEVEL: 'error',
		LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_SUBMIT_TIMEOUT: '1s', LONGREEL_POLL_TIMEOUT: '1s', LONGREEL_LEASE_MARGIN: '300ms' } });
});
after(() => instance?.stop());

/** Kills one at random, and gives its name. */
async function killOne(clients) {
	if (dice.below(8) === 0) {
		await instance.crash();
		await instance.start();
		for (const client of clients)
			client.base = instance.base;
		return 'everything';
	}
	const victims = () => instance.children().filter(({ command }) => /relay|poller|updates|tasks|lighttpd/.test(command));
	const { pid, command } = dice.pick(await until(() => { const all = victims(); return all.length > 0 && all; }, 'a process to kill')); // proc(5): while one ends, others may be left out
	process.kill(pid, 'SIGKILL');
	return /relay|poller|updates|tasks|lighttpd/.exec(command)[0];
}

/** Creates task after task until `over`, and follows the feed meanwhile. */
async function work(client, name, over) {
	const made = new Map(), latest = new Map();
	let cursor = '0';
	const listen = async () => {
		const answer = await client.call('GET', `/api/video/updates?cursor=${cursor}&wait=1`).catch(() => null);
		if (answer?.status !== 200)
			return 0;
		for (const { payload } of answer.body.data.updates)
			latest.set(payload.videoId, payload);
		cursor = answer.body.data.cursor;
		return answer.body.data.updates.length;
	};
	const create = async () => {
		for (let i = 0; !over(); i++) {
			const prompt = `${name} ${i}`;
			const { videoId } = await client.insist({ prompt, clientRequestId: prompt, model: `m:${dice.pick(['fast', 'fast+delay=300ms', 'slow=400ms'])}` });
			made.set(videoId, prompt);
			answered++;
		}
	};
	const hear = async () => {
		while (!over())
			await listen();
	};
	await Promise.all([create(), hear()]);
	/* What was acknowledged comes to an end, and the feed says so. */
	await until(async () => {
		await listen();
		return [...made.keys()].every((id) => latest.get(id)?.completedAt);
	}, 'the end of every task in the feed', 60_000);
	return { made, latest };
}

test(`${KILLS} kills at random moments (${dice.seed})`, async (t) => {
	const clients = await Promise.all(Array.from({ length: CLIENTS }, () => new Client(instance.base).join()));
	let over = false;
	const working = Promise.all(clients.map((client, i) => work(client, `client ${i}`, () => over)));
	working.catch(() => (over = true));
	const killed = {};
	for (let i = 0; i < KILLS && !over; i++) {
		const before = answered;
		await until(() => over || answered > before, 'a task since the last kill', 60_000);
		await new Promise((done) => setTimeout(done, dice.below(PAUSE_MS)));
		const name = await killOne(clients);
		killed[name] = (killed[name] ?? 0) + 1;
	}
	over = true;
	const results = await working;
	const { tasks, jobs } = await until(() => checkRecord(instance, ...clients).catch((e) => { if (e.code === 'ERR_ASSERTION') throw e; }), 'the record');
	for (const [i, { made, latest }] of results.entries()) {
		const { total } = await clients[i].data('GET', '/api/video/tasks');
		assert.equal(total, made.size, 'every acknowledged request is a task, and no other');
		for (const [id, prompt] of made) {
			const task = latest.get(id);
			assert.equal(task.prompt, prompt);
			assert.ok(task.status === 'COMPLETED' || task.errorCode === 'submission_unknown', `${task.status} ${task.errorCode}`);
			assert.deepEqual(await clients[i].data('GET', `/api/video/tasks/${id}`), task, 'the last update is the present state');
		}
		for (const id of latest.keys())
			assert.ok(made.has(id), 'nothing of anybody else');
	}
	t.diagnostic(`kills ${JSON.stringify(killed)}, tasks ${tasks}, jobs ${jobs}`);
	assert.ok(tasks >= KILLS, 'work was done between the kills');
});
