// The upstream simulator: both dialects, its record, and every way in which it can be told to misbehave.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { cgi, dataDir } from '../support/cgi.mjs';
import { PNG } from '../support/client.mjs';

const KEY = { authorization: 'sk-test' };
const BEARER = { authorization: 'Bearer sk-test' };
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** A simulator of its own for one test. */
async function simulator(t) {
	const data = await dataDir(t);
	const call = (method, path, request = {}) =>
		cgi('simulator', { method, path: `/simulator${path}`, env: { LONGREEL_DATA: data }, ...request });
	return {
		data,
		call,
		sora: (body, headers = KEY) => call('POST', '/sora/v1/videos', { body, headers }),
		poll: (id) => call('GET', `/sora/v1/videos/${id}`, { headers: KEY }),
		openai: (body, headers = BEARER) => call('POST', '/v1/videos', { body, headers }),
		retrieve: (id) => call('GET', `/v1/videos/${id}`, { headers: BEARER }),
		control: (body) => call('PUT', '/control', { body }),
		jobs: async () => (await call('GET', '/jobs')).json.jobs,
		/** Makes the job older than it is: its state follows from its file and the clock. */
		async age(id, ms) {
			const file = join(data, 'simulator', 'jobs', `${id}.json`);
			const job = JSON.parse(await readFile(file));
			await writeFile(file, JSON.stringify({ ...job, received_at: job.received_at - ms }));
		},
	};
}

