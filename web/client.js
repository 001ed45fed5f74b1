/**
 * A client of longreel: an ES module without dependencies and without a page, for browsers and for Node. One object holds the address and
 * the token; every call gives the answer's data or throws an ApiError.
 *
 *     import { Client, newRequestId } from './client.js';
 *     const client = new Client();
 *     await client.login('ada', 'correct horse');
 *     const watch = client.watch(null, ({ type, updates, cursor }) => { … });
 *     await client.createVideo({ prompt: 'A cat', clientRequestId: newRequestId() });
 *     …
 *     watch.stop();
 *
 * Beside it in client/: clock.js (the server's), error.js (ApiError), merge.js (mergeHistory), price.js (priceOf), types.js (what calls take and give),
 * watch.js (the feed: one poll for all tabs).
 *
 * @typedef {import('./client/types.js').Task} Task
 * @typedef {import('./client/types.js').Creation} Creation
 * @typedef {import('./client/types.js').Model} Model
 * @typedef {import('./client/types.js').Catalogue} Catalogue
 * @typedef {import('./client/types.js').Created} Created
 * @typedef {import('./client/types.js').About} About
 * @typedef {import('./client/types.js').User} User
 * @typedef {import('./client/types.js').Session} Session
 * @typedef {import('./client/types.js').KeyLimits} KeyLimits
 * @typedef {import('./client/types.js').Key} Key
 * @typedef {import('./client/types.js').Budgets} Budgets
 * @typedef {import('./client/price.js').Prices} Prices
 * @typedef {import('./client/price.js').Wanted} Wanted
 * @typedef {import('./client/price.js').ChargeFilter} ChargeFilter
 * @typedef {{signal?: AbortSignal, onUpload?: (fraction: number) => void}} Sending
 */
import { ServerClock } from './client/clock.js';
import { errorOf, retryAfter, unreachable } from './client/error.js';
import { Watch } from './client/watch.js';

export { ServerClock } from './client/clock.js';
export { ApiError } from './client/error.js';
export { priceOf } from './client/price.js';
export { mergeHistory, mergeTask } from './client/merge.js';

const RECOVER_MOST = 1000, BATCH_MOST = 50;

/** A new id for a creation: drawn before the request, so that whatever happens to it can be found again. @returns {string} */
export function newRequestId() {
	return `${Date.now()}-${[...crypto.getRandomValues(new Uint8Array(8))].map((b) => b.toString(16).padStart(2, '0')).join('')}`;
}

/** A short name for a secret, by which tabs that share it find each other (FNV-1a); it does not lead back to it. */
function nameOf(secret) {
	let hash = 0x811c9dc5;
	for (const letter of secret)
		hash = Math.imul(hash ^ letter.codePointAt(0), 0x01000193) >>> 0;
	return hash.toString(36);
}

/** The answer's data, or an ApiError. */
function dataOf(status, header, body) {
	if (status < 200 || status > 299 || body?.success !== true)
		throw errorOf(status, header, body);
	const rest = retryAfter(header('retry-after'), header('date'));
	return header('idempotent-replayed') === 'true' ? { ...body.data, replayed: true } : rest !== null ? { ...body.data, retryAfterMs: rest } : body.data;
}

function formOf({ prompt, model, size, seconds, aspectRatio, seed, negativePrompt, audio, clientRequestId, metadata, maxPriceMicro, image, lastFrame, references }) {
	const form = new FormData(), text = { prompt, model, size, seconds, aspect_ratio: aspectRatio, seed, negative_prompt: negativePrompt, audio, clientRequestId, maxPriceMicro };
	for (const [name, value] of Object.entries(text))
		if (value !== undefined && value !== null && value !== '')
			form.append(name, String(value));
	if (metadata)
		form.append('metadata', JSON.stringify(metadata));
	for (const [name, pictures] of [['input_reference', [image]], ['last_frame', [lastFrame]], ['references', references ?? []]])
		for (const picture of pictures)
			if (picture)
				form.append(name, picture, picture.name ?? 'image');
	return form;
}

/** A query of what is there. @param {object} query */
const wordsOf = (query) => new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '').map(([name, value]) => [name, String(value)]));

const task = (videoId, rest = '') => `/api/video/tasks/${encodeURIComponent(videoId)}${rest}`;

