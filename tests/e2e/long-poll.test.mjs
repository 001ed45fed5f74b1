// The long poll: held, woken, bounded, answered at shutdown, and never wrong about its cursor.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { startInstance, until } from '../support/instance.mjs';

let instance, ada;

before(async () => {
	instance = await startInstance({ simulator: true, env: {
		LONGREEL_POLL_INTERVAL_MIN: '50ms', LONGREEL_RATE_CREATE: '0', LONGREEL_MAX_WAITERS_PER_USER: '3' } });
	ada = await new Client(instance.base).join('ada');
});
after(() => instance?.stop());

const poll = (client, query) => client.call('GET', `/api/video/updates?${query}`);

test('a waiting client is woken by a change and by nothing else', async () => {
	const cursor = await ada.cursor();
	const eve = await new Client(instance.base).join();
	const waiting = poll(ada, `cursor=${cursor}&wait=30`);
	await eve.create({ prompt: 'not hers' });
	const made = await ada.create({ prompt: 'hers', model: 'sora_video2:never' });
	const { body } = await waiting;
	assert.deepEqual(body.data.updates.map((u) => u.payload.videoId), [made.videoId]);
	assert.notEqual(body.data.cursor, cursor);
});

test('one that is woken by a large page gets it by asking again, where it is counted what clients do not read', async () => {
	const bob = await new Client(instance.base).join(), cursor = await bob.cursor();
	const waiting = bob.call('GET', `/api/video/updates?cursor=${cursor}&wait=30`, undefined, { 'x-request-id': 'large-page' });
	await until(() => /request=large-page .* held/.test(instance.log), 'the client waits');
	const made = await bob.create({ prompt: '猫'.repeat(31_000), model: 'sora_video2:never' });
	assert.deepEqual((await waiting).body.data, { updates: [], cursor, more: false });
	const { updates } = (await poll(bob, `cursor=${cursor}&wait=30`)).body.data;
	assert.deepEqual(updates.map((u) => u.payload.videoId), [made.videoId]);
});

test('videoId narrows the poll to one task', async () => {
	const one = await ada.create({ prompt: 'one', model: 'sora_video2:never' });
	const cursor = await ada.cursor();
	const waiting = poll(ada, `cursor=${cursor}&wait=2&videoId=${one.videoId}`);
	await ada.create({ prompt: 'two', model: 'sora_video2:never' });
	const { body } = await waiting;
	assert.deepEqual(body.data, { updates: [], cursor, more: false });
});

test('wait ends empty with the same cursor; Prefer means the same', async () => {
	const bob = await new Client(instance.base).join();
	const cursor = await bob.cursor();
	const empty = { updates: [], cursor, more: false };
	assert.deepEqual((await poll(bob, `cursor=${cursor}&wait=0`)).body.data, empty);
	assert.deepEqual((await poll(bob, `cursor=${cursor}&wait=1`)).body.data, empty);
	assert.deepEqual((await bob.call('GET', `/api/video/updates?cursor=${cursor}`, undefined, { prefer: 'wait=1' })).body.data, empty);
});

test('a page is at most 100 updates, in order, each task once, and the next page goes on', async () => {
	const bob = await new Client(instance.base).join();
	const made = await Promise.all(Array.from({ length: 105 }, (_, i) => bob.create({ prompt: `p${i}`, model: 'sora_video2:never' })));
	const ids = [];
	let cursor = '0', more = true;
	while (more) {
		const page = (await poll(bob, `cursor=${cursor}&wait=0`)).body.data;
		assert.ok(page.updates.length <= 100);
		ids.push(...page.updates.map((u) => u.payload.videoId));
		({ cursor, more } = page);
	}
	assert.ok(new Set(ids).size === 105 && made.every((m) => ids.includes(m.videoId)));
});

test('one waiter too many: the oldest is answered empty', async () => {
	const bob = await new Client(instance.base).join();
	const cursor = await bob.cursor();
	const waiting = Array.from({ length: 4 }, () => poll(bob, `cursor=${cursor}&wait=30`));
	const first = await Promise.race(waiting);
	assert.deepEqual(first.body.data, { updates: [], cursor, more: false });
	await bob.create({ prompt: 'wake', model: 'sora_video2:never' });
	const all = await Promise.all(waiting);
	assert.equal(all.filter((a) => a.body.data.updates.length === 1).length, 3);
});

