// What must come out right, case by case, with the real programs: a price of 0.80, a balance of 10.00. The clock is the test's; the
// upstream says what it is told to. That the accounts add up is checked after each test.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { newPaid } from '../support/paid.mjs';
import { ENOSPC } from '../support/world.mjs';

const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR, FULL = 10_000_000, PRICE = 800_000;
const CREATE = '/api/relay/sora/videos';
let paid;

before(async () => {
	paid = await newPaid({ LONGREEL_TIMEZONE: 'Asia/Shanghai', LONGREEL_TASK_DEADLINE: '30m', LONGREEL_LATE_WINDOW: '10h' });
	await paid.api.user('first');
	paid.price({ model: 'm', perSecond: 100_000, seconds: 8 });
	paid.price({ model: 'm2', perSecond: 100_000, seconds: 8 });
	paid.price({ model: 'm', perSecond: 300_000, seconds: 8, size: '1080p' });
	paid.price({ model: 'm', flat: 7_000_000, seconds: 8, size: '1792x1024' });
});
afterEach(() => paid.check());
after(() => paid?.close());

const make = (who, fields) => who.create({ model: 'm', ...fields });
const states = (videoId) => paid.charges(videoId).map((c) => `${c.state} ${c.reason} ${c.charged}`);
const spent = (who) => paid.sql('SELECT coalesce(sum(amount), 0) AS spent FROM transfer WHERE user_id = ? AND kind = ?', who.user.id, 'settle')[0].spent;
const transfers = (who) => paid.sql('SELECT count(*) AS n FROM transfer WHERE user_id = ?', who.user.id)[0].n;

/** Passes time, and has the poller look, until the task has this status. */
async function until(who, task, status, ms = 0) {
	await paid.pass(ms);
	for (let passes = 0; (await who.task(task.videoId)).status !== status; passes++) {
		assert.ok(passes < 20, `${task.videoId} does not become ${status}`);
		await paid.pass(MINUTE);
		await paid.poll();
	}
}

/** A task that has timed out, of a new user. */
async function silent() {
	const who = await paid.rich(FULL), task = await make(who);
	paid.job(task, { status: 'in_progress' });
	await until(who, task, 'FAILED', 31 * MINUTE);
	assert.deepEqual([(await who.task(task.videoId)).errorCode, paid.balance(who)], ['timeout', { available: FULL - PRICE, held: PRICE }]);
	return { who, task };
}

test('one completes, one fails: spent, available and held are what was granted', async () => {
	const ada = await paid.rich(FULL), good = await make(ada), bad = await make(ada);
	paid.job(good, { status: 'completed' });
	paid.job(bad, { status: 'failed', error: 'no' });
	await until(ada, good, 'COMPLETED');
	await until(ada, bad, 'FAILED');
	assert.deepEqual([states(good.videoId), states(bad.videoId)], [[`settled complete ${PRICE}`], ['released fail 0']]);
	const { available, held } = paid.balance(ada);
	assert.deepEqual([available, held, spent(ada)], [FULL - PRICE, 0, PRICE]);
	assert.equal(available + held + spent(ada), FULL);
	const { rows: [{ completed, failed, chargedMicro }] } = await ada.data('GET', '/api/account/usage');
	assert.deepEqual([completed, failed, chargedMicro], [1, 1, PRICE]);
});

test('a hundred jobs that fail, four pollers at once: a hundred releases', async () => {
	const ada = await paid.rich(100_000_000), made = [];
	for (let i = 0; i < 10; i++)
		made.push(...(await ada.data('POST', CREATE, { prompt: `set ${i}`, model: 'm', n: 10 })).tasks);
	assert.deepEqual(paid.balance(ada), { available: 20_000_000, held: 80_000_000 });
	for (const task of made)
		paid.job(task, { status: 'failed', error: 'no' });
	while ((await ada.data('GET', '/api/account')).open > 0) {
		await paid.pass(MINUTE);
		await Promise.all([paid.poll(), paid.poll(), paid.poll(), paid.poll()]);
	}
	assert.deepEqual(paid.balance(ada), { available: 100_000_000, held: 0 });
	assert.deepEqual(paid.sql('SELECT kind, count(*) AS n FROM transfer WHERE user_id = ? AND charge_id > 0 GROUP BY kind ORDER BY kind', ada.user.id),
		[{ kind: 'release', n: 100 }, { kind: 'reserve', n: 100 }]);
});

