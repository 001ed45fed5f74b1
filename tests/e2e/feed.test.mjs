// The updates feed is complete, as a property: several users, each with several readers that come and go at any moment and keep nothing but
// their cursor and the updates that they have; writers of all kinds beside them, the poller among them; the waiting room killed now and then, and the
// whole instance restarted. In the end every reader knows the last state of every task of its user, and of no other user's.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { startInstance, until } from '../support/instance.mjs';
import { random } from '../support/random.mjs';

const USERS = 3, READERS = 3, STEPS = 60, DISTURBANCES = 8;
const dice = random();
let instance;

before(async () => {
	instance = await startInstance({ simulator: true, env: { LONGREEL_RATE_CREATE: '0', LONGREEL_RATE_REGISTER: '0', LONGREEL_LOG_LEVEL: 'error',
		LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_SUBMIT_TIMEOUT: '1s', LONGREEL_POLL_TIMEOUT: '1s', LONGREEL_LEASE_MARGIN: '300ms' } });
});
after(() => instance?.stop());

/** The call, again until it is answered with anything but a failure of the server. */
const insist = (client, method, path, body) => until(async () => {
	const answer = await client.call(method, path, body).catch(() => null);
	return answer !== null && answer.status < 500 ? answer : null;
}, `${method} ${path}`);

/** Does this and that with tasks, and knows in the end how each one stands. */
async function write(client) {
	const ids = [];
	for (let step = 0; step < STEPS; step++) {
		const id = ids.length > 0 ? dice.pick(ids) : null;
		const verb = id ? dice.pick(['create', 'create', 'cancel', 'retry', 'delete', 'remix']) : 'create';
		if (verb === 'create') {
			const model = `m:${dice.pick(['fast', 'fail+fast', 'slow=300ms', 'never', 'reject'])}`;
			const answer = await insist(client, 'POST', '/api/relay/sora/videos', { prompt: `step ${step}`, model, clientRequestId: `step${step}` });
			ids.push(answer.body.data?.videoId);
		} else if (verb === 'delete') {
			await insist(client, 'DELETE', `/api/video/tasks/${id}`);
		} else {
			await insist(client, 'POST', `/api/video/tasks/${id}/${verb}`, verb === 'remix' ? { prompt: 'remix', model: 'm:fast' } : '');
		}
	}
}

/** A reader: asks, is interrupted, goes on with its cursor. Cursors are strings that name an order; it never goes back. */
function reader(client) {
	const known = new Map();
	let cursor = '0', over = false;
	const ask = async () => {
		const signal = dice.below(4) === 0 ? AbortSignal.timeout(dice.below(60) + 1) : undefined;
		const answer = await client.call('GET', `/api/video/updates?cursor=${cursor}&wait=1`, undefined, {}, signal).catch(() => null);
		if (answer?.status !== 200)
			return;
		const { updates } = answer.body.data;
		assert.equal(new Set(updates.map((u) => u.payload.videoId)).size, updates.length, 'each once in a page');
		for (const { payload } of updates)
			known.set(payload.videoId, payload);
		cursor = answer.body.data.cursor;
	};
	const running = (async () => {
		while (!over)
			await ask();
	})();
	running.catch(() => (over = true));
	return { known, ask, async stop() { over = true; await running; } };
}

async function disturb(clients) {
	await new Promise((done) => setTimeout(done, dice.below(400)));
	if (dice.below(4) === 0) {
		await (dice.below(2) ? instance.crash().then(() => instance.start()) : instance.restart());
		for (const client of clients)
			client.base = instance.base;
	} else {
		const pid = instance.child(dice.pick(['updates', 'updates', 'poller', 'lighttpd']));
		if (pid)
			process.kill(pid, 'SIGKILL');
	}
}

/** All tasks of the user by the list, which is another way to them than the feed. */
async function listed(client) {
	const tasks = [];
	for (let cursor = '', page; cursor !== null; cursor = page.nextCursor) {
		page = await client.data('GET', `/api/video/tasks?pageSize=100${cursor && `&cursor=${cursor}`}`);
		tasks.push(...page.tasks);
	}
	return new Map(tasks.map((t) => [t.videoId, t]));
}

test(`the last state of every task reaches every reader of its user (${dice.seed})`, async () => {
	const users = await Promise.all(Array.from({ length: USERS }, () => new Client(instance.base).join()));
	const readers = users.map((user) => Array.from({ length: READERS }, () => reader(user)));
	const disturbing = (async () => {
		for (let i = 0; i < DISTURBANCES; i++)
			await disturb(users);
	})();
	await Promise.all([...users.map(write), disturbing]);
	for (const [i, user] of users.entries())
		for (const { known, ask, stop } of readers[i]) {
			await stop();
			/* What is never done goes on being as it is; all else comes to an end. */
			await until(async () => {
				await ask();
				const truth = await listed(user);
				return [...truth.values()].every((t) => t.completedAt || t.model.endsWith(':never'))
					&& [...truth].every(([id, t]) => JSON.stringify(known.get(id)) === JSON.stringify(t));
			}, 'the last state of every task', 30_000);
			const truth = await listed(user);
			for (const [id, task] of known)
				if (!truth.has(id))
					assert.deepEqual(task, { videoId: id, deleted: true }, 'what is not listed was deleted, and the reader knows');
			assert.ok(truth.size > 0);
		}
	/* And a reader that comes last, with the cursor 0, hears just the same. */
	for (const [i, user] of users.entries()) {
		const late = reader(user);
		await until(() => late.known.size >= readers[i][0].known.size, 'the late reader');
		await late.stop();
		assert.deepEqual(new Map([...late.known].sort()), new Map([...readers[i][0].known].sort()));
	}
});
