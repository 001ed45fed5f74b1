// The most that an account can hold, 10^15 millionths: what is on hold may come back, so it counts; whatever would exceed it is refused before
// anything is written.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { longreel } from '../support/instance.mjs';
import { newPaid } from '../support/paid.mjs';

const MOST = 10 ** 15, PRICE = 800_000, UNITS = MOST / 1_000_000;
let paid;

before(async () => {
	paid = await newPaid();
	await paid.api.user('first');
	paid.price({ model: 'm', flat: PRICE, seconds: 8 });
	paid.price({ model: 'dear', flat: MOST, seconds: 8 });
});
afterEach(() => paid.check());
after(() => paid?.close());

/** An order of the operator: its exit status and what it complains of. */
const order = async (...words) => {
	const { code, err } = await longreel([...words, '--data', paid.api.data], { env: paid.api.env });
	return [code, err];
};
const refused = async (pattern, ...words) => {
	const [code, err] = await order(...words);
	assert.equal(code, 1, words.join(' '));
	assert.match(err, pattern);
};
const codeOf = async (amount) => JSON.parse(await paid.cli('code', 'create', '--amount', amount, '--json')).codes[0].code;
const redeem = async (who, code) => (await who.call('POST', '/api/account/redeem', { body: { code } })).status;

test('what is on hold counts, and comes back', async () => {
	const ada = await paid.rich(MOST), { username } = ada.user, task = await ada.create({ model: 'm' }), code = await codeOf('0.8');
	await refused(/no balance may exceed/, 'credit', 'add', username, '0.8');
	await refused(/no balance may exceed/, 'credit', 'add', username, '0.000001');
	assert.equal(await redeem(ada, code), 400);
	paid.job(task, { status: 'failed', error: 'no' });
	await paid.api.polled(ada, task.videoId, 'FAILED');
	assert.deepEqual(paid.balance(ada), { available: MOST, held: 0 });
	assert.deepEqual(await order('credit', 'take', username, '0.8'), [0, '']);
	assert.equal(await redeem(ada, code), 200, 'the code is still good');
});

test('a refund is made when there is room for it', async () => {
	const ada = await paid.rich(MOST), { username } = ada.user, task = await ada.create({ model: 'm' });
	paid.job(task, { status: 'completed' });
	await paid.api.polled(ada, task.videoId, 'COMPLETED');
	assert.deepEqual(await order('credit', 'add', username, '0.8'), [0, '']);
	const [{ id }] = paid.charges(task.videoId);
	await refused(/more credit than an account can hold/, 'charge', 'refund', String(id));
	assert.deepEqual(await order('credit', 'take', username, '0.8'), [0, '']);
	assert.deepEqual(await order('charge', 'refund', String(id)), [0, '']);
	assert.deepEqual(paid.balance(ada), { available: MOST, held: 0 });
});

test('no more can be on hold, whatever the credit line', async () => {
	const ada = await paid.rich(MOST);
	assert.deepEqual(await order('credit', 'line', ada.user.username, String(UNITS)), [0, '']);
	await ada.create({ model: 'dear' });
	for (const model of ['dear', 'm']) {
		const { status, json } = await ada.call('POST', '/api/relay/sora/videos', { body: { prompt: 'a cat', model } });
		assert.deepEqual([status, json.code, json.details.availableMicro], [402, 'insufficient_credit', 0]);
	}
	assert.deepEqual(paid.balance(ada), { available: 0, held: MOST });
});
