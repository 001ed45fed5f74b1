// Webhooks out: endpoints and who may see them, what is sent (checked by the standardwebhooks package, and read by the openai package), when it is
// sent again, what is refused. The poller runs when the test says so; time passes when the test says so.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { Webhook } from 'standardwebhooks';
import { Caller, newApi } from '../support/api.mjs';
import { newWorld } from '../support/world.mjs';

const NO_ANSWER = 'The receiver could not be reached, or gave no answer.';
const MINUTE = 60_000, HOUR = 60 * MINUTE;

/** Where webhooks come: answers as `answers` says by path, 200 by default. */
class Receiver {
	constructor() {
		this.got = [];
		this.answers = new Map();
	}

	async start() {
		this.server = createServer(async (request, response) => {
			const body = Buffer.concat(await request.toArray()).toString();
			this.got.push({ method: request.method, path: request.url, headers: request.headers, body });
			const { status = 200, headers = {}, text = 'thanks' } = this.answers.get(request.url) ?? {};
			response.writeHead(status, headers).end(text);
		});
		this.server.listen(0, '127.0.0.1');
		await once(this.server, 'listening');
		this.base = `http://127.0.0.1:${this.server.address().port}`;
		return this;
	}

	at(path) {
		return this.got.filter((r) => r.path === path);
	}

	stop() {
		this.server.closeAllConnections();
		this.server.close();
	}
}

let api, world, receiver, ada, eve, ahead = 0, paths = 0;
before(async () => {
	world = await newWorld();
	api = await newApi({ ...world.env, LONGREEL_WEBHOOK_PRIVATE: 'on', LONGREEL_TASK_DEADLINE: '7d' });
	receiver = await new Receiver().start();
	ada = await api.user('ada');
	eve = await api.user('eve');
});
after(async () => {
	receiver?.stop();
	await api?.close();
	await world?.remove();
});

const pass = () => api.run('longreel-poller', '--data', api.data, '--once');
const later = (ms) => world.passed(ahead += ms);
const hook = (who, url, more = {}) => who.data('POST', '/api/webhooks', { url, ...more });
/** A new endpoint of the caller with a path of its own. */
async function endpoint(who, more) {
	const path = `/hook/${++paths}`;
	return { path, ...await hook(who, receiver.base + path, more) };
}
const deliveries = async (who, { id }) => (await who.data('GET', `/api/webhooks/${id}/deliveries`)).deliveries;
/** Creates a task and cancels it: it has ended, and no poller has seen it. */
async function ended(who, fields) {
	const made = await who.create(fields);
	return who.data('POST', `/api/video/tasks/${made.videoId}/cancel`, {});
}

test('registered, shown, changed, deleted; the secret is shown once', async () => {
	const made = await ada.call('POST', '/api/webhooks', { body: { url: 'https://ada.example/hook?a=1' } });
	const { secret, ...rest } = made.json.data;
	assert.equal(made.status, 201);
	assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
	assert.deepEqual({ ...rest, id: 0, createdAt: 0 }, { id: 0, url: 'https://ada.example/hook?a=1', events: ['video.completed', 'video.failed'],
		enabled: true, note: null, failingSince: null, oldSecretUntil: null, createdAt: 0 });
	const path = `/api/webhooks/${rest.id}`;
	assert.deepEqual(await ada.data('GET', path), rest);
	assert.deepEqual((await ada.data('GET', '/api/webhooks')).webhooks, [rest]);
	const changed = await ada.data('PATCH', path, { events: ['video.failed'], enabled: false });
	assert.deepEqual(changed, { ...rest, events: ['video.failed'], enabled: false });
	assert.equal((await ada.data('PATCH', path, { url: 'https://ada.example/b' })).url, 'https://ada.example/b');
	const rotated = await ada.data('POST', `${path}/rotate`, {});
	assert.notEqual(rotated.secret, secret);
	assert.ok(Math.abs(Date.parse(rotated.oldSecretUntil) - Date.now() - 24 * HOUR) < MINUTE);
	assert.equal((await ada.data('GET', path)).secret, undefined);
	assert.deepEqual(await ada.data('DELETE', path), {});
	assert.equal((await ada.call('GET', path)).status, 404);
	assert.deepEqual((await ada.data('GET', '/api/webhooks')).webhooks, []);
});

