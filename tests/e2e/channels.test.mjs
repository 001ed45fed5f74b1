// Several upstreams at once, of a kind that longreel knows by a file alone: which one gets a task, what may make it go to another, and what
// stays with the one that made it.
import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Client, PNG } from '../support/client.mjs';
import { longreel, newDataDir, startInstance, until } from '../support/instance.mjs';
import { FILM, PROFILE, newUpstream } from '../support/upstream.mjs';

const SECRETS = ['key-of-the-first', 'key-of-the-second', 'later-key-of-the-first'];

let data, instance, ada, one, two;

async function keyFile(name, key) {
	const path = join(data, name);
	await writeFile(path, `${key}\n`, { mode: 0o600 });
	return path;
}

/** Runs `longreel channel …`. @returns {Promise<{code:number, out:string, err:string}>} */
const channel = (...words) => longreel(['channel', ...words, '--data', data]);

/** The same, and it must succeed. */
async function does(...words) {
	const { code, out, err } = await channel(...words);
	assert.equal(code, 0, err + out);
	return out;
}

const add = (name, upstream, key, ...words) =>
	does('add', name, '--base', upstream.base, '--dialect', 'klecks', '--key-file', key, '--private', ...words);

/** Creates a task and follows it to its end. */
async function made(fields) {
	const cursor = await ada.cursor();
	const { videoId } = await ada.create(fields);
	return (await ada.ended(cursor, videoId)).task;
}

/** Waits until the poller has looked at the task twice. */
async function lookedAt(videoId) {
	const looks = new Set();
	await until(async () => {
		const next = /^ *next poll.*$/m.exec((await longreel(['task', 'show', videoId, '--data', data])).out);
		if (next)
			looks.add(next[0]);
		return looks.size > 2;
	}, 'two looks');
}

const prompts = (upstream) => upstream.jobs.map((job) => job.body.order.lines[0].say);

beforeEach(async () => {
	data = await newDataDir();
	await mkdir(join(data, 'dialects'), { mode: 0o700 });
	await writeFile(join(data, 'dialects', 'klecks.json'), PROFILE);
	instance = await startInstance({ data, env: { LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_POLL_INTERVAL_MAX: '1s', LONGREEL_RATE_CREATE: '0',
		LONGREEL_SUBMIT_TIMEOUT: '5s', SECOND_KEY: SECRETS[1] } });
	ada = await new Client(instance.base).join();
	one = await newUpstream({ keys: [SECRETS[0], SECRETS[2]] });
	two = await newUpstream({ keys: [SECRETS[1]] });
});

afterEach(async () => {
	await Promise.all([one?.close(), two?.close()]);
	await instance?.stop();
	await rm(data, { recursive: true, force: true });
});

test('a channel of a made-up kind is added while everything runs, and no key is left anywhere', async () => {
	const refused = await ada.call('POST', '/api/relay/sora/videos', { prompt: 'a cat' });
	assert.deepEqual([refused.status, refused.body.code], [503, 'no_channel']);
	const key = await keyFile('one.key', SECRETS[0]);
	await add('first', one, key, '--models', 'fast=klecks-1,slow');
	const form = new FormData();
	for (const [name, value] of Object.entries({ prompt: '一只猫', model: 'fast', size: '1280x720', seconds: '8' }))
		form.append(name, value);
	const image = Buffer.concat([PNG, Buffer.alloc(300_000, 7)]);
	form.append('input_reference', new Blob([image], { type: 'image/png' }), 'x.png');
	const cursor = await ada.cursor();
	const { videoId, externalTaskId } = await ada.data('POST', '/api/relay/sora/videos', form);
	assert.equal(externalTaskId, '1000');
	assert.deepEqual(one.jobs[0].body, { order: { kind: 'film', film: 'klecks-1', length: 8, wide: '1280*720',
		lines: [{ say: '一只猫' }, { look: image.toString('base64'), at: 'begin' }] } });
	assert.deepEqual([one.jobs[0].headers['x-speaks'], one.jobs[0].headers['x-slow']], ['klecks/1', 'yes']);
	const { task } = await ada.ended(cursor, videoId);
	assert.equal(task.status, 'COMPLETED');
	const content = await ada.call('GET', `/api/video/tasks/${videoId}/content`);
	assert.equal(content.bytes.toString(), FILM);
	const unknown = await ada.call('POST', '/api/relay/sora/videos', { prompt: 'a cat', model: 'other' });
	assert.deepEqual([unknown.status, unknown.body.code], [400, 'model_not_found']);

	const out = await does('list') + await does('check');
	assert.match(out, /^ok +first +answers, and takes the key$/m);
	const texts = [out, instance.log];
	for (const name of await readdir(data, { recursive: true }))
		if (!name.endsWith('.key'))
			texts.push(await readFile(join(data, name), 'latin1').catch(() => ''));
	for (const text of texts)
		assert.ok(!text.includes(SECRETS[0]), 'a key is where it should not be');
});

