// Whatever lists or shows something does so with --json, too, and no secret is in it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { newApi } from '../support/api.mjs';
import { longreel } from '../support/instance.mjs';

const KEY = 'sk-never-to-be-seen', SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
let api, ada, made, printed = '';

/** Runs a verb with --json. @returns {Promise<{code: number, json: any, err: string}>} */
async function run(...words) {
	const { code, out, err } = await longreel([...words, '--json', '--data', api.data], { env: api.env });
	printed += out + err;
	return { code, json: out ? JSON.parse(out) : undefined, err };
}
const good = async (...words) => {
	const { code, json, err } = await run(...words);
	assert.equal(code, 0, `${words}: ${err}`);
	return json;
};
const add = (name, ...words) => good('channel', 'add', name, '--base', api.upstream.base, '--dialect', 'sora', '--private', '--key-file', join(api.data, 'key'), ...words);

before(async () => {
	api = await newApi();
	ada = await api.user('ada');
	made = await ada.create({ prompt: 'a "cat"\nand \u00fc', metadata: { k: 1 } });
	writeFileSync(join(api.data, 'key'), `${KEY}\n`, { mode: 0o600 });
	writeFileSync(join(api.data, 'secret'), `${SECRET}\n`, { mode: 0o600 });
});
after(() => api?.close());

test('what lists or shows something takes it, and so does all about channels', async () => {
	const help = await api.run('longreel', 'help');
	const verbs = [...help.matchAll(/^ {2}longreel ([a-z]+(?: [a-z]+)?)(.*)$/gm)].map(([, verb, options]) => ({ verb, json: options.includes('--json]') }));
	assert.ok(verbs.length > 50);
	const shows = /^(usage|check|channel \w+|\w+ (list|show|check|stats|quote|replay|webhook))$/;
	assert.deepEqual(verbs.filter(({ verb, json }) => shows.test(verb) && !json).map(({ verb }) => verb), []);
});

test('a task: each member has its type, and what there is not is null', async () => {
	const shown = await good('task', 'show', made.videoId);
	assert.deepEqual([shown.videoId, shown.user, shown.channel, shown.status, shown.state, shown.prompt, shown.attempt, shown.model], [made.videoId, 1, 'default', 'PROCESSING', 'running', 'a "cat"\nand \u00fc', 1, null]);
	assert.deepEqual([JSON.parse(shown.metadata), shown.waitsFor, shown.archive, shown.bytes, shown.completedAt, shown.errorCode, shown.leaseEndsAt], [{ k: 1 }, 'the provider, which makes it', null, null, null, null, null]);
	assert.ok(Date.parse(shown.createdAt) <= Date.now() && Date.parse(shown.deadlineAt) > Date.now() && Date.parse(shown.nextPollAt) > 0);
	const { code, json, err } = await run('task', 'show', 'video_none');
	assert.deepEqual([code, json], [1, undefined]);
	assert.match(err, /there is no task video_none/);
});

test('a task that has ended has the same members', async () => {
	const open = await good('task', 'show', made.videoId);
	await ada.data('POST', `/api/video/tasks/${made.videoId}/cancel`);
	const ended = await good('task', 'show', made.videoId);
	assert.deepEqual(Object.keys(ended), Object.keys(open));
	assert.deepEqual([ended.status, ended.waitsFor, ended.cancelledBy], ['CANCELLED', null, 'user']);
	assert.ok(Date.parse(ended.completedAt) >= Date.parse(open.createdAt));
});

test('a channel is shown as the list shows it, by each verb that changes it', async () => {
	const listed = async (name) => (await good('channel', 'list')).channels.find((row) => row.name === name);
	const first = await add('one', '--weight', '3', '--webhook-secret-file', join(api.data, 'secret'));
	assert.deepEqual(first, await listed('one'));
	assert.deepEqual([first.name, first.state, first.weight, first.keys], ['one', 'enabled', 3, `file:${join(api.data, 'key')}`]);
	const changed = await good('channel', 'set', 'one', '--rate', '5');
	assert.deepEqual(changed, { ...first, rate: 5 });
	assert.deepEqual(await good('channel', 'disable', 'one'), { ...changed, state: 'disabled' });
	assert.deepEqual(await good('channel', 'enable', 'one'), changed);
	assert.equal((await good('channel', 'set', 'default', '--weight', '2')).weight, 2);
	assert.equal((await listed('default')).weight, 2);
	await add('two');
	assert.deepEqual((await good('channel', 'remove', 'two')).name, 'two');
	assert.equal(await listed('two'), undefined);
	const refused = await run('channel', 'set', 'two', '--weight', '2');
	assert.deepEqual([refused.code, refused.json], [1, undefined]);
});

test('a check has a finding for each channel, and fails with them', async () => {
	const { code, json } = await run('channel', 'check', 'one');
	assert.deepEqual([typeof json.good, json.good, json.findings[0].part, json.findings[0].level], ['boolean', code === 0, 'one', code === 0 ? 'ok' : 'bad']);
	const none = await run('channel', 'check', 'nowhere');
	assert.deepEqual([none.code, none.json.good, none.json.findings.map(({ level, part }) => [level, part])], [1, false, [['bad', 'nowhere']]]);
});

test('the address for webhooks', async () => {
	const { name, path } = await good('channel', 'webhook', 'one');
	assert.equal(name, 'one');
	assert.match(path, /^\/api\/video\/webhook\/one\/[\w-]+$/);
	assert.equal((await api.run('longreel', 'channel', 'webhook', 'one', '--data', api.data)).trim(), path);
	await add('three');
	assert.match((await good('channel', 'webhook', 'three')).path, /\/three\//, 'one whose secret was made for it');
});

test('no secret was in any of it', () => {
	assert.ok(printed.includes('videoId') && printed.includes('/three/'));
	for (const secret of [KEY, SECRET, SECRET.slice(6), api.env.SORA_API_KEY, ada.token])
		assert.ok(!printed.includes(secret));
});