test('each has their own only', async () => {
	const { id } = await hook(ada, 'https://ada.example/');
	await ended(ada);
	const [{ id: delivery }] = await deliveries(ada, { id });
	for (const number of [id, 999_999, 0, 'x', '9'.repeat(30)])
		for (const [method, path, body] of [['GET', ''], ['PATCH', '', { enabled: false }], ['DELETE', ''], ['POST', '/rotate', {}], ['GET', '/deliveries'],
			['POST', `/deliveries/${delivery}/replay`, {}]]) {
			const answer = await eve.call(method, `/api/webhooks/${number}${path}`, { body });
			assert.deepEqual([answer.status, answer.json.code], [404, 'not_found'], `${method} ${number}${path}`);
		}
	assert.deepEqual((await eve.data('GET', '/api/webhooks')).webhooks, []);
	const mine = await hook(eve, 'https://eve.example/');
	assert.equal((await eve.call('POST', `/api/webhooks/${mine.id}/deliveries/${delivery}/replay`, { body: {} })).status, 404);
	assert.equal((await ada.data('GET', `/api/webhooks/${id}`)).enabled, true);
	await ada.data('DELETE', `/api/webhooks/${id}`);
	await eve.data('DELETE', `/api/webhooks/${mine.id}`);
});

test('bad input is named', async () => {
	const url = 'https://a.example/';
	for (const [body, field] of [[{}, 'url'], [{ url: 5 }, 'url'], [{ url: '' }, 'url'], [{ url: 'a.example' }, 'url'], [{ url: 'ftp://a.example/' }, 'url'],
		[{ url: `https://a.example/${'x'.repeat(3000)}` }, 'url'], [{ url: 'https://u:p@a.example/' }, 'url'], [{ url: 'https://a.example/#x' }, 'url'],
		[{ url: 'https://a.example:99999/' }, 'url'], [{ url: 'https:///x' }, 'url'], [{ url: 'https://bücher.example/' }, 'url'],
		[{ url, events: [] }, 'events'], [{ url, events: ['video.started'] }, 'events'], [{ url, events: 'video.failed' }, 'events']]) {
		const { status, json } = await ada.call('POST', '/api/webhooks', { body });
		assert.deepEqual([status, json.code, json.details?.field], [400, 'bad_field', field], JSON.stringify(body).slice(0, 80));
	}
	const many = await api.user('many');
	for (let i = 0; i < 10; i++)
		await hook(many, url);
	const { status, json } = await many.call('POST', '/api/webhooks', { body: { url } });
	assert.deepEqual([status, json.code], [409, 'too_many_webhooks']);
});

test('a video that is finished is told, signed, in the shape of OpenAI', async () => {
	const { path, secret, id } = await endpoint(ada);
	const made = await ada.create({ clientRequestId: 'mine' });
	api.upstream.jobs.set((await ada.task(made.videoId)).externalTaskId, { status: 'completed', progress: 100, video_url: 'https://v.example/1.mp4' });
	await api.polled(ada, made.videoId, 'COMPLETED');
	await pass();
	const [{ method, headers, body }, ...more] = receiver.at(path);
	assert.deepEqual([method, headers['content-type'], more], ['POST', 'application/json', []]);
	const event = new Webhook(secret).verify(body, headers);
	const eventId = `evt_${made.videoId.slice(6)}_1_completed`;
	assert.deepEqual({ ...event, created_at: 0 }, { id: eventId, object: 'event', created_at: 0, type: 'video.completed',
		data: { id: made.videoId, clientRequestId: 'mine', attempt: 1 } });
	assert.equal(event.created_at, Math.floor(Date.parse((await ada.task(made.videoId)).completedAt) / 1000));
	assert.equal(headers['webhook-id'], eventId);
	const read = await new OpenAI({ apiKey: 'x' }).webhooks.unwrap(body, headers, secret);
	assert.deepEqual([read.type, read.data.id], ['video.completed', made.videoId]);
	const [told, ...others] = await deliveries(ada, { id });
	assert.deepEqual([told.status, told.tries, told.httpStatus, told.eventId, told.videoId, others], ['delivered', 1, 200, eventId, made.videoId, []]);
	await ada.data('DELETE', `/api/webhooks/${id}`);
});

