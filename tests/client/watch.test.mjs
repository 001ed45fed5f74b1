// The feed of a client with many tabs: one of them polls, every tab hears everything once, whoever opens, closes, fails or sleeps.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../../web/client.js';
import { Watch } from '../../web/client/watch.js';
import { random } from '../support/random.mjs';
import { until } from '../support/instance.mjs';

const PAGE = 3;

/** A server's feed: tasks t1, t2, … in order of change; the cursor is how many there were. */
class Feed {
	length = 0; waiting = new Set(); polls = 0; asked = []; failing = null; epoch = 'a';

	add(count = 1) {
		this.length += count;
		for (const wake of [...this.waiting])
			wake();
	}

	#page(from) {
		const to = Math.min(this.length, from + PAGE);
		return { updates: Array.from({ length: to - from }, (_, n) => ({ payload: { videoId: `t${from + n + 1}` } })), cursor: `${this.epoch}${to}`, more: to < this.length };
	}

	ask = async (cursor, wait, signal) => {
		this.asked.push([cursor, wait]);
		await new Promise((done) => setImmediate(done)); // nothing is answered at once
		if (this.failing)
			throw this.failing;
		if (cursor === null)
			return { updates: [], cursor: `${this.epoch}${this.length}`, more: false };
		if (cursor !== '0' && !cursor.startsWith(this.epoch))
			throw new ApiError(410, 'cursor_gone', 'Gone.');
		const from = cursor === '0' ? 0 : Number(cursor.slice(1));
		if (from === this.length && wait > 0) {
			this.polls++;
			await new Promise((done, fail) => {
				const end = () => { this.waiting.delete(end); done(); };
				this.waiting.add(end);
				signal.addEventListener('abort', () => { this.waiting.delete(end); fail(signal.reason); });
			}).finally(() => this.polls--);
		}
		return this.#page(from);
	};
}

/** Web Locks, as much of them as is needed: one holder, the others in order (Node 20 has none). */
class Locks {
	#held = new Map(); #robbed = new Map();