test('what is priced is what is sent: created, tried again, made from a video', async () => {
	const ada = await paid.rich(100 * FULL);
	for (const [fields, amount, seconds, size] of [[{}, PRICE, 8], [{ seconds: 15 }, 1_500_000, 15], [{ size: '1920x1080' }, 2_400_000, 8, '1920x1080'],
		[{ size: '1792x1024' }, 7_000_000, 8, '1792x1024']]) {
		const reserved = () => paid.sql('SELECT reserved FROM charge ORDER BY id DESC LIMIT 1')[0].reserved;
		const sent = () => JSON.parse(paid.api.upstream.submissions().at(-1).body);
		let task = await make(ada, fields);
		assert.deepEqual([reserved(), sent().seconds, sent().size], [amount, seconds, size]);
		paid.job(task, { status: 'failed', error: 'no' });
		await until(ada, task, 'FAILED');
		task = await ada.data('POST', `/api/video/tasks/${task.videoId}/retry`);
		assert.deepEqual([reserved(), sent().seconds, sent().size], [amount, seconds, size], 'the retry');
		paid.job(task, { status: 'completed' });
		await until(ada, task, 'COMPLETED');
		await ada.data('POST', `/api/video/tasks/${task.videoId}/remix`, { prompt: 'in blue' });
		assert.equal(reserved(), amount, 'the remix, by its source');
		if (size === '1920x1080')
			continue; // which no Video of OpenAI's may have
		const longer = await ada.call('POST', '/v1/videos/extensions', { body: { prompt: 'longer', seconds: '4', video: { id: task.videoId } } });
		assert.equal(longer.status, 200, longer.body.toString());
		assert.deepEqual([reserved(), sent().seconds], [size ? 7_000_000 : 400_000, 4], 'the extension, by its own');
	}
	const before = paid.api.upstream.submissions().length;
	assert.equal((await ada.call('POST', CREATE, { body: { prompt: 'x', model: 'unpriced' } })).json.code, 'model_not_priced');
	assert.equal(paid.api.upstream.submissions().length, before);
});

test('the video comes after the deadline, within late_hold: paid for, once', async () => {
	const { who, task } = await silent();
	assert.equal((await who.task(task.videoId)).charge, 'held');
	paid.job(task, { status: 'completed' });
	await until(who, task, 'COMPLETED');
	assert.deepEqual([states(task.videoId), paid.balance(who)], [[`settled arrive_late ${PRICE}`], { available: FULL - PRICE, held: 0 }]);
});

test('… after late_hold: delivered for nothing', async () => {
	const { who, task } = await silent(), { rev } = paid.sql('SELECT rev FROM task WHERE video_id = ?', task.videoId)[0];
	await paid.pass(61 * MINUTE);
	await paid.poll();
	assert.deepEqual([states(task.videoId), paid.balance(who)], [['released lapse 0'], { available: FULL, held: 0 }]);
	assert.ok(paid.sql('SELECT rev FROM task WHERE video_id = ?', task.videoId)[0].rev > rev, 'the feed tells');
	paid.job(task, { status: 'completed' });
	await until(who, task, 'COMPLETED');
	assert.deepEqual([states(task.videoId), paid.balance(who)], [['released waived 0'], { available: FULL, held: 0 }]);
	const { charge, chargedMicro } = await who.task(task.videoId);
	assert.deepEqual([charge, chargedMicro], ['released', 0]);
});

test('… or the upstream then says that it has failed: released at once', async () => {
	const { who, task } = await silent();
	paid.job(task, { status: 'failed', error: 'no' });
	for (let passes = 0; paid.balance(who).held > 0; passes++) {
		assert.ok(passes < 20);
		await paid.pass(MINUTE);
		await paid.poll();
	}
	assert.deepEqual([states(task.videoId), paid.balance(who)], [['released late_verdict 0'], { available: FULL, held: 0 }]);
});