test('only what was asked for is told, and only to whose it is', async () => {
	const good = await endpoint(ada, { events: ['video.completed'] }), bad = await endpoint(ada, { events: ['video.failed'] }), other = await endpoint(eve);
	const task = await ended(ada);
	await pass();
	assert.deepEqual([good, bad, other].map(({ path }) => receiver.at(path).length), [0, 1, 0]);
	assert.equal(JSON.parse(receiver.at(bad.path)[0].body).type, 'video.failed', 'what was cancelled has failed, as in /v1');
	await ada.data('POST', `/api/video/tasks/${task.videoId}/retry`, {});
	await ada.data('POST', `/api/video/tasks/${task.videoId}/cancel`, {});
	await pass();
	const ids = receiver.at(bad.path).map((r) => r.headers['webhook-id']);
	assert.deepEqual(ids, [1, 2].map((attempt) => `evt_${task.videoId.slice(6)}_${attempt}_failed`), 'an event for each attempt');
	for (const [who, { id }] of [[ada, good], [ada, bad], [eve, other]])
		await who.data('DELETE', `/api/webhooks/${id}`);
});

test('what is not taken is sent again: the same id, the same bytes, a new signature; and no more once it is', async () => {
	const one = await endpoint(ada), { path, secret } = one;
	receiver.answers.set(path, { status: 500 });
	await ended(ada);
	await pass();
	await pass();
	assert.equal(receiver.at(path).length, 1, 'not before its time');
	let [state] = await deliveries(ada, one);
	assert.deepEqual([state.status, state.tries, state.httpStatus], ['waiting', 1, 500]);
	const wait = Date.parse(state.nextTryAt) - Date.parse(state.triedAt);
	assert.ok(wait >= 4500 && wait <= 5500, `${wait}`);
	assert.notEqual((await ada.data('GET', `/api/webhooks/${one.id}`)).failingSince, null);
	await later(6000);
	await pass();
	receiver.answers.delete(path);
	await later(6 * MINUTE);
	await pass();
	await later(48 * HOUR);
	await pass();
	const got = receiver.at(path);
	assert.equal(got.length, 3);
	for (const { headers, body } of got) {
		assert.equal(headers['webhook-id'], got[0].headers['webhook-id']);
		assert.equal(body, got[0].body);
	}
	assert.ok(got[2].headers['webhook-timestamp'] - got[0].headers['webhook-timestamp'] >= 366);
	assert.notEqual(got[2].headers['webhook-signature'], got[0].headers['webhook-signature']);
	new Webhook(secret).verify(got[0].body, got[0].headers);
	[state] = await deliveries(ada, one);
	assert.deepEqual([state.status, state.tries, state.httpStatus, state.nextTryAt], ['delivered', 3, 200, null]);
	assert.equal((await ada.data('GET', `/api/webhooks/${one.id}`)).failingSince, null);
	await ada.data('DELETE', `/api/webhooks/${one.id}`);
});

test('replayed under the same id', async () => {
	const one = await endpoint(ada), { path } = one;
	await ended(ada);
	await pass();
	const [{ id, eventId }] = await deliveries(ada, one);
	assert.deepEqual(await ada.data('POST', `/api/webhooks/${one.id}/deliveries/${id}/replay`, {}), {});
	assert.equal((await deliveries(ada, one))[0].status, 'waiting');
	await pass();
	assert.deepEqual(receiver.at(path).map((r) => r.headers['webhook-id']), [eventId, eventId]);
	assert.equal((await deliveries(ada, one))[0].status, 'delivered');
	await ada.data('PATCH', `/api/webhooks/${one.id}`, { enabled: false });
	const { status, json } = await ada.call('POST', `/api/webhooks/${one.id}/deliveries/${id}/replay`, { body: {} });
	assert.deepEqual([status, json.code], [409, 'webhook_disabled']);
	await ada.data('DELETE', `/api/webhooks/${one.id}`);
});

