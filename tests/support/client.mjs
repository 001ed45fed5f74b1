// A client of an instance, as small as a test needs: JSON calls, a login, creations, and following the feed.
import assert from 'node:assert/strict';
import { until } from './instance.mjs';
import { checkDescribed } from './openapi.mjs';

/** The smallest PNG there is. */
export const PNG = Buffer.from(
	'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

/**
 * What has happened while the test stood still, as it does while it waits for a process, is known: above all that a connection which was kept has been
 * closed. One turn may be the rest of the present one; the next looks at all sockets.
 */
async function caughtUp() {
	await new Promise(setImmediate);
	await new Promise(setImmediate);
}

export class Client {
	/** @param {string} base the instance's address  @param {string} [token] */
	constructor(base, token) {
		this.base = base;
		this.token = token;
	}

	/** One call; never throws for an HTTP error. @returns {Promise<{status:number, headers:Headers, body:any}>} */
	async call(method, path, body, headers = {}, signal) {
		const init = { method, headers: { ...headers }, signal };
		if (this.token)
			init.headers.authorization ??= `Bearer ${this.token}`;
		if (body instanceof FormData) {
			init.body = body;
		} else if (body !== undefined) {
			init.body = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
			init.headers['content-type'] ??= 'application/json';
		}
		await caughtUp();
		const response = await fetch(this.base + path, init).catch((error) => {
			// A kept connection may be closed just as a request goes out on it; what changes nothing is asked again.
			if (method !== 'GET' || signal?.aborted || !['UND_ERR_SOCKET', 'ECONNRESET'].includes(error.cause?.code))
				throw error;
			return fetch(this.base + path, init);
		});
		const type = response.headers.get('content-type') ?? '';
		const bytes = Buffer.from(await response.arrayBuffer()), json = type.startsWith('application/json') ? JSON.parse(bytes) : undefined;
		if (response.ok)
			checkDescribed(method, path, response.status, type, json);
		return { status: response.status, headers: response.headers, bytes, body: json };
	}

	/** A call that must succeed. @returns {Promise<any>} its data */
	async data(method, path, body, headers, signal) {
		const answer = await this.call(method, path, body, headers, signal);
		assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.bytes.toString().slice(0, 300)}`);
		assert.equal(answer.body.success, true);
		return answer.body.data;
	}

	/** Registers a user and bears its token from now on. */
	async join(username = `u${Math.random().toString(36).slice(2)}`) {
		const password = 'correct horse battery';
		this.user = await this.data('POST', '/api/auth/register', { username, password });
		this.token = (await this.data('POST', '/api/auth/login', { username, password })).token;
		return this;
	}

	/** Creates a task by JSON. @returns {Promise<any>} the answer's data */
	create(fields) {
		return this.data('POST', '/api/relay/sora/videos', { prompt: 'a cat', ...fields });
	}

	/** The cursor of now. */
	async cursor() {
		return (await this.data('GET', '/api/video/updates')).cursor;
	}

	/**
	 * Follows the feed until `done` says so of an update's task. Each answer must name a new cursor where it has updates.
	 * @returns {Promise<{task:any, seen:any[], cursor:string}>} the task, all updates on the way, the last cursor
	 */
	async follow(cursor, done, signal = AbortSignal.timeout(180_000)) {
		const seen = [];
		for (;;) {
			const page = await this.data('GET', `/api/video/updates?cursor=${cursor}&wait=25`, undefined, {}, signal);
			assert.equal(page.updates.length === 0, page.cursor === cursor, 'the cursor moves exactly with updates');
			cursor = page.cursor;
			for (const update of page.updates) {
				assert.equal(update.type, 'taskUpdate');
				seen.push(update.payload);
				if (done(update.payload))
					return { task: update.payload, seen, cursor };
			}
		}
	}

	/** Follows the feed until the task has ended. */
	ended(cursor, videoId, signal) {
		return this.follow(cursor, (t) => t.videoId === videoId && t.completedAt !== null, signal);
	}

	/** Sends a creation, which must bear an id, until it is answered for good: a 5xx or a cut connection may mean anything. */
	insist(fields, ms = 120_000) {
		return until(async () => {
			const answer = await this.call('POST', '/api/relay/sora/videos', fields).catch(() => null);
			return answer?.status === 200 || answer?.status === 202 ? answer.body.data : null;
		}, 'an answer to the creation', ms);
	}

	/** Follows one task to its end, over whatever dies meanwhile. @returns {Promise<{task:any, words:string[]}>} and the states on the way */
	followAnyway(videoId, cursor, ms = 120_000) {
		const words = [];
		return until(async () => {
			const answer = await this.call('GET', `/api/video/updates?cursor=${cursor}&wait=5`).catch(() => null);
			if (answer?.status !== 200)
				return null;
			cursor = answer.body.data.cursor;
			for (const { payload } of answer.body.data.updates.filter((u) => u.payload.videoId === videoId)) {
				words.push(payload.status);
				if (payload.completedAt)
					return { task: payload, words };
			}
			return null;
		}, 'the end of the task', ms);
	}
}
