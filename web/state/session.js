// A person's session: the client, what it knows, what is kept, and what flows between them.
import { Client } from '../client.js';
import { base } from './here.js';
import { TaskStorage } from './storage.js';
import { Outbox } from './outbox.js';
import { Pager } from './pager.js';
import { forgetDrafts, openDrafts } from './drafts.js';
import { catalogue } from './models.js';
import { account, language } from './settings.js';
import { Store } from './store.js';
import { Signal } from './signal.js';
import { serverClock } from './time.js';

const KEPT_PAGES = 5; // what is kept of a long list; the rest is a scroll away

export class Session {
	/** 'out', 'opening', 'in'; 'expired' until one signs in again, while everything stays where it is */
	phase = new Signal('out');
	online = new Signal(true);
	user = new Signal(null);
	store = new Store();
	/** @type {Signal<?Pager>} the list of everything */ list = new Signal(null);
	client = new Client({ base, language: language.get(), clock: serverClock });
	/** Told of each task that the feed brings. @type {(before: any, now: any) => void} */ onChange = () => {};
	/** Told when what became of a video's price has changed. */ onCharge = () => {};
	/** Told of what the server will not take; true = it is cared for. @type {(entry: import('./outbox.js').Entry) => boolean} */ onRefused = () => false;
	#storage = null; #outbox = null; #watch = null; #pages = 0; /** @type {?Pager} */ #looking = null;
	#unsaved = { tasks: new Map(), facts: {} }; #saving = Promise.resolve();