export class Client {
	/**
	 * @param {object} [options]
	 * @param {string} [options.base] the server's address, without a slash at its end; '' = where the page came from
	 * @param {?string} [options.token] from login(), or an API key
	 * @param {?string} [options.language] in which errors are told: 'en' or 'zh'; null = the browser's
	 * @param {ServerClock} [options.clock] the server's, where several clients learn it together
	 */
	constructor({ base = '', token = null, language = null, clock = new ServerClock() } = {}) {
		this.base = base;
		this.token = token;
		this.language = language;
		/** What time it is there. */
		this.clock = clock;
	}

	/** @param {Record<string, string>} [more] */
	#headers(more = {}) {
		const headers = { ...more };
		if (this.token)
			headers.authorization = `Bearer ${this.token}`;
		if (this.language)
			headers['accept-language'] = this.language;
		return headers;
	}

	async #fetch(method, path, init) {
		const asked = Date.now();
		try {
			const response = await fetch(this.base + path, { method, cache: 'no-store', ...init });
			this.clock.learn(response.headers.get('date'), asked);
			return response;
		} catch (error) {
			if (init.signal?.aborted)
				throw error;
			throw unreachable();
		}
	}

	/**
	 * Any call of the API. @param {string} method @param {string} path @param {any} [body] @param {AbortSignal} [signal]
	 * @param {{keepalive?: boolean}} [more] keepalive: it goes out although the page is being closed  @throws {ApiError}
	 */
	async call(method, path, body, signal, more) {
		const headers = this.#headers(body === undefined ? {} : { 'content-type': 'application/json' });
		const response = await this.#fetch(method, path, { headers, body: body === undefined ? undefined : JSON.stringify(body), signal, ...more });
		const answer = await response.json().catch(() => null);
		signal?.throwIfAborted();
		return dataOf(response.status, (name) => response.headers.get(name), answer);
	}

	// ---- accounts ----

	/** What the server is; it needs no token. @returns {Promise<About>} */
	about() {
		return this.call('GET', '/api/about');
	}

	/** A new account. @param {string} username @param {string} password @param {?string} [email] @param {?string} [code] of an invitation @returns {Promise<User>} */
	register(username, password, email, code) {
		return this.call('POST', '/api/auth/register', { username, password, ...(email ? { email } : {}), ...(code ? { code } : {}) });
	}

	/** Signs in; the client bears the token from now on. @returns {Promise<{token: string, user: User, expiresAt: number}>} */
	async login(username, password) {
		const data = await this.call('POST', '/api/auth/login', { username, password });
		this.token = data.token;
		return data;
	}

	/** Who the token is. @returns {Promise<User>} */
	verify() {
		return this.call('POST', '/api/auth/verify', {});
	}

	/** The token ends at once. */
	async logout() {
		await this.call('POST', '/api/auth/logout', {}, undefined, { keepalive: true });
		this.token = null;
	}

	/** A new password; all other sessions end. @param {string} password the present one  @param {string} newPassword */
	changePassword(password, newPassword) {
		return this.call('POST', '/api/auth/password', { password, newPassword });
	}

	/** The logins that last, the last used first. @returns {Promise<Session[]>} */
	async listSessions() {
		return (await this.call('GET', '/api/auth/sessions')).sessions;
	}

	/** @param {string} id of a session */
	endSession(id) {
		return this.call('DELETE', `/api/auth/sessions/${encodeURIComponent(id)}`);
	}

	/** Ends all sessions but this one. @returns {Promise<number>} how many there were */
	async endOtherSessions() {
		return (await this.call('DELETE', '/api/auth/sessions')).ended;
	}

	/** The key that this client has for a token. @returns {Promise<Key>} */
	ownKey() {
		return this.call('GET', '/api/auth/key');
	}

	/** @returns {Promise<Key[]>} without the keys themselves, which are not kept */
	async listKeys() {
		return (await this.call('GET', '/api/auth/keys')).keys;
	}

	/** A new API key. @param {string} name  @param {number} [expiresAt] in ms since the epoch  @param {KeyLimits} [limits] @returns {Promise<Key & {key: string}>} `key` is shown this once */
	createKey(name, expiresAt, limits = {}) {
		return this.call('POST', '/api/auth/keys', { name, ...(expiresAt ? { expiresAt } : {}), ...limits });
	}

	/** @param {number} id @param {KeyLimits & {name?: string, expiresAt?: number}} changes expiresAt 0 = never @returns {Promise<Key>} */
	changeKey(id, changes) {
		return this.call('PATCH', `/api/auth/keys/${encodeURIComponent(id)}`, changes);
	}

	revokeKey(id) {
		return this.call('DELETE', `/api/auth/keys/${encodeURIComponent(id)}`);
	}

	// ---- money ----

	/** What one has. @returns {Promise<import('./client/price.js').Account>} */
	account() {
		return this.call('GET', '/api/account');
	}

	/** What things cost; priceOf() finds the price of one of them. @returns {Promise<Prices>} */
	prices() {
		return this.call('GET', '/api/prices');
	}

	/** What a creation would cost, and whether it could be paid. @param {object} wanted its fields, as the API names them @returns {Promise<import('./client/price.js').Quote>} */
	quote(wanted) {
		return this.call('POST', '/api/prices/quote', wanted);
	}

	/** Credit for a code. @param {string} code @returns {Promise<{amountMicro: number, availableMicro: number}>} */
	redeem(code) {
		return this.call('POST', '/api/account/redeem', { code });
	}

	/** The transfers, the latest first. @param {{cursor?: ?string, limit?: number}} [page] @returns {Promise<{transfers: import('./client/price.js').Transfer[], nextCursor: ?string}>} */
	statement(page = {}) {
		return this.call('GET', `/api/account/statement?${wordsOf(page)}`);
	}

	/**
	 * Sums by day, model or key. @param {{from?: string, to?: string, groupBy?: 'day'|'model'|'key'}} [period] days, both inside; this month
	 * @returns {Promise<{rows: (import('./client/price.js').Sums & {group: ?string, name: ?string})[], total: import('./client/price.js').Sums}>}
	 */
	usage(period = {}) {
		return this.call('GET', `/api/account/usage?${wordsOf(period)}`);
	}

	/**
	 * What each attempt cost, the latest first. @param {ChargeFilter & {cursor?: ?string, limit?: number}} [filter] @param {AbortSignal} [signal]
	 * @returns {Promise<{charges: import('./client/price.js').Charge[], nextCursor: ?string}>} of a page there may be fewer than `limit`, or none, and a cursor to go on
	 */
	charges(filter = {}, signal = undefined) {
		return this.call('GET', `/api/account/charges?${wordsOf(filter)}`, undefined, signal);
	}

	/** The same for a spreadsheet. @param {ChargeFilter & {bom?: number}} [filter] @param {AbortSignal} [signal] @returns {Promise<Blob>} */
	chargesCsv(filter = {}, signal = undefined) {
		return this.#blob(`/api/account/charges.csv?${wordsOf(filter)}`, signal);
	}

	// ---- making videos ----

	/** What can be made. @param {AbortSignal} [signal] @returns {Promise<Catalogue>} */
	models(signal) {
		return this.call('GET', '/api/models', undefined, signal);
	}

	/** @param {Creation} creation @param {Sending} [sending] @returns {Promise<Created>} */
	createVideo(creation, sending) {
		return this.#send('/api/relay/sora/videos', creation, sending);
	}

	/** A new video from a finished one, whose size and seconds it has. @param {string} videoId @param {Creation} creation @param {Sending} [sending] @returns {Promise<Created>} */
	remixVideo(videoId, { prompt, model, clientRequestId, maxPriceMicro, image }, sending) {
		return this.#send(task(videoId, '/remix'), { prompt, model, clientRequestId, maxPriceMicro, image }, sending);
	}

	/**
	 * Remixes of many, each succeeding or failing by itself; the ids' order is the answer's.
	 * @param {{videoIds: string[], prompt: string, model?: string, maxPriceMicro?: number, clientRequestIds?: string[]}} batch maxPriceMicro: of each @param {AbortSignal} [signal]
	 * @returns {Promise<{videoId: string, success: boolean, data?: Created, error?: string, code?: string, details?: any}[]>}
	 */
	async batchRemix({ videoIds, prompt, model, maxPriceMicro, clientRequestIds }, signal) {
		const results = [];
		for (let at = 0; at < videoIds.length; at += BATCH_MOST)
			results.push(...(await this.call('POST', '/api/video/tasks/remix', {
				prompt, ...(model ? { model } : {}), ...(maxPriceMicro === undefined ? {} : { maxPriceMicro }), videoIds: videoIds.slice(at, at + BATCH_MOST),
				...(clientRequestIds ? { clientRequestIds: clientRequestIds.slice(at, at + BATCH_MOST) } : {}),
			}, signal)).results);
		return results;
	}

	/** A form, with the progress of its upload where the browser tells. @param {string} path @param {object} creation @param {Sending} [sending] */
	async #send(path, creation, { signal, onUpload } = {}) {
		const form = formOf(creation);
		if (!globalThis.XMLHttpRequest || !onUpload) {
			const response = await this.#fetch('POST', path, { headers: this.#headers(), body: form, signal });
			const answer = await response.json().catch(() => null);
			signal?.throwIfAborted();
			return { replayed: false, ...dataOf(response.status, (name) => response.headers.get(name), answer) };
		}
		signal?.throwIfAborted();
		return new Promise((resolve, reject) => {
			const request = new XMLHttpRequest(), asked = Date.now();
			const abort = () => request.abort();
			request.open('POST', this.base + path);
			for (const [name, value] of Object.entries(this.#headers()))
				request.setRequestHeader(name, value);
			request.responseType = 'json';
			request.upload.onprogress = (event) => event.lengthComputable && onUpload(event.loaded / event.total);
			request.onload = () => {
				this.clock.learn(request.getResponseHeader('date'), asked);
				try {
					resolve({ replayed: false, ...dataOf(request.status, (name) => request.getResponseHeader(name), request.response) });
				} catch (error) {
					reject(error);
				}
			};
			request.onerror = () => reject(unreachable());
			request.onabort = () => reject(signal?.reason ?? unreachable());
			request.onloadend = () => signal?.removeEventListener('abort', abort);
			signal?.addEventListener('abort', abort, { once: true });
			request.send(form);
		});
	}

	// ---- tasks ----

	/** What became of requests whose answer never came, however many. @param {string[]} clientRequestIds @param {AbortSignal} [signal] @returns {Promise<{tasks: Task[], missing: string[]}>} */
	async recoverTasks(clientRequestIds, signal) {
		/** @type {{tasks: Task[], missing: string[]}} */
		const found = { tasks: [], missing: [] };
		for (let at = 0; at < clientRequestIds.length; at += RECOVER_MOST) {
			const part = await this.call('POST', '/api/video/tasks/recover',
				{ clientRequestIds: clientRequestIds.slice(at, at + RECOVER_MOST) }, signal);
			found.tasks.push(...part.tasks);
			found.missing.push(...part.missing);
		}
		return found;
	}

	/**
	 * @param {{status?: string, model?: string, q?: string, scope?: string, cursor?: ?string, page?: number, pageSize?: number, orderBy?: string, order?: string}} [query]
	 * @param {AbortSignal} [signal]
	 * @returns {Promise<{tasks: Task[], total: ?number, nextCursor: ?string}>} total: null for a search, which may also give fewer tasks than there are, or none, and a cursor to go on
	 */
	listTasks(query = {}, signal = undefined) {
		return this.call('GET', `/api/video/tasks?${wordsOf(query)}`, undefined, signal);
	}

	/** @returns {Promise<Task>} */
	getTask(videoId, signal) {
		return this.call('GET', task(videoId), undefined, signal);
	}

	/** Its ancestors up to the root and the whole tree below. @returns {Promise<{root: string, tasks: {videoId: string, parent: ?string, deleted?: boolean, status: string, prompt: string}[], more: boolean}>} */
	lineage(videoId, signal) {
		return this.call('GET', task(videoId, '/lineage'), undefined, signal);
	}

	/** Ends an open task. @returns {Promise<Task>} */
	cancel(videoId) {
		return this.call('POST', task(videoId, '/cancel'), {});
	}

	/** Tries a failed or cancelled task again, with the same inputs. @param {string} videoId @param {number} [maxPriceMicro] as in a creation */
	retry(videoId, maxPriceMicro) {
		return this.call('POST', task(videoId, '/retry'), maxPriceMicro === undefined ? {} : { maxPriceMicro });
	}

	deleteTask(videoId) {
		return this.call('DELETE', task(videoId), undefined, undefined, { keepalive: true });
	}

	// ---- the video ----

	/** A link to the video which an element can load by itself, without a token; null where there is none. It may expire: use it at once. @param {Task} known */
	contentLink(known) {
		const home = new URL(this.base || globalThis.location?.href || 'http://localhost');
		try {
			// A path of the API is the server's own, which may not know below which path we see it.
			const link = new URL(known.videoUrl?.startsWith('/api/') ? this.base + known.videoUrl : known.videoUrl ?? '', home);
			return known.videoUrl && link.origin === home.origin ? link.href : null;
		} catch {
			return null;
		}
	}

	/** A link under which the video is saved, named by its prompt; null as for contentLink(). @param {Task} known */
	downloadLink(known) {
		const link = this.contentLink(known);
		return link && `${link}${link.includes('?') ? '&' : '?'}download=1`;
	}

	/** Where the bytes are, for a request that bears the token. @param {string} videoId @param {{download?: boolean}} [options] */
	contentUrl(videoId, { download = false } = {}) {
		return this.base + task(videoId, `/content${download ? '?download=1' : ''}`);
	}

	/** The bytes of a finished video. @param {string} videoId @param {AbortSignal} [signal] @returns {Promise<Blob>} */
	content(videoId, signal) {
		return this.#blob(task(videoId, '/content'), signal);
	}

	/** Whether a finished video can be had now; throws the reason why not. @param {string} videoId */
	async probeContent(videoId) {
		await this.#open(task(videoId, '/content'), undefined, 'HEAD');
	}

	async #open(path, signal, method = 'GET') {
		const response = await this.#fetch(method, path, { headers: this.#headers(), signal });
		if (!response.ok)
			throw errorOf(response.status, (name) => response.headers.get(name), await response.json().catch(() => null));
		return response;
	}

	async #blob(path, signal) {
		const response = await this.#open(path, signal);
		try {
			return await response.blob();
		} catch (error) {
			throw signal?.aborted ? error : unreachable();
		}
	}

	/** The bytes of a finished video as they come. @param {string} videoId @param {AbortSignal} [signal] @returns {Promise<{body: ReadableStream<Uint8Array>, size: ?number, type: string}>} size: null = not known */
	async openContent(videoId, signal) {
		const response = await this.#open(task(videoId, '/content'), signal), size = response.headers.get('content-length');
		return { body: /** @type {ReadableStream<Uint8Array>} */ (response.body), size: size === null ? null : Number(size), type: response.headers.get('content-type') ?? 'video/mp4' };
	}

	/** An image that a task was made from, as it was sent. @param {Task} known @param {number} [n] which of its `inputs` @param {AbortSignal} [signal] @returns {Promise<Blob>} */
	input(known, n = 0, signal) {
		return this.#blob(known.inputs[n].url, signal);
	}

	// ---- the feed ----

	/** The cursor of now, without waiting: what is listed after this is never behind a watch that begins here. @returns {Promise<{cursor: string}>} */
	cursorOfNow() {
		return this.call('GET', '/api/video/updates');
	}

	/**
	 * Follows everything that changes: one long poll for all tabs of this origin that share the token. It waits out errors and sleep, and goes
	 * on from its cursor. See client/watch.js.
	 * @param {?string} cursor the last that it told; null = begin now; '0' = from the very beginning
	 * @param {(update: import('./client/watch.js').Update) => any} onUpdate
	 * @param {{wait?: number, locks?: ?LockManager, Channel?: ?typeof BroadcastChannel}} [options]
	 * @returns {Watch} with stop() and nudge()
	 */
	watch(cursor, onUpdate, options = {}) {
		const ask = (from, wait, signal) => this.call('GET',
			`/api/video/updates${from === null ? '' : `?cursor=${encodeURIComponent(from)}&wait=${wait}`}`, undefined, signal);
		return new Watch({ ...options, ask, cursor, onUpdate, name: `longreel:${this.base}:${nameOf(this.token ?? '')}` });
	}
}
