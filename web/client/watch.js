// The feed: one long poll for a whole client, however many tabs it has open.
//
// One tab polls, the one that holds a Web Lock; it passes on every page of updates, with the cursor before and after it, over a
// BroadcastChannel. Every tab has a cursor of its own, and takes a page only where it begins at that cursor. A tab that missed something
// (it was opened later, it slept, the old leader died in mid-sentence) sees that the page does not fit, and asks for what it lacks from its own
// cursor, without waiting. So nothing is lost and nothing comes twice, whichever tab leads. Without Web Locks each tab polls for itself.
//
// A phone freezes tabs that are not seen. One that is told so gives the lock back; one that is not told is found out by a tab that is seen,
// as it answers no question, and its lock is taken from it.

const WAIT_S = 25;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_MOST_MS = 30_000;
const BACKOFF_SEEN_MS = 8_000;   // while it is on screen
const ANSWER_LATE_MS = 20_000;   // beyond the wait: the connection is dead, though nothing said so
const SHORT_MS = 1000;
const SPREAD = 2;                // failures whose backoff is up to a second, as Retry-After is in whole seconds
const BEAT_MS = 10_000;
const SLEPT_MS = 75_000;         // browsers let a hidden tab's timer fire once a minute
const QUIET_MS = 5_000;          // a visible tab that hears nothing for so long asks whether the leader is awake
const ASLEEP_MS = 3_000;         // a leader that does not answer for so long is frozen, and another leads

/** Full jitter: anything up to the doubled bound, so that a thousand clients of a restarted server do not come back as one. */
const backoff = (failures) => Math.random() * Math.min(globalThis.document?.hidden === false ? BACKOFF_SEEN_MS : BACKOFF_MOST_MS,
	BACKOFF_FIRST_MS * 2 ** (failures - 1));

/**
 * What watch() tells.
 * - `updates`: tasks that changed, each in its latest state, or `{videoId, deleted: true}`; keep `cursor` together with them.
 * - `reset`: the cursor was of another database; forget what the server said, everything comes again.
 * - `offline`, `online`: whether the server answers.
 * - `expired`: the token is not valid any more; the watch has ended.
 * @typedef {{type: 'updates', updates: object[], cursor: string, more: boolean}
 *	| {type: 'reset'|'offline'|'online', cursor: ?string} | {type: 'expired'}} Update
 */

export class Watch {
	/** @type {?string} */ #cursor;
	#ask; #onUpdate; #wait; #name; #locks; #Channel;
	#stopped = false; #leading = false; #online = true;
	/** @type {?AbortController} the request under way */ #request = null;
	/** Ends the pause between two tries. */ #wake = () => {};
	/** Gives the lock back. */ #release = () => {};
	/** @type {?BroadcastChannel} */ #channel = null;
	/** @type {?AbortController} ends the wait for the lock */ #waiting = null;
	/** @type {any} */ #timer = null;
	/** @type {any} */ #rousing = null;
	/** @type {[EventTarget, string, (event: any) => void][]} */ #listeners = [];
	#heardAt = Date.now(); #beatAt = Date.now();
	/** @type {?Promise<void>} */ #catching = null; /** @type {any[]} */ #missed = [];

	/**
	 * @param {object} options
	 * @param {(cursor: ?string, wait: number, signal: AbortSignal) => Promise<{updates: {payload: object}[], cursor: string, more: boolean, retryAfterMs?: number}>} options.ask
	 * @param {?string} options.cursor  @param {(update: Update) => any} options.onUpdate awaited, one after the other
	 * @param {string} options.name the same in all tabs that share a token
	 * @param {number} [options.wait] seconds
	 * @param {?LockManager} [options.locks]  @param {?typeof BroadcastChannel} [options.Channel] null: this tab polls for itself
	 */
	constructor({ ask, cursor, onUpdate, name, wait = WAIT_S, locks = globalThis.navigator?.locks, Channel = globalThis.BroadcastChannel }) {
		this.#ask = ask;
		this.#cursor = cursor ?? null;
		this.#onUpdate = onUpdate;
		this.#name = name;
		this.#wait = wait;
		this.#locks = locks;
		this.#Channel = Channel;
		this.#hearWorld();
		this.#join();
	}

