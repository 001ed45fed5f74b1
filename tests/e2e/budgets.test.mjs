// What one user may read: so many requests, and so many bytes of large answers, that the web server may have to hold for a client that does not
// read them. Others do not notice.
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client, PNG } from '../support/client.mjs';
import { startInstance, until } from '../support/instance.mjs';
import { LENGTH, Unread, longFilms } from '../support/long_films.mjs';

const ENV = { LONGREEL_RATE_CREATE: '0' };

test('one user reads so often a minute, and no more; what writes does not count (rate_read)', async () => {
	const instance = await startInstance({ simulator: true, env: { ...ENV, LONGREEL_RATE_READ: '6' } });
	try {
		const [ada, bea] = [await new Client(instance.base).join(), await new Client(instance.base).join()];
		const made = await ada.create({}), path = `/api/video/tasks/${made.videoId}`, statuses = [];
		const begun = performance.now();
		let refused; // one more comes back every ten seconds
		while (refused?.status !== 429)
			statuses.push((refused = await ada.call('GET', path)).status);
		assert.ok(statuses.length > 6 && statuses.length <= 8 + (performance.now() - begun) / 10_000, statuses.join());
		assert.deepEqual([refused.status, refused.body.code], [429, 'rate_limited']);
		assert.match(refused.headers.get('retry-after'), /^([1-9]|1[01])$/);
		assert.equal((await ada.call('POST', '/api/video/tasks/recover', { clientRequestIds: ['x'] })).status, 429, 'it reads, too');
		assert.equal((await ada.call('POST', `${path}/cancel`)).status, 200);
		assert.equal((await ada.call('POST', '/api/relay/sora/videos', { prompt: 'another' })).status, 200);
		assert.equal((await bea.call('GET', '/api/video/tasks')).status, 200);
	} finally {
		await instance.stop();
	}
});

test('large answers have a budget of bytes (read_max_mb)', async () => {
	const instance = await startInstance({ simulator: true, env: { ...ENV, LONGREEL_READ_MAX_MB: '1' } });
	try {
		const [ada, bea] = [await new Client(instance.base).join(), await new Client(instance.base).join()];
		for (let i = 0; i < 10; i++)
			await ada.create({ prompt: `${i}${'猫'.repeat(31_000)}` });
		const statuses = [];
		for (let i = 0; i < 4; i++)
			statuses.push((await ada.call('GET', '/api/video/tasks')).status);
		assert.deepEqual(statuses, [200, 200, 429, 429], 'the second is over the budget, and paid by what comes after');
		await bea.create({});
		for (let i = 0; i < 50; i++)
			assert.equal((await bea.call('GET', '/api/video/tasks')).status, 200, 'small answers do not count');
	} finally {
		await instance.stop();
	}
});

const heldIn = ({ data }) => readdirSync(join(data, 'tmp')).map((name) => statSync(join(data, 'tmp', name)).size).reduce((a, b) => a + b, 0);

test('of the answers that their clients do not read one user has 16 MB at a time, in files and memory', async () => {
	const instance = await startInstance({ simulator: true, env: ENV }), unread = new Unread();
	try {
		const [ada, bea] = [await new Client(instance.base).join(), await new Client(instance.base).join()];
		for (let i = 0; i < 20; i++) // a list is 1.9 MB
			await ada.create({ prompt: `${i}${'猫'.repeat(31_000)}` });
		await bea.create({ prompt: `b${'猫'.repeat(31_000)}` });
		const statuses = [];
		for (let i = 0; i < 20; i++)
			statuses.push(await unread.ask(instance.base, '/api/video/tasks', ada.token));
		assert.deepEqual(statuses, [...Array(8).fill(200), ...Array(12).fill(429)]);
		assert.ok(heldIn(instance) < 17_000_000, `${heldIn(instance)} bytes in files`);
		const refused = await ada.call('GET', '/api/video/tasks');
		assert.deepEqual([refused.status, refused.body.code, refused.headers.get('retry-after')], [429, 'rate_limited', '2']);
		assert.equal((await ada.call('GET', '/api/video/tasks?pageSize=1&status=FAILED')).status, 200, 'small answers are given');
		assert.equal((await bea.call('GET', '/api/video/tasks')).status, 200, 'others do not notice');
		unread.leave();
		await until(async () => (await ada.call('GET', '/api/video/tasks')).status === 200, 'room after they have left');
		for (let i = 0; i < 20; i++)
			assert.equal((await ada.call('GET', '/api/video/tasks')).status, 200, 'who reads is not held up');
	} finally {
		unread.leave();
		await instance.stop();
	}
});