test('models, priorities and limits decide who gets a task', async () => {
	await add('first', one, await keyFile('one.key', SECRETS[0]), '--models', 'a=x,b', '--priority', '2');
	await add('second', two, await keyFile('two.key', SECRETS[1]), '--models', 'b,c', '--concurrency', '2');
	await made({ prompt: 'to the first', model: 'a' });
	await made({ prompt: 'to the first, too', model: 'b' });
	await made({ prompt: 'to the second', model: 'c' });
	assert.deepEqual([prompts(one), prompts(two)], [['to the first', 'to the first, too'], ['to the second']]);
	assert.deepEqual(one.jobs.map((job) => job.body.order.film), ['x', 'b']);

	let polls = 0;
	two.mood = () => (++polls % 4 === 0 ? 'awake' : 'dreaming');
	const cursor = await ada.cursor();
	const tasks = await Promise.all([1, 2, 3, 4, 5, 6].map((i) => ada.create({ prompt: `crowd ${i}`, model: 'c' })));
	for (const { videoId } of tasks)
		assert.equal((await ada.ended(cursor, videoId)).task.status, 'COMPLETED');
	assert.equal(two.jobs.length, 7);
	assert.ok(two.most <= 2, `${two.most} at a time`);

	await does('set', 'first', '--rate', '3/min');
	const asked = one.submissions;
	await Promise.all([1, 2, 3, 4, 5].map((i) => ada.create({ prompt: `hurry ${i}`, model: 'a' })));
	await until(async () => /\t0\t2\t-\t/.test((await does('list')).split('\n').find((line) => line.startsWith('first'))), 'three to be sent');
	assert.equal(one.submissions - asked, 3);
});

test('a model that a channel lists goes to no other, whatever keeps that channel from making it', async () => {
	await add('first', one, await keyFile('one.key', SECRETS[0]), '--priority', '9');
	const key = await keyFile('two.key', SECRETS[1]);
	await add('second', two, key, '--models', 'veo=sora-2');
	const told = async () => {
		const { status, body } = await ada.call('POST', '/api/relay/sora/videos', { prompt: 'a cat', model: 'veo' });
		return [status, body.code];
	};
	await chmod(key, 0o644);
	await until(async () => (await told())[1] === 'channel_unavailable', 'the key to be missed');
	assert.deepEqual(await told(), [503, 'channel_unavailable']);
	await does('disable', 'second');
	assert.deepEqual(await told(), [400, 'model_not_found']);
	await does('enable', 'second');
	await chmod(key, 0o600);
	await until(async () => (await told())[0] < 300, 'the key to be found');
	await until(() => prompts(two).includes('a cat'), 'the second channel to be asked');
	assert.deepEqual(prompts(one), []);
});

test('a task goes to another channel where it surely was not accepted, and comes back later', async () => {
	await add('first', one, await keyFile('one.key', SECRETS[0]), '--priority', '1');
	await add('second', two, await keyFile('two.key', SECRETS[1]));
	one.answer = () => 503;
	assert.equal((await made({ prompt: 'over there' })).status, 'COMPLETED');
	assert.deepEqual([one.jobs.length, prompts(two)], [0, ['over there']]);

	one.answer = () => undefined;
	await until(async () => {
		await made({ prompt: 'and back' });
		return one.jobs.length > 0;
	}, 'a task for the first channel');
	assert.deepEqual(prompts(one), ['and back']);

	await one.close();
	assert.equal((await made({ prompt: 'not at home' })).status, 'COMPLETED');
	assert.ok(prompts(two).includes('not at home'));
});

