// `longreel channel check`: it asks what costs nothing, and calls no channel ok that cannot be used.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { dataDir } from '../support/cgi.mjs';
import { longreel } from '../support/instance.mjs';

const json = (status, body) => ({ status, type: 'application/json', body: JSON.stringify(body) });
const html = (status) => ({ status, type: 'text/html', body: '<html>not here</html>' });

/** An upstream that gives one answer to everything, and remembers the paths. */
async function answering(answer) {
	const seen = {};
	const server = createServer((request, response) => {
		(seen.paths ??= []).push(request.url);
		const { status, type, body } = answer(request);
		response.writeHead(status, { 'content-type': type, connection: 'close' }).end(body);
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	return { seen, base: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

test('only what takes the key is ok', async (t) => {
	const cases = [
		['openai', () => json(200, { data: [] }), true, /takes the key/],
		['openai', () => html(200), false, /not in JSON/],
		['openai', () => json(401, { error: { message: 'no' } }), false, /refuses the key/],
		['openai', () => html(404), false, /not in JSON/],
		['openai', () => json(404, { error: { message: 'no such route' } }), false, /refuses the call \(status 404\): no such route/],
		['openai', () => json(400, { error: { message: 'API key not valid' } }), false, /API key not valid/],
		['openai', () => json(429, { error: { message: 'slow down' } }), false, /status 429/],
		['sora', () => json(404, { error: 'no such job' }), true, /does not exist, and has not refused the key/],
		['sora', () => json(400, { error: 'invalid api key' }), false, /invalid api key/],
		['sora', () => json(405, { error: 'method' }), false, /status 405/],
		['sora', () => html(404), false, /not in JSON/],
		['sora', () => json(500, { error: 'oops' }), false, /status 500/],
	];
	const data = await dataDir(t);
	await longreel(['check', '--data', data]); // makes the database
	const key = join(data, 'key');
	await writeFile(key, 'sk-check\n');
	await chmod(key, 0o600);
	for (const [dialect, answer, good, says] of cases) {
		const upstream = await answering(answer);
		const add = await longreel(['channel', 'add', 'one', '--data', data, '--base', upstream.base, '--dialect', dialect, '--key-file', key, '--private']);
		assert.equal(add.code, 0, add.err);
		const check = await longreel(['channel', 'check', 'one', '--data', data]);
		assert.match(check.out, good ? /^ok +one/m : /^BAD +one/m, `${dialect} ${check.out}`);
		assert.match(check.out, says);
		assert.doesNotMatch(check.out, /sk-check/);
		await longreel(['channel', 'remove', 'one', '--data', data]);
		upstream.close();
	}
});

test('a base with the version that the paths begin with is asked once', async (t) => {
	const upstream = await answering(() => json(200, { data: [] }));
	const data = await dataDir(t);
	await longreel(['check', '--data', data]); // makes the database
	const key = join(data, 'key');
	await writeFile(key, 'sk-check\n');
	await chmod(key, 0o600);
	await longreel(['channel', 'add', 'one', '--data', data, '--base', `${upstream.base}/v1`, '--dialect', 'openai', '--key-file', key, '--private']);
	const check = await longreel(['channel', 'check', 'one', '--data', data]);
	assert.match(check.out, /^ok +one/m);
	assert.match(upstream.seen.paths[0], /^\/v1\/videos\?/);
	assert.equal(upstream.seen.paths[1], '/v1/models');
	upstream.close();
});

test('the models that the upstream lists, and those of ours that it has not', async (t) => {
	const data = await dataDir(t), key = join(data, 'key');
	await longreel(['check', '--data', data]); // makes the database
	await writeFile(key, 'sk-check\n');
	await chmod(key, 0o600);
	const list = (...names) => ({ url }) => (url === '/v1/models' ? json(200, { data: names.map((id) => ({ id })) }) : json(200, { data: [] }));
	const cases = [
		['openai', '', list('sora-2', 'other'), [/models there: sora-2, other$/m, /offered, not there: sora-2-pro$/m]],
		['openai', 'mine=sora-2 gone=sora-9', list('sora-2'), [/models there: sora-2$/m, /listed for the channel, not there: sora-9$/m]],
		['openai', 'sora-2', list('sora-2'), [/models there: sora-2\n$/]],
		['openai', '', ({ url }) => (url === '/v1/models' ? json(404, {}) : json(200, { data: [] })), [/its models are not known: The upstream answered 404$/m]],
		['openai', '', list(), [/it lists no models$/m]],
		['sora', '', () => json(404, { error: 'no such job' }), [/^ok [^\n]*\n$/]],
		['openai', '', () => json(401, {}), [/^BAD [^\n]*\n$/]],
	];
	for (const [dialect, models, answer, says] of cases) {
		const upstream = await answering(answer);
		await longreel(['channel', 'add', 'one', '--data', data, '--base', upstream.base, '--dialect', dialect, '--key-file', key, '--private', ...(models ? ['--models', models] : [])]);
		const check = await longreel(['channel', 'check', 'one', '--data', data]);
		for (const one of says)
			assert.match(check.out, one);
		assert.equal(check.code, dialect === 'openai' && says[0].source.startsWith('^BAD') ? 1 : 0, check.out);
		await longreel(['channel', 'remove', 'one', '--data', data]);
		upstream.close();
	}
});
