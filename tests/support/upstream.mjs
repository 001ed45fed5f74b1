// A small upstream of a made-up kind, on a port of the kernel's choice, that does what a test tells it. PROFILE is its dialect: nothing of it
// is known to longreel but by that file.
//
//	const upstream = await newUpstream({ keys: ['k1'] });
//	upstream.answer = () => 503;                 // to submissions from now on; undefined = it takes them
//	upstream.jobs                                // what it has taken: {no, body, key, mood}
import { createServer } from 'node:http';
import { once } from 'node:events';

export const PROFILE = JSON.stringify({
	auth: { header: 'X-Pass', prefix: 'Key ' },
	headers: { 'X-Speaks': 'klecks/1' },
	submit: {
		path: '/make', body: 'json', accepted: [201], headers: { 'X-Slow': 'yes' },
		constants: { '/order/kind': 'film' },
		fields: {
			prompt: '/order/lines/0/say', model: '/order/film', seconds: { name: '/order/length', type: 'integer' },
			size: { name: '/order/wide', type: '1280*720' },
			input_reference: { name: '/order/lines/1/look', type: 'base64', with: { '/order/lines/1/at': 'begin' } },
		},
	},
	poll: { path: '/look?ticket={id}&v=1', accepted: [200] },
	cancel: { method: 'POST', path: '/wake?ticket={id}' },
	check: { path: '/whoami' },
	answer: { id: ['/ticket/no'], status: ['/ticket/mood'], progress: ['/ticket/depth'], video_url: ['/film/0'], error_message: ['/why'] },
	words: { queued: ['yawning'], processing: ['dreaming'], completed: ['awake'], failed: ['nightmare'], cancelled: ['woken'] },
});

/** Begins as a video does; too little of one to be kept. */
export const FILM = '\0\0\0\x10ftypa film';

/** The number of the first job. */
const FIRST = 1000;

class Upstream {
	jobs = [];
	polls = []; // {no, key}
	strangers = []; // keys that are none of its own
	submissions = 0; // taken or not
	most = 0; // jobs under way at a time
	/** What submissions are answered: a status, {status, body, headers}, 'hangup', undefined = taken, or a promise of one of these. A key that has a job
	 * is that job's. */
	answer = () => undefined;
	/** Whether a request gets no answer at all: {path, key}. */
	stuck = () => false;
	hung = new Set(); // the responses that will never come, as long as somebody waits for them
	mostHung = {}; // by key, at a time
	/** What the cheap call is answered to who has a key: status and body. */
	whoami = () => [200, {}];
	/** What polls are answered: status and headers; undefined = how the job is. */
	pollAnswer = () => undefined;
	/** The time that it is for it. */
	now = Date.now;
	/** What the list is answered: a status; undefined = the jobs; or a promise of one of these. */
	shelf = () => undefined;
	/** What a cancellation is answered: a status; undefined = the job is stopped; or a promise of one of these. */
	wake = () => undefined;
	/** The mood of a job when it is asked about. */
	mood = () => 'awake';
	/** Where the videos of a job are that is done. */
	films = () => [`${this.base}/film.mp4`];

	constructor(keys) {
		this.keys = keys;
		this.server = createServer((request, response) => this.serve(request, response));
		this.server.keepAliveTimeout = 60_000; // see providers/standin.mjs
	}

	async serve(request, response) {
		const url = new URL(request.url, 'http://upstream'), key = request.headers['x-pass']?.replace('Key ', '');
		let text = '';
		for await (const piece of request)
			text += piece;
		const say = (status, body, headers = {}) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
		if (this.stuck({ path: url.pathname, key }))
			return this.hang(response, key);
		if (url.pathname === '/film.mp4')
			return response.writeHead(200, { 'content-type': 'video/mp4' }).end(FILM);
		if (!this.keys.includes(key))
			return this.strangers.push(key), say(401, { why: 'who are you?' });
		if (url.pathname === '/whoami')
			return say(...this.whoami());
		if (url.pathname === '/make')
			return this.make(request, response, key, JSON.parse(text), say);
		if (url.pathname === '/shelf')
			return say(await this.shelf() ?? 200, { tickets: this.jobs.map(({ no, at, body: { order } }) => ({ ticket: { no }, say: order.lines[0].say, at })) });
		const job = this.jobs[Number(url.searchParams.get('ticket')) - FIRST];
		if (!job || job.key !== key)
			return say(404, { why: 'no such ticket' });
		if (url.pathname === '/wake') {
			const status = await this.wake(job);
			if (status)
				return say(status, { why: 'too late' });
			job.mood = 'woken';
			return say(200, {});
		}
		this.polls.push({ no: job.no, key });
		const [status, headers] = this.pollAnswer() ?? [];
		if (status)
			return say(status, { why: 'not now' }, headers);
		if (job.mood === 'dreaming')
			job.mood = this.mood(job);
		return say(200, { ticket: { no: job.no, mood: job.mood, depth: job.depth }, film: job.mood === 'awake' ? this.films(job) : [] });
	}

	hang(response, key) {
		response.key = key;
		this.hung.add(response);
		response.on('close', () => this.hung.delete(response));
		this.mostHung[key] = Math.max(this.mostHung[key] ?? 0, [...this.hung].filter((r) => r.key === key).length);
	}

	async make(request, response, key, body, say) {
		this.submissions++;
		const said = this.answer(body), answer = said instanceof Promise ? await said : said;
		if (typeof answer === 'number')
			return say(answer, { why: 'not now' });
		if (answer?.body)
			return say(answer.status, answer.body, answer.headers);
		const once = request.headers['idempotency-key'], known = once && this.jobs.find(({ headers }) => headers['idempotency-key'] === once);
		const job = known || { no: FIRST + this.jobs.length, body, key, mood: 'dreaming', headers: request.headers, at: this.now() };
		if (!known)
			this.jobs.push(job);
		this.most = Math.max(this.most, this.jobs.filter((j) => j.mood === 'dreaming').length);
		if (answer === 'hangup')
			return response.destroy();
		return say(201, { ticket: { no: job.no, mood: 'yawning' } });
	}

	async close() {
		this.server.close();
		this.server.closeAllConnections();
	}
}

export async function newUpstream({ keys = ['k1'] } = {}) {
	const upstream = new Upstream(keys);
	upstream.server.listen(0, '127.0.0.1');
	await once(upstream.server, 'listening');
	upstream.base = `http://127.0.0.1:${upstream.server.address().port}`;
	return upstream;
}
