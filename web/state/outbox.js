// Creations on their way. Each is on screen at the click, is written down before it is sent, and stays written down until the server is
// known to have it: by its answer, by the feed, or by a recovery. Sending again uses the same id, so that it cannot make a second video.
import { newRequestId } from '../client.js';
import { serverTime } from './time.js';

/** Answers by which the server surely did not take the request, and asking it is pointless. */
const REFUSED = new Set([400, 403, 413, 415]);
/** Answers after which the same request may be taken another time. */
const PASSING = new Set([401, 408, 425, 429]);

/** A server that says nothing for so long, and takes nothing, is not there any more: it would have answered for the upstream by then. */
const SILENT_MS = 150_000;
/** Between two tries, doubled each time. */
const AGAIN_MS = 2_000, AGAIN_MOST_MS = 60_000;
/** What is older than this is not sent without a word of its owner, who may have made it another way by now. */
const OWN_ACCORD_MS = 24 * 3_600_000;

/** While a creation is being sent, its lock tells the other tabs of this browser to leave it alone. */
const LOCK = 'longreel.sending.';
const whileLocked = (ids, work) => ids.reduce((inner, id) => () => (navigator.locks ? navigator.locks.request(LOCK + id, inner) : inner()), work)();

const backoff = (tries) => Math.min(AGAIN_MOST_MS, AGAIN_MS * 2 ** tries) * (1 + Math.random() / 2);

/** @typedef {{clientRequestId: string, kind: 'create'|'remix', source: ?string, fields: object, image: ?Blob, lastFrame: ?Blob, references: Blob[],
 *	createdAt: string, problem?: any, discarded?: boolean, until?: number, why?: any, tries?: number, nextAt?: ?number}} Entry  nextAt: when it is sent, or asked for, again, as
 *	performance.now() counts, which runs on when a clock is set; until: how long the server may still take what was thrown away under way */

export class Outbox {
	/** @type {Map<string, Entry>} */ #entries = new Map();
	/** What is being sent, and what ends that; null where others are in the same request. @type {Map<string, ?AbortController>} */ #sending = new Map();
	/** What the storage holds, and what this tab has made. */ #written = new Set(); #own = new Set();
	#stopped = false; #timer = null; #failures = 0; #client; #store; #storage; #onExpired; #onRefused;

	/**
	 * @param {{client: import('../client.js').Client, store: import('./store.js').Store, storage: import('./storage.js').TaskStorage, onExpired: () => void,
	 *	onRefused: (entry: Entry) => boolean}} parts onRefused: told of what the server will not take, entry.problem says why; true = it is cared for
	 */
	constructor({ client, store, storage, onExpired, onRefused }) {
		this.#client = client;
		this.#store = store;
		this.#storage = storage;
		this.#onExpired = onExpired;
		this.#onRefused = onRefused;
	}