	/** Ends it; nothing is told any more. */
	stop() {
		if (this.#stopped)
			return;
		this.#stopped = true;
		clearInterval(this.#timer);
		clearTimeout(this.#rousing);
		for (const [target, event, listener] of this.#listeners)
			target.removeEventListener(event, listener);
		this.#leave();
	}

	/** Asks now instead of later: after sleep, or when a user pulls the page down. */
	nudge() {
		if (this.#leading) {
			this.#request?.abort('nudge');
			this.#wake();
		} else {
			this.#catchUp();
		}
	}

	// ---- which tab polls ----

	#join() {
		if (!this.#locks || !this.#Channel) {
			this.#lead();
			return;
		}
		this.#heardAt = Date.now();
		const channel = new this.#Channel(this.#name);
		this.#channel = channel;
		channel.onmessage = ({ data }) => this.#hear(data);
		this.#queue(false);
		channel.postMessage({ type: 'hello' });
	}

	/** Waits for the lock, or takes it from a leader that sleeps. @param {boolean} steal */
	#queue(steal) {
		const waiting = new AbortController();
		this.#waiting?.abort();
		this.#waiting = waiting;
		const lead = () => {
			if (waiting.signal.aborted)
				return null;
			this.#lead();
			return new Promise((release) => (this.#release = () => release(undefined)));
		};
		this.#locks?.request(this.#name, steal ? { steal } : { signal: waiting.signal }, lead).catch((error) => {
			if (this.#stopped || waiting.signal.aborted)
				return;
			if (error?.name === 'AbortError')
				this.#follows(); // it was taken from us while we slept
			else
				this.#lead();
		});
	}

	/** Another tab leads from now on; this one waits for its next turn. */
	#follows() {
		this.#leading = false;
		this.#request?.abort('leave');
		this.#wake();
		this.#heardAt = Date.now();
		this.#queue(false);
		this.#catchUp();
	}

	/** Takes the lead where the leader does not answer. Only a tab that is seen does, so that two never take it from each other. */
	#rouse() {
		if (this.#leading || this.#stopped || !this.#channel || Date.now() - this.#heardAt < QUIET_MS || globalThis.document?.hidden !== false)
			return;
		const asked = Date.now();
		this.#channel.postMessage({ type: 'awake' });
		clearTimeout(this.#rousing);
		this.#rousing = setTimeout(() => {
			if (!this.#leading && !this.#stopped && this.#channel && this.#heardAt < asked)
				this.#queue(true);
		}, ASLEEP_MS);
		this.#rousing.unref?.();
	}

	#leave() {
		this.#leading = false;
		this.#waiting?.abort();
		this.#request?.abort('leave');
		this.#wake();
		this.#release();
		this.#channel?.close();
		this.#channel = null;
	}

	async #lead() {
		if (this.#stopped || this.#leading)
			return;
		this.#leading = true;
		this.#request?.abort('nudge');
		await this.#catching; // whose answer may be on its way to onUpdate
		let failures = 0;
		while (this.#leading && !this.#stopped)
			failures = await this.#poll(failures);
	}

	// ---- the tab that polls ----

	/** One request and what follows from it. @returns {Promise<number>} failures in a row */
	async #poll(failures) {
		const before = this.#cursor, asked = Date.now();
		try {
			// After a failure it does not wait, so that the page soon says that all is well again.
			const wait = failures || before === null ? 0 : this.#wait;
			const page = await this.#demand(before, wait);
			this.#beat(true);
			this.#say({ type: 'page', before, cursor: page.cursor, updates: page.updates.map((u) => u.payload), more: page.more });
			await this.#take(page);
			// The server has too many of us, and says when it will have us again; all that it tells so at one time must not come as one.
			const rest = page.retryAfterMs ?? 0;
			if (rest > 0)
				await this.#pause(SPREAD, rest);
			// An answer that should have waited and did not: it is about to stop.
			else if (wait > 0 && page.cursor === before && Date.now() - asked < SHORT_MS)
				await this.#pause(2, SHORT_MS);
			return 0;
		} catch (reason) {
			const error = /** @type {any} */ (reason);
			if (this.#stopped || !this.#leading || error === 'nudge')
				return failures;
			if (error?.status === 401)
				return this.#expire(true);
			if (error?.code === 'cursor_gone')
				return this.#reset();
			this.#beat(false);
			await this.#pause(failures + 1, error?.retryAfterMs ?? 0);
			return failures + 1;
		}
	}

	/** Asks, and takes a connection for dead that is silent for too long. */
	async #demand(cursor, wait) {
		const request = new AbortController();
		this.#request = request;
		const late = setTimeout(() => request.abort('late'), wait * 1000 + ANSWER_LATE_MS);
		try {
			return await this.#ask(cursor, wait, request.signal);
		} catch (error) {
			throw request.signal.aborted ? request.signal.reason : error;
		} finally {
			clearTimeout(late);
			if (this.#request === request)
				this.#request = null;
		}
	}

	/** Until the next try: what the server asked for is kept to, the rest ends early when there is news of the network. */
	async #pause(failures, atLeast) {
		/** @type {(ms: number, early: boolean) => Promise<void>} */
		const rest = (ms, early) => new Promise((done) => {
			const timer = setTimeout(done, ms);
			this.#wake = () => {
				if (early || this.#stopped || !this.#leading) {
					clearTimeout(timer);
					done();
				}
			};
		});
		if (atLeast > 0)
			await rest(atLeast, false);
		if (!this.#stopped && this.#leading)
			await rest(backoff(failures), true);
		this.#wake = () => {};
	}

	// ---- the tabs that listen ----

	#hear(message) {
		if (this.#stopped)
			return;
		if (message.type === 'awake' && this.#leading)
			this.#say({ type: 'state', online: this.#online });
		if (message.type !== 'awake' && message.type !== 'hello')
			this.#heardAt = Date.now();
		if (message.type === 'hello' && this.#leading)
			this.#say({ type: 'page', before: this.#cursor, cursor: this.#cursor, updates: [], more: false });
		else if (message.type === 'expired')
			this.#expire(false);
		else if (message.type === 'state' && !this.#leading)
			this.#beat(message.online);
		else if (message.type === 'page' && !this.#leading)
			this.#follow(message);
	}

	#follow(message) {
		this.#missed.push(message);
		if (!this.#catching)
			this.#catchUp(true);
	}

	/** Takes what fits of what was heard. @returns {Promise<boolean>} whether this tab now is where the leader is */
	async #drain() {
		while (this.#missed.length > 0) {
			const page = this.#missed.shift();
			if (page.cursor === this.#cursor)
				continue;
			if (page.before !== this.#cursor || page.before === null)
				return false;
			await this.#take({ updates: page.updates.map((payload) => ({ payload })), cursor: page.cursor, more: page.more });
		}
		return true;
	}

	/** Gets what this tab lacks. @param {boolean} [heard] only if what was heard does not fit */
	#catchUp(heard = false) {
		this.#catching ??= this.#fetchMissed(heard).finally(() => {
			this.#catching = null;
			if (this.#missed.length > 0 && !this.#leading && !this.#stopped)
				this.#catchUp(true);
		});
		return this.#catching;
	}

	async #fetchMissed(heard) {
		if (heard && await this.#drain())
			return;
		for (let more = true; more && !this.#leading && !this.#stopped;) {
			this.#missed = []; // the server knows more by now than the leader did when it said that
			try {
				const page = await this.#demand(this.#cursor, 0);
				more = page.more;
				await this.#take(page);
			} catch (reason) {
				const error = /** @type {any} */ (reason);
				if (error?.status === 401)
					this.#expire(true);
				else if (error?.code === 'cursor_gone')
					this.#reset();
				else
					return; // the next word of the leader, or of the clock, tries again
			}
		}
	}

	// ---- what is told ----

	async #take(page) {
		if (this.#stopped)
			return;
		const fresh = page.cursor !== this.#cursor;
		this.#cursor = page.cursor;
		if (fresh || page.updates.length > 0)
			await this.#tell({ type: 'updates', updates: page.updates.map((u) => u.payload), cursor: page.cursor, more: Boolean(page.more) });
	}

	async #tell(update) {
		try {
			await this.#onUpdate(update);
		} catch (error) {
			queueMicrotask(() => { throw error; }); // it is the caller's, and must not end the feed
		}
	}

	/** The server answers, or does not; told when it changes. */
	#beat(online) {
		this.#say({ type: 'state', online });
		if (this.#online === online)
			return;
		this.#online = online;
		this.#tell({ type: online ? 'online' : 'offline', cursor: this.#cursor });
	}

	async #reset() {
		this.#cursor = '0';
		await this.#tell({ type: 'reset', cursor: '0' });
		return 0;
	}

	#expire(first) {
		if (this.#stopped)
			return 0;
		if (first)
			this.#say({ type: 'expired' });
		this.stop();
		this.#tell({ type: 'expired' });
		return 0;
	}

	#say(message) {
		if (message.type === 'hello' || message.type === 'expired' || this.#leading)
			this.#channel?.postMessage(message);
	}

	// ---- the world: network, sleep, tabs that are put away ----

	#hearWorld() {
		const on = (target, event, listener) => {
			if (!target?.addEventListener)
				return;
			target.addEventListener(event, listener);
			this.#listeners.push([target, event, listener]);
		};
		const world = globalThis.window, page = globalThis.document;
		on(world, 'online', () => this.nudge());
		on(world, 'offline', () => {
			this.#request?.abort('offline');
			this.#beat(false);
		});
		on(world, 'pagehide', () => this.#leave()); // the page may be kept, frozen, while another tab must lead
		on(world, 'pageshow', (event) => event.persisted && !this.#stopped && !this.#channel && this.#join());
		on(page, 'visibilitychange', () => !page.hidden && this.#checkSleep(true));
		on(page, 'freeze', () => this.#leave());
		on(page, 'resume', () => !this.#stopped && !this.#channel && this.#join());
		this.#timer = setInterval(() => this.#checkSleep(false), BEAT_MS);
		this.#timer.unref?.();
	}

	#checkSleep(shown) {
		const now = Date.now(), slept = now - this.#beatAt > SLEPT_MS;
		this.#beatAt = now;
		const deaf = !this.#leading && now - this.#heardAt > this.#wait * 2000 + ANSWER_LATE_MS;
		if (deaf)
			this.#heardAt = now;
		if (slept || deaf || (shown && !this.#online))
			this.nudge();
		this.#rouse();
	}
}
