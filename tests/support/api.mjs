// The API for a test, without a server: each call runs the program that lighttpd would ask, as plain CGI, in a data
// directory of its own; tasks go to an upstream in the test's own process.
//
//	const api = await newApi();
//	const ada = await api.user('ada');
//	const made = await ada.create({ prompt: 'a cat' });
//	await api.polled(ada, made.videoId, 'COMPLETED');
//	const answer = await ada.call('GET', `/api/video/tasks/${made.videoId}`);
//	await api.close();
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { BUILD, cgi, dataDir } from './cgi.mjs';
import { checkOpenAI, isOpenAI } from './openai_schema.mjs';
import { checkDescribed } from './openapi.mjs';

export const PASSWORD = 'correct horse battery';

/** Who answers what (and which methods of it), as in conf/lighttpd.conf. */
const PROGRAMS = [
	[/^\/(health|ready|metrics)$/, 'ops'],
	[/^\/api\/auth\//, 'auth'],
	[/^\/api\/relay\//, 'relay'],
	[/^\/api\/video\/tasks\/(remix|[^/]+\/(remix|retry))$/, 'relay'],
	[/^\/api\/video\/updates$/, 'updates'],
	[/^\/(api\/video\/tasks|v1\/videos)\/[^/]+\/(content|input)$/, 'content'],
	[/^\/v1\/videos\/(edits|extensions|characters(\/[^/]+)?|[^/]+\/remix)$/, 'relay'],
	[/^\/v1\/videos$/, 'relay', ['POST']],
	[/^\/v1\/videos\/[^/]+$/, 'updates', ['GET', 'HEAD']],
	[/^\/api\/(webhooks(\/|$)|video\/webhook\/)/, 'hooks'],
	[/./, 'tasks'],
];

/** An upstream of the dialect `sora` that does what the test says: its jobs stand as `jobs.get(id)` has them. */
export class Upstream {
	constructor() {
		/** What was asked, in order. @type {{method: string, url: string, headers: object, body: Buffer}[]} */
		this.requests = [];
		/** What a poll of a job answers, by its id. @type {Map<string, object>} */
		this.jobs = new Map();
		/** What a new job is at first. */
		this.fresh = { status: 'queued', progress: 0 };
		/** What submissions are refused with. @type {{status: number, body: object}|undefined} */
		this.refusal = undefined;
		/** Answers a GET of /video/…; a test may replace it. */
		this.video = (request, response) => response.writeHead(404).end();
	}

	async start() {
		this.server = createServer((request, response) => this.answer(request, response));
		this.server.listen(0, '127.0.0.1');
		await once(this.server, 'listening');
		this.base = `http://127.0.0.1:${this.server.address().port}`;
		return this;
	}

	async answer(request, response) {
		const pieces = await request.toArray();
		const { method, url, headers } = request;
		this.requests.push({ method, url, headers, body: Buffer.concat(pieces) });
		if (url.startsWith('/video/'))
			return this.video(request, response);
		if (method === 'POST' && this.refusal) {
			response.writeHead(this.refusal.status, { 'content-type': 'application/json' });
			return response.end(JSON.stringify(this.refusal.body));
		}
		const id = method === 'POST' ? `job_${this.requests.length}` : url.split('/').pop();
		if (method === 'POST')
			this.jobs.set(id, { ...this.fresh });
		response.writeHead(200, { 'content-type': 'application/json' });
		response.end(JSON.stringify({ id, ...this.jobs.get(id) }));
	}

	/** The submissions that came. */
	submissions() {
		return this.requests.filter((r) => r.method === 'POST');
	}

	async stop() {
		this.server.closeAllConnections();
		this.server.close();
		await once(this.server, 'close');
	}
}

/** Somebody who calls; without a token a stranger. */
export class Caller {
	constructor(api, token, user) {
		this.api = api;
		this.token = token;
		this.user = user;
	}

	/** One call, see cgi() for `request`. Whatever it answers must keep to the envelope. */
	async call(method, path, request = {}) {
		const headers = { ...request.headers };
		if (this.token)
			headers.authorization ??= `Bearer ${this.token}`;
		return this.api.call(method, path, { ...request, headers });
	}

	/** A call that must succeed. @returns {Promise<any>} its data */
	async data(method, path, body) {
		const answer = await this.call(method, path, { body });
		assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.body}`);
		return answer.json.data;
	}

	/** Creates a task. @returns {Promise<any>} the answer's data */
	create(fields = {}) {
		return this.data('POST', '/api/relay/sora/videos', { prompt: 'a cat', ...fields });
	}

	/** The task object. */
	task(videoId) {
		return this.data('GET', `/api/video/tasks/${videoId}`);
	}
}

/** An error of /api. */
function ourError({ json, body }, id) {
	const { success, error, code, requestId } = json;
	assert.deepEqual([success, typeof error, requestId], [false, 'string', id], body.toString());
	assert.match(code, /^[a-z_]+$/);
	assert.ok(error.length > 0);
}

/** An error of /v1, which is OpenAI's. */
function openaiError({ status, headers, json, body }, method) {
	assert.deepEqual([Object.keys(json), Object.keys(json.error)], [['error'], ['message', 'type', 'param', 'code']], body.toString());
	const { message, type, param, code } = json.error;
	assert.ok(message.length > 0 && (param === null || typeof param === 'string'));
	assert.match(code, /^[a-z_]+$/);
	assert.equal(type, status === 402 ? 'insufficient_quota' : status === 429 ? 'requests' : status >= 500 ? 'server_error' : 'invalid_request_error');
	if (status !== 429 && !(method === 'POST' && status >= 500)) // of which either may be said
		assert.equal(headers.get('x-should-retry'), [402, 409, 501].includes(status) ? 'false' : null);
}

export class Api {
	/** Use newApi(). */
	constructor(data, upstream, env) {
		this.data = data;
		this.upstream = upstream;
		this.env = {
			LONGREEL_DATA: data, SORA_API_BASE: upstream.base, SORA_API_KEY: 'sk-test',
			LONGREEL_RATE_REGISTER: '0', LONGREEL_RATE_LOGIN: '0', LONGREEL_RATE_CREATE: '0',
			LONGREEL_POLL_INTERVAL_MIN: '10ms', LONGREEL_POLL_INTERVAL_MAX: '10ms', ...env,
		};
	}

	/** One call of a stranger. A JSON answer must be an envelope, and every answer bears its request's id. */
	async call(method, path, request = {}) {
		const program = PROGRAMS.find(([pattern, , methods]) => pattern.test(path.split('?')[0]) && (methods?.includes(method) ?? true))[1];
		const answer = await cgi(program, { method, path, ...request, env: { ...this.env, ...request.env } });
		const id = answer.headers.get('x-request-id');
		if (isOpenAI(path) && answer.headers.get('content-type')?.startsWith('application/json') && method !== 'HEAD')
			checkOpenAI(method, path, answer.status, answer.json);
		checkDescribed(method, path, answer.status, answer.headers.get('content-type') ?? '', answer.json);
		assert.match(id ?? '', /^[\w.:-]{1,64}$/, `${method} ${path} has a request id`);
		if (answer.status >= 400) {
			if (isOpenAI(path))
				openaiError(answer, method);
			else
				ourError(answer, id);
			assert.equal(answer.headers.has('retry-after'), [429, 503].includes(answer.status));
			assert.equal(answer.headers.has('www-authenticate'), answer.status === 401);
		} else if (!isOpenAI(path) && answer.headers.get('content-type')?.startsWith('application/json')) {
			assert.deepEqual([answer.json.success, Number.isInteger(answer.json.requestTime)], [true, true]);
		}
		return answer;
	}

	/** Registers a user and logs in. @returns {Promise<Caller>} */
	async user(username) {
		const stranger = new Caller(this);
		await stranger.data('POST', '/api/auth/register', { username, password: PASSWORD });
		const { token, user } = await stranger.data('POST', '/api/auth/login', { username, password: PASSWORD });
		return new Caller(this, token, user);
	}

	/** Ends the upstream and removes the data. */
	async close() {
		await this.upstream.stop();
		await rm(this.data, { recursive: true, force: true });
	}

	/** Runs one of the other programs to its end; it must succeed. What it logs is in `log`. */
	async run(program, ...args) {
		const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(LONGREEL|SORA_API)_/.test(name)));
		const child = spawn(join(BUILD, program), args, { env: { ...inherited, ...this.env }, stdio: ['pipe', 'pipe', 'pipe'] });
		let err = '', out = '';
		child.stdout.on('data', (piece) => (out += piece));
		child.stderr.on('data', (piece) => (err += piece));
		child.stdin.on('error', () => {}); // it may end without reading
		child.stdin.end(`${PASSWORD}\n`);
		const [code] = await once(child, 'close');
		this.log = err;
		assert.equal(code, 0, `${program} ${args.join(' ')}: ${err}`);
		return out;
	}

	/**
	 * Runs the poller until the caller's task is as it must become.
	 * @param {string|((task: any) => boolean)} wanted a status, or what is true of the task
	 * @returns {Promise<any>} the task
	 */
	async polled(caller, videoId, wanted) {
		const is = typeof wanted === 'function' ? wanted : (task) => task.status === wanted;
		for (let pass = 0; pass < 100; pass++) {
			await this.run('longreel-poller', '--data', this.data, '--once');
			const task = await caller.task(videoId);
			if (is(task))
				return task;
		}
		throw new Error(`${videoId} does not become ${wanted}`);
	}
}

/**
 * An API of its own for one test, or for all of a file. Close it at the end.
 * @param {Record<string, string>} [env] the configuration, as LONGREEL_KEY
 */
export async function newApi(env = {}) {
	return new Api(await dataDir(), await new Upstream().start(), env);
}
