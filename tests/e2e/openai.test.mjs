// The official OpenAI client, unchanged, against longreel: what it makes of our answers, and what its own retries make of an upstream, or a
// network, that fails. It bears an API key of ours.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import OpenAI, { toFile } from 'openai';
import { Client, PNG } from '../support/client.mjs';
import { startInstance } from '../support/instance.mjs';
import { checkOpenAI } from '../support/openai_schema.mjs';

let instance, ada, key, openai;

before(async () => {
	instance = await startInstance({ simulator: true, env: { LONGREEL_UPSTREAM_DIALECT: 'openai', LONGREEL_POLL_INTERVAL_MIN: '20ms',
		LONGREEL_RATE_CREATE: '0', LONGREEL_SUBMIT_TIMEOUT: '1s', LONGREEL_LEASE_MARGIN: '300ms', LONGREEL_MAX_WAITERS_PER_USER: '3',
		LONGREEL_CORS_ORIGINS: 'https://app.test' } });
	ada = await new Client(instance.base).join();
	key = (await ada.data('POST', '/api/auth/keys', { name: 'official' })).key;
	openai = official();
});
after(() => instance?.stop());

/** The official client, of ada unless something else is said. */
const official = (options) => new OpenAI({ baseURL: `${instance.base}/v1`, apiKey: key, fetch: checked, ...options });

/** fetch, which checks what it gets against OpenAI's schemas. */
async function checked(url, init) {
	const response = await fetch(url, init);
	if (isOurs(url) && response.headers.get('content-type')?.startsWith('application/json'))
		checkOpenAI(init.method.toUpperCase(), url.slice(instance.base.length), response.status, await response.clone().json());
	return response;
}

/** Its first fetch of all is of a data URL, to learn what fetch can do. */
const isOurs = (url) => url.startsWith(instance.base);

/** The jobs that the upstream has of a prompt. */
const jobs = async (prompt) => (await (await fetch(`${instance.base}/simulator/jobs`)).json()).jobs.filter((j) => j.prompt === prompt);

/** What videos.create_and_poll of the Python package does: that of Node has no such helper. */
async function createAndPoll(client, fields) {
	let video = await client.videos.create(fields);
	for (let pass = 0; pass < 100; pass++) {
		const { data, response } = await client.videos.retrieve(video.id).withResponse();
		video = data;
		if (video.status !== 'queued' && video.status !== 'in_progress')
			return video;
		const ms = Number(response.headers.get('openai-poll-after-ms'));
		assert.ok(ms > 0, 'every answer that is not final says when to come again');
		await new Promise((done) => setTimeout(done, ms));
	}
	throw new Error(`${video.id} does not end`);
}

test('create with an image, and poll to the end', async () => {
	const video = await createAndPoll(openai, { prompt: '一只猫', model: 'sora-2:fast', size: '1280x720', seconds: '8',
		input_reference: await toFile(PNG, 'cat.png', { type: 'image/png' }) });
	assert.deepEqual([video.object, video.status, video.progress, video.seconds, video.size, video.error], ['video', 'completed', 100, '8', '1280x720', null]);
	assert.ok(video.completed_at >= video.created_at && video.created_at > 1.7e9, 'in seconds');
	const [job, ...others] = await jobs('一只猫');
	assert.deepEqual([others.length, job.input_reference.sha256], [0, createHash('sha256').update(PNG).digest('hex')]);
	assert.equal((await ada.data('GET', `/api/video/tasks/${video.id}`)).status, 'COMPLETED', 'the same task stands under /api');
});

test('download: the whole, a part, and what the upstream has no variant of', async () => {
	const { id } = await createAndPoll(openai, { prompt: 'to download', model: 'sora-2:fast' });
	const sample = Buffer.from(await (await openai.videos.downloadContent(id)).arrayBuffer());
	assert.equal(sample.subarray(4, 8).toString(), 'ftyp');
	const part = await openai.videos.downloadContent(id, { variant: 'video' }, { headers: { range: 'bytes=4-7' } });
	assert.deepEqual([part.status, await part.text()], [206, 'ftyp']);
	await assert.rejects(openai.videos.downloadContent(id, { variant: 'thumbnail' }), OpenAI.NotFoundError);
	await assert.rejects(openai.videos.downloadContent(id, { variant: 'nothing' }), OpenAI.BadRequestError);
	const { id: open } = await openai.videos.create({ prompt: 'not yet', model: 'sora-2:never' });
	await assert.rejects(openai.videos.downloadContent(open), OpenAI.ConflictError);
});