	constructor() {
		language.on((now) => (this.client.language = now));
		account.on((now) => this.#elsewhere(now));
		this.store.onTaken = (changed) => {
			if (this.phase.get() === 'in' && changed.some(({ before, now }) => now.charge && !this.isForeign(now) && (now.charge !== before?.charge || now.attempt !== before?.attempt)))
				this.onCharge();
		};
	}

	/** Whether a task is another user's, which only an administrator sees. */
	isForeign = (task) => Boolean(task.owner) && task.owner !== this.user.get()?.username;

	get outbox() {
		return this.#outbox;
	}

	/** At the start of the page: goes on where it was left. */
	async resume() {
		const known = account.get();
		if (known?.token)
			await this.#begin(known);
	}

	async signIn(username, password) {
		const { token, user } = await new Client({ base, language: language.get(), clock: serverClock }).login(username, password);
		const before = this.user.get();
		if (before && before.id !== user.id)
			forgetDrafts(); // what the other one has not sent; the page then begins anew, see #elsewhere()
		else
			this.client.token = token;
		account.set({ token, user });
		if (this.client.token === token)
			await this.#begin({ token, user });
	}

	async register(username, password, code) {
		await this.client.register(username, password, null, code);
		await this.signIn(username, password);
	}

	/** Ends the session here and on the server, and leaves nothing on this machine: the page begins anew, see #elsewhere(). */
	async signOut() {
		this.#outbox?.stop();
		this.#watch?.stop();
		this.client.logout().catch(() => {}); // it goes out although the page does not wait for it
		await this.#storage?.destroy();
		forgetDrafts();
		catalogue.set(null);
		account.set(null);
	}

	async #begin({ token, user }) {
		const again = this.phase.get() === 'expired';
		this.client.token = token;
		this.user.set(user);
		if (!again) {
			this.phase.set('opening');
			this.#storage = await TaskStorage.open(user.id);
			this.#outbox = new Outbox({ client: this.client, store: this.store, storage: this.#storage, onExpired: () => this.expire(),
				onRefused: (entry) => this.onRefused(entry) });
			const { tasks, feed, list, outbox } = await this.#storage.load();
			await openDrafts(this.#storage);
			this.store.take(tasks);
			this.#outbox.load(outbox);
			this.list.set(new Pager(this, {}, list));
			this.cursor = feed?.cursor ?? null;
		}
		this.phase.set('in');
		this.#outbox.recover();
		this.#learn();
		await this.#follow();
	}

	/** What can be made now; what was known stays where that cannot be asked. */
	#learn() {
		this.client.models().then((now) => this.phase.get() === 'in' && catalogue.set(now), () => {});
	}

	/** The feed from where we are; at first from now, with the list's first page of what is older. */
	async #follow() {
		if (this.cursor === null) {
			try {
				this.cursor = (await this.client.cursorOfNow()).cursor;
			} catch (error) {
				if (error.status === 401)
					this.expire();
				else
					this.online.set(false);
				if (error.status !== 401 && this.phase.get() === 'in')
					setTimeout(() => this.phase.get() === 'in' && this.#follow(), Math.max(2000, error.retryAfterMs ?? 0));
				return;
			}
			this.online.set(true);
			await this.#save([], { feed: { cursor: this.cursor } });
		}
		if (!this.list.get().state.get().loaded)
			this.more();
		this.#watch?.stop();
		this.#watch = this.client.watch(this.cursor, (update) => this.#hear(update));
	}

	async #hear(update) {
		switch (update.type) {
		case 'updates':
			await this.#take(update.updates, { feed: { cursor: (this.cursor = update.cursor) } });
			break;
		case 'online':
			this.online.set(true);
			this.#outbox.hurry();
			this.#learn();
			for (const pager of [this.list.get(), this.#looking])
				if (pager?.state.get().error)
					this.more(pager);
			break;
		case 'offline':
			this.online.set(false);
			break;
		case 'reset':
			this.store.forget();
			this.list.get().stop();
			this.list.set(new Pager(this));
			this.#unsaved = { tasks: new Map(), facts: {} };
			await this.#storage.forget().catch(() => {});
			this.more();
			break;
		case 'expired':
			this.expire();
			break;
		}
	}

	/** Shows, keeps and tells what was learnt, in this order. */
	async #take(tasks, facts) {
		const changed = this.store.take(tasks).filter(({ now }) => !this.isForeign(now)); // of others' nothing is told
		this.#outbox.known(tasks);
		await this.#save(tasks, facts);
		for (const { before, now } of changed)
			this.onChange(before, now);
	}

	/**
	 * Keeps tasks and how far we are, together or not at all: a cursor must never be kept without what came before it. What could not be
	 * kept, as there was no room, is kept with what comes next.
	 */
	#save(tasks, facts = {}) {
		for (const task of tasks)
			if (!this.isForeign(task)) // those are not for this machine to keep
				this.#unsaved.tasks.set(task.videoId, task);
		Object.assign(this.#unsaved.facts, facts);
		return (this.#saving = this.#saving.then(() => this.#saveAll()));
	}

	async #saveAll() {
		const { tasks, facts } = this.#unsaved;
		this.#unsaved = { tasks: new Map(), facts: {} };
		const held = [...tasks.values()].map((task) => (task.deleted || this.store.isGone(task.videoId)
			? { videoId: task.videoId, deleted: true } : this.store.byVideo(task.videoId) ?? task)); // which may be of a later state
		try {
			await this.#storage.save(held, facts);
		} catch {
			const later = this.#unsaved;
			this.#unsaved = { tasks: new Map([...tasks, ...later.tasks]), facts: { ...facts, ...later.facts } };
		}
	}

	/** The pager of a search, until it is stopped. @param {object} query */
	search(query) {
		return (this.#looking = new Pager(this, query));
	}

	/** The next page of everything. */
	async more(pager = this.list.get()) {
		const tasks = await pager.more();
		if (pager.state.get().error?.status === 401)
			this.expire();
		if (!tasks)
			return;
		this.#outbox.known(tasks);
		if (pager === this.list.get() && ++this.#pages <= KEPT_PAGES)
			await this.#save(tasks, { list: pager.place });
	}

	/** The token is not valid any more. What is on screen stays. */
	expire() {
		if (this.phase.get() !== 'in')
			return;
		this.#watch?.stop();
		this.phase.set('expired');
	}

	/** There was a signing in or out, here or in another tab. Of another user nothing may be left on the page. */
	#elsewhere(now) {
		const token = now?.token ?? null;
		if (token === this.client.token)
			return;
		if (!now || (this.user.get() && now.user.id !== this.user.get().id)) {
			forgetDrafts(); // or this page writes its own when it is left
			location.reload();
		} else if (this.phase.get() !== 'opening')
			this.#begin(now);
	}

	// ---- what one does with a task ----

	/** Does it, and shows how the task stands then. @param {object} task @param {'cancel'|'retry'} what @param {number} [maxPriceMicro] of another try */
	async change(task, what, maxPriceMicro) {
		await this.guard(this.client[what](task.videoId, maxPriceMicro));
		await this.look(task.videoId);
	}

	/** Asks how a task stands, and takes that as the feed's word: what came of it is told once, whichever tells it first. @param {string} videoId */
	async look(videoId) {
		await this.#take([await this.guard(this.client.getTask(videoId))]);
	}

	/** It is gone at once, also if the page is closed now; back again, if the server refuses. */
	async remove(task) {
		this.store.remove(task.videoId);
		this.#save([{ videoId: task.videoId, deleted: true }]);
		try {
			await this.guard(this.client.deleteTask(task.videoId));
		} catch (error) {
			if (error.status === 404)
				return; // another page was faster
			this.store.restore(task);
			this.#save([task]);
			throw error;
		}
	}

	/** Brings a task that is not listed yet. */
	async fetch(videoId) {
		const known = this.store.byVideo(videoId);
		if (known)
			return known;
		await this.look(videoId);
		return this.store.byVideo(videoId);
	}

	/** A call whose 401 means that the session has ended. @template T @param {Promise<T>} call @returns {Promise<T>} */
	async guard(call) {
		try {
			return await call;
		} catch (error) {
			if (error.status === 401 && error.code !== 'bad_credentials') // which is about a password that was typed
				this.expire();
			throw error;
		}
	}

	poster(videoId) {
		return this.#storage.poster(videoId).catch(() => null);
	}

	putPoster(videoId, blob) {
		return this.#storage.putPoster(videoId, blob).catch(() => {});
	}
}

export const session = new Session();
