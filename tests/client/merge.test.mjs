// mergeHistory as a property: over random histories that share ids, no task is ever twice, none is lost, and the later state wins.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeHistory } from '../../web/client.js';
import { random } from '../support/random.mjs';

const { seed, below, pick } = random();
const ROUNDS = 2000, STATES = ['QUEUED', 'PROCESSING', 'COMPLETED', 'FAILED'];
const time = (n) => new Date(1_700_000_000_000 + n * 1000).toISOString();

/** A task of the server; number n always has the same two ids, as (user, clientRequestId) is unique. */
const remoteTask = (n) => ({ videoId: `v${n}`, clientRequestId: n % 3 ? `c${n}` : null, status: pick(STATES), progress: below(100), createdAt: time(n),
	updatedAt: time(100 + below(20)) });

/** What a client may have of it: the server's own words, or only what it drew itself. */
const localTask = (n) => (n % 3 && below(2) ? { clientRequestId: `c${n}`, status: 'QUEUED', createdAt: time(n), note: `own ${n}` } : { ...remoteTask(n), note: `own ${n}` });

const history = (make) => Array.from({ length: below(12) }, () => make(below(9)));
const names = (tasks) => tasks.map((task) => [task.videoId, task.clientRequestId]);
const unique = (list) => assert.equal(new Set(list).size, list.length);

test(`no task twice, none lost, the later wins (seed ${seed})`, () => {
	for (let round = 0; round < ROUNDS; round++) {
		const local = history(localTask), remote = history(remoteTask), before = JSON.stringify([local, remote]);
		const merged = mergeHistory(local, remote);
		assert.equal(JSON.stringify([local, remote]), before, 'nothing that was given is changed');
		unique(merged.map((task) => task.videoId).filter(Boolean));
		unique(merged.map((task) => task.clientRequestId).filter(Boolean));
		for (const task of [...local, ...remote]) {
			const its = merged.filter((one) => (task.videoId ? one.videoId === task.videoId : one.clientRequestId === task.clientRequestId));
			assert.equal(its.length, 1, JSON.stringify({ task, local, remote, merged }));
			assert.equal(its[0].clientRequestId, task.clientRequestId ?? its[0].clientRequestId, 'the client\'s own id is kept');
			if (task.updatedAt)
				assert.ok(its[0].updatedAt >= task.updatedAt, 'the newer wins');
			if (task.note)
				assert.ok(its[0].note, 'what only the client knows stays');
		}
		assert.deepEqual(mergeHistory(merged, remote), merged, 'a second time changes nothing');
		assert.deepEqual(names(mergeHistory(merged, [])), names(merged));
		const times = merged.map((task) => task.createdAt);
		assert.deepEqual(times, [...times].sort().reverse(), 'newest first');
	}
});

test('a card without videoId becomes the task that the server made of it, whichever came first', () => {
	const drawn = { clientRequestId: 'c', status: 'QUEUED', createdAt: time(0) }, made = { videoId: 'v', clientRequestId: 'c', status: 'PROCESSING', createdAt: time(1), updatedAt: time(1) };
	assert.deepEqual(mergeHistory([drawn], [made]), [made]);
	assert.deepEqual(mergeHistory([made], [drawn]), [made]);
	assert.equal(mergeHistory([{ ...drawn, videoId: 'v' }, { videoId: 'v', createdAt: time(0) }], [made]).length, 1);
});

test('two cards that turn out to be one', () => {
	const merged = mergeHistory([{ videoId: 'v', status: 'PROCESSING', createdAt: time(0) }, { clientRequestId: 'c', createdAt: time(0), note: 'x' }],
		[{ videoId: 'v', clientRequestId: 'c', status: 'COMPLETED', createdAt: time(0), updatedAt: time(2) }]);
	assert.deepEqual(merged.map(({ videoId, clientRequestId, status, note }) => [videoId, clientRequestId, status, note]), [['v', 'c', 'COMPLETED', 'x']]);
});

test('a deletion removes, also what comes after it', () => {
	const task = { videoId: 'v', clientRequestId: 'c', createdAt: time(0), updatedAt: time(1) };
	assert.deepEqual(mergeHistory([task], [{ videoId: 'v', deleted: true }]), []);
	assert.deepEqual(mergeHistory([], [task, { videoId: 'v', deleted: true }, task]), []);
	assert.equal(mergeHistory([{ clientRequestId: 'd', createdAt: time(0) }], [{ videoId: 'v', deleted: true }]).length, 1);
});

test('in the same millisecond the state further on wins', () => {
	const at = { videoId: 'v', createdAt: time(0), updatedAt: time(1) };
	assert.equal(mergeHistory([{ ...at, status: 'COMPLETED', progress: 100 }], [{ ...at, status: 'PROCESSING', progress: 40 }])[0].status, 'COMPLETED');
	assert.equal(mergeHistory([{ ...at, status: 'FAILED', attempt: 1 }], [{ ...at, status: 'QUEUED', attempt: 2 }])[0].status, 'QUEUED');
});