test('a user has so many sent again a minute, and no more (rate_replay)', async () => {
	const one = await endpoint(eve);
	await ended(eve);
	await pass();
	const [{ id }] = await deliveries(eve, one), answers = [];
	const again = () => eve.call('POST', `/api/webhooks/${one.id}/deliveries/${id}/replay`, { body: {}, env: { LONGREEL_RATE_REPLAY: '2' } });
	for (let i = 0; i < 3; i++)
		answers.push(await again());
	assert.deepEqual(answers.map(({ status }) => status), [200, 200, 429]);
	const { json, headers } = answers[2], after = Number(headers.get('retry-after'));
	assert.deepEqual([json.code, after >= 1 && after <= 30], ['rate_limited', true]); // one more each half a minute
	await eve.data('DELETE', `/api/webhooks/${one.id}`);
});

test('the log goes page by page', async () => {
	const one = await endpoint(ada), ids = [];
	for (let i = 0; i < 5; i++)
		ids.unshift((await ended(ada)).videoId);
	const seen = [];
	for (let cursor = ''; cursor !== null;) {
		const page = await ada.data('GET', `/api/webhooks/${one.id}/deliveries?limit=2${cursor && `&cursor=${cursor}`}`);
		assert.ok(page.deliveries.length <= 2);
		seen.push(...page.deliveries.map((d) => d.videoId));
		cursor = page.nextCursor;
	}
	assert.deepEqual(seen, ids);
	for (const [query, code] of [['limit=0', 'bad_field'], ['limit=101', 'bad_field'], ['cursor=x', 'bad_cursor'], [`cursor=${'9'.repeat(30)}`, 'bad_cursor']])
		assert.equal((await ada.call('GET', `/api/webhooks/${one.id}/deliveries?${query}`)).json.code, code, query);
	await ada.data('DELETE', `/api/webhooks/${one.id}`);
	await pass();
	assert.equal(receiver.at(one.path).length, 0, 'nothing is sent to what was deleted');
});

test('a redirect is not followed; 410 ends it; a long answer is taken, and not read', async () => {
	const [moved, gone, long] = [await endpoint(ada), await endpoint(ada), await endpoint(ada)];
	receiver.answers.set(moved.path, { status: 302, headers: { location: `${receiver.base}/elsewhere` } });
	receiver.answers.set(gone.path, { status: 410 });
	receiver.answers.set(long.path, { text: 'x'.repeat(3_000_000) });
	await ended(ada);
	await pass();
	assert.equal(receiver.at('/elsewhere').length, 0);
	assert.deepEqual((await deliveries(ada, moved)).map((d) => [d.status, d.httpStatus]), [['waiting', 302]]);
	assert.deepEqual((await deliveries(ada, gone)).map((d) => [d.status, d.httpStatus]), [['failed', 410]]);
	assert.deepEqual((await deliveries(ada, long)).map((d) => [d.status, d.httpStatus]), [['delivered', 200]]);
	const { enabled, note } = await ada.data('GET', `/api/webhooks/${gone.id}`);
	assert.deepEqual([enabled, note], [false, 'gone']);
	await ended(ada);
	await pass();
	assert.equal(receiver.at(gone.path).length, 1);
	for (const { id } of [moved, gone, long])
		await ada.data('DELETE', `/api/webhooks/${id}`);
});