test('cursors that are not of this database', async () => {
	const cursor = await ada.cursor();
	for (const bad of ['x', '-1', '1', `${cursor}0x`, '%00', '%ff', 'a'.repeat(200)]) {
		const answer = await poll(ada, `cursor=${bad}&wait=0`);
		assert.equal(answer.status, 400, bad);
		assert.equal(answer.body.details?.field ?? 'cursor', 'cursor');
	}
	const [epoch, rev] = cursor.split('-');
	const gone = [`${epoch.slice(0, -1)}${epoch.endsWith('a') ? 'b' : 'a'}-${rev}`, `${epoch}-${Number(rev) + 1000000}`];
	for (const other of gone) {
		const answer = await poll(ada, `cursor=${other}&wait=0`);
		assert.deepEqual([answer.status, answer.body.code], [410, 'cursor_gone'], other);
	}
});

test('a wait that is too long is cut, and what is no number of seconds is refused by name', async () => {
	const eve = await new Client(instance.base).join(), cursor = await eve.cursor();
	for (const bad of ['-1', 'x', 'abc', '1.', '.5', '1e3', '5s', '%2B5']) {
		const answer = await poll(eve, `cursor=${cursor}&wait=${bad}`);
		assert.deepEqual([answer.status, answer.body.code, answer.body.details?.field], [400, 'bad_field', 'wait'], bad);
	}
	const began = Date.now();
	assert.deepEqual((await poll(eve, `cursor=${cursor}&wait=1.5`)).body.data, { updates: [], cursor, more: false });
	assert.ok(Date.now() - began >= 1000, 'it waited');
	const asked = ['61', '60.5', '9'.repeat(30)].map((wait) => () => poll(eve, `cursor=${cursor}&wait=${wait}`));
	asked.push(...['61', '1.5', '9'.repeat(30)].map((wait) => () => eve.call('GET', `/api/video/updates?cursor=${cursor}`, undefined, { prefer: `wait=${wait}` })));
	const waiting = asked.slice(0, 3).map((ask) => ask());
	await eve.create({ prompt: 'wakes them' });
	for (const { status, body } of await Promise.all([...waiting, ...asked.slice(3).map((ask) => ask())]))
		assert.deepEqual([status, body.data.updates.length], [200, 1]);
});

test('a client that leaves is noticed, and its descriptor freed', async () => {
	const bob = await new Client(instance.base).join();
	const cursor = await bob.cursor();
	const descriptors = () => readdirSync(`/proc/${instance.child('updates')}/fd`).length;
	/* Connections of requests that have been answered close a moment later. */
	let before = -1, steady = 0;
	await until(() => {
		const now = descriptors();
		steady = now === before ? steady + 1 : 0;
		before = now;
		return steady > 5;
	}, 'a steady number');
	const leave = new AbortController();
	const left = [1, 2].map((n) =>
		bob.call('GET', `/api/video/updates?cursor=${cursor}&wait=60`, undefined, { 'x-request-id': `leaves-${n}` }, leave.signal));
	/* And one whose connection is new. */
	const { hostname, port } = new URL(bob.base), fresh = connect(Number(port), hostname);
	fresh.write(`GET /api/video/updates?cursor=${cursor}&wait=60 HTTP/1.1\r\nHost: x\r\nX-Request-Id: leaves-3\r\nAuthorization: Bearer ${bob.token}\r\n\r\n`);
	await until(() => [1, 2, 3].every((n) => new RegExp(`request=leaves-${n} .* held`).test(instance.log)), 'three waiting');
	const waiting = descriptors();
	leave.abort();
	fresh.destroy();
	await Promise.allSettled(left);
	/* What others had left open may have gone, too. */
	await until(() => descriptors() <= waiting - 3, 'three freed');
	assert.doesNotMatch(instance.log, /fastcgi process died/, 'the log reports no crash where there was none');
});