/** The task of a new video of the client's. */
async function finished(who, upload) {
	const cursor = await who.cursor(), { videoId } = await who.create(upload ?? {});
	return (await who.ended(cursor, videoId)).task;
}

const contentOf = ({ videoId }) => `/api/video/tasks/${videoId}/content`;

/** An instance that keeps no video, before an upstream of long ones, and who uses it. */
async function passing(t, env) {
	const upstream = await longFilms(), unread = new Unread();
	t.after(() => unread.leave());
	t.after(() => upstream.stop());
	const instance = await startInstance({ env: { ...ENV, SORA_API_BASE: upstream.base, SORA_API_KEY: 'k', LONGREEL_PASS_PATIENCE: '2s',
		LONGREEL_POLL_INTERVAL_MIN: '50ms', ...env } });
	t.after(() => instance.stop());
	const [ada, bea] = [await new Client(instance.base).join(), await new Client(instance.base).join()];
	return { instance, upstream, ada, bea, ask: (path, who) => unread.ask(instance.base, path, who?.token) };
}

test('of the slots for what is passed on one user has a share, and loses those that are not read; no file holds what is not', async (t) => {
	const { instance, ada, bea, ask } = await passing(t, { LONGREEL_ARCHIVE: 'off' });
	const [mine, hers] = [contentOf(await finished(ada)), contentOf(await finished(bea))];
	assert.deepEqual([await ask(mine, ada), await ask(mine, ada)], [200, 200]);
	const third = await ada.call('GET', mine);
	assert.deepEqual([third.status, third.body.code, third.headers.get('retry-after')], [429, 'too_many_downloads', '5']);
	const other = await bea.call('GET', hers);
	assert.deepEqual([other.status, other.bytes.length], [200, LENGTH], 'another user has a share, too');
	assert.ok(heldIn(instance) < 2_000_000, `${heldIn(instance)} bytes in files`);
	/* An image takes no thread either, however many are not read. */
	const { videoId } = await ada.create({ input_reference: `data:image/png;base64,${Buffer.concat([PNG, Buffer.alloc(5_000_000)]).toString('base64')}` });
	for (let i = 0; i < 8; i++)
		assert.equal(await ask(`/api/video/tasks/${videoId}/input`, ada), 200);
	assert.equal((await bea.call('GET', hers)).status, 200);
	const again = await until(async () => {
		const answer = await ada.call('GET', mine);
		return answer.status === 200 && answer;
	}, 'a slot that was lost');
	assert.equal(again.bytes.length, LENGTH);
});

test('strangers with links to a user\'s videos use up nothing of the user\'s own, nor of others', async (t) => {
	const { instance, upstream, ada, bea, ask } = await passing(t, { LONGREEL_ARCHIVE_MAX_MB: '1', LONGREEL_RATE_PASS: '10' }); // kept none: they are too long
	const made = await finished(ada), link = made.videoUrl;
	assert.match(link, /signature=/);
	const strangers = [await ask(link), await ask(link), await ask(link)];
	assert.deepEqual(strangers, [200, 200, 429]);
	assert.deepEqual([await ask(contentOf(made), ada), await ask(contentOf(made), ada), await ask(contentOf(made), ada)], [200, 200, 429]);
	assert.equal((await bea.call('GET', contentOf(await finished(bea)))).bytes.length, LENGTH);
	/* Each question is one to the upstream. */
	const statuses = [];
	await until(async () => {
		const { status, headers } = await fetch(instance.base + contentOf(made), { method: 'HEAD', headers: { authorization: `Bearer ${ada.token}` } });
		statuses.push(status);
		return status === 429 && headers.get('retry-after') !== '5'; // which is what a slot is said
	}, 'the end of what may be asked');
	assert.ok(statuses.filter((status) => status === 200).length <= 10, statuses.join());
	const before = upstream.asked.length;
	assert.deepEqual([(await ada.call('GET', contentOf(made))).body.code, upstream.asked.length], ['rate_limited', before]);
	assert.equal((await bea.call('GET', contentOf(await finished(bea)))).status, 200, 'others go on');
});
