// What changes between a hold and its end: the group, its multiplier, the tariff, the user, the key, the channel. What was shown is paid, or, where what
// was delivered is, that by the rules and the multiplier of the hold.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Caller } from '../support/api.mjs';
import { openDatabase } from '../support/database.mjs';
import { newPaid } from '../support/paid.mjs';

const FULL = 100_000_000, MULTIPLIER = 0.9, SECOND = 100_000, ASKED = 8, MADE = 5, HELD = ASKED * SECOND * MULTIPLIER;
let paid, plain, database, count = 0;

before(async () => {
	paid = await newPaid({ LONGREEL_UPSTREAM_EXTRA_ALLOW: '' });
	plain = paid.api.env;
	await paid.api.user('first');
	database = openDatabase(paid.api.data); // which is there by now
});
after(async () => {
	await database?.close();
	await paid?.check();
	await paid?.close();
});

/** How it ends: the model says what is paid. */
const ENDS = [['asked', { status: 'completed', seconds: String(MADE) }, 'settled', HELD], ['delivered', { status: 'completed', seconds: String(MADE) }, 'settled', MADE * SECOND * MULTIPLIER],
	['delivered', { status: 'failed', error: 'no' }, 'released', 0]];

/** A user of a group, with a key, and a channel with a model of each kind: of each end a task is under way. */
async function underWay() {
	const own = ++count, channel = `c${own}`, group = `g${own}`, models = ['asked', 'delivered'].map((settle) => `${settle}${own}`), ada = await paid.rich(FULL);
	for (const model of models)
		await paid.cli('price', 'set', model, '--per-second', '0.10', '--default-seconds', String(ASKED), '--settle', model.replace(/[0-9]+$/, ''));
	await paid.cli('channel', 'add', channel, '--base', `${paid.api.upstream.base}/${channel}`, '--dialect', 'paid', '--private', '--models', models.join());
	await paid.cli('group', 'add', group, '--multiplier', String(MULTIPLIER));
	await paid.cli('user', 'set', ada.user.username, '--group', group);
	const { id, key } = await ada.data('POST', '/api/auth/keys', { name: 'k', budgets: { total: FULL } }), program = new Caller(paid.api, key), tasks = [];
	for (const [settle, job] of ENDS)
		tasks.push(await program.create({ model: `${settle}${own}`, prompt: job.status }));
	assert.deepEqual(await balance({ name: ada.user.username }), { available: FULL - ENDS.length * HELD, held: ENDS.length * HELD });
	return { models, channel, group, ada, name: ada.user.username, keyId: id, tasks };
}

/** What may change meanwhile. */
const CHANGES = {
	'nothing': () => {},
	'its multiplier goes up': ({ group }) => paid.cli('group', 'set', group, '--multiplier', '7'),
	'its multiplier goes down': ({ group }) => paid.cli('group', 'set', group, '--multiplier', '0'),
	'the user goes to a dearer group': async ({ name, group }) => {
		await paid.cli('group', 'add', `${group}-dear`, '--multiplier', '3');
		await paid.cli('user', 'set', name, '--group', `${group}-dear`);
	},
	'the group is removed': async ({ name, group }) => {
		await paid.cli('user', 'set', name, '--group', '');
		await paid.cli('group', 'remove', group);
	},
	'the group may not have the model any more': ({ group }) => paid.cli('group', 'set', group, '--models', 'none', '--budget-day', '0'),
	'other prices': ({ models }) => Promise.all(models.map((model) => paid.cli('price', 'set', model, '--per-second', '9', '--default-seconds', '1', '--min-seconds', '60'))),
	'closer prices': ({ models }) => Promise.all(models.map((model) => paid.cli('price', 'set', model, '--flat', '99', '--job', 'create', '--settle', 'delivered'))),
	'the prices are removed': async ({ models }) => {
		const { prices } = JSON.parse(await paid.cli('price', 'list', '--json'));
		for (const { id } of prices.filter(({ model }) => models.includes(model)))
			await paid.cli('price', 'remove', String(id));
	},
	'the user is disabled': ({ name }) => paid.cli('user', 'disable', name),
	'the key is revoked': ({ ada, keyId }) => ada.data('DELETE', `/api/auth/keys/${keyId}`),
	'the key is disabled': ({ keyId }) => paid.cli('key', 'set', String(keyId), '--disable', '--budget-total', '0'),
	'credit is taken': ({ name }) => paid.cli('credit', 'take', name, String((FULL - ENDS.length * HELD) / 1_000_000)),
	'the channel has no budget left': ({ channel }) => paid.cli('channel', 'set', channel, '--budget-day', '0'),
	'another name for the channel': async ({ channel, models }) => {
		await paid.cli('channel', 'add', `${channel}-new`, '--base', `${paid.api.upstream.base}/${channel}`, '--dialect', 'paid', '--private', '--models', models.join());
		await paid.cli('channel', 'disable', channel);
	},
};

const balance = async ({ name }) => Object.fromEntries((await database.rows(`SELECT kind, balance FROM account
	WHERE user_id = (SELECT id FROM user WHERE username = ?)`, name)).map(({ kind, balance: amount }) => [kind, amount]));
const held = async () => (await database.rows("SELECT count(*) AS n FROM charge WHERE state = 'held'"))[0].n;

/** Has the poller look until nothing is on hold. */
async function allEnded() {
	for (let passes = 0; await held() > 0; passes++) {
		assert.ok(passes < 40, 'they do not end');
		await paid.pass(60_000);
		await paid.poll();
	}
}

async function assertEnds({ tasks, available, ...made }, what) {
	for (const [i, [settle, job, state, charged]] of ENDS.entries()) {
		const [charge] = await database.rows('SELECT c.* FROM charge AS c JOIN task AS t ON t.id = c.task_id WHERE t.video_id = ?', tasks[i].videoId);
		assert.deepEqual([charge.state, charge.charged, charge.reserved, charge.multiplier_ppm], [state, charged, HELD, MULTIPLIER * 1_000_000], `${what}: ${settle}, ${job.status}`);
	}
	assert.deepEqual(await balance(made), { available: available + ENDS.reduce((sum, [, , , charged]) => sum + HELD - charged, 0), held: 0 }, what);
}

/** Has something change, and the tasks end then. */
async function changed(change) {
	const made = await underWay();
	await paid.pass(1000);
	await change(made);
	made.available = (await balance(made)).available;
	for (const [i, [, job]] of ENDS.entries())
		paid.job(made.tasks[i], job);
	return made;
}

test('whatever changes between a hold and its end', async () => {
	const all = [];
	for (const [what, change] of Object.entries(CHANGES))
		all.push([what, await changed(change)]);
	await allEnded();
	for (const [what, made] of all)
		await assertEnds(made, what);
});

test('billing that ends between a hold and its end', async () => {
	const made = await changed(() => {
		paid.api.env = { ...plain, LONGREEL_BILLING: 'off' };
	});
	await allEnded();
	paid.api.env = plain;
	await assertEnds(made, 'no billing');
});
