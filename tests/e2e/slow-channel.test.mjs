// A channel that answers nothing any more, with much to do, beside one that works: at the same host, behind one poller.
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { longreel, newDataDir, startInstance, until } from '../support/instance.mjs';
import { PROFILE, newUpstream } from '../support/upstream.mjs';

const CONNECTIONS = 2, MANY = 30; // more than a poller has slots for two connections

let data, instance, ada, upstream;

async function does(...words) {
	const { code, out, err } = await longreel(['channel', ...words, '--data', data]);
	assert.equal(code, 0, err + out);
	return out;
}

async function add(name) {
	const key = join(data, `${name}.key`);
	await writeFile(key, name, { mode: 0o600 });
	await does('add', name, '--base', upstream.base, '--dialect', 'klecks', '--key-file', key, '--private', '--models', name);
}

const create = (model) => ada.create({ prompt: 'a cat', model });
const many = (model) => Promise.all(Array.from({ length: MANY }, () => create(model)));

/** A task of the channel that works, from its creation to its end. */
async function worksBeside() {
	const cursor = await ada.cursor();
	const { videoId } = await create('quick');
	assert.equal((await ada.ended(cursor, videoId)).task.status, 'COMPLETED');
}

beforeEach(async () => {
	data = await newDataDir();
	await mkdir(join(data, 'dialects'), { mode: 0o700 });
	await writeFile(join(data, 'dialects', 'klecks.json'), PROFILE);
	upstream = await newUpstream({ keys: ['slow', 'quick'] });
	instance = await startInstance({ data, env: { LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_POLL_INTERVAL_MAX: '1s', LONGREEL_RATE_CREATE: '0',
		LONGREEL_CHANNEL_CONNECTIONS: String(CONNECTIONS), LONGREEL_SUBMIT_TIMEOUT: '10m', LONGREEL_POLL_TIMEOUT: '10m', LONGREEL_SHUTDOWN_GRACE: '0s' } });
	ada = await new Client(instance.base).join();
	await add('slow');
	await add('quick');
});

afterEach(async () => {
	await upstream?.close();
	await instance?.stop();
	await rm(data, { recursive: true, force: true });
});

test('polls that hang delay no other channel, and take no more connections than allowed', async () => {
	upstream.stuck = ({ path, key }) => path === '/look' && key === 'slow';
	await many('slow');
	await until(() => upstream.hung.size === CONNECTIONS, 'polls that hang');
	await worksBeside();
	await worksBeside();
	assert.equal(upstream.hung.size, CONNECTIONS, 'they still hang');
	assert.deepEqual(upstream.mostHung, { slow: CONNECTIONS });
});

test('submissions that hang delay no other channel, and polls of their own channel go on', async () => {
	upstream.mood = ({ key }) => (key === 'slow' ? 'dreaming' : 'awake');
	await create('slow');
	upstream.answer = () => 503; // its model rests: what comes now is left to the poller
	await Promise.all([create('slow'), create('slow')]);
	upstream.answer = () => undefined;
	await many('slow');
	upstream.stuck = ({ path, key }) => path === '/make' && key === 'slow';
	await until(() => upstream.hung.size > 0, 'submissions that hang');
	await worksBeside();
	const polls = upstream.polls.length;
	await until(() => upstream.polls.slice(polls).some(({ key }) => key === 'slow'), 'another poll');
	await worksBeside();
	assert.ok(upstream.hung.size > 0, 'they still hang');
	assert.ok(upstream.mostHung.slow < CONNECTIONS);
});
