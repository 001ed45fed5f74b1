// A disk that is full or broken, and a database that another process locks: a clear answer, nothing half-written, nothing lost, and all goes on
// by itself when the trouble is over.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import OpenAI from 'openai';
import { Client, PNG } from '../support/client.mjs';
import { longreel, startInstance, until } from '../support/instance.mjs';
import { EDQUOT, EIO, ENOSPC, newWorld } from '../support/world.mjs';

let world, instance, ada;

before(async () => {
	world = await newWorld();
	instance = await startInstance({ simulator: true, env: { ...world.env, LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_RATE_CREATE: '0',
		LONGREEL_RATE_LOGIN: '0', LONGREEL_RATE_REGISTER: '0' } });
	ada = await new Client(instance.base).join();
});
afterEach(() => world.disk(0));
after(async () => {
	await instance?.stop();
	await world?.remove();
});

const jobs = async (prompt) => (await (await fetch(`${instance.base}/simulator/jobs`)).json()).jobs.filter((j) => j.prompt === prompt);
const control = (settings) => fetch(`${instance.base}/simulator/control`, { method: settings ? 'PUT' : 'DELETE',
	body: settings && JSON.stringify(settings), headers: { 'content-type': 'application/json' } });

function withImage(prompt) {
	const form = new FormData();
	form.set('prompt', prompt);
	form.set('input_reference', new Blob([PNG]), 'a.png');
	return form;
}

/** All calls that write, each with what it must answer where it cannot. */
const writes = (task, done) => [
	['POST', '/api/relay/sora/videos', { prompt: 'refused' }],
	['POST', '/api/relay/sora/videos', withImage('refused')],
	['POST', `/api/video/tasks/${done.videoId}/remix`, { prompt: 'refused' }],
	['POST', `/api/video/tasks/${task.videoId}/cancel`],
	['DELETE', `/api/video/tasks/${task.videoId}`],
	['POST', '/api/auth/register', { username: task.videoId.slice(-12), password: 'correct horse battery' }],
	['POST', '/api/auth/login', { username: ada.user.username, password: 'correct horse battery' }],
];

/** A task that has been completed. */
async function completed() {
	const made = await ada.create({ prompt: 'done', model: 'sora_video2:fast' });
	return (await ada.ended('0', made.videoId)).task;
}

/** What must hold after calls that were refused. */
async function nothingHappened(task, uploads) {
	assert.deepEqual(await ada.data('GET', `/api/video/tasks/${task.videoId}`), task);
	assert.deepEqual((await ada.data('GET', '/api/video/tasks?q=refused')).tasks, []);
	assert.equal((await jobs('refused')).length, 0, 'nothing went upstream');
	assert.deepEqual(readdirSync(join(instance.data, 'uploads')), uploads, 'no image is left behind');
	const checked = await longreel(['check', '--data', instance.data], { env: { SORA_API_BASE: `${instance.base}/simulator`, SORA_API_KEY: 'k' } });
	assert.equal(checked.code, 0, checked.out + checked.err);
	assert.equal((await ada.call('POST', '/api/auth/register', { username: task.videoId.slice(-12), password: 'correct horse battery' })).status, 201,
		'the name is free');
}

for (const [what, errno, status, code] of [['full', ENOSPC, 507, 'no_space'], ['over its quota', EDQUOT, 507, 'no_space'], ['broken', EIO, 500, null]])
	test(`the disk is ${what}: ${status}, reading goes on, nothing is half-written`, async () => {
		const made = await ada.create({ prompt: `before ${what}`, model: 'sora_video2:never' });
		const task = await until(async () => {
			const t = await ada.data('GET', `/api/video/tasks/${made.videoId}`);
			return t.status === 'PROCESSING' && t;
		});
		const done = await completed(), uploads = readdirSync(join(instance.data, 'uploads'));
		await world.disk(errno);
		for (const [method, path, body] of writes(task, done)) {
			const answer = await ada.call(method, path, body);
			assert.ok(answer.status === status || (status === 500 && answer.status === 503), `${method} ${path}: ${answer.status} ${answer.bytes}`);
			assert.equal(answer.body.success, false);
			if (code)
				assert.equal(answer.body.code, code, `${method} ${path}`);
			const id = answer.headers.get('x-request-id');
			await until(() => new RegExp(` warn \\w+\\[\\d+\\] request=${id} .*status=${answer.status} .*code=\\w+$`, 'm').test(instance.log), 'a line about it');
			assert.doesNotMatch(answer.body.error, /sqlite|database disk image|\.db|errno/i, 'a sentence for a person');
		}
		if (code) {
			const chinese = await ada.call('POST', '/api/relay/sora/videos', withImage('refused'), { 'accept-language': 'zh-CN' });
			assert.deepEqual([chinese.status, chinese.body.error], [507, '服务器磁盘已满。']);
			const { status: theirs, body: { error } } = await ada.call('POST', '/v1/videos', withImage('refused'));
			assert.deepEqual([theirs, error.code, error.type], [507, 'no_space', 'server_error']);
		}
		assert.equal((await ada.call('GET', `/api/video/tasks/${task.videoId}`)).status, 200);
		assert.equal((await ada.call('GET', '/api/video/updates?cursor=0')).status, 200);
		assert.equal((await ada.call('GET', '/health')).status, 200);
		await world.disk(0);
		if (code)
			await nothingHappened(task, uploads);
		assert.equal((await ada.create({ prompt: `after ${what}` })).status, 'processing');
	});