test('… or the user tries again meanwhile: released, held anew; the first job\'s video costs nothing', async () => {
	const { who, task } = await silent();
	const again = await who.data('POST', `/api/video/tasks/${task.videoId}/retry`);
	assert.deepEqual([states(task.videoId), paid.balance(who)], [['released retry 0', 'held null 0'], { available: FULL - PRICE, held: PRICE }]);
	paid.job(task, { status: 'completed' });
	paid.job(again, { status: 'completed' });
	await until(who, task, 'COMPLETED');
	assert.deepEqual([states(task.videoId), paid.balance(who)], [['released retry 0', `settled complete ${PRICE}`], { available: FULL - PRICE, held: 0 }]);
});

test('… or the user deletes it: released at once', async () => {
	const { who, task } = await silent();
	await who.data('DELETE', `/api/video/tasks/${task.videoId}`);
	assert.deepEqual([states(task.videoId), paid.balance(who)], [['released delete 0'], { available: FULL, held: 0 }]);
});

test('a retry that waits is cancelled while the first job completes upstream', async () => {
	const { who, task } = await silent();
	paid.api.upstream.refusal = { status: 503, body: { error: 'not now' } };
	const again = await who.data('POST', `/api/video/tasks/${task.videoId}/retry`);
	paid.api.upstream.refusal = undefined;
	assert.equal(again.status, 'queued');
	paid.job(task, { status: 'completed' });
	await who.data('POST', `/api/video/tasks/${task.videoId}/cancel`);
	await paid.pass(MINUTE);
	await paid.poll();
	assert.deepEqual([states(task.videoId), paid.balance(who)], [['released retry 0', 'released cancel_ready 0'], { available: FULL, held: 0 }]);
});

test('a budget of a day: before and after midnight of the time zone; a release frees its own day', async () => {
	const ada = await paid.rich(FULL), zone = 8 * HOUR;
	await paid.cli('user', 'set', ada.user.username, '--budget-day', '1');
	const midnight = Math.ceil((paid.now() + zone + HOUR) / DAY) * DAY - zone;
	const budget = async () => (await ada.data('GET', '/api/account')).budgets[0];
	await paid.pass(midnight - 5 * MINUTE - paid.now());
	const yesterday = await make(ada);
	const { usedMicro, resetsAt } = await budget();
	assert.deepEqual([usedMicro, Date.parse(resetsAt)], [PRICE, midnight]);
	const refused = await ada.call('POST', CREATE, { body: { prompt: 'x', model: 'm' } });
	assert.deepEqual([refused.status, refused.json.code, Date.parse(refused.json.details.resetsAt)], [402, 'budget_exceeded', midnight]);
	await paid.pass(midnight - paid.now());
	const today = await make(ada);
	assert.deepEqual([(await budget()).usedMicro, Date.parse((await budget()).resetsAt)], [PRICE, midnight + DAY]);
	const days = () => paid.sql("SELECT day, sum(amount) AS amount FROM spend_day WHERE user_id = ? GROUP BY day ORDER BY day", ada.user.id);
	const day = (midnight + zone) / DAY;
	assert.deepEqual(days(), [{ day: day - 1, amount: PRICE }, { day, amount: PRICE }]);
	await ada.data('POST', `/api/video/tasks/${yesterday.videoId}/cancel`);
	assert.deepEqual(days(), [{ day: day - 1, amount: 0 }, { day, amount: PRICE }]);
	assert.equal((await ada.call('POST', CREATE, { body: { prompt: 'x', model: 'm' } })).status, 402, 'today is as full as it was');
	await ada.data('POST', `/api/video/tasks/${today.videoId}/cancel`);
	await make(ada);
});

