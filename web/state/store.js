// What the page knows of tasks: one card for each, whatever told of it first. The rules of merging are mergeHistory's, task by task.
import { mergeTask } from '../client.js';
import { Signal } from './signal.js';
import { serverTime } from './time.js';

/** The newest first, whether the server has it or not. Times are all RFC 3339 in UTC, which sort as they are. */
function inOrder(a, b) {
	if (a.createdAt !== b.createdAt)
		return a.createdAt < b.createdAt ? 1 : -1;
	return a.key < b.key ? 1 : -1;
}

export class Store {
	/** Cards by their key, which never changes while the card is on screen. @type {Map<string, object>} */
	#cards = new Map();
	#byVideo = new Map(); #byRequest = new Map(); #gone = new Set(); #listeners = new Map();
	#sorted = [];
	/** Counts changes of any kind; what lists depend on. */
	changes = new Signal(0);
	/** Told of what was learnt of tasks, from wherever. @type {(changed: {before: ?object, now: object}[]) => void} */ onTaken = () => {};

	/** @param {string} key */
	get(key) {
		return this.#cards.get(key);
	}

	/** @param {string} videoId */
	byVideo(videoId) {
		return this.#cards.get(this.#byVideo.get(videoId));
	}

	/** @param {string} clientRequestId */
	byRequest(clientRequestId) {
		return this.#cards.get(this.#byRequest.get(clientRequestId));
	}

	/** Whether the task was removed here. @param {string} videoId */
	isGone(videoId) {
		return this.#gone.has(videoId);
	}

	/** All cards in order. @returns {object[]} do not change it */
	all() {
		this.#sorted ??= [...this.#cards.values()].sort(inOrder);
		return this.#sorted;
	}

	/**
	 * Takes what was learnt of tasks. @param {object[]} tasks `{videoId, deleted: true}` removes
	 * @returns {{before: ?object, now: object}[]} what changed
	 */
	take(tasks) {
		const changed = [];
		for (const task of tasks)
			if (task.deleted)
				this.remove(task.videoId);
			else if (!this.#gone.has(task.videoId))
				changed.push(this.#takeOne(task));
		this.#touch(changed.map(({ now }) => now.key));
		this.onTaken(changed);
		return changed;
	}

	#takeOne(task) {
		if ('etaMs' in task && !('doneAt' in task)) // a span that runs from now on
			task = { ...task, doneAt: task.etaMs === null ? null : serverTime() + task.etaMs };
		const found = new Set([this.#byVideo.get(task.videoId), this.#byRequest.get(task.clientRequestId)].filter(Boolean));
		let card = null;
		for (const key of found) {
			const known = this.#cards.get(key);
			if (known.videoId && task.videoId && known.videoId !== task.videoId)
				continue; // two tasks of the server are two tasks
			if (card)
				this.#drop(key);
			card = card ? { ...mergeTask(known, card), key: card.key } : known;
		}
		const now = card ? { ...mergeTask(card, task), key: card.key } : { ...task, key: this.#newKey(task) };
		if (now.videoId)
			delete now.local; // what only we knew of it
		else if ('local' in task)
			now.local = task.local;
		if (card)
			this.#drop(card.key);
		this.#cards.set(now.key, now);
		if (now.videoId)
			this.#byVideo.set(now.videoId, now.key);
		if (now.clientRequestId)
			this.#byRequest.set(now.clientRequestId, now.key);
		return { before: card, now };
	}

	/** Two tasks of other people may share a request id; an administrator sees both. */
	#newKey(task) {
		const key = task.clientRequestId ?? task.videoId;
		return this.#cards.has(key) ? task.videoId : key;
	}

	#drop(key) {
		const card = this.#cards.get(key);
		this.#cards.delete(key);
		if (this.#byVideo.get(card.videoId) === key)
			this.#byVideo.delete(card.videoId);
		if (this.#byRequest.get(card.clientRequestId) === key)
			this.#byRequest.delete(card.clientRequestId);
	}

	/** Removes a task for good: a late word of it changes nothing. @param {string} videoId */
	remove(videoId) {
		this.#gone.add(videoId);
		const key = this.#byVideo.get(videoId);
		if (key)
			this.#drop(key);
		this.#touch(key ? [key] : []);
	}

	/** Takes back a removal that the server refused. @param {object} card */
	restore(card) {
		this.#gone.delete(card.videoId);
		this.take([card]);
	}

	/** Removes a card that the server does not know. @param {string} clientRequestId */
	discard(clientRequestId) {
		const key = this.#byRequest.get(clientRequestId);
		if (key && !this.#cards.get(key).videoId) {
			this.#drop(key);
			this.#touch([key]);
		}
	}

	/** Forgets what the server said; what it does not know stays. */
	forget() {
		for (const card of [...this.#cards.values()])
			if (card.videoId)
				this.#drop(card.key);
		this.#gone.clear();
		this.#touch([]);
	}

	clear() {
		this.#cards.clear();
		this.#byVideo.clear();
		this.#byRequest.clear();
		this.#gone.clear();
		this.#touch([]);
	}

	/** Calls back when this card changes. @returns {() => void} ends it */
	on(key, listener) {
		if (!this.#listeners.has(key))
			this.#listeners.set(key, new Set());
		this.#listeners.get(key).add(listener);
		return () => {
			this.#listeners.get(key)?.delete(listener);
			if (this.#listeners.get(key)?.size === 0)
				this.#listeners.delete(key);
		};
	}

	#touch(keys) {
		this.#sorted = null;
		for (const key of keys)
			for (const listener of [...this.#listeners.get(key) ?? []])
				listener();
		this.changes.set(this.changes.get() + 1);
	}
}