test('an image as a data URL', async () => {
	const large = Buffer.concat([PNG, Buffer.alloc(5_000_000, 1)]);
	const fields = (prompt) => ({ prompt, model: 'sora-2:fast', input_reference: { image_url: `data:image/png;base64,${large.toString('base64')}` } });
	await openai.videos.create(fields('by url'));
	const { status } = await ada.call('POST', '/v1/videos', fields('by url in JSON'));
	assert.equal(status, 200);
	for (const prompt of ['by url', 'by url in JSON'])
		assert.equal((await jobs(prompt))[0].input_reference.sha256, createHash('sha256').update(large).digest('hex'));
});

test('what fails is a Video that says why', async () => {
	const video = await createAndPoll(openai, { prompt: 'failing', model: 'sora-2:fast+fail' });
	assert.equal(video.status, 'failed');
	assert.ok(video.error.code && video.error.message);
});

test('list: all pages by themselves, in both orders', async () => {
	const bob = await new Client(instance.base).join();
	const client = official({ apiKey: bob.token });
	const ids = [];
	for (let i = 0; i < 5; i++)
		ids.push((await client.videos.create({ prompt: `one of five ${i}`, model: 'sora-2:never' })).id);
	const walk = async (query) => {
		const seen = [];
		for await (const video of client.videos.list(query))
			seen.push(video.id);
		return seen;
	};
	assert.deepEqual(await walk({ limit: 2, order: 'asc' }), ids);
	assert.deepEqual(await walk({ limit: 2 }), ids.toReversed());
	assert.deepEqual(await walk(), ids.toReversed());
	assert.deepEqual(await walk({ after: ids[1], order: 'asc' }), ids.slice(2));
	assert.deepEqual((await client.models.list()).data.map(({ id }) => id), ['sora-2', 'sora-2-pro'], 'what the profile offers');
});

test('remix, and delete', async () => {
	const source = await createAndPoll(openai, { prompt: 'a source', model: 'sora-2:fast', seconds: '4' });
	const remix = await openai.videos.remix(source.id, { prompt: 'at night' });
	assert.deepEqual([remix.remixed_from_video_id, remix.seconds, remix.prompt], [source.id, '4', 'at night']);
	assert.equal((await jobs('at night')).length, 1);
	assert.deepEqual(await openai.videos.delete(remix.id), { id: remix.id, object: 'video.deleted', deleted: true });
	await assert.rejects(openai.videos.retrieve(remix.id), OpenAI.NotFoundError);
});

test('a retrieve may wait: it is answered by a change, by a deletion, or when its time is over', async () => {
	const wait = (id, client = openai) => client.videos.retrieve(id, { query: { wait: 60 }, maxRetries: 0 });
	const make = () => openai.videos.create({ prompt: 'waited for', model: 'sora-2:never' });
	const [cancelled, deleted] = [await make(), await make()];
	const answers = [wait(cancelled.id), wait(deleted.id)];
	await ada.data('POST', `/api/video/tasks/${cancelled.id}/cancel`, {});
	assert.deepEqual([(await answers[0]).status, (await answers[0]).error.code], ['failed', 'cancelled']);
	await Promise.all([assert.rejects(answers[1], OpenAI.NotFoundError), openai.videos.delete(deleted.id)]);
	const { data, response } = await openai.videos.retrieve((await make()).id, { headers: { prefer: 'wait=1' } }).withResponse();
	assert.deepEqual([data.status, response.headers.get('openai-poll-after-ms')], ['in_progress', '2000']);
});

test('the end of a job is at who waits for it, with no poll between', async () => {
	let video = await openai.videos.create({ prompt: 'to the end', model: 'sora-2:slow=1s' });
	const seen = [];
	while (video.status === 'queued' || video.status === 'in_progress') {
		video = await openai.videos.retrieve(video.id, { query: { wait: 60 } });
		assert.notDeepEqual([video.status, video.progress], seen.at(-1), 'each answer is a change');
		seen.push([video.status, video.progress]);
	}
	assert.equal(video.status, 'completed');
});

test('who waits counts among the waiters of its user, and loses the right to wait with its token', async () => {
	const bob = await new Client(instance.base).join();
	const client = official({ apiKey: bob.token });
	const { id } = await client.videos.create({ prompt: 'crowded', model: 'sora-2:never' });
	const waiting = Array.from({ length: 4 }, () => client.videos.retrieve(id, { query: { wait: 60 }, maxRetries: 0 }));
	assert.equal((await Promise.race(waiting)).status, 'in_progress', 'one more than the limit: the oldest is answered');
	const other = new Client(instance.base);
	other.token = (await other.data('POST', '/api/auth/login', { username: bob.user.username, password: 'correct horse battery' })).token;
	await bob.data('POST', '/api/auth/logout', '');
	await other.data('POST', `/api/video/tasks/${id}/cancel`, '');
	const ends = await Promise.allSettled(waiting);
	assert.equal(ends.filter((e) => e.status === 'fulfilled').length, 1);
	assert.equal(ends.filter((e) => e.reason instanceof OpenAI.AuthenticationError).length, 3);
});