test('looks, long polls, repetitions: one reserve, one settle', async () => {
	const ada = await paid.rich(FULL), body = { prompt: 'x', model: 'm', clientRequestId: 'once' };
	const { externalTaskId, videoId } = await ada.data('POST', CREATE, body);
	const looks = async () => {
		for (let i = 0; i < 20; i++) {
			const again = await ada.call('POST', CREATE, { body });
			assert.deepEqual([again.status, again.json.data.videoId], [200, videoId]);
			for (const path of [`/api/video/tasks/${videoId}`, `/v1/videos/${videoId}`, '/api/video/tasks', '/api/video/updates', '/api/account', '/api/prices'])
				assert.equal((await ada.call('GET', path)).status, 200);
		}
	};
	await looks();
	assert.equal(transfers(ada), 2, 'the grant, the reserve');
	paid.job({ externalTaskId }, { status: 'completed' });
	await until(ada, { videoId }, 'COMPLETED');
	await looks();
	await paid.poll();
	assert.equal(transfers(ada), 3, 'and the settle');
	assert.deepEqual(paid.balance(ada), { available: FULL - PRICE, held: 0 });
});

test('downloads, and an upstream\'s webhooks that are played back: one reserve, one settle', async (t) => {
	const plain = paid.api.env, secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', file = join(paid.api.data, 'webhook.secret');
	const video = Buffer.from('    ftypisom, and so on');
	await writeFile(file, `${secret}\n`, { mode: 0o600 });
	paid.api.env = { ...plain, LONGREEL_UPSTREAM_DIALECT: 'sora', LONGREEL_UPSTREAM_WEBHOOK_SECRET_FILE: file };
	t.after(() => {
		paid.api.env = plain;
		paid.api.upstream.video = undefined;
	});
	paid.api.upstream.video = (request, response) => response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': video.length }).end(video);
	const ada = await paid.rich(FULL), task = await make(ada);
	const body = JSON.stringify({ id: 'evt_1', object: 'event', created_at: 1, type: 'video.completed', data: { id: task.externalTaskId } });
	/* Each is signed anew, or would be refused as too old on a slow machine. */
	const signed = (at) => ({ 'content-type': 'application/json', 'webhook-id': 'wh_1', 'webhook-timestamp': String(Math.floor(at / 1000)),
		'webhook-signature': new Webhook(secret).sign('wh_1', at, body) });
	const told = async () => {
		for (let i = 0; i < 20; i++)
			assert.equal((await paid.api.call('POST', '/api/video/webhook/default', { body, headers: signed(new Date(paid.now())) })).status, 200);
	};
	paid.job(task, { status: 'completed' });
	await told();
	assert.equal(transfers(ada), 2, 'the grant, the reserve');
	await until(ada, task, 'COMPLETED');
	for (let i = 0; i < 20; i++)
		for (const path of [`/api/video/tasks/${task.videoId}/content`, `/v1/videos/${task.videoId}/content`]) {
			const answer = await ada.call('GET', path);
			assert.deepEqual([answer.status, answer.body], [200, video]);
		}
	await told();
	await paid.poll();
	assert.equal(transfers(ada), 3, 'and the settle');
	assert.deepEqual([states(task.videoId), paid.balance(ada)], [[`settled complete ${PRICE}`], { available: FULL - PRICE, held: 0 }]);
});

test('one code, fifty users at once: one has it; after its time it is gone', async () => {
	const users = [], code = (await paid.cli('code', 'create', '--amount', '5')).trim(), late = (await paid.cli('code', 'create', '--amount', '5', '--expires', '30d')).trim();
	for (let i = 0; i < 50; i++)
		users.push(await paid.rich(0));
	const redeem = async (who, word) => {
		for (;;) { // a database that others write to may be said to be busy
			const answer = await who.call('POST', '/api/account/redeem', { body: { code: word } });
			if (answer.status !== 503)
				return answer;
		}
	};
	const answers = await Promise.all(users.map((who) => redeem(who, code)));
	assert.deepEqual([answers.filter((a) => a.status === 200).length, answers.filter((a) => a.status === 409 && a.json.code === 'code_used').length], [1, 49]);
	await paid.pass(31 * DAY);
	const { user: { username } } = users[0], fresh = (await paid.api.call('POST', '/api/auth/login', { body: { username, password: 'correct horse battery' } })).json.data.token;
	const gone = await paid.api.call('POST', '/api/account/redeem', { body: { code: late }, headers: { authorization: `Bearer ${fresh}` } });
	assert.deepEqual([gone.status, gone.json.code], [410, 'code_expired']);
});