	request(name, { signal, steal }, work) {
		if (steal) {
			this.#robbed.get(name)?.(new DOMException('stolen', 'AbortError'));
			this.#held.delete(name);
		}
		const before = this.#held.get(name) ?? Promise.resolve();
		let dropped = false;
		const turn = before.then(() => (dropped ? undefined : work()));
		this.#held.set(name, turn.catch(() => {}));
		return new Promise((done, fail) => {
			before.then(() => this.#robbed.set(name, fail));
			signal?.addEventListener('abort', () => { dropped = true; fail(new DOMException('no', 'AbortError')); });
			turn.then(done, fail);
		});
	}
}

let names = 0;

/** A page with tabs that all belong together. */
function newBrowser(t, { alone = false } = {}) {
	const feed = new Feed(), locks = alone ? null : new Locks(), name = `tabs-${++names}`, open = new Set();
	t.after(() => open.forEach((tab) => tab.close()));
	return {
		feed, open,
		tab(cursor) {
			const tab = { heard: [], events: [], start: cursor, cursor };
			tab.watch = new Watch({ ask: feed.ask, cursor, name, locks, wait: 25, onUpdate: (update) => {
				tab.events.push(update.type);
				if (update.type !== 'updates')
					return;
				tab.cursor = update.cursor;
				tab.heard.push(...update.updates.map((task) => task.videoId));
			} });
			tab.close = () => { open.delete(tab); tab.watch.stop(); };
			open.add(tab);
			return tab;
		},
	};
}

const all = (from, to) => Array.from({ length: to - from }, (_, n) => `t${from + n + 1}`);
const caughtUp = (tab, feed) => until(() => tab.cursor === `${feed.epoch}${feed.length}`, `${tab.cursor} to become ${feed.epoch}${feed.length}`);

test('many tabs, one poll; each hears everything once', async (t) => {
	const { feed, tab } = newBrowser(t), tabs = [tab('a0'), tab('a0'), tab('a0')];
	feed.add(5);
	for (const one of tabs)
		await caughtUp(one, feed);
	feed.add(2);
	for (const one of tabs) {
		await caughtUp(one, feed);
		assert.deepEqual(one.heard, all(0, 7));
	}
	await until(() => feed.polls === 1, 'the one poll');
	assert.ok(feed.asked.length < 12, `${feed.asked.length} requests`);
});

test('a tab that comes later, from an older cursor or none', async (t) => {
	const { feed, tab } = newBrowser(t);
	feed.add(8);
	const leader = tab('a8'), late = tab('a1'), fresh = tab(null);
	await caughtUp(late, feed);
	await caughtUp(fresh, feed);
	feed.add(1);
	for (const [one, from] of [[leader, 8], [late, 1], [fresh, 8]]) {
		await caughtUp(one, feed);
		assert.deepEqual(one.heard, all(from, 9));
	}
	assert.equal(feed.polls <= 1, true);
});

test('the leader closes: another goes on, and nothing is lost or doubled', async (t) => {
	const { feed, tab } = newBrowser(t), leader = tab('a0'), heir = tab('a0');
	feed.add(2);
	await caughtUp(heir, feed);
	feed.add(4);
	leader.close();
	feed.add(1);
	await caughtUp(heir, feed);
	assert.deepEqual(heir.heard, all(0, 7));
	await until(() => feed.polls === 1, 'the poll of the heir');
});

test('at random: tabs open and close while tasks change', async (t) => {
	const { seed, below, pick } = random(), { feed, tab, open } = newBrowser(t);
	for (let step = 0; step < 300; step++) {
		if (open.size === 0 || (open.size < 5 && below(6) === 0))
			tab(`a${below(feed.length + 1)}`);
		else if (below(12) === 0)
			pick([...open]).close();
		if (below(3) === 0)
			feed.add(1 + below(5));
		if (below(4) === 0)
			await new Promise((done) => setImmediate(done));
	}
	for (const one of open) {
		await caughtUp(one, feed);
		assert.deepEqual(one.heard, all(Number(one.start.slice(1)), feed.length), `seed ${seed}`);
	}
	await until(() => feed.polls === 1, `one poll (seed ${seed})`);
});

test('without locks each tab polls for itself', async (t) => {
	const { feed, tab } = newBrowser(t, { alone: true }), tabs = [tab('a0'), tab('a0')];
	await until(() => feed.polls === 2, 'two polls');
	feed.add(4);
	for (const one of tabs) {
		await caughtUp(one, feed);
		assert.deepEqual(one.heard, all(0, 4));
	}
});

test('a failure is waited out, and told once in all tabs', async (t) => {
	const { feed, tab } = newBrowser(t), leader = tab('a0'), other = tab('a0');
	feed.add(1);
	await caughtUp(other, feed);
	feed.failing = new ApiError(0, 'unreachable', 'No.');
	leader.watch.nudge();
	await until(() => leader.events.includes('offline') && other.events.includes('offline'), 'offline');
	feed.failing = null;
	feed.add(2);
	await caughtUp(leader, feed);
	await caughtUp(other, feed);
	await until(() => leader.events.includes('online') && other.events.includes('online'), 'online');
	for (const one of [leader, other]) {
		assert.deepEqual(one.heard, all(0, 3));
		assert.deepEqual(one.events.filter((type) => type !== 'updates'), ['offline', 'online']);
	}
});

test('Retry-After is kept to, even when somebody is impatient', async (t) => {
	const { feed, tab } = newBrowser(t);
	feed.failing = new ApiError(429, 'rate_limited', 'Later.', { retryAfterMs: 300 });
	const begun = performance.now(), one = tab('a0');
	await until(() => one.events.includes('offline'), 'offline');
	feed.failing = null;
	one.watch.nudge();
	await until(() => one.events.includes('online'), 'online');
	assert.ok(performance.now() - begun >= 295);
});

test('answered early: it rests as long as it was told, and a little by chance, and is not offline', async (t) => {
	const asked = [], events = [];
	const ask = async (cursor, wait, signal) => {
		asked.push(performance.now());
		if (asked.length === 1)
			return { updates: [], cursor, more: false, retryAfterMs: 300 };
		return new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason)));
	};
	const { random: chance } = Math;
	t.after(() => { Math.random = chance; });
	Math.random = () => 0.2; // of a second
	const watch = new Watch({ ask, cursor: 'a0', name: `tabs-${++names}`, locks: null, onUpdate: ({ type }) => events.push(type) });
	t.after(() => watch.stop());
	await until(() => asked.length === 1, 'the first request');
	watch.nudge();
	await until(() => asked.length > 1, 'the next');
	const rested = asked[1] - asked[0];
	assert.ok(rested >= 295 + 195, `${rested} ms`);
	watch.stop();
	assert.deepEqual(events.filter((type) => type !== 'updates'), []);
});