test('errors are its classes, and none is tried in vain', async () => {
	const running = await openai.videos.create({ prompt: 'running', model: 'sora-2:never' });
	let calls = 0;
	const counting = official({ fetch: (url, init) => ((calls += isOurs(url)), fetch(url, init)) });
	const cases = [
		[() => official({ apiKey: 'sk-wrong' }).videos.list(), OpenAI.AuthenticationError, 401, 'invalid_api_key', null],
		[() => counting.videos.create({ prompt: 'x', seconds: 'ten' }), OpenAI.BadRequestError, 400, 'bad_field', 'seconds'],
		[() => counting.videos.retrieve('video_1_x'), OpenAI.NotFoundError, 404, 'task_not_found', null],
		[() => counting.videos.edit({ prompt: 'x', video: { id: 'video_1_x' } }), OpenAI.NotFoundError, 404, 'task_not_found', 'video'],
		[() => counting.videos.extend({ prompt: 'x', seconds: '4', video: { id: running.id } }), OpenAI.ConflictError, 409, 'not_completed', null],
		[() => counting.videos.remix(running.id, { prompt: 'x' }), OpenAI.ConflictError, 409, 'not_completed', null],
		[() => counting.videos.create({ prompt: 'x', model: 'sora-2:reject' }), OpenAI.BadRequestError, 400, 'simulated_rejection', null],
		[() => counting.chat.completions.create({ model: 'm', messages: [] }), OpenAI.NotFoundError, 404, 'not_found', null],
	];
	for (const [call, Class, status, code, param] of cases) {
		calls = 0;
		const error = await call().then(() => null, (e) => e);
		assert.ok(error instanceof Class, `${error}`);
		assert.deepEqual([error.status, error.code, error.param, calls <= 1], [status, code, param, true], `${error}`);
		assert.ok(error.requestID);
	}
});

for (const fault of ['500', '429', 'hangup'])
	test(`an upstream that answers ${fault}: one job, and the client hears of nothing`, async () => {
		const prompt = `upstream ${fault}`;
		const control = (init) => fetch(`${instance.base}/simulator/control`, init).then(async (r) => [r.status, (await r.json()).submit]);
		assert.deepEqual(await control({ method: 'PUT', body: JSON.stringify({ submit: fault, times: 1, duration_ms: 10 }),
			headers: { 'content-type': 'application/json' } }), [200, fault]);
		const video = await createAndPoll(openai, { prompt, model: 'sora-2' });
		assert.deepEqual(await control(), [200, 'ok'], 'the fault was met');
		assert.equal(video.status, 'completed');
		assert.equal((await jobs(prompt)).length, 1);
	});

/** A network that loses the answer of the first `times` requests, which arrive all the same. */
function lossy(times, how) {
	return async (url, init) => {
		const response = await fetch(url, init);
		return isOurs(url) && times-- > 0 ? how(response) : response;
	};
}

test('its own retries after a lost answer, or a gateway that makes one up, make no second job', async () => {
	const losses = {
		'cut off': () => Promise.reject(new TypeError('terminated')),
		'gateway 502': () => new Response('<html>Bad Gateway</html>', { status: 502, headers: { 'retry-after-ms': '1' } }),
		'gateway 429': () => new Response('{}', { status: 429, headers: { 'retry-after-ms': '1', 'content-type': 'application/json' } }),
	};
	for (const [what, how] of Object.entries(losses)) {
		const client = official({ fetch: lossy(2, how) });
		const video = await client.videos.create({ prompt: what, model: 'sora-2:never', input_reference: await toFile(PNG, 'a.png') });
		const made = await jobs(what);
		assert.equal(made.length, 1, what);
		assert.equal((await ada.data('GET', `/api/video/tasks/${video.id}`)).externalTaskId, made[0].id);
		await official().videos.create({ prompt: what, model: 'sora-2:never', input_reference: await toFile(PNG, 'a.png') });
		assert.equal((await jobs(what)).length, 2, 'a new request of the same content is a new job');
	}
});