test('what an API key has written last is shown with it, and ends with it', async () => {
	const key = async (name, more = {}) => {
		const { id, key: text } = await ada.data('POST', '/api/auth/keys', { name, ...more });
		return { id, name, caller: new Caller(api, text) };
	};
	const leaked = await key('leaked'), short = await key('short', { expiresAt: Date.now() + ahead + HOUR });
	const show = ({ id }) => ada.data('GET', `/api/webhooks/${id}`);
	const [mine, bent, rotated, made, adopted, brief] = [await endpoint(ada), await endpoint(ada), await endpoint(ada),
		await endpoint(leaked.caller), await endpoint(leaked.caller), await endpoint(short.caller)];
	assert.deepEqual([made.apiKey, mine.apiKey, brief.apiKey], [{ id: leaked.id, name: 'leaked' }, undefined, { id: short.id, name: 'short' }]);
	const changed = await leaked.caller.data('PATCH', `/api/webhooks/${bent.id}`, { events: ['video.completed', 'video.failed'] });
	assert.deepEqual(changed.apiKey, made.apiKey);
	assert.deepEqual((await leaked.caller.data('POST', `/api/webhooks/${rotated.id}/rotate`, {})).apiKey, made.apiKey);
	assert.equal((await ada.data('PATCH', `/api/webhooks/${adopted.id}`, { enabled: true })).apiKey, undefined, 'who signs in takes it over');
	assert.deepEqual((await show(bent)).apiKey, made.apiKey);
	await ended(ada);
	await ada.data('DELETE', `/api/auth/keys/${leaked.id}`);
	await pass();
	for (const one of [made, bent, rotated]) {
		const { enabled, note, apiKey } = await show(one);
		assert.deepEqual([enabled, note, apiKey, receiver.at(one.path).length], [false, 'key_revoked', made.apiKey, 0]);
		assert.deepEqual((await deliveries(ada, one)).map((d) => d.status), ['failed']);
	}
	for (const one of [mine, adopted, brief])
		assert.deepEqual([(await show(one)).enabled, receiver.at(one.path).length], [true, 1]);
	await ended(ada);
	await later(2 * HOUR); // the key expires meanwhile
	await pass();
	assert.deepEqual([receiver.at(brief.path).length, receiver.at(mine.path).length], [1, 2]);
	const { enabled, note } = await show(brief);
	assert.deepEqual([enabled, note], [false, 'key_expired']);
	assert.deepEqual([(await ada.data('PATCH', `/api/webhooks/${made.id}`, { enabled: true })).apiKey, (await show(made)).enabled], [undefined, true]);
	for (const { id } of [mine, bent, rotated, made, adopted, brief])
		await ada.data('DELETE', `/api/webhooks/${id}`);
});

