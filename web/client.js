/**
 * A client of longreel: an ES module without dependencies and without a page. One object holds the address and the token; every call
 * gives the answer's data or throws an ApiError.
 *
 *     const client = new Client();
 *     await client.login('ada', 'correct horse');
 *     const { videoId } = await client.createVideo({ prompt: 'A cat', clientRequestId: newRequestId() });
 *     for await (const change of client.watch(cursor)) …
 *
 * @typedef {object} Task          one task, the same shape everywhere
 * @property {string} videoId      ours
 * @property {?string} externalTaskId
 * @property {?string} clientRequestId  the client's own
 * @property {'QUEUED'|'PROCESSING'|'COMPLETED'|'FAILED'|'CANCELLED'} status
 * @property {number} progress     0 to 100
 * @property {string} prompt
 * @property {?string} model
 * @property {?string} size
 * @property {?number} seconds
 * @property {?string} errorCode
 * @property {?string} errorMessage
 * @property {string} createdAt    RFC 3339
 * @property {?string} completedAt
 *
 * @typedef {object} Change        what watch() gives
 * @property {'task'|'deleted'|'reset'|'online'|'offline'} type
 * @property {Task} [task]
 * @property {string} [videoId]    of a deleted task
 * @property {string} cursor       keep it, and begin with it next time
 */

const WAIT_S = 25;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_MOST_MS = 30_000;

/** Why a call failed: the server's answer, or that there was none (status 0). */
export class ApiError extends Error {
	/** @param {number} status @param {string} code @param {string} message @param {object} [more] */
	constructor(status, code, message, more = {}) {
		super(message);
		this.name = 'ApiError';
		this.status = status;
		this.code = code;
		/** The field at fault, if one is. @type {?string} */
		this.field = more.field ?? null;
		/** To be named when asking the operator. @type {?string} */
		this.requestId = more.requestId ?? null;
		/** When another try makes sense. @type {?number} */
		this.retryAfterMs = more.retryAfterMs ?? null;
	}
}

/** A new id for a creation: drawn before the request, so that whatever happens to it can be found again. */
export function newRequestId() {
	return `${Date.now()}-${[...crypto.getRandomValues(new Uint8Array(6))].map((b) => b.toString(16).padStart(2, '0')).join('')}`;
}

/** @param {number} status @param {?string} retryAfter @param {any} body */
function errorOf(status, retryAfter, body) {
	return new ApiError(status, body?.code ?? 'bad_answer', body?.error ?? `The server answered ${status}.`, {
		field: body?.details?.field,
		requestId: body?.requestId,
		retryAfterMs: retryAfter ? Number(retryAfter) * 1000 : null,
	});
}

/** Resolves after `ms`, or at once when `signal` is aborted. */
function pause(ms, signal) {
	return new Promise((done) => {
		const timer = setTimeout(done, ms);
		signal?.addEventListener('abort', () => { clearTimeout(timer); done(); }, { once: true });
	});
}

export class Client {
	/** @param {{base?: string, token?: ?string}} [options] base: the server's address; '' = where the page came from */
	constructor({ base = '', token = null } = {}) {
		this.base = base;
		this.token = token;
	}

	/** One call. @returns {Promise<any>} the answer's data @throws {ApiError} */
	async call(method, path, body, signal) {
		const headers = this.token ? { authorization: `Bearer ${this.token}` } : {};
		if (body !== undefined)
			headers['content-type'] = 'application/json';
		let response;
		try {
			response = await fetch(this.base + path, { method, headers, body: body && JSON.stringify(body), signal, cache: 'no-store' });
		} catch (error) {
			if (signal?.aborted)
				throw error;
			throw new ApiError(0, 'unreachable', 'The server cannot be reached.');
		}
		const answer = await response.json().catch(() => null);
		if (!response.ok || answer?.success !== true)
			throw errorOf(response.status, response.headers.get('retry-after'), answer);
		return answer.data;
	}

	register(username, password) {
		return this.call('POST', '/api/auth/register', { username, password });
	}

