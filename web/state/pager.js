// A list that goes on for ever: the server's pages of one query, and which of the known tasks are in it.
import { Signal } from './signal.js';

const PAGE = 100; // the most that the server gives

/** Much as the server searches: without case, and full-width forms as the plain ones. */
const plain = (text) => text.replace(/[\uFF01-\uFF5E]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xFEE0)).toLowerCase();

export class Pager {
	/** loading, error, done, total; what the end of the list shows */
	state = new Signal({ loading: false, error: null, done: false, loaded: false });
	/** The creation time of the oldest task that was listed; what is older is not shown yet. */ floor = null;
	nextCursor = null;
	#listed = new Set(); #abort = new AbortController(); #client; #store; #text; #isForeign;

	/** @param {{client: import('../client.js').Client, store: import('./store.js').Store, isForeign: (task: any) => boolean}} parts @param {{q?: string, status?: string, scope?: string}} query scope 'all': everybody's, not only one's own @param {?{floor: ?string, nextCursor: ?string}} place where an earlier visit got to */
	constructor({ client, store, isForeign }, query = {}, place = null) {
		this.#client = client;
		this.#store = store;
		this.#isForeign = isForeign;
		this.query = query;
		this.#text = plain(query.q ?? '');
		if (place) {
			({ floor: this.floor, nextCursor: this.nextCursor } = place);
			this.state.set({ loading: false, error: null, done: !place.nextCursor, loaded: true });
		}
	}

	/** The next page. @returns {Promise<?object[]>} its tasks */
	async more() {
		const { loading, done } = this.state.get();
		if (loading || done)
			return null;
		this.state.set({ ...this.state.get(), loading: true, error: null });
		try {
			let tasks, nextCursor;
			do { // a search gives an empty page where it has not looked at everything yet
				({ tasks, nextCursor } = await this.#client.listTasks({ ...this.query, pageSize: PAGE, cursor: this.nextCursor }, this.#abort.signal));
				this.nextCursor = nextCursor;
			} while (tasks.length === 0 && nextCursor);
			this.floor = nextCursor && tasks.length > 0 ? tasks.at(-1).createdAt : null;
			for (const task of tasks)
				this.#listed.add(task.videoId);
			this.state.set({ loading: false, error: null, done: !nextCursor, loaded: true });
			this.#store.take(tasks);
			return tasks;
		} catch (error) {
			if (!this.#abort.signal.aborted)
				this.state.set({ ...this.state.get(), loading: false, error });
			return null;
		}
	}

	/** What has changed lately, of what the feed does not tell: other people's. */
	async refresh() {
		const { tasks } = await this.#client.listTasks({ scope: this.query.scope, orderBy: 'updatedAt', pageSize: PAGE }, this.#abort.signal);
		const news = tasks.filter((task) => this.#store.byVideo(task.videoId)?.updatedAt !== task.updatedAt);
		if (news.length > 0)
			this.#store.take(news);
	}

	stop() {
		this.#abort.abort();
	}

	get place() {
		return { floor: this.floor, nextCursor: this.nextCursor };
	}

	/** Whether the task is in the list as far as it was read. */
	#has(task) {
		const { status, scope } = this.query;
		if (!scope && this.#isForeign(task))
			return false;
		if (status && (task.status !== status || (task.local && status !== 'QUEUED')))
			return false;
		if (this.#text && !this.#listed.has(task.videoId) && !plain(task.prompt ?? '').includes(this.#text))
			return false;
		return !task.videoId || !this.floor || task.createdAt >= this.floor;
	}

	/** The tasks to be shown. @returns {object[]} */
	shown() {
		return this.#store.all().filter((task) => this.#has(task));
	}
}