test('nothing tells an open port from a closed one', async (t) => {
	const silent = createTcpServer((socket) => socket.on('error', () => {}).resume()), rude = createTcpServer((socket) => socket.on('error', () => {}).end('220 mail.example ESMTP\r\n'));
	const bases = [];
	for (const server of [silent, rude]) {
		server.listen(0, '127.0.0.1');
		t.after(() => server.close());
		await once(server, 'listening');
		bases.push(`http://127.0.0.1:${server.address().port}/`, `https://127.0.0.1:${server.address().port}/`);
	}
	const closed = createTcpServer().listen(0, '127.0.0.1');
	await once(closed, 'listening');
	const refused = `http://127.0.0.1:${closed.address().port}/`;
	closed.close();
	t.after(() => delete api.env.LONGREEL_WEBHOOK_TIMEOUT);
	for (const [urls, timeout, told] of [[[refused], '60s', /reason="Could(n't| not) connect to server/],
		[[...bases, 'http://no.such.host.invalid/'], '1s', /reason="Timeout was reached/]]) {
		const hooks = [];
		for (const url of urls)
			hooks.push(await hook(ada, url));
		await ended(ada);
		api.env.LONGREEL_WEBHOOK_TIMEOUT = timeout;
		await pass();
		assert.match(api.log, told, 'the operator is told');
		for (const one of hooks) {
			const [{ tries, status, httpStatus, error }] = await deliveries(ada, one);
			assert.deepEqual([tries, status, httpStatus, error], [1, 'waiting', null, NO_ANSWER], one.url);
			await ada.data('DELETE', `/api/webhooks/${one.id}`);
		}
	}
});

test('an endpoint that fails for days is given up; the schedule has an end', async () => {
	const one = await endpoint(ada);
	receiver.answers.set(one.path, { status: 503 });
	await ended(ada);
	for (let i = 0; i < 10; i++) {
		await pass();
		await later(27 * HOUR);
	}
	await pass();
	const { enabled, note } = await ada.data('GET', `/api/webhooks/${one.id}`);
	assert.deepEqual([enabled, note], [false, 'failing']);
	const tries = receiver.at(one.path).length;
	assert.ok(tries >= 3 && tries <= 10, `${tries} tries`);
	receiver.answers.delete(one.path);
	assert.equal((await ada.data('PATCH', `/api/webhooks/${one.id}`, { enabled: true })).note, null);
	const [{ id }] = await deliveries(ada, one);
	await ada.data('POST', `/api/webhooks/${one.id}/deliveries/${id}/replay`, {});
	await pass();
	assert.equal((await deliveries(ada, one))[0].status, 'delivered');
	await ada.data('DELETE', `/api/webhooks/${one.id}`);
});

test('both secrets sign while one is being replaced', async () => {
	const one = await endpoint(ada);
	const { secret } = await ada.data('POST', `/api/webhooks/${one.id}/rotate`, {});
	await ended(ada);
	await pass();
	const [{ headers, body }] = receiver.at(one.path);
	for (const text of [one.secret, secret]) {
		const expected = new Webhook(text).sign(headers['webhook-id'], new Date(headers['webhook-timestamp'] * 1000), body);
		assert.ok(headers['webhook-signature'].split(' ').includes(expected));
	}
	await later(25 * HOUR);
	await ended(ada);
	await pass();
	assert.equal(receiver.at(one.path)[1].headers['webhook-signature'].split(' ').length, 1);
	await ada.data('DELETE', `/api/webhooks/${one.id}`);
});

test('a user who is disabled gets nothing', async () => {
	const gil = await api.user('gil'), one = await endpoint(gil);
	await ended(gil);
	await api.run('longreel', 'user', 'disable', '--data', api.data, 'gil');
	await pass();
	assert.equal(receiver.at(one.path).length, 0);
});

test('unless the operator allows them: no private addresses, by number or by name, and nothing unencrypted', async () => {
	const strict = { LONGREEL_WEBHOOK_PRIVATE: 'off' };
	for (const url of ['http://a.example/', 'https://127.0.0.1/', 'https://10.1.2.3/', 'https://192.168.0.1/x', 'https://169.254.169.254/latest', 'https://[::1]/',
		'https://[fe80::1]/', 'https://[::ffff:10.0.0.1]/', 'https://0/', 'https://127.1/', 'https://2130706433/', 'https://0x7f000001/', 'https://localhost/',
		'https://db.internal/', 'https://a.localhost:8443/', receiver.base]) {
		const { status, json } = await ada.call('POST', '/api/webhooks', { body: { url }, env: strict });
		assert.deepEqual([status, json.code, json.details?.field], [400, 'bad_field', 'url'], url);
	}
	for (const url of ['https://1.1.1.1/', 'https://[2606:4700::1111]/', 'https://a.example'])
		assert.equal((await eve.call('POST', '/api/webhooks', { body: { url }, env: strict })).status, 201, url);
	/* What was registered while it was allowed, or leads inside by its name, is stopped where it is connected to. */
	const one = await endpoint(ada), named = await hook(ada, `${receiver.base.replace('127.0.0.1', 'localhost')}/named`);
	await ended(ada);
	api.env.LONGREEL_WEBHOOK_PRIVATE = 'off';
	await pass();
	api.env.LONGREEL_WEBHOOK_PRIVATE = 'on';
	assert.equal(receiver.at(one.path).length + receiver.at('/named').length, 0);
	for (const { id } of [one, named]) {
		const [{ status, httpStatus, error }] = await deliveries(ada, { id });
		assert.deepEqual([status, httpStatus], ['waiting', null]);
		assert.equal(error, NO_ANSWER);
		await ada.data('DELETE', `/api/webhooks/${id}`);
	}
});
