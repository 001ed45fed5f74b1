// Creations on their way. Each is on screen at the click, is written down before it is sent, and stays written down until the server is
// known to have it: by its answer, by the feed, or by a recovery. Sending again uses the same id, so that it cannot make a second video.
import { newRequestId } from '../client.js';

/** Answers by which the server surely did not take the request, and asking it is pointless. */
const REFUSED = new Set([400, 403, 413, 415]);

/** A server that says nothing for so long, and takes nothing, is not there any more: it would have answered for the upstream by then. */
const SILENT_MS = 150_000;
/** Between two questions for what has no answer, doubled each time. */
const AGAIN_MS = 2_000, AGAIN_MOST_MS = 60_000;

/** While a creation is being sent, its lock tells the other tabs of this browser to leave it alone. */
const LOCK = 'longreel.sending.';
const whileLocked = (ids, work) => ids.reduce((inner, id) => () => (navigator.locks ? navigator.locks.request(LOCK + id, inner) : inner()), work)();

/** @typedef {{clientRequestId: string, kind: 'create'|'remix', source: ?string, fields: object, image: ?Blob, lastFrame: ?Blob, references: Blob[], createdAt: string, problem?: object}} Entry */

export class Outbox {
	/** @type {Map<string, Entry>} */ #entries = new Map();
	/** What is being sent, and what ends that; null where others are in the same request. @type {Map<string, ?AbortController>} */ #sending = new Map();
	/** What was thrown away while it was being sent. */ #discarded = new Set();
	#stopped = false; #again = null; #failures = 0; #client; #store; #storage; #onExpired;

	/** @param {{client: import('../client.js').Client, store: import('./store.js').Store, storage: import('./storage.js').TaskStorage, onExpired: () => void}} parts */
	constructor({ client, store, storage, onExpired }) {
		this.#client = client;
		this.#store = store;
		this.#storage = storage;
		this.#onExpired = onExpired;
	}