	/** Shows and asks nothing any more. */
	stop() {
		this.#stopped = true;
		clearTimeout(this.#timer);
	}

	/** Those of an earlier visit. @param {Entry[]} entries */
	load(entries) {
		for (const entry of entries) {
			this.#entries.set(entry.clientRequestId, entry);
			this.#written.add(entry.clientRequestId);
			entry.nextAt = null;
			delete entry.why;
			delete entry.tries;
			if (!entry.discarded)
				this.#show(entry, entry.problem ?? { state: 'unknown' });
		}
	}

	/** Whether this tab has made it, since it was opened. */
	isOwn(clientRequestId) {
		return this.#own.has(clientRequestId);
	}

	entry(clientRequestId) {
		return this.#entries.get(clientRequestId);
	}

	#show(entry, local) {
		if (entry.discarded)
			return;
		const { clientRequestId, kind, source, fields, image, lastFrame, references, createdAt } = entry;
		this.#store.take([{ clientRequestId, createdAt, status: 'QUEUED', progress: 0, ...fields,
			metadata: source ? { type: 'remix', remix_from: source } : {}, 
			local: { kind, hasImage: Boolean(image || lastFrame || references?.length), nextAt: entry.nextAt ?? null, ...local } }]);
	}

	/** @param {'create'|'remix'} kind @param {?string} source @param {object} fields @param {{image?: ?Blob, lastFrame?: ?Blob, references?: Blob[]}} [pictures] @returns {Entry} */
	#newEntry(kind, source, fields, { image, lastFrame, references } = {}) {
		const entry = { clientRequestId: newRequestId(), kind, source, fields, image: image ?? null, lastFrame: lastFrame ?? null, references: references ?? [],
			createdAt: this.#now() };
		this.#entries.set(entry.clientRequestId, entry);
		this.#own.add(entry.clientRequestId);
		this.#show(entry, { state: 'sending', upload: 0 });
		return entry;
	}

	/** The time; before the server's is known, at least the newest known task's: what was made last stands first. */
	#now() {
		const newest = this.#store.all()[0]?.createdAt;
		return new Date(Math.max(serverTime(), newest ? Date.parse(newest) + 1 : 0)).toISOString();
	}

	/** A new video. @param {object} fields prompt, model, size, seconds… @param {{image?: ?Blob, lastFrame?: ?Blob, references?: Blob[]}} pictures */
	create(fields, pictures) {
		return this.#send(this.#newEntry('create', null, fields, pictures));
	}

	/** A remix of one. @param {object} source its task */
	remix(source, { prompt, model, maxPriceMicro }, image) {
		return this.#send(this.#newEntry('remix', source.videoId, { ...traits(source), prompt, model, maxPriceMicro }, { image }));
	}

	/** The same of many, in as few requests as the server takes. @param {object[]} sources @param {{prompt: string, model?: string, maxPriceMicro?: number}} fields maxPriceMicro: of each */
	async remixMany(sources, { prompt, model, maxPriceMicro }) {
		const entries = sources.map((source) => this.#newEntry('remix', source.videoId, { ...traits(source), prompt, model, maxPriceMicro }));
		await Promise.all(Array.from({ length: Math.ceil(entries.length / 50) }, (_, n) => this.#deliver(entries.slice(n * 50, n * 50 + 50), (some) => this.#transmitMany(some))));
	}

	#send(entry) {
		return this.#deliver([entry], (_, abort) => this.#transmit(entry, abort));
	}

	/** Writes entries down and sends them. @param {(entries: Entry[], abort: AbortController) => Promise<[Entry, any][]>} transmit gives those that failed, and why */
	async #deliver(entries, transmit) {
		const ids = entries.map((entry) => entry.clientRequestId), abort = new AbortController();
		ids.forEach((id) => this.#sending.set(id, ids.length > 1 ? null : abort));
		const failed = await whileLocked(ids, async () => {
			const there = await this.#write(entries);
			for (const { clientRequestId } of entries.filter((entry) => !there.includes(entry))) { // another tab has sent it, or thrown it away
				this.#entries.delete(clientRequestId);
				this.#store.discard(clientRequestId);
			}
			const left = there.filter(({ clientRequestId }) => this.#entries.has(clientRequestId));
			return left.length > 0 && !this.#stopped ? transmit(left, abort) : [];
		});
		ids.forEach((id) => this.#sending.delete(id));
		if (!this.#stopped)
			await this.#settle(failed);
	}

	/** @param {Entry[]} entries of one prompt @returns {Promise<[Entry, any][]>} */
	async #transmitMany(entries) {
		const ids = entries.map((entry) => entry.clientRequestId), { prompt, model, maxPriceMicro } = entries[0].fields;
		try {
			const results = await this.#client.batchRemix({ videoIds: entries.map((entry) => entry.source), prompt, model, maxPriceMicro, clientRequestIds: ids }, AbortSignal.timeout(SILENT_MS));
			results.forEach((result, n) => result.success && this.#made(entries[n], result.data));
			return results.flatMap(({ success, error, code, details }, n) => (success ? []
				: [/** @type {[Entry, any]} */ ([entries[n], { status: 422, message: error, code, field: details?.field, details }])]));
		} catch (error) {
			return entries.map((entry) => [entry, error]);
		}
	}

	/** @param {Entry[]} entries @returns {Promise<Entry[]>} those that no other tab has sent or thrown away */
	async #write(entries) {
		try {
			const left = await this.#storage.putOutbox(entries, ({ clientRequestId }) => !this.#written.has(clientRequestId));
			left.forEach(({ clientRequestId }) => this.#written.add(clientRequestId));
			return left;
		} catch {
			return entries; // no room: it is on screen all the same, only a closed tab would not find it
		}
	}

	/** @param {Entry} entry @param {AbortController} abort @returns {Promise<[Entry, any][]>} */
	async #transmit(entry, abort) {
		const { clientRequestId, kind, source, fields, image, lastFrame, references } = entry;
		const creation = { ...fields, clientRequestId, image: image ?? undefined, lastFrame, references };
		let late = setTimeout(() => abort.abort(), SILENT_MS);
		const onUpload = (fraction) => {
			clearTimeout(late);
			late = setTimeout(() => abort.abort(), SILENT_MS);
			if (this.#entries.has(clientRequestId))
				this.#show(entry, { state: 'sending', upload: fraction });
		};
		const sending = { signal: abort.signal, onUpload };
		try {
			this.#made(entry, kind === 'remix' ? await this.#client.remixVideo(source, creation, sending) : await this.#client.createVideo(creation, sending));
			return [];
		} catch (error) {
			return [[entry, error]];
		} finally {
			clearTimeout(late);
		}
	}

	#made(entry, made) {
		const { videoId, externalTaskId, status, progress, message } = made, waits = status === 'queued' ? message : undefined;
		if (this.#stopped)
			return;
		if (entry.discarded) {
			this.known([{ videoId, clientRequestId: entry.clientRequestId }]);
			return;
		}
		this.#store.take([{ ...entry.fields, videoId, externalTaskId, status: status.toUpperCase(), progress, waits, clientRequestId: entry.clientRequestId,
			createdAt: entry.createdAt, metadata: entry.source ? { type: 'remix', remix_from: entry.source } : {} }]);
		this.known([this.#store.byVideo(videoId)].filter(Boolean));
	}

	/** The server has these. What was thrown away before it was known to be there is deleted there. @param {object[]} tasks */
	known(tasks) {
		for (const { videoId, clientRequestId } of tasks) {
			const entry = videoId && this.#entries.get(clientRequestId);
			if (entry?.discarded)
				this.#unmake(entry, videoId);
			else if (entry)
				this.#drop(entry);
		}
	}

	#drop({ clientRequestId }) {
		this.#entries.delete(clientRequestId);
		this.#storage.dropOutbox([clientRequestId]).catch(() => {});
	}

	/** Deletes what was made of a request that was thrown away. Until the server has done so it stays written down. */
	async #unmake(entry, videoId) {
		this.#store.remove(videoId);
		try {
			await this.#client.deleteTask(videoId);
			this.#drop(entry);
		} catch (error) {
			entry.why = { status: error.status, retryAfterMs: error.retryAfterMs };
			if (error.status === 404)
				this.#drop(entry);
			else if (error.status === 401)
				this.#onExpired();
			else
				this.#later(entry);
		}
	}

	/** Not sent, as far as is known here. The server may have them all the same, so it is asked before anything is said. @param {[Entry, any][]} failed and why */
	async #settle(failed) {
		for (const [entry, { status, code, message, field, retryAfterMs, details }] of failed)
			entry.why = { status, code, error: message, field, retryAfterMs, amountMicro: details?.amountMicro };
		const entries = failed.map(([entry]) => entry).filter(({ clientRequestId }) => this.#entries.has(clientRequestId)), isRefused = (/** @type {Entry} */ { why }) => REFUSED.has(why.status);
		this.#conclude(entries.filter(isRefused));
		const rest = entries.filter((entry) => !isRefused(entry));
		for (const entry of rest)
			this.#show(entry, { state: 'unknown' });
		await this.recover(rest.map((entry) => entry.clientRequestId));
	}

	/** The server does not have these: what it refused is told, all else is sent again. */
	#conclude(entries) {
		const written = [];
		for (const entry of entries) {
			const { why, discarded } = entry, isFinal = why && why.status >= 400 && why.status < 500 && !PASSING.has(why.status);
			if (discarded && serverTime() < entry.until) { // it may still be on its way through the server
				entry.why ??= {};
				this.#later(entry);
				continue;
			} else if (discarded) {
				this.#drop(entry);
				continue;
			}
			entry.nextAt = null;
			entry.problem = { state: isFinal ? 'refused' : 'missing', code: why?.status ? why.code : undefined, error: why?.status && why.status !== 401 ? why.error : undefined,
				field: why?.status ? why.field ?? undefined : undefined, amountMicro: why?.amountMicro };
			if (isFinal && this.#onRefused(entry)) {
				this.#store.discard(entry.clientRequestId);
				this.#drop(entry);
				continue;
			}
			if (why?.status === 401)
				entry.why = {}; // that was another session
			if (!isFinal && serverTime() - Date.parse(entry.createdAt) < OWN_ACCORD_MS)
				this.#later(entry);
			this.#show(entry, entry.problem);
			written.push(entry);
		}
		this.#write(written);
	}

	/** Tries it another time: soon what has not been tried yet, later what has, and when the server says where it does. */
	#later(entry) {
		const { why, tries = 0 } = entry, asked = why?.retryAfterMs ?? 0;
		entry.nextAt = performance.now() + (why ? Math.max(asked > 0 ? asked * (1 + Math.random() / 10) : 0, backoff(tries)) : 0);
		entry.tries = tries + 1;
		this.#wind();
	}

	/** One timer for all. */
	#wind() {
		const times = [...this.#entries.values()].map(({ nextAt }) => nextAt).filter((at) => at);
		clearTimeout(this.#timer);
		if (times.length > 0 && !this.#stopped)
			this.#timer = setTimeout(() => this.#tick(), Math.max(0, Math.min(...times) - performance.now()));
	}

	/** What is due: what surely is not there is sent, the rest is asked for. */
	#tick() {
		const due = [...this.#entries.values()].filter(({ nextAt }) => nextAt && nextAt <= performance.now());
		for (const entry of due)
			entry.nextAt = null;
		for (const { clientRequestId, problem, discarded } of due)
			if (problem?.state === 'missing' && !discarded)
				this.resend(clientRequestId);
		this.recover(due.filter(({ problem, discarded }) => discarded || !problem).map(({ clientRequestId }) => clientRequestId));
		this.#wind();
	}

	/** The server answers again: nothing waits but for what it asked itself. */
	hurry() {
		for (const entry of this.#entries.values())
			if (entry.nextAt && !entry.why?.retryAfterMs)
				entry.nextAt = performance.now();
		this.#wind();
		this.recover([...this.#entries.values()].filter(({ problem, nextAt }) => !problem && !nextAt).map(({ clientRequestId }) => clientRequestId));
	}

	/** Asks the server for what it has not answered, until it does. @param {string[]} [ids] default: all that it has not refused @returns {Promise<void>} */
	async recover(ids = [...this.#entries.values()].filter(({ problem }) => problem?.state !== 'refused').map(({ clientRequestId }) => clientRequestId)) {
		if (this.#stopped)
			return;
		const asked = await this.#notElsewhere(ids.filter((id) => this.#entries.has(id) && !this.#sending.has(id)));
		if (asked.length === 0)
			return;
		try {
			const { tasks, missing } = await this.#client.recoverTasks(asked);
			if (this.#stopped)
				return;
			this.#failures = 0;
			this.#store.take(tasks);
			this.known(tasks);
			this.#conclude(missing.map((id) => this.#entries.get(id)).filter((entry) => entry && !this.#sending.has(entry.clientRequestId)));
		} catch (error) {
			if (this.#stopped)
				return;
			if (error.status === 401) {
				this.#onExpired();
				return;
			}
			const wait = Math.max(error.retryAfterMs ?? 0, backoff(this.#failures++));
			for (const entry of asked.map((id) => this.#entries.get(id)).filter(Boolean)) {
				entry.nextAt = performance.now() + wait;
				delete entry.problem;
				this.#show(entry, { state: 'unknown' });
			}
			this.#wind();
		}
	}

	/** Those that no other tab is sending just now; the rest are asked for when it has done. @param {string[]} ids */
	async #notElsewhere(ids) {
		const { held = [] } = (ids.length > 0 && await navigator.locks?.query()) || {};
		const elsewhere = ids.filter((id) => held.some(({ name }) => name === LOCK + id));
		for (const id of elsewhere) {
			this.#show(this.#entries.get(id), { state: 'sending' });
			navigator.locks.request(LOCK + id, () => {}).then(() => this.recover([id]));
		}
		return ids.filter((id) => !elsewhere.includes(id));
	}

	/** The same request once more, at once. */
	async resend(clientRequestId) {
		const entry = this.#entries.get(clientRequestId);
		if (!entry || this.#sending.has(clientRequestId))
			return;
		delete entry.problem;
		delete entry.why;
		entry.nextAt = null;
		this.#show(entry, { state: 'sending', upload: 0 });
		await this.#send(entry);
	}

	/** The same request once more, at the price that the server has named. */
	agree(clientRequestId) {
		const entry = this.#entries.get(clientRequestId);
		if (entry?.problem?.amountMicro !== undefined)
			entry.fields = { ...entry.fields, maxPriceMicro: entry.problem.amountMicro };
		return this.resend(clientRequestId);
	}

	/** Throws it away. What is under way ends, and what the server has made of it all the same is deleted, whenever that is known. */
	async discard(clientRequestId) {
		const entry = this.#entries.get(clientRequestId);
		this.#store.discard(clientRequestId);
		if (!entry)
			return;
		if (entry.problem?.state === 'refused') {
			this.#drop(entry);
			return;
		}
		delete entry.problem;
		entry.discarded = true;
		entry.until = this.#sending.has(clientRequestId) ? serverTime() + SILENT_MS : 0;
		await this.#write([entry]);
		if (this.#sending.has(clientRequestId))
			this.#sending.get(clientRequestId)?.abort();
		else
			await this.recover([clientRequestId]);
	}
}

/** What a remix has of its source. */
const traits = ({ model, size, seconds, aspectRatio }) => ({ model, size, seconds, aspectRatio });