test('sora: from a form with an image to the video', async (t) => {
	const sim = await simulator(t);
	const form = new FormData();
	const fields = { prompt: '猫 🛹\r\n"quoted"', model: 'sora_video2', size: '1280x720', seconds: '10', aspect_ratio: '16:9', hd: 'true' };
	for (const [name, value] of Object.entries(fields))
		form.set(name, value);
	form.set('input_reference', new Blob([PNG], { type: 'text/plain' }), 'cat.txt');
	for (const name of ['references', 'last_frame', 'references'])
		form.append(name, new Blob([PNG]), 'a.png');
	const created = await sim.sora(form, { ...KEY, 'idempotency-key': 'i-1' });
	assert.equal(created.status, 200);
	const { id } = created.json;
	assert.match(id, /^video_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
	assert.ok(Math.abs(created.json.created_at - Date.now() / 1000) < 60);
	assert.deepEqual({ ...created.json, created_at: 0 }, { id, object: 'video', model: 'sora_video2', status: 'queued', progress: 0,
		created_at: 0, size: '1280x720', seconds: '10', video_url: null, image_url: null, error: null, error_code: null });

	const [job, ...others] = await sim.jobs(), image = { type: 'image/png', size: PNG.length, sha256: sha256(PNG) };
	assert.deepEqual(others, []);
	assert.deepEqual(job, {
		id, dialect: 'sora', received_at: job.received_at, duration_ms: 8000, remixed_from: null, prompt: fields.prompt, model: 'sora_video2',
		size: '1280x720', seconds: 10, fields, input_reference: image, last_frame: image, references: [image, image],
		authorization_sha256: sha256('sk-test'), idempotency_key: 'i-1', content_type: job.content_type,
		status: 'queued', progress: 0, polls: 0, deleted_at: null,
	});
	assert.match(job.content_type, /^multipart\/form-data; ?boundary=/);

	await sim.age(id, 4000);
	const half = (await sim.poll(id)).json;
	assert.equal(half.status, 'in_progress');
	assert.ok(half.progress >= 50 && half.progress < 100);
	await sim.age(id, 4000);
	const done = (await sim.poll(id)).json;
	assert.deepEqual([done.status, done.progress], ['completed', 100]);
	assert.equal(done.video_url, `http://longreel.test:8080/simulator/files/${id}.mp4`);
	assert.equal((await sim.call('GET', `/jobs/${id}`)).json.polls, 2);
	assert.equal((await stat(join(sim.data, 'simulator'))).mode & 0o777, 0o700);
});

test('the video: whole, in ranges, and by its tag', async (t) => {
	const sim = await simulator(t);
	const { id } = (await sim.sora({ prompt: 'p', model: 'sim:fast' })).json;
	const get = (headers) => sim.call('GET', `/files/${id}.mp4`, { headers });
	const whole = await get();
	assert.equal(whole.status, 200);
	assert.ok(whole.whole);
	assert.equal(whole.headers.get('content-type'), 'video/mp4');
	assert.equal(whole.body.subarray(4, 8).toString(), 'ftyp');
	assert.ok(whole.body.indexOf('moov') < whole.body.indexOf('mdat'), 'it plays before it is all there');
	assert.ok(whole.body.includes('avcC'));
	const etag = whole.headers.get('etag');
	const part = await get({ range: 'bytes=4-7', 'if-range': etag });
	assert.deepEqual([part.status, part.body.toString()], [206, 'ftyp']);
	assert.equal(part.headers.get('content-range'), `bytes 4-7/${whole.body.length}`);
	const tail = await get({ range: 'bytes=-5' });
	assert.deepEqual(tail.body, whole.body.subarray(-5));
	const beyond = await get({ range: 'bytes=9999999-' });
	assert.equal(beyond.status, 416);
	assert.equal(beyond.headers.get('content-range'), `bytes */${whole.body.length}`);
	assert.equal((await get({ range: 'bytes=0-1', 'if-range': '"other"' })).status, 200);
	const same = await get({ 'if-none-match': etag });
	assert.deepEqual([same.status, same.body.length], [304, 0]);

	const { id: slow } = (await sim.sora({ prompt: 'p', model: 'sim:slow' })).json;
	for (const name of [`${slow}.mp4`, id, `${id}.mov`, 'nothing.mp4', '..%2f..%2fcontrol.mp4'])
		assert.ok([400, 404].includes((await sim.call('GET', `/files/${name}`)).status), name);
});

test('openai: every member of the object, the list, the content, the deletion', async (t) => {
	const sim = await simulator(t);
	const created = await sim.openai({ prompt: 'p', model: 'sora-2', seconds: 8, size: '720x1280' });
	const { id } = created.json;
	assert.match(id, /^video_[0-9a-f]{32}$/);
	assert.deepEqual({ ...created.json, created_at: 0 }, { id, object: 'video', created_at: 0, completed_at: null, expires_at: null,
		status: 'queued', progress: 0, model: 'sora-2', prompt: 'p', size: '720x1280', seconds: '8', remixed_from_video_id: null,
		error: null });
	const content = () => sim.call('GET', `/v1/videos/${id}/content`, { headers: BEARER });
	assert.equal((await content()).status, 404);
	await sim.age(id, 8000);
	const done = (await sim.retrieve(id)).json;
	assert.deepEqual([done.status, done.progress, done.completed_at], ['completed', 100, done.created_at + 8]);
	assert.equal((await content()).body.subarray(4, 8).toString(), 'ftyp');

	const ids = [id];
	for (const prompt of ['b', 'c', 'd'])
		ids.push((await sim.openai({ prompt })).json.id);
	await sim.sora({ prompt: 'of the other dialect' });
	const list = async (query) => (await sim.call('GET', `/v1/videos${query}`, { headers: BEARER })).json;
	assert.deepEqual((await list('')).data.map((v) => v.id), ids.toReversed());
	const page = await list('?order=asc&limit=2');
	assert.deepEqual([page.object, page.first_id, page.last_id, page.has_more], ['list', ids[0], ids[1], true]);
	const rest = await list(`?order=asc&limit=2&after=${page.last_id}`);
	assert.deepEqual([rest.data.map((v) => v.id), rest.has_more], [ids.slice(2), false]);
	assert.equal((await list('?after=video_none')).error.param, 'after');

	const gone = await sim.call('DELETE', `/v1/videos/${id}`, { headers: BEARER });
	assert.deepEqual(gone.json, { id, object: 'video.deleted', deleted: true });
	for (const answer of [await sim.retrieve(id), await content(), await sim.call('DELETE', `/v1/videos/${id}`, { headers: BEARER })])
		assert.equal(answer.status, 404);
	assert.deepEqual((await list('')).data.map((v) => v.id), ids.slice(1).toReversed());
	const record = await sim.jobs();
	assert.deepEqual(record.map((j) => j.prompt), ['p', 'b', 'c', 'd', 'of the other dialect'], 'in order of acceptance');
	assert.ok(record[0].deleted_at >= record[0].received_at);
	assert.equal((await sim.poll(ids[1])).status, 404, 'a job belongs to its dialect');
});

test('a remix inherits from its source, which must be completed', async (t) => {
	const sim = await simulator(t);
	for (const [path, headers] of [['/sora/v1/videos', KEY], ['/v1/videos', BEARER]]) {
		const post = (where, body) => sim.call('POST', `${path}${where}`, { body, headers });
		const { id } = (await post('', { prompt: 'p', model: 'm', size: '1x2', seconds: '12' })).json;
		assert.equal((await post(`/${id}/remix`, { prompt: 'q' })).status, 400);
		await sim.age(id, 8000);
		const form = new FormData();
		form.set('prompt', 'q');
		form.set('input_reference', new Blob([PNG]), 'a.png');
		const remix = await post(`/${id}/remix`, form);
		assert.deepEqual([remix.status, remix.json.model, remix.json.size, remix.json.seconds], [200, 'm', '1x2', '12']);
		const job = (await sim.call('GET', `/jobs/${remix.json.id}`)).json;
		assert.deepEqual([job.remixed_from, job.prompt, job.input_reference.type], [id, 'q', 'image/png']);
		assert.equal((await post('/video_none/remix', { prompt: 'q' })).status, 404);
	}
});

test('no key: 401; a path that is not there: 404; a wrong method: 405', async (t) => {
	const sim = await simulator(t);
	assert.equal((await sim.sora({ prompt: 'p' }, {})).status, 401);
	assert.equal((await sim.sora({ prompt: 'p' }, { authorization: '' })).status, 401);
	assert.equal((await sim.openai({ prompt: 'p' }, KEY)).status, 401);
	assert.equal((await sim.openai({ prompt: 'p' }, { authorization: 'Bearer ' })).json.error.code, 'unauthorized');
	assert.equal((await sim.call('GET', '/sora/v1/videos/x')).status, 401);
	assert.equal((await sim.poll('video_none')).status, 404);
	assert.equal((await sim.call('GET', '/nothing')).status, 404);
	const wrong = await sim.call('DELETE', '/sora/v1/videos/x', { headers: KEY });
	assert.equal(wrong.status, 405);
	assert.match(wrong.headers.get('allow'), /GET/);
	assert.deepEqual(await sim.jobs(), []);
});

test('a bad submission is refused and leaves nothing', async (t) => {
	const sim = await simulator(t);
	const param = async (body) => {
		const answer = await sim.sora(body);
		return [answer.status, answer.json.error.param];
	};
	assert.deepEqual(await param({}), [400, 'prompt']);
	assert.deepEqual(await param({ prompt: '' }), [400, 'prompt']);
	assert.deepEqual(await param({ prompt: 'p', seconds: 'many' }), [400, 'seconds']);
	assert.deepEqual(await param({ prompt: 'p', model: 'sora:slwo' }), [400, 'model']);
	assert.deepEqual(await param({ prompt: 'p', model: 'sora:slow=5x' }), [400, 'model']);
	assert.deepEqual(await param({ prompt: 'p', model: 'sora:poll=nonsense' }), [400, 'model']);
	assert.equal((await sim.sora('{"prompt":', { ...KEY, 'content-type': 'application/json' })).status, 400);
	assert.equal((await sim.sora('prompt=p', { ...KEY, 'content-type': 'text/plain' })).status, 415);
	const twice = new FormData();
	for (const [name, value] of [['prompt', 'p'], ['extra', 'a'], ['extra', 'b']])
		twice.append(name, value);
	assert.equal((await sim.sora(twice)).status, 400);
	assert.deepEqual(await sim.jobs(), []);
});

test('switches: how a job ends', async (t) => {
	const sim = await simulator(t);
	const ends = async (model) => {
		const { id } = (await sim.sora({ prompt: 'p', model })).json;
		await sim.age(id, 100_000);
		return (await sim.poll(id)).json;
	};
	const failed = await ends('sora_video2:fail');
	assert.deepEqual([failed.status, failed.video_url, failed.error_code], ['failed', null, 'simulated_failure']);
	assert.ok(failed.error);
	assert.equal((await ends('m:cancelled+fast')).status, 'cancelled');
	assert.deepEqual([(await ends('m:never')).status, (await ends('m:never')).progress], ['in_progress', 0]);
	const nowhere = await ends('m:no-url');
	assert.deepEqual([nowhere.status, nowhere.video_url], ['completed', null]);
	assert.equal((await ends('m:slow=200s+unknown-word')).status, 'daydreaming');
	assert.equal((await ends('m:slow=2m+fail')).status, 'in_progress');
	assert.equal((await ends('m:slow=99s+fail')).status, 'failed');
	assert.equal((await sim.sora({ prompt: 'p', model: 'm:fast' })).json.status, 'completed');
	const { json } = await sim.openai({ prompt: 'p', model: 'm:fast+fail' });
	assert.deepEqual([json.status, json.error.code], ['failed', 'simulated_failure']);
});

/** What each fault makes of an answer, and whether the job runs all the same. */
const FAULTS = [
	['reject', (a) => a.status === 400 && a.json.error.code === 'simulated_rejection', false],
	['404', (a) => a.status === 404 && a.json.error, false],
	['429', (a) => a.status === 429 && a.headers.get('retry-after') === '7', false],
	['503', (a) => a.status === 503 && a.headers.get('retry-after') === '7', false],
	['500', (a) => a.status === 500 && a.json.error.type === 'server_error', true],
	['garbage', (a) => a.status === 200 && a.whole && a.json === undefined, true],
	['html', (a) => a.status === 200 && a.headers.get('content-type').startsWith('text/html'), true],
	['no-id', (a) => a.status === 200 && a.json.status === 'queued' && !('id' in a.json), true],
	['hangup', (a) => a.status === 200 && !a.whole, true],
];

for (const [fault, holds, taken] of FAULTS) {
	test(`fault ${fault}: by the model and by the control, at a submission and at a poll`, async (t) => {
		const sim = await simulator(t);
		await sim.control({ retry_after: 7 });
		assert.ok(holds(await sim.sora({ prompt: 'p', model: `m:${fault}` })), 'by the model');
		assert.equal((await sim.jobs()).length, taken ? 1 : 0);
		await sim.control({ retry_after: 7, submit: fault, times: 1 });
		assert.ok(holds(await sim.openai({ prompt: 'p' })), 'by the control');
		assert.equal((await sim.jobs()).length, taken ? 2 : 0);

		const { id } = (await sim.openai({ prompt: 'p', model: `m:poll=${fault}+times=2+fast` })).json;
		assert.ok(holds(await sim.retrieve(id)) && holds(await sim.retrieve(id)), 'two polls');
		assert.equal((await sim.retrieve(id)).json.status, 'completed');
		await sim.control({ retry_after: 7, poll: fault, times: 1 });
		assert.ok(holds(await sim.retrieve(id)), 'a poll by the control');
		assert.equal((await sim.retrieve(id)).json.status, 'completed');
		assert.equal((await sim.call('GET', `/jobs/${id}`)).json.polls, 5);
	});
}

test('control: defaults, replacement, refusal of what is not a setting', async (t) => {
	const sim = await simulator(t);
	const defaults = { duration_ms: 8000, answer_delay_ms: 0, poll_delay_ms: 0, retry_after: 1, keys: false, times: null, submit: 'ok', poll: 'ok' };
	assert.deepEqual((await sim.call('GET', '/control')).json, defaults);
	assert.deepEqual((await sim.control({ duration_ms: 100, submit: '500' })).json, { ...defaults, duration_ms: 100, submit: '500' });
	assert.deepEqual((await sim.control({ times: 3, poll: 'html' })).json, { ...defaults, times: 3, poll: 'html' }, 'all are replaced');
	for (const bad of [{ duration: 1 }, { submit: 'nonsense' }, { times: 0 }, { duration_ms: -1 }, { duration_ms: 'soon' }])
		assert.equal((await sim.control(bad)).status, 400, JSON.stringify(bad));
	assert.deepEqual((await sim.call('GET', '/control')).json, { ...defaults, times: 3, poll: 'html' }, 'a refusal changes nothing');
	assert.deepEqual((await sim.call('DELETE', '/control')).json, defaults);
	await sim.control({ duration_ms: 100 });
	const { id } = (await sim.sora({ prompt: 'p' })).json;
	await sim.call('DELETE', '/control');
	assert.equal((await sim.call('GET', `/jobs/${id}`)).json.duration_ms, 100, 'a job keeps its duration');
});

test('times counts right under concurrent processes, and every job gets its line', async (t) => {
	const sim = await simulator(t);
	await sim.control({ submit: '429', times: 7 });
	const answers = await Promise.all(Array.from({ length: 24 }, (_, i) => sim.sora({ prompt: `p${i}` })));
	assert.equal(answers.filter((a) => a.status === 429).length, 7);
	const accepted = answers.filter((a) => a.status === 200).map((a) => a.json.id);
	assert.deepEqual((await sim.jobs()).map((j) => j.id).sort(), accepted.sort());
	const control = (await sim.call('GET', '/control')).json;
	assert.deepEqual([control.submit, control.times], ['ok', null]);
	const polls = Array.from({ length: 12 }, () => sim.poll(accepted[0]));
	await Promise.all(polls);
	assert.equal((await sim.call('GET', `/jobs/${accepted[0]}`)).json.polls, polls.length);
});

test('an answer can wait, by the model and by the control', async (t) => {
	const sim = await simulator(t);
	const took = async (what) => {
		const start = performance.now();
		assert.equal((await what()).status, 200);
		return performance.now() - start;
	};
	assert.ok(await took(() => sim.sora({ prompt: 'p', model: 'm:delay=400ms' })) >= 400);
	await sim.control({ answer_delay_ms: 400 });
	assert.ok(await took(() => sim.sora({ prompt: 'p' })) >= 400);
	await sim.control({ poll_delay_ms: 400 });
	const { id } = (await sim.sora({ prompt: 'p' })).json;
	assert.ok(await took(() => sim.poll(id)) >= 400);

	const client = new AbortController();
	const hanging = assert.rejects(sim.call('POST', '/sora/v1/videos', {
		body: { prompt: 'hangs', model: 'm:hang' }, headers: KEY, signal: client.signal }), /SIGKILL/);
	while (!(await sim.jobs()).some((j) => j.prompt === 'hangs')); // the job runs, although the client is not told
	client.abort();
	await hanging;
});