	/** Shows and asks nothing any more. */
	stop() {
		this.#stopped = true;
		clearTimeout(this.#again);
	}

	/** Those of an earlier visit. @param {Entry[]} entries */
	load(entries) {
		for (const entry of entries) {
			this.#entries.set(entry.clientRequestId, entry);
			this.#show(entry, entry.problem ?? { state: 'unknown' });
		}
	}

	entry(clientRequestId) {
		return this.#entries.get(clientRequestId);
	}

	#show(entry, local) {
		const { clientRequestId, kind, source, fields, image, lastFrame, references, createdAt } = entry;
		this.#store.take([{ clientRequestId, createdAt, status: 'QUEUED', progress: 0, ...fields,
			metadata: source ? { type: 'remix', remix_from: source } : {}, local: { kind, hasImage: Boolean(image || lastFrame || references?.length), ...local } }]);
	}

	#newEntry(kind, source, fields, { image, lastFrame, references } = {}) {
		const entry = { clientRequestId: newRequestId(), kind, source, fields, image: image ?? null, lastFrame: lastFrame ?? null, references: references ?? [], createdAt: new Date().toISOString() };
		this.#entries.set(entry.clientRequestId, entry);
		this.#show(entry, { state: 'sending', upload: 0 });
		return entry;
	}

	/** A new video. @param {object} fields prompt, model, size, seconds… @param {{image?: ?Blob, lastFrame?: ?Blob, references?: Blob[]}} pictures */
	create(fields, pictures) {
		return this.#send(this.#newEntry('create', null, fields, pictures));
	}

	/** A remix of one. @param {object} source its task */
	remix(source, { prompt, model }, image) {
		return this.#send(this.#newEntry('remix', source.videoId, { ...traits(source), prompt, model }, { image }));
	}

	/** The same of many, in as few requests as the server takes. @param {object[]} sources @param {{prompt: string, model?: string}} fields */
	async remixMany(sources, { prompt, model }) {
		const entries = sources.map((source) => this.#newEntry('remix', source.videoId, { ...traits(source), prompt, model }));
		await Promise.all(Array.from({ length: Math.ceil(entries.length / 50) }, (_, n) => this.#deliver(entries.slice(n * 50, n * 50 + 50), (some) => this.#transmitMany(some))));
	}

	#send(entry) {
		return this.#deliver([entry], (_, abort) => this.#transmit(entry, abort));
	}

	/** Writes entries down and sends them. @param {(entries: Entry[], abort: AbortController) => Promise<[Entry, object][]>} transmit gives those that failed, and why */
	async #deliver(entries, transmit) {
		const ids = entries.map((entry) => entry.clientRequestId), abort = new AbortController();
		ids.forEach((id) => this.#sending.set(id, ids.length > 1 ? null : abort));
		const failed = await whileLocked(ids, async () => {
			await this.#write(entries);
			return transmit(entries, abort);
		});
		ids.forEach((id) => this.#sending.delete(id));
		if (!this.#stopped)
			await this.#settle(failed);
	}

	async #transmitMany(entries) {
		const ids = entries.map((entry) => entry.clientRequestId), { prompt, model } = entries[0].fields;
		try {
			const results = await this.#client.batchRemix({ videoIds: entries.map((entry) => entry.source), prompt, model, clientRequestIds: ids }, AbortSignal.timeout(SILENT_MS));
			results.forEach((result, n) => result.success && this.#made(entries[n], result.data));
			return entries.map((entry, n) => [entry, results[n]]).filter(([, result]) => !result.success)
				.map(([entry, { error, code }]) => [entry, { status: 422, message: error, code }]);
		} catch (error) {
			return entries.map((entry) => [entry, error]);
		}
	}

	async #write(entries) {
		try {
			await this.#storage.putOutbox(entries);
		} catch {
			// no room: it is on screen all the same, only a closed tab would not find it
		}
	}

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
		if (this.#discarded.delete(entry.clientRequestId)) {
			this.#client.deleteTask(videoId).catch(() => {});
			return;
		}
		this.#store.take([{ ...entry.fields, videoId, externalTaskId, status: status.toUpperCase(), progress, waits, clientRequestId: entry.clientRequestId,
			createdAt: entry.createdAt, metadata: entry.source ? { type: 'remix', remix_from: entry.source } : {} }]);
		this.known([this.#store.byVideo(videoId)].filter(Boolean));
	}

	/** The server has these. @param {object[]} tasks */
	known(tasks) {
		const ids = tasks.filter((task) => task.videoId && this.#entries.delete(task.clientRequestId)).map((task) => task.clientRequestId);
		this.#storage.dropOutbox(ids).catch(() => {});
	}

	/** Not sent, as far as anybody told us. The server may have them all the same, so it is asked before anything is said. @param {[Entry, object][]} failed and why */
	async #settle(failed) {
		for (const [entry, { status, code, message, field }] of failed)
			entry.why = { status, code, error: message, field };
		this.#unmake(failed.map(([{ clientRequestId }]) => clientRequestId).filter((id) => this.#discarded.delete(id)));
		const entries = failed.map(([entry]) => entry).filter(({ clientRequestId }) => this.#entries.has(clientRequestId)), isRefused = ({ why }) => REFUSED.has(why.status);
		this.#conclude(entries.filter(isRefused));
		const rest = entries.filter((entry) => !isRefused(entry));
		for (const entry of rest)
			this.#show(entry, { state: 'unknown' });
		await this.recover(rest.map((entry) => entry.clientRequestId));
	}

	#conclude(entries) {
		for (const entry of entries) {
			const { why } = entry;
			const hard = why && why.status >= 400 && why.status < 500 && ![401, 408, 409, 429].includes(why.status);
			entry.problem = { state: hard ? 'refused' : 'missing', code: why?.status ? why.code : undefined, error: why?.status ? why.error : undefined,
				field: why?.status ? why.field ?? undefined : undefined };
			this.#show(entry, entry.problem);
		}
		this.#write(entries);
	}

	/** Asks the server for what it has not answered, until it does. @param {string[]} [ids] default: all @returns {Promise<void>} */
	async recover(ids = [...this.#entries.keys()]) {
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
			for (const id of asked.filter((one) => this.#entries.has(one)))
				this.#show(this.#entries.get(id), { state: 'unknown' });
			clearTimeout(this.#again);
			const wait = Math.max(error.retryAfterMs ?? 0, Math.min(AGAIN_MOST_MS, AGAIN_MS * 2 ** this.#failures++));
			this.#again = setTimeout(() => this.recover(), wait * (1 + Math.random()));
		}
	}

	/** Deletes what the server may have made of requests that were thrown away under way. @param {string[]} ids */
	async #unmake(ids) {
		if (ids.length === 0)
			return;
		const { tasks } = await this.#client.recoverTasks(ids).catch(() => ({ tasks: [] }));
		for (const { videoId } of tasks)
			await this.#client.deleteTask(videoId).catch(() => {});
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

	/** The same request once more. */
	async resend(clientRequestId) {
		const entry = this.#entries.get(clientRequestId);
		if (!entry || this.#sending.has(clientRequestId))
			return;
		delete entry.problem;
		delete entry.why;
		this.#show(entry, { state: 'sending', upload: 0 });
		await this.#send(entry);
	}

	/** Throws it away. What is under way ends, and what the server has made of it all the same is deleted. */
	async discard(clientRequestId) {
		const isUnknown = !this.#entries.get(clientRequestId)?.problem;
		this.#entries.delete(clientRequestId);
		this.#store.discard(clientRequestId);
		if (this.#sending.has(clientRequestId)) {
			this.#discarded.add(clientRequestId);
			this.#sending.get(clientRequestId)?.abort();
		} else if (isUnknown) {
			this.#unmake([clientRequestId]);
		}
		await this.#storage.dropOutbox([clientRequestId]).catch(() => {});
	}
}

/** What a remix has of its source. */
const traits = ({ model, size, seconds, aspectRatio }) => ({ model, size, seconds, aspectRatio });