test('a task whose submission is unsure goes to no other channel', async () => {
	await add('first', one, await keyFile('one.key', SECRETS[0]), '--priority', '1');
	await add('second', two, await keyFile('two.key', SECRETS[1]));
	for (const answer of ['hangup', 500, 400]) {
		one.answer = () => answer;
		const reply = await ada.call('POST', '/api/relay/sora/videos', { prompt: 'once' });
		assert.notEqual(reply.status, 202);
	}
	assert.deepEqual([one.submissions, one.jobs.length, two.submissions], [3, 1, 0]);
	const { tasks } = await ada.data('GET', '/api/video/tasks');
	assert.deepEqual(tasks.map((t) => t.errorCode).sort(), ['submission_unknown', 'submission_unknown', 'upstream_rejected']);
});

test('what a channel has made stays with it and with the key that made it', async () => {
	const first = await keyFile('one.key', SECRETS[0]), second = await keyFile('two.key', SECRETS[1]);
	await add('first', one, first);
	one.mood = () => 'dreaming';
	const cursor = await ada.cursor();
	const old = await ada.create({ prompt: 'by the old key' });
	assert.match(await does('set', 'first', '--key-file', await keyFile('later.key', SECRETS[2])), /changed/);
	const young = await ada.create({ prompt: 'by the new key' });
	assert.deepEqual(one.jobs.map((job) => job.key), [SECRETS[0], SECRETS[2]]);
	await add('second', two, second);
	await does('disable', 'first');
	await made({ prompt: 'elsewhere' });
	assert.deepEqual(prompts(two), ['elsewhere']);
	const refused = await channel('remove', 'first');
	assert.equal(refused.code, 1);
	assert.match(refused.err, /2 tasks still need the channel first/);

	const before = one.polls.length;
	await until(() => new Set(one.polls.slice(before).map((poll) => poll.no)).size === 2, 'polls of both');
	one.mood = (job) => (job.no === 1000 ? 'awake' : 'dreaming');
	assert.equal((await ada.ended(cursor, old.videoId)).task.status, 'COMPLETED');
	const stopped = await ada.data('POST', `/api/video/tasks/${young.videoId}/cancel`);
	assert.equal(stopped.status, 'CANCELLED');
	await until(() => one.jobs[1].mood === 'woken', 'the job to be cancelled');
	assert.ok(one.polls.every(({ no, key }) => key === one.jobs[no - 1000].key), 'each by its own key');
	await does('remove', 'first');
	assert.doesNotMatch(await does('list'), /^first/m);
});

test('a key that is gone ends nothing, and one that is back goes on', async () => {
	const first = await keyFile('one.key', SECRETS[0]);
	await add('first', one, first);
	one.mood = () => 'dreaming';
	const cursor = await ada.cursor();
	const { videoId } = await ada.create({ prompt: 'by a key that goes' });
	await keyFile('one.key', SECRETS[2]); // in its place: the upstream knows the ticket by the other key only
	await until(async () => (await channel('check')).out.includes('takes the key'), 'the other key');
	await until(() => /unknown to the key for new work/.test(instance.log), 'a poll by the other key');
	assert.equal((await ada.data('GET', `/api/video/tasks/${videoId}`)).status, 'PROCESSING');
	await keyFile('one.key', SECRETS[0]);
	one.mood = () => 'awake';
	assert.equal((await ada.ended(cursor, videoId)).task.status, 'COMPLETED');
});

