// What can be made, through a whole instance with several channels, and what follows from it for creations.
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { longreel, newDataDir, startInstance, until } from '../support/instance.mjs';
import { PROFILE, newUpstream } from '../support/upstream.mjs';

const PATH = '/api/relay/sora/videos';
const OFFERS = { few: { sizes: ['1280x720'], seconds: [4] }, many: { label: 'M', sizes: ['1280x720', '1024x1024'], seconds: [4, 8] } };
let data, instance, ada, few, many;

/** Runs `longreel channel …`. */
async function channel(...words) {
	const { code, out, err } = await longreel(['channel', ...words, '--data', data]);
	assert.equal(code, 0, err + out);
}

before(async () => {
	data = await newDataDir();
	await mkdir(join(data, 'dialects'), { mode: 0o700 });
	await writeFile(join(data, 'key'), 'k1\n', { mode: 0o600 });
	[few, many] = await Promise.all([newUpstream(), newUpstream()]);
	instance = await startInstance({ data, env: { LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_POLL_INTERVAL_MAX: '500ms', LONGREEL_RATE_CREATE: '0' } });
	for (const [name, upstream, priority] of [['few', few, 2], ['many', many, 1]]) {
		const profile = JSON.parse(PROFILE);
		Object.assign(profile.submit.fields, { model: '/order/model', size: '/order/size', seconds: { name: '/order/seconds', type: 'integer' } });
		profile.offers = [{ name: `${name}-1`, ...OFFERS[name] }, { name: `${name}-2` }];
		await writeFile(join(data, 'dialects', `${name}.json`), JSON.stringify(profile));
		await channel('add', name, '--base', upstream.base, '--dialect', name, '--key-file', join(data, 'key'), '--private', '--priority', `${priority}`,
			'--models', `m=${name}-1`);
	}
	ada = await new Client(instance.base).join();
});

after(async () => {
	await instance?.stop();
	await Promise.all([few?.close(), many?.close()]);
});

const models = async () => (await ada.data('GET', '/api/models')).models;

test('a model can what any of its channels can, and a creation goes to one that can', async () => {
	const [m, ...others] = await models();
	assert.deepEqual([m.name, m.label, m.sizes, m.seconds, others], ['m', 'few-1', ['1280x720', '1024x1024'], [4, 8], []]);
	for (const [wish, upstream, theirs] of [[{ size: '1280x720', seconds: 4 }, few, 'few-1'], [{ size: '1024x1024', seconds: 4 }, many, 'many-1'],
		[{ seconds: 8 }, many, 'many-1']]) {
		const { status, body } = await ada.call('POST', PATH, { prompt: 'x', model: 'm', ...wish });
		assert.equal(status, 200, JSON.stringify(body));
		const { size, seconds, model } = upstream.jobs.at(-1).body.order;
		assert.deepEqual({ model, size, seconds }, { model: theirs, size: wish.size, seconds: wish.seconds });
	}
	const { status, body } = await ada.call('POST', PATH, { prompt: 'x', model: 'm', size: '1920x1080' });
	assert.deepEqual([status, body.code, body.details], [400, 'unsupported_field', { field: 'size', allowed: ['1280x720', '1024x1024'] }]);
	assert.deepEqual([few.submissions, many.submissions], [1, 2]);
});

test('a task that changes its channel goes to none that has not its size', async () => {
	const before = few.submissions;
	many.answer = () => 503;
	const { videoId, status } = await ada.data('POST', PATH, { prompt: 'x', model: 'm', size: '1024x1024' });
	assert.equal(status, 'queued');
	await until(() => many.submissions >= many.jobs.length + 2, 'another try');
	const cursor = await ada.cursor();
	many.answer = () => undefined;
	assert.equal((await ada.ended(cursor, videoId)).task.status, 'COMPLETED');
	assert.equal(few.submissions, before);
});

test('a channel that is changed changes what can be made, at once', async () => {
	await channel('disable', 'many');
	assert.deepEqual((await models()).map(({ name, sizes }) => [name, sizes]), [['m', ['1280x720']]]);
	const { status, body } = await ada.call('POST', PATH, { prompt: 'x', model: 'm', size: '1024x1024' });
	assert.deepEqual([status, body.details], [400, { field: 'size', allowed: ['1280x720'] }]);
	await channel('set', 'few', '--models', '');
	assert.deepEqual((await models()).map(({ name }) => name), ['few-1', 'few-2']);
	await mkdir(join(data, 'offers'), { mode: 0o700 });
	await writeFile(join(data, 'offers', 'few.json'), JSON.stringify([{ name: 'own', label: 'Our own', sizes: ['640x360'] }]));
	await until(async () => (await models())[0].name === 'own', 'the channel\'s own offers');
	assert.deepEqual((await models()).map(({ name, label, sizes }) => [name, label, sizes]), [['own', 'Our own', ['640x360']]]);
	const other = await ada.call('POST', PATH, { prompt: 'x', model: 'own', size: '1280x720' });
	assert.deepEqual([other.status, other.body.details], [400, { field: 'size', allowed: ['640x360'] }]);
	await writeFile(join(data, 'offers', 'few.json'), '[{"name": "own", "sizes": ["large"]}]');
	const { code, out } = await longreel(['channel', 'check', 'few', '--data', data]);
	assert.equal(code, 1);
	assert.match(out, /^BAD +few +.*offers\/few\.json.*"large", which is no size/m);
	await channel('disable', 'few');
	assert.deepEqual(await models(), []);
});

test('a model that no channel lists goes to those that offer it, also while they cool down, and to another only where none does', async () => {
	await writeFile(join(data, 'offers', 'few.json'), '[{"name": "own"}]');
	await channel('enable', 'few');
	await channel('enable', 'many');
	await channel('set', 'many', '--models', '');
	await until(async () => (await models()).length === 3, 'what both offer');
	const asked = (upstream) => upstream.submissions;
	/** Creates a task of that model. @returns which of the two was asked, and what is answered */
	const ask = async (model) => {
		const before = [asked(few), asked(many)];
		const { status, body } = await ada.call('POST', PATH, { prompt: 'x', model });
		return [asked(few) - before[0], asked(many) - before[1], status, body.data ?? body.code];
	};
	assert.deepEqual((await ask('many-2')).slice(0, 3), [0, 1, 200], 'whatever the priority');
	assert.deepEqual((await ask('own')).slice(0, 3), [1, 0, 200]);
	assert.deepEqual((await ask('of neither')).slice(0, 3), [1, 0, 200], 'by priority');
	many.answer = () => ({ status: 429, body: {}, headers: { 'retry-after': '2' } });
	const before = asked(few), waits = [];
	for (let i = 0; i < 3; i++)
		waits.push((await ask('many-2'))[3].videoId);
	const cursor = await ada.cursor();
	many.answer = () => undefined;
	for (const id of waits)
		assert.equal((await ada.ended(cursor, id)).task.status, 'COMPLETED');
	assert.equal(asked(few), before, 'they waited');
	await rm(join(data, 'key'));
	await until(async () => (await ask('many-2'))[3] === 'channel_unavailable', 'the key to be missed');
	await writeFile(join(data, 'key'), 'k1\n', { mode: 0o600 });
	await until(async () => (await ask('many-2'))[2] === 200, 'the key');
	await channel('disable', 'many');
	assert.deepEqual((await ask('many-2')).slice(0, 3), [1, 0, 200], 'any may have it');
});