	/** Signs in; the client bears the token from now on. */
	async login(username, password) {
		const data = await this.call('POST', '/api/auth/login', { username, password });
		this.token = data.token;
		return data;
	}

	verify() {
		return this.call('POST', '/api/auth/verify');
	}

	/** The token ends at once. */
	async logout() {
		await this.call('POST', '/api/auth/logout');
		this.token = null;
	}

	/**
	 * Creates a task. By XMLHttpRequest, as fetch cannot tell how far an upload is.
	 * @param {{prompt: string, clientRequestId: string, model?: string, size?: string, seconds?: number, image?: Blob}} fields
	 * @param {(fraction: number) => void} [onUpload]
	 * @returns {Promise<{videoId: string, status: string}>}
	 */
	createVideo({ image, ...fields }, onUpload) {
		const form = new FormData();
		for (const [name, value] of Object.entries(fields))
			if (value !== undefined && value !== null && value !== '')
				form.set(name, String(value));
		if (image)
			form.set('input_reference', image, image.name ?? 'image');
		return new Promise((resolve, reject) => {
			const request = new XMLHttpRequest();
			request.open('POST', `${this.base}/api/relay/sora/videos`);
			request.setRequestHeader('authorization', `Bearer ${this.token}`);
			request.responseType = 'json';
			request.upload.onprogress = (event) => event.lengthComputable && onUpload?.(event.loaded / event.total);
			request.onload = () => request.response?.success === true ? resolve(request.response.data)
				: reject(errorOf(request.status, request.getResponseHeader('retry-after'), request.response));
			request.onerror = () => reject(new ApiError(0, 'unreachable', 'The server cannot be reached.'));
			request.send(form);
		});
	}

	/** @param {{status?: string, q?: string, cursor?: string, pageSize?: number}} [query] */
	listTasks(query = {}) {
		const words = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
		return this.call('GET', `/api/video/tasks?${words}`);
	}

	/** What became of requests whose answer never came. @param {string[]} clientRequestIds */
	recoverTasks(clientRequestIds) {
		return this.call('POST', '/api/video/tasks/recover', { clientRequestIds });
	}

	/** The bytes of a finished video. @returns {Promise<Blob>} */
	async content(videoId, signal) {
		const response = await fetch(`${this.base}/api/video/tasks/${encodeURIComponent(videoId)}/content`,
			{ headers: { authorization: `Bearer ${this.token}` }, signal });
		if (!response.ok)
			throw errorOf(response.status, response.headers.get('retry-after'), await response.json().catch(() => null));
		return response.blob();
	}

	/**
	 * Follows everything that changes, for ever: one long poll after the other, each from the cursor of the last. Errors are waited out, with
	 * backoff; 401 is thrown. Without a cursor it begins now; with '0' at the very beginning.
	 * @param {?string} cursor  @param {AbortSignal} [signal]  @returns {AsyncGenerator<Change>}
	 */
	async *watch(cursor, signal) {
		let failures = 0;
		while (!signal?.aborted) {
			try {
				const query = cursor ? `?cursor=${encodeURIComponent(cursor)}&wait=${failures ? 0 : WAIT_S}` : '';
				const page = await this.call('GET', `/api/video/updates${query}`, undefined, signal);
				if (failures)
					yield { type: 'online', cursor };
				failures = 0;
				cursor = page.cursor;
				for (const { payload } of page.updates)
					yield payload.deleted ? { type: 'deleted', videoId: payload.videoId, cursor } : { type: 'task', task: payload, cursor };
			} catch (error) {
				if (signal?.aborted)
					return;
				if (error.status === 401)
					throw error;
				if (error.code === 'cursor_gone') {
					cursor = '0';
					yield { type: 'reset', cursor };
					continue;
				}
				if (++failures === 1)
					yield { type: 'offline', cursor };
				const backoff = Math.min(BACKOFF_FIRST_MS * 2 ** (failures - 1), BACKOFF_MOST_MS);
				await pause(Math.max(error.retryAfterMs ?? 0, backoff * (0.75 + Math.random() / 2)), signal);
			}
		}
	}
}