test('a channel that cannot be used for a moment ends nothing', async () => {
	const key = await keyFile('one.key', SECRETS[0]);
	await add('first', one, key, '--idempotency');
	const film = await made({ prompt: 'a film' });
	one.mood = () => 'dreaming';
	const off = await ada.create({ prompt: 'to be called off' });
	one.answer = () => 'hangup';
	const cursor = await ada.cursor();
	const unsure = await ada.create({ prompt: 'taken or not' });
	await until(() => one.submissions > 3, 'a repetition');
	await chmod(key, 0o644);
	const content = () => ada.call('GET', `/api/video/tasks/${film.videoId}/content`);
	await until(async () => (await content()).status !== 200, 'the key to be missed');
	const answer = await content();
	assert.deepEqual([answer.status, answer.body.code], [502, 'upstream_failed']);
	await until(() => /poller\[.*the channel first gets no new work/.test(instance.log), 'the poller to miss it');
	await ada.data('POST', `/api/video/tasks/${off.videoId}/cancel`);
	for (const { videoId } of [off, unsure])
		await lookedAt(videoId);
	const seen = one.submissions;
	assert.equal((await ada.data('GET', `/api/video/tasks/${unsure.videoId}`)).status, 'QUEUED');
	one.answer = () => undefined;
	one.mood = () => 'awake';
	await chmod(key, 0o600);
	assert.equal((await ada.ended(cursor, unsure.videoId)).task.status, 'COMPLETED');
	assert.ok(one.submissions > seen, 'by a repetition');
	await until(() => one.jobs[1].mood === 'woken', 'the job to be cancelled');
	assert.equal((await content()).status, 200);
});

test('a channel moves once no job is under way, and no key of the old place goes to the new one', async () => {
	await add('first', one, await keyFile('one.key', SECRETS[0]));
	const film = await made({ prompt: 'a film' });
	const second = await keyFile('two.key', SECRETS[1]);
	const move = ['set', 'first', '--base', two.base];
	one.mood = () => 'dreaming';
	const cursor = await ada.cursor();
	const { videoId } = await ada.create({ prompt: 'under way' });
	for (const words of [[...move, '--key-file', second], ['set', 'first', '--dialect', 'openai']]) {
		const refused = await channel(...words);
		assert.equal(refused.code, 1);
		assert.match(refused.err, /1 jobs of the channel first are under way where it is now/);
	}
	await does('set', 'first', '--base', one.base, '--dialect', 'klecks'); // where it is
	one.mood = () => 'awake';
	assert.equal((await ada.ended(cursor, videoId)).task.status, 'COMPLETED');
	const keyless = await channel(...move);
	assert.equal(keyless.code, 1);
	assert.match(keyless.err, /another base needs its key/);
	await does(...move, '--key-file', second);
	assert.ok(!(await does('list')).includes('one.key'));
	const content = await ada.call('GET', `/api/video/tasks/${film.videoId}/content`);
	assert.equal(content.bytes.toString(), FILM, 'its link leads where it always did');
	await made({ prompt: 'over there' });
	assert.deepEqual([prompts(two), two.strangers, two.polls.some(({ key }) => key !== SECRETS[1])], [['over there'], [], false]);
});

test('an upstream that is another by now is not asked about what the one before has made', async () => {
	await add('first', one, await keyFile('one.key', SECRETS[0]));
	one.mood = () => 'dreaming';
	const { videoId } = await ada.create({ prompt: 'called off late' });
	await writeFile(join(data, 'one.key'), 'an unknown key');
	await until(() => one.strangers.length > 0, 'a poll by the other key');
	await ada.data('POST', `/api/video/tasks/${videoId}/cancel`);
	await does('set', 'first', '--base', two.base, '--key-file', await keyFile('two.key', SECRETS[1]));
	await made({ prompt: 'over there' });
	await lookedAt(videoId);
	assert.deepEqual([two.jobs.length, two.jobs[0].mood, two.strangers], [1, 'awake', []], 'its ticket is 1000, too');
});

test('a profile that is broken for a while, and mended', async () => {
	const profile = join(data, 'dialects', 'klecks.json'), make = () => ada.call('POST', '/api/relay/sora/videos', { prompt: 'a cat', model: 'fast' });
	await add('first', one, await keyFile('one.key', SECRETS[0]));
	await until(async () => (await make()).status === 200, 'the channel');
	await writeFile(profile, PROFILE.replace('"poll"', '"pole"'));
	await until(async () => (await make()).status !== 200, 'that it is broken');
	await writeFile(profile, PROFILE);
	await until(async () => (await make()).status === 200, 'that it is mended');
});

test('a key that comes on standard input is kept in the data, and goes with its channel', async () => {
	const keys = () => readdir(join(data, 'keys')).catch(() => []);
	const put = (input, ...words) => longreel(['channel', ...words, '--data', data], { input });
	const base = ['--base', one.base, '--dialect', 'klecks', '--private', '--key-file', '-'];
	for (const input of ['', '\n', 'two words\n', 'x'.repeat(5000)])
		assert.match((await put(input, 'add', 'first', ...base)).err, /standard input holds no key/);
	assert.match((await put(SECRETS[0], 'add', '../first', ...base)).err, /a name has/);
	assert.match((await put(SECRETS[0], 'add', 'first', ...base, '--webhook-secret-file', '-')).err, /one secret only/);
	assert.deepEqual(await keys(), [], 'what came to nothing is gone');
	assert.equal((await put(`${SECRETS[0]}\n`, 'add', 'first', ...base)).code, 0);
	const [name] = await keys(), { mode } = await stat(join(data, 'keys', name));
	assert.equal(mode & 0o777, 0o600);
	assert.equal((await stat(join(data, 'keys'))).mode & 0o777, 0o700);
	assert.equal((await made({ prompt: 'by a key of standard input' })).status, 'COMPLETED');
	assert.equal((await put(`${SECRETS[2]}\n`, 'set', 'first', '--key-file', '-')).code, 0);
	assert.equal((await keys()).length, 2, 'the key before is kept for what it has made');
	await does('remove', 'first');
	assert.deepEqual(await keys(), []);
});

test('a key is rotated by a link that leads elsewhere, and comes from the environment; weights share', async () => {
	await keyFile('one.key', SECRETS[0]);
	await keyFile('later.key', SECRETS[2]);
	const link = join(data, 'current.key');
	await symlink('one.key', link);
	await add('first', one, link, '--weight', '3');
	assert.match(await does('list'), /^NAME\t.*\tPRIORITY\tWEIGHT\t.*\nfirst\tenabled\tklecks\t\S+\t\S+\t0\t3\t.*\tfile:\S+current\.key\n/);
	await made({ prompt: 'by the first key' });
	await symlink('later.key', join(data, 'next'));
	await rename(join(data, 'next'), link);
	await until(async () => {
		await ada.create({ prompt: 'again' });
		return one.jobs.at(-1).key === SECRETS[2];
	}, 'the other key');

	const both = await channel('set', 'first', '--key-env', 'SECOND_KEY', '--key-file', link);
	assert.match(both.err, /not in both/);
	await does('add', 'second', '--base', two.base, '--dialect', 'klecks', '--private', '--key-env', 'SECOND_KEY', '--weight', '1');
	const before = one.jobs.length;
	await Promise.all(Array.from({ length: 60 }, (_, i) => ada.create({ prompt: `crowd ${i}` })));
	await until(() => one.jobs.length - before + two.jobs.length === 60, 'all of them');
	const [mine, theirs] = [one.jobs.length - before, two.jobs.length];
	assert.ok(mine > theirs && theirs > 0, `3 to 1: ${mine} and ${theirs}`); // the other way round once in some 37 000 runs
	assert.ok(two.jobs.every(({ key }) => key === SECRETS[1]));
});

test('what is wrong with a channel is said in one sentence', async () => {
	const key = await keyFile('one.key', SECRETS[0]);
	const wrong = async (pattern, ...words) => {
		const { code, err } = await channel(...words);
		assert.equal(code, 1, words.join(' '));
		assert.match(err, pattern);
		assert.ok(!err.includes(SECRETS[0]));
	};
	const rest = ['--dialect', 'klecks', '--key-file', key];
	await wrong(/a slash at its end/, 'add', 'x', '--base', 'http://a/', ...rest);
	await wrong(/must be an address/, 'add', 'x', '--base', 'ftp://a', ...rest);
	await wrong(/klingon: .*\/dialects\/klingon\.json does not exist, nor .*klingon\.json/, 'add', 'x', '--base', 'http://a', '--dialect', 'klingon');
	await wrong(/cannot be found/, 'add', 'x', '--base', 'http://a', '--dialect', 'klecks', '--key-file', join(data, 'none'));
	await wrong(/listed twice/, 'add', 'x', '--base', 'http://a', '--models', 'a,a', ...rest);
	await wrong(/weight must be from 1/, 'add', 'x', '--base', 'http://a', '--weight', '0', ...rest);
	await wrong(/already/, 'add', 'default', '--base', 'http://a', ...rest);
	await wrong(/is set in the configuration/, 'set', 'default', '--base', 'http://a');
	await wrong(/no channel nobody/, 'disable', 'nobody');
	await chmod(key, 0o644);
	await wrong(/chmod 600/, 'add', 'x', '--base', 'http://a', ...rest);
	await chmod(key, 0o600);
	await wrong(/webhooks cannot be used: it is not Base64/, 'add', 'x', '--base', 'http://a', '--webhook-secret-file', key, ...rest);
	await writeFile(join(data, 'dialects', 'bad.json'), PROFILE.replace('"accepted":[201]', '"accepted":[404]'));
	await wrong(/bad\.json:\d+: submit\.accepted must hold codes/, 'add', 'x', '--base', 'http://a', '--dialect', 'bad');

	await add('first', one, key);
	one.keys = ['another'];
	let checked = await channel('check', 'first');
	assert.equal(checked.code, 1);
	assert.match(checked.out, /^BAD +first +answers, but refuses the key \(status 401\): give it a key .* --key-file FILE$/m);
	await one.close();
	checked = await channel('check', 'first');
	assert.match(checked.out, /^BAD +first +cannot be reached: /m);
	await writeFile(join(data, 'dialects', 'klecks.json'), PROFILE.replace('"poll"', '"pole"'));
	checked = await channel('check');
	assert.match(checked.out, /^BAD +first +.*klecks\.json:\d+: pole is an unknown key; there are base, auth, .*poll, .*$/m);
	assert.match((await channel('check', 'nobody')).out, /no such channel/);
});

test('a key in the environment reaches programs that run as plain CGI, too, and takes no place of the request\'s', async (t) => {
	const secret = 'key "of" }the{ second', other = await newUpstream({ keys: [secret] });
	const plain = await startInstance({ cgi: true, env: { ARK_KEY: secret, https_proxy: 'http://127.0.0.1:1', HTTPS_PROXY: 'http://127.0.0.1:1',
		HTTP_AUTHORIZATION: 'Bearer x', REQUEST_METHOD: 'PUT', CONTENT_LENGTH: '5', REMOTE_ADDR: '192.0.2.1', LONGREEL_POLL_INTERVAL_MIN: '20ms' } });
	t.after(() => Promise.all([other.close(), plain.stop()]));
	await mkdir(join(plain.data, 'dialects'), { mode: 0o700 });
	await writeFile(join(plain.data, 'dialects', 'klecks.json'), PROFILE);
	const added = await longreel(['channel', 'add', 'second', '--base', other.base, '--dialect', 'klecks', '--key-env', 'ARK_KEY', '--private', '--data', plain.data]);
	assert.equal(added.code, 0, added.err);
	const bea = await new Client(plain.base).join(), cursor = await bea.cursor(), { videoId } = await bea.create({ prompt: 'a cat' });
	assert.deepEqual(other.jobs.map(({ key }) => key), [secret]);
	assert.equal((await bea.ended(cursor, videoId)).task.status, 'COMPLETED');
	assert.equal((await bea.data('GET', '/api/auth/sessions')).sessions[0].address, '127.0.0.0/24');
	assert.equal((await fetch(`${plain.base}/api/video/tasks`)).status, 401);
	assert.ok(!(await readFile(join(plain.data, 'run/lighttpd.conf'), 'utf8')).includes(secret));
});