test('a cursor of another database: a reset in each tab, then everything', async (t) => {
	const { feed, tab } = newBrowser(t), leader = tab('a0'), other = tab('a0');
	feed.add(2);
	await caughtUp(other, feed);
	feed.epoch = 'b';
	leader.heard.length = other.heard.length = 0;
	leader.watch.nudge();
	feed.add(3);
	for (const one of [leader, other]) {
		await caughtUp(one, feed);
		assert.deepEqual(one.events.filter((type) => type === 'reset'), ['reset']);
		assert.deepEqual(one.heard, all(0, 5));
	}
});

test('401 ends the watch in all tabs', async (t) => {
	const { feed, tab } = newBrowser(t), leader = tab('a0'), other = tab('a0');
	feed.add(1);
	await caughtUp(other, feed);
	feed.failing = new ApiError(401, 'unauthorized', 'Please sign in.');
	leader.watch.nudge();
	await until(() => leader.events.includes('expired') && other.events.includes('expired'), 'the end');
	const { length } = feed.asked;
	await new Promise((done) => setTimeout(done, 50));
	assert.equal(feed.asked.length, length);
});

test('a server that answers at once with nothing is not asked without end', async (t) => {
	t.mock.timers.enable({ apis: ['setInterval', 'setTimeout', 'Date'] });
	let asked = 0;
	const watch = new Watch({ ask: async () => { asked++; return { updates: [], cursor: 'a0', more: false }; }, cursor: 'a0', name: `tabs-${++names}`, locks: null, onUpdate() {} });
	t.after(() => watch.stop());
	const pass = async (ms) => {
		t.mock.timers.tick(ms);
		for (let n = 0; n < 50; n++)
			await new Promise(setImmediate);
	};
	await pass(0);
	await pass(999);
	assert.equal(asked, 1);
	await pass(1);
	await pass(1000); // a part of a second, by chance
	assert.equal(asked, 2);
});

test('a leader that is asleep without a word loses the lead to a tab that is seen, and follows when it wakes', async (t) => {
	t.mock.timers.enable({ apis: ['setInterval', 'setTimeout', 'Date'] });
	const before = globalThis.document;
	globalThis.document = Object.assign(new EventTarget(), { hidden: false });
	t.after(() => (globalThis.document = before));
	const real = async (turns = 50) => { for (let n = 0; n < turns; n++) await new Promise(setImmediate); };
	const { feed, tab } = newBrowser(t), leader = tab('a0');
	await real();
	const follower = tab('a0');
	await real();
	const { postMessage } = BroadcastChannel.prototype;
	BroadcastChannel.prototype.postMessage = function (message) { // neither polls nor answers
		if (message.type === 'awake' || message.type === 'hello')
			return;
		postMessage.call(this, message);
	};
	t.after(() => (BroadcastChannel.prototype.postMessage = postMessage));
	const polls = feed.asked.length;
	for (let n = 0; n < 3; n++) {
		t.mock.timers.tick(10_000);
		await real();
		t.mock.timers.tick(4_000);
		await real();
	}
	BroadcastChannel.prototype.postMessage = postMessage;
	assert.ok(feed.asked.length > polls, 'the other asks');
	feed.add(2);
	t.mock.timers.tick(1_000);
	await real(200);
	for (const one of [leader, follower])
		assert.deepEqual(one.heard, all(0, 2));
	assert.ok(feed.polls <= 1, 'one of them polls');
});