test('full between the submission and its answer: the id is kept until it can be written', async () => {
	const cursor = await ada.cursor(), prompt = 'full in between';
	await control({ answer_delay_ms: 600, duration_ms: 100 });
	const creating = ada.call('POST', '/api/relay/sora/videos', { prompt, clientRequestId: 'between' });
	await ada.follow(cursor, (t) => t.clientRequestId === 'between');
	await world.disk(ENOSPC);
	await until(async () => (await jobs(prompt)).length === 1, 'the submission');
	await until(() => /submissions cannot be written/.test(instance.log), 'a write that fails');
	await world.disk(0);
	const answer = await creating;
	await control();
	const [job] = await jobs(prompt);
	assert.deepEqual([answer.status, answer.body.data.externalTaskId], [200, job.id]);
	const { task } = await ada.ended(cursor, answer.body.data.videoId);
	assert.equal(task.status, 'COMPLETED');
	assert.equal((await jobs(prompt)).length, 1);
});

test('full while tasks are polled: they wait, and complete', async () => {
	const cursor = await ada.cursor();
	const made = await ada.create({ prompt: 'polled', model: 'sora_video2:slow=300ms' });
	await world.disk(ENOSPC);
	await until(() => /(polls cannot be written|a pass failed)/.test(instance.log), 'a poll that cannot be written');
	await world.disk(0);
	assert.equal((await ada.ended(cursor, made.videoId)).task.status, 'COMPLETED');
});

test('the database is locked by another process: 503 with Retry-After, and reading goes on', async () => {
	const made = await ada.create({ prompt: 'held', model: 'sora_video2:never' });
	const task = await ada.data('GET', `/api/video/tasks/${made.videoId}`);
	const done = await completed(), uploads = readdirSync(join(instance.data, 'uploads'));
	const program = new Client(instance.base);
	program.token = (await ada.data('POST', '/api/auth/keys', { name: 'never used before' })).key;
	let over = false, calls = 0;
	const official = new OpenAI({ baseURL: `${instance.base}/v1`, apiKey: ada.token,
		fetch: (url, init) => ((calls += url.startsWith(instance.base)), fetch(url, init)) });
	await official.videos.create({ prompt: 'a pair', model: 'sora-2:never' });
	/* In Python, as Debian's Node has no SQLite. */
	const holder = spawn('python3', ['-c', `import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()`, join(instance.data, 'longreel.db')], { stdio: ['pipe', 'pipe', 'inherit'] });
	await once(holder.stdout, 'data');
	const [[method, path, body], ...others] = writes(task, done);
	const first = ada.call(method, path, body).finally(() => (over = true));
	for (const reader of [ada, program])
		for (const read of [`/api/video/tasks/${task.videoId}`, '/api/video/updates?cursor=0', `/v1/videos/${task.videoId}`])
			assert.equal((await reader.call('GET', read)).status, 200);
	calls = 0;
	const pair = official.videos.create({ prompt: 'a pair', model: 'sora-2:never' }).then(() => null, (error) => error);
	const single = ada.call('POST', '/v1/videos', { prompt: 'a single', model: 'sora-2:never' });
	assert.equal(over, false, 'who reads is answered while who writes waits, although the use of a key is noted');
	for (const answer of await Promise.all([first, ...others.map((call) => ada.call(...call))])) {
		assert.deepEqual([answer.status, answer.body.code], [503, 'busy'], String(answer.bytes));
		assert.ok(Number(answer.headers.get('retry-after')) >= 1);
	}
	/* A second try would bring the video that was made before, unless there is none: then it is welcome. */
	const error = await pair, { status, body: said, headers } = await single;
	assert.ok(error instanceof OpenAI.InternalServerError, `${error}`);
	assert.deepEqual([error.status, error.code, error.headers.get('x-should-retry'), calls], [503, 'busy', 'false', 1]);
	assert.deepEqual([status, said.error.code, headers.get('x-should-retry')], [503, 'busy', null]);
	holder.stdin.end();
	await once(holder, 'exit');
	assert.equal((await jobs('a pair')).length, 1);
	assert.deepEqual((await ada.data('GET', '/api/video/tasks?q=refused')).tasks, []);
	assert.deepEqual(readdirSync(join(instance.data, 'uploads')), uploads);
	assert.equal((await ada.data('POST', `/api/video/tasks/${task.videoId}/cancel`)).status, 'CANCELLED');
});
