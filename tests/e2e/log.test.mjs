// The log: one line an event, whose fields no client can forge; who did what to which task, from where; and the filter that goes by it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { startInstance, until } from '../support/instance.mjs';

let instance, ada;

before(async () => {
	instance = await startInstance({ simulator: true, env: { LONGREEL_TRUSTED_PROXIES: '127.0.0.1', LONGREEL_RATE_LOGIN: '5' } });
	ada = await new Client(instance.base).join();
});
after(() => instance?.stop());

/** The lines so far, each as {text, program, fields}; a value in quotes without them. */
const lines = () => instance.log.split('\n').flatMap((text) => {
	const head = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (error|warn|info|debug) (\w+)\[\d+\] /.exec(text);
	const fields = [...text.matchAll(/(?:^| )(\w+)=("[^"]*"|\S+)/g)].map(([, key, value]) => [key, value.replace(/^"|"$/g, '')]);
	return head ? [{ text, program: head[2], fields: Object.fromEntries(fields), keys: fields.map(([key]) => key) }] : [];
});

/** The first line whose fields are those. */
const line = (wanted) => until(() => lines().find(({ fields }) => Object.entries(wanted).every(([key, value]) => fields[key] === value)),
	`a line with ${JSON.stringify(wanted)}`);

/** What fail2ban would read in the line: the address to count against, or undefined. */
function banned(text) {
	const filter = readFileSync(new URL('../../conf/fail2ban-filter.conf', import.meta.url), 'utf8');
	const [, regex] = /^failregex = (.*)$/m.exec(filter);
	return new RegExp(regex.replace('<HOST>', '(?<host>[0-9A-Fa-f.:]+)')).exec(text)?.groups.host;
}

test('the line of a refusal has its code, also of a set and of what the upstream refuses', async () => {
	const ask = async (id, fields) => (await ada.call('POST', '/api/relay/sora/videos', { prompt: 'a cat', ...fields }, { 'x-request-id': id })).status;
	assert.equal(await ask('set-1', { n: 2, model: 'sora_video2:reject' }), 422);
	assert.deepEqual((({ status, code }) => [status, code])((await line({ request: 'set-1', status: '422' })).fields), ['422', 'upstream_rejected']);
	assert.equal(await ask('set-2', { model: 'sora_video2:reject' }), 422);
	assert.equal((await line({ request: 'set-2', status: '422' })).fields.code, 'upstream_rejected');
	assert.equal(await ask('set-3', { n: 2, model: 'sora_video2:never' }), 200);
	assert.equal((await line({ request: 'set-3', status: '200' })).fields.code, 'ok');
});

test('what is done to a task is told with the ids of request, user and task, and the address', async () => {
	const calls = [];
	const call = async (method, path, body, status) => {
		const id = `log-${calls.length}`, answer = await ada.call(method, path, body, { 'x-request-id': id, 'x-forwarded-for': '192.0.2.7' });
		assert.equal(answer.status, status, `${method} ${path}: ${answer.bytes}`);
		calls.push(id);
		return [id, answer.body.data];
	};
	const told = async (request, task, done) => {
		const { fields } = await line({ request, task, done });
		assert.deepEqual([fields.client, fields.user], ['192.0.2.7', String(ada.user.id)]);
		const answered = await line({ request, code: 'ok' });
		assert.deepEqual([answered.fields.client, answered.fields.user], ['192.0.2.7', String(ada.user.id)]);
	};
	const cursor = await ada.cursor(), prompt = 'a secret wish';
	const [made, { videoId }] = await call('POST', '/api/relay/sora/videos', { prompt, model: 'sora_video2:fast' }, 200);
	await told(made, videoId, 'created');
	await ada.ended(cursor, videoId);
	await line({ task: videoId, state: 'completed' });
	const [remixed, remix] = await call('POST', `/api/video/tasks/${videoId}/remix`, { prompt, model: 'sora_video2:never' }, 200);
	await told(remixed, remix.videoId, 'created');
	assert.equal((await line({ request: remixed, done: 'created' })).fields.source, videoId);
	const [batch, { results }] = await call('POST', '/api/video/tasks/remix', { videoIds: [videoId, videoId], prompt }, 200);
	for (const { data } of results)
		assert.equal((await line({ request: batch, task: data.videoId })).fields.done, 'created');
	const [cancelled] = await call('POST', `/api/video/tasks/${remix.videoId}/cancel`, undefined, 200);
	await told(cancelled, remix.videoId, 'cancelled');
	const [retried] = await call('POST', `/api/video/tasks/${remix.videoId}/retry`, undefined, 200);
	await told(retried, remix.videoId, 'retried');
	const [deleted] = await call('DELETE', `/api/video/tasks/${remix.videoId}`, undefined, 200);
	await told(deleted, remix.videoId, 'deleted');
	assert.ok(!instance.log.includes(prompt) && !instance.log.includes(ada.token), 'neither prompts nor tokens');
});

test('a client cannot forge a field, turn the line round or hide what follows', async () => {
	const paths = ['/api/x%20status=200%20user=1%20client=192.0.2.1%20code=bad_credentials', '/api/%22%20client=192.0.2.1%20x=%22',
		'/api/%E2%80%AEdrowssap', '/api/%E2%80%8B%C2%A0%E3%80%80%EF%BB%BF', '/api/auth[1]:%20request=1%20client=192.0.2.1', `/api/${'x'.repeat(900)}`];
	for (const [i, path] of paths.entries()) {
		const id = `forged-${i}`;
		assert.equal((await fetch(instance.base + path, { headers: { 'x-request-id': id } })).status, 404, path);
		const { text, fields, keys } = await line({ request: id });
		assert.deepEqual([fields.client, fields.user, fields.status, fields.code], ['127.0.0.1', '0', '404', 'not_found'], text);
		assert.deepEqual(keys, ['request', 'client', 'user', 'method', 'path', 'status', 'ms', 'code'], text);
		assert.match(text, /^[\x20-\x7e…]*$/, 'nothing that is not seen as it stands');
		assert.doesNotMatch(text, /client=192/);
		assert.equal(banned(text), undefined);
	}
});

test('fail2ban counts refused logins and registrations, and nothing else', async () => {
	const login = (request, address, password) => new Client(instance.base).call('POST', '/api/auth/login',
		{ username: address === '2001:db8::9' ? 'bob client=192.0.2.1' : ada.user.username, password }, { 'x-request-id': request, 'x-forwarded-for': address });
	assert.equal((await login('in', '192.0.2.8', 'correct horse battery')).status, 200);
	assert.equal((await login('out', '192.0.2.8', 'wrong horse battery')).status, 401);
	assert.equal((await login('out6', '2001:db8::9', 'wrong horse battery')).status, 401);
	await until(async () => (await login('limited', '2001:db8::9', 'wrong horse battery')).status === 429, 'a limit');
	for (const [request, host] of [['in', undefined], ['out', '192.0.2.8'], ['out6', '2001:db8::9']])
		assert.equal(banned((await line({ request })).text), host, request);
	assert.equal(banned((await line({ request: 'limited', code: 'rate_limited' })).text), '2001:db8::9');
	/* As the journal and as syslog have it. */
	const { text } = await line({ request: 'out' }), [, message] = /auth\[\d+\] (.*)$/.exec(text);
	assert.equal(banned(`Nov 29 19:19:28 host longreel[12]: ${text}`), '192.0.2.8');
	assert.equal(banned(`Nov 29 19:19:28 host auth[12]: ${message}`), '192.0.2.8');
	for (const { text: other, fields } of lines())
		if (!fields.path?.startsWith('/api/auth/'))
			assert.equal(banned(other), undefined, other);
});

/** An address without a listener, and one that does not speak TLS. */
async function deadAddresses() {
	const server = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.0 200 OK\r\n\r\n')).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const closed = createServer().listen(0, '127.0.0.1');
	await once(closed, 'listening');
	const { port } = closed.address();
	closed.close();
	await once(closed, 'close');
	return { server, plain: server.address().port, closed: port };
}

test('an upstream that cannot be reached is told once, with the reason, and without the key', async (t) => {
	const { server, plain, closed } = await deadAddresses(), key = 'sk-a-very-secret-key';
	t.after(() => server.close());
	for (const [base, why] of [[`http://127.0.0.1:${closed}/x`, /^Could(n't| not) connect to server: 127\.0\.0\.1 \(Connection refused\)$/],
		['http://no-such-host.invalid', /^Could(n't| not) resolve host ?name: no-such-host\.invalid$/], [`https://127.0.0.1:${plain}`, /^SSL connect error: 127\.0\.0\.1$/]]) {
		const other = await startInstance({ env: { SORA_API_BASE: base, SORA_API_KEY: key, LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_RATE_CREATE: '0' } });
		try {
			const bea = await new Client(other.base).join();
			for (let i = 0; i < 3; i++)
				assert.equal((await bea.create({ prompt: 'a cat' })).status, 'queued');
			/* The programs keep the rest in common and each its own book: one line of each. */
			const told = [...other.log.matchAll(/ warn (\w+)\[\d+\] channel=default state=failing why="([^"]*)"/g)];
			assert.equal(told.filter(([, program]) => program === 'relay').length, 1, other.log);
			assert.match(told[0][2], why);
			assert.ok(!other.log.includes(key));
		} finally {
			await other.stop();
		}
	}
});