const kept = () => assert.rejects(paid.cli('channel', 'remove', 'two'), /50 tasks still need/);
for (const [what, does] of [['disabled', () => paid.cli('channel', 'disable', 'two')], ['that is not removed', kept], ['without its key file', (key) => rm(key)]])
	test(`a channel ${what} with fifty jobs under way: none of the money is stranded`, async () => {
		const ada = await paid.rich(100_000_000), key = join(paid.api.data, 'two.key'), made = [];
		await writeFile(key, 'sk-two', { mode: 0o600 });
		await paid.cli('channel', 'add', 'two', '--base', paid.api.upstream.base, '--dialect', 'paid', '--models', 'm2', '--private', '--key-file', key);
		for (let i = 0; i < 5; i++)
			made.push(...(await ada.data('POST', CREATE, { prompt: `set ${i}`, model: 'm2', n: 10 })).tasks);
		assert.deepEqual(paid.sql('SELECT DISTINCT channel FROM task WHERE user_id = ?', ada.user.id), [{ channel: 'two' }]);
		for (const task of made)
			paid.job(task, { status: 'completed' });
		await does(key);
		for (let passes = 0; paid.balance(ada).held > 0; passes++) {
			assert.ok(passes < 60, 'it stays on hold');
			await paid.pass(10 * MINUTE);
			await paid.poll();
		}
		const paidFor = what === 'without its key file' ? 0 : 50;
		assert.deepEqual([spent(ada), paid.balance(ada).available], [paidFor * PRICE, 100_000_000 - paidFor * PRICE]);
		await paid.cli('channel', 'remove', 'two');
	});

test('a disk that is full at the hold: 507, nothing is sent, nothing is held', async () => {
	const ada = await paid.rich(FULL), { length } = paid.api.upstream.submissions(), body = { prompt: 'x', model: 'm', clientRequestId: 'full' };
	await paid.world.disk(ENOSPC);
	const { status, json } = await ada.call('POST', CREATE, { body });
	await paid.world.disk(0);
	assert.deepEqual([status, json.code, paid.api.upstream.submissions().length, paid.balance(ada)], [507, 'no_space', length, { available: FULL, held: 0 }]);
	assert.equal((await ada.call('POST', CREATE, { body })).status, 200, 'the id is free');
});

test('the clock is set back: what counts at once goes on to, and what was made is paid for by the price of its time', async () => {
	const ada = await paid.rich(FULL), price = (...words) => paid.cli('price', 'set', 'clock', ...words, '--default-seconds', '8', '--settle', 'delivered');
	const quoted = async () => (await ada.data('POST', '/api/prices/quote', { prompt: 'x', model: 'clock' })).amountMicro;
	const shown = async () => (await ada.data('GET', '/api/prices')).prices.filter(({ model }) => model === 'clock').map((p) => p.perSecondMicro);
	await price('--per-second', '0.10');
	const first = await make(ada, { model: 'clock' });
	await paid.world.clock(-5 * HOUR);
	assert.deepEqual([await quoted(), await shown()], [PRICE, [100_000]], 'it is priced');
	const second = await make(ada, { model: 'clock' });
	await price('--per-second', '0.05');
	assert.deepEqual([await quoted(), await shown()], [PRICE / 2, [50_000]], 'another counts at once');
	const third = await make(ada, { model: 'clock' });
	for (const task of [first, second, third])
		paid.job(task, { status: 'completed', seconds: 4 });
	for (const task of [first, second, third])
		await until(ada, task, 'COMPLETED');
	const charged = (task) => paid.charges(task.videoId).map((c) => c.charged);
	assert.deepEqual([first, second, third].map(charged), [[PRICE / 2], [PRICE / 2], [PRICE / 4]]);
	const listed = JSON.parse(await paid.cli('price', 'list', '--json')).prices.filter((row) => row.model === 'clock');
	assert.equal(listed.length, 1);
	await paid.cli('price', 'remove', String(listed[0].id));
	assert.equal((await ada.call('POST', CREATE, { body: { prompt: 'x', model: 'clock' } })).json.code, 'model_not_priced', 'and ends at once');
	await paid.world.clock(0);
	assert.equal((await ada.call('POST', CREATE, { body: { prompt: 'x', model: 'clock' } })).json.code, 'model_not_priced');
});