test('a client that has closed its side, and reads on, waits and is answered', async () => {
	const { hostname, port } = new URL(instance.base);
	const halfClosed = async (query) => {
		const socket = connect(Number(port), hostname), started = Date.now();
		socket.end(`GET ${query} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ada.token}\r\n\r\n`);
		return { answer: Buffer.concat(await socket.toArray()).toString(), ms: Date.now() - started };
	};
	const { videoId } = await ada.create({ prompt: 'hers', model: 'sora_video2:never' }), cursor = await ada.cursor();
	const empty = await Promise.all([halfClosed(`/api/video/updates?cursor=${cursor}&wait=2`), halfClosed(`/v1/videos/${videoId}?wait=2`)]);
	assert.match(empty[0].answer, new RegExp(`^HTTP/1\\.1 200 [^]*"updates":\\[\\],"cursor":"${cursor}"`));
	assert.match(empty[1].answer, new RegExp(`^HTTP/1\\.1 200 [^]*"id":"${videoId}"`));
	assert.ok(empty.every(({ ms }) => ms >= 2000), 'their whole time');
	const waiting = halfClosed(`/api/video/updates?cursor=${cursor}&wait=60`);
	const woken = await ada.create({ prompt: 'woken', model: 'sora_video2:never' });
	assert.match((await waiting).answer, new RegExp(`^HTTP/1\\.1 200 [^]*"videoId":"${woken.videoId}"`));
});

test('a restart loses nothing: the waiting are answered, and the cursor holds', async () => {
	const cursor = await ada.cursor();
	const waiting = [1, 2, 3].map((n) => ada.call('GET', `/api/video/updates?cursor=${cursor}&wait=60`, undefined, { 'x-request-id': `restart-${n}` }));
	await until(() => [1, 2, 3].every((n) => new RegExp(`request=restart-${n} .* held`).test(instance.log)), 'three waiting');
	await instance.restart();
	for (const { status, body } of await Promise.all(waiting)) {
		assert.equal(status, 200);
		assert.deepEqual(body.data, { updates: [], cursor, more: false });
	}
	ada.base = instance.base;
	const made = await ada.create({ prompt: 'after', model: 'sora_video2:never' });
	const { body } = await poll(ada, `cursor=${cursor}&wait=30`);
	assert.deepEqual(body.data.updates.map((u) => u.payload.videoId), [made.videoId]);
});

test('a cursor of a poll for one task skips nothing of the others', async () => {
	const [x, y] = [await ada.create({ prompt: 'x', model: 'm:never' }), await ada.create({ prompt: 'y', model: 'm:never' })];
	const start = await ada.cursor();
	for (const { videoId } of [x, y])
		await ada.data('DELETE', `/api/video/tasks/${videoId}`);
	const one = await ada.data('GET', `/api/video/updates?cursor=${start}&videoId=${y.videoId}&wait=5`);
	assert.deepEqual(one.updates.map((u) => u.payload), [{ videoId: y.videoId, deleted: true }]);
	const again = await ada.data('GET', `/api/video/updates?cursor=${one.cursor}&videoId=${y.videoId}&wait=0`);
	assert.deepEqual([again.updates, again.cursor], [[], one.cursor], 'for the one it is the newest');
	const other = await ada.data('GET', `/api/video/updates?cursor=${one.cursor}&videoId=${x.videoId}&wait=0`);
	assert.deepEqual(other.updates.map((u) => u.payload.videoId), [x.videoId], 'for another task it means nothing');
	const all = await ada.data('GET', `/api/video/updates?cursor=${one.cursor}&wait=5`);
	assert.deepEqual(all.updates.map((u) => u.payload.videoId), [x.videoId, y.videoId]);
	const none = await ada.data('GET', `/api/video/updates?cursor=${all.cursor}&wait=0`);
	assert.deepEqual(none.updates.filter((u) => [x, y].some(({ videoId }) => videoId === u.payload.videoId)), []);
});

test('a client that logs out while waiting gets no more updates', async () => {
	const { token } = await ada.data('POST', '/api/auth/login', { username: ada.user.username, password: 'correct horse battery' });
	const other = new Client(instance.base, token);
	const cursor = await other.cursor();
	const waiting = other.call('GET', `/api/video/updates?cursor=${cursor}&wait=20`);
	await until(async () => (await ada.call('GET', '/health')).status === 200);
	await other.data('POST', '/api/auth/logout', '');
	await ada.create({ prompt: 'not for everybody', model: 'm:never' });
	const answer = await waiting;
	assert.deepEqual([answer.status, answer.body.code], [401, 'unauthorized']);
});