test('a limit, a call that the upstream has not, and models with a slash', async () => {
	const small = await startInstance({ simulator: true, env: { LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_RATE_CREATE: '1',
		LONGREEL_UPSTREAM_MODELS: 'sora-2:fast google/veo-3.1' } });
	try {
		let calls = 0;
		const count = (url, init) => ((calls += url.startsWith(small.base)), fetch(url, init));
		const bob = await new Client(small.base).join();
		const client = official({ baseURL: `${small.base}/v1`, apiKey: bob.token, fetch: count });
		const refused = async (call) => {
			calls = 0;
			const error = await call().then(() => null, (e) => e);
			return [error?.constructor, error?.status, error?.code, error?.param, error?.headers.get('x-should-retry'), calls];
		};
		assert.deepEqual((await client.models.list()).data.map((model) => model.id), ['sora-2:fast', 'google/veo-3.1']);
		assert.equal((await client.models.retrieve('google/veo-3.1')).id, 'google/veo-3.1');
		assert.deepEqual(await refused(() => client.models.retrieve('google/veo-4')), [OpenAI.NotFoundError, 404, 'not_found', 'model', null, 1]);

		const fields = { prompt: 'one a minute', model: 'sora-2:fast' }, { id } = await createAndPoll(client, fields);
		assert.deepEqual(await refused(() => client.videos.create(fields)), [OpenAI.RateLimitError, 429, 'rate_limit_exceeded', null, 'false', 1],
			'a second try would bring the first video');
		assert.deepEqual(await refused(() => client.videos.create({ ...fields, prompt: 'another' }, { maxRetries: 0 })),
			[OpenAI.RateLimitError, 429, 'rate_limit_exceeded', null, null, 1]);
		for (const [video, param] of [[{ id }, null], [await toFile(PNG, 'a.mp4'), 'video']])
			assert.deepEqual(await refused(() => client.videos.edit({ prompt: 'in red', video })), [OpenAI.InternalServerError, 501, 'unsupported', param, 'false', 1]);
	} finally {
		await small.stop();
	}
});

test('the same under plain CGI', async () => {
	const plain = await startInstance({ simulator: true, cgi: true, env: { LONGREEL_UPSTREAM_DIALECT: 'openai', LONGREEL_POLL_INTERVAL_MIN: '20ms' } });
	try {
		const bob = await new Client(plain.base).join();
		const client = official({ baseURL: `${plain.base}/v1`, apiKey: bob.token });
		let video = await client.videos.create({ prompt: 'plain', model: 'sora-2:fast', input_reference: await toFile(PNG, 'a.png') });
		while (video.status === 'queued' || video.status === 'in_progress')
			video = await client.videos.retrieve(video.id, { query: { wait: 60 } });
		assert.equal(video.status, 'completed');
		assert.equal((await client.videos.downloadContent(video.id, {}, { headers: { range: 'bytes=0-9' } })).status, 206);
		const remix = await client.videos.remix(video.id, { prompt: 'again' });
		assert.deepEqual((await client.videos.list()).data.map((v) => v.id), [remix.id, video.id]);
		assert.equal((await client.videos.delete(remix.id)).deleted, true);
	} finally {
		await plain.stop();
	}
});

test('what the web server could answer by itself has OpenAI\'s form, and is for the page that asked', async () => {
	const ask = async (path, bytes, headers) => {
		const response = await fetch(instance.base + path, { method: bytes ? 'POST' : 'GET', body: bytes ? Buffer.alloc(bytes, ' ') : undefined,
			headers: { origin: 'https://app.test', authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers } });
		return [response.status, (await response.json()).error.code ?? 'ours', response.headers.get('access-control-allow-origin')];
	};
	for (const path of ['%zz', '%ff', '%00', '%0a', 'a%2fb', '%c0%ae'])
		assert.deepEqual(await ask(`/v1/videos/${path}`), [400, 'bad_request', 'https://app.test'], path);
	for (const path of ['/v1', '/v1/', '/v1?x'])
		assert.deepEqual(await ask(path), [404, 'not_found', 'https://app.test'], path);
	for (const [path, bytes, code] of [['/v1/videos', 20_000_000, 'too_large'], ['/v1/models', 5_000_000, 'too_large'], ['/api/auth/login', 5000, 'ours'],
		['/api/webhooks', 100_000, 'ours'], ['/api/relay/sora/videos', 20_000_000, 'ours']])
		assert.deepEqual(await ask(path, bytes), [413, code, 'https://app.test'], path);
	assert.deepEqual(await ask('/v1/videos/characters', 3_000_000), [501, 'unsupported', 'https://app.test']);
});
