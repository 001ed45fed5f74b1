// What a closed tab finds again, in IndexedDB, one database for each user: tasks with the feed's cursor and the list's place (which belong
// together and are written together), creations that the server has not answered, and small pictures of videos.

import { mergeTask } from '../client.js';
import { scope } from './here.js';

const VERSION = 2;

const done = (request) => new Promise((resolve, reject) => {
	request.onsuccess = () => resolve(request.result);
	request.onerror = () => reject(request.error);
});

const committed = (transaction) => new Promise((resolve, reject) => {
	transaction.oncomplete = () => resolve();
	transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error('storage'));
});

export class TaskStorage {
	#db = null;
	/** The database's. */ name = '';

	/** @param {string|number} user @returns {Promise<TaskStorage>} which forgets everything where the browser has no storage for us */
	static async open(user) {
		const storage = new TaskStorage();
		storage.name = `longreel${scope}-${user}`;
		try {
			const request = indexedDB.open(storage.name, VERSION);
			request.onupgradeneeded = ({ oldVersion }) => {
				request.result.createObjectStore('drafts');
				if (oldVersion >= 1)
					return;
				const tasks = request.result.createObjectStore('tasks', { keyPath: 'videoId' });
				tasks.createIndex('createdAt', 'createdAt');
				request.result.createObjectStore('outbox', { keyPath: 'clientRequestId' });
				request.result.createObjectStore('posters');
				request.result.createObjectStore('facts');
			};
			storage.#db = await done(request);
			storage.#db.onversionchange = () => storage.#db.close();
		} catch {
			storage.#db = null; // private windows of some browsers
		}
		return storage;
	}

	#begin(stores, mode = 'readwrite') {
		return this.#db.transaction(stores, mode, mode === 'readwrite' ? { durability: 'strict' } : {});
	}

	/** @returns {Promise<{tasks: object[], feed: ?object, list: ?object, outbox: object[]}>} feed: {cursor}; list: {floor, nextCursor} */
	async load() {
		const nothing = { tasks: [], feed: null, list: null, outbox: [] };
		if (!this.#db)
			return nothing;
		try {
			const t = this.#begin(['tasks', 'facts', 'outbox'], 'readonly');
			const facts = t.objectStore('facts');
			const [feed, list, outbox] = await Promise.all([done(facts.get('feed')), done(facts.get('list')), done(t.objectStore('outbox').getAll())]);
			if (!feed || !list)
				return { ...nothing, outbox };
			const range = list.floor ? IDBKeyRange.lowerBound(list.floor) : null;
			return { feed, list, outbox, tasks: await done(t.objectStore('tasks').index('createdAt').getAll(range)) };
		} catch {
			return nothing;
		}
	}

	/**
	 * What changed and how far we are, in one piece. A later state that another tab has written stays.
	 * @param {object[]} tasks @param {{feed?: object, list?: object}} facts
	 */
	async save(tasks, facts = {}) {
		if (!this.#db)
			return;
		const t = this.#begin(['tasks', 'posters', 'facts']), kept = t.objectStore('tasks');
		for (const { key, local, ...task } of tasks)
			if (task.deleted) {
				kept.delete(task.videoId);
				t.objectStore('posters').delete(task.videoId);
			} else if (task.createdAt && task.updatedAt) {
				kept.get(task.videoId).onsuccess = ({ target }) => kept.put(target.result ? mergeTask(target.result, task) : task);
			}
		for (const [name, value] of Object.entries(facts))
			t.objectStore('facts').put(value, name);
		await committed(t);
	}

	/** Forgets what the server said. */
	async forget() {
		if (!this.#db)
			return;
		const t = this.#begin(['tasks', 'posters', 'facts']);
		t.objectStore('tasks').clear();
		t.objectStore('posters').clear();
		t.objectStore('facts').clear();
		await committed(t);
	}

	/**
	 * Written before the request is sent, so that whatever happens then it can be asked for. What another tab has sent, or thrown away, stays so.
	 * @param {import('./outbox.js').Entry[]} entries @param {(entry: import('./outbox.js').Entry) => boolean} isNew whether it was never written
	 * @returns {Promise<import('./outbox.js').Entry[]>} those that are still there to be sent; where nothing is kept all are
	 */
	async putOutbox(entries, isNew) {
		if (!this.#db)
			return entries;
		const t = this.#begin(['outbox']), kept = t.objectStore('outbox'), left = [];
		for (const entry of entries)
			kept.get(entry.clientRequestId).onsuccess = ({ target: { result } }) => {
				if (result ? result.discarded && !entry.discarded : !isNew(entry))
					return;
				kept.put(entry);
				left.push(entry);
			};
		await committed(t);
		return left;
	}

	async dropOutbox(ids) {
		if (!this.#db || ids.length === 0)
			return;
		const t = this.#begin(['outbox']);
		for (const id of ids)
			t.objectStore('outbox').delete(id);
		await committed(t);
	}

	/** The pictures of a tab's draft. @param {string} tab */
	async draft(tab) {
		try {
			return this.#db ? await done(this.#begin(['drafts'], 'readonly').objectStore('drafts').get(tab)) ?? null : null;
		} catch {
			return null;
		}
	}

	async putDraft(tab, pictures) {
		if (!this.#db)
			return;
		const t = this.#begin(['drafts']);
		t.objectStore('drafts').put(pictures, tab);
		await committed(t);
	}

	async dropDraft(tab) {
		if (!this.#db)
			return;
		const t = this.#begin(['drafts']);
		t.objectStore('drafts').delete(tab);
		await committed(t);
	}

	/** @returns {Promise<?Blob>} */
	async poster(videoId) {
		return this.#db ? await done(this.#begin(['posters'], 'readonly').objectStore('posters').get(videoId)) ?? null : null;
	}

	async putPoster(videoId, blob) {
		if (!this.#db)
			return;
		const t = this.#begin(['posters']);
		t.objectStore('posters').put(blob, videoId);
		await committed(t);
	}

	/** At sign-out: the machine may be another person's. */
	async destroy() {
		this.#db?.close();
		this.#db = null;
		indexedDB.deleteDatabase(this.name);
	}
}
