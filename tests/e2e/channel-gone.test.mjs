// A channel that goes while fifty jobs are under way there: disabled, taken out of the database in whatever way, its key file gone. All
// of them end, by the upstream's verdict or by their deadline, and none of the money stays on hold. A whole instance; the clock is the test's.
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '../support/client.mjs';
import { longreel, newDataDir, startInstance, until } from '../support/instance.mjs';
import * as money from '../support/money.mjs';
import { PROFILE, newUpstream } from '../support/upstream.mjs';
import { newWorld } from '../support/world.mjs';

const HOUR = 3_600_000, GRANTED = 100_000_000, PRICE = 800_000, JOBS = 50, WAITING = 5;

const ways = {
	disabled: { goes: async ({ channel, upstream }) => {
		await channel('disable', 'two');
		upstream.mood = () => 'awake';
	}, settled: JOBS },
	'removed, as an earlier version did': { goes: ({ sql }) => {
		sql("UPDATE channel SET base = NULL, dialect = NULL WHERE name = 'two'");
		sql("DELETE FROM channel_key WHERE channel = 'two'");
		sql('UPDATE head SET channels = channels + 1');
	}, settled: 0 },
	'without a row, and all programs anew': { goes: ({ sql }) => {
		sql("DELETE FROM channel_key WHERE channel = 'two'");
		sql("DELETE FROM channel WHERE name = 'two'");
		sql('UPDATE head SET channels = channels + 1');
	}, settled: 0, again: true },
	'without its key file': { goes: ({ key }) => rm(key), settled: 0 },
};

for (const [way, { goes, settled, again }] of Object.entries(ways))
	test(`${way}: all end, and what was held is paid or given back`, async (t) => {
		const data = await newDataDir(), world = await newWorld(), upstream = await newUpstream({ keys: ['k'] }), key = join(data, 'two.key');
		const sql = (text, ...values) => money.sql(data, text, ...values), number = (text) => Object.values(sql(text)[0])[0];
		const channel = async (...words) => {
			const { code, out, err } = await longreel(['channel', ...words, '--data', data]);
			assert.equal(code, 0, out + err);
		};
		await world.passed(0);
		await mkdir(join(data, 'dialects'), { mode: 0o700 });
		await writeFile(join(data, 'dialects', 'klecks.json'), PROFILE);
		await writeFile(key, 'k\n', { mode: 0o600 });
		const options = { data, env: { ...world.env, LONGREEL_BILLING: 'on', LONGREEL_RATE_CREATE: '0', LONGREEL_ARCHIVE: 'off',
			LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_POLL_INTERVAL_MAX: '1s' } };
		let instance = await startInstance(options);
		t.after(async () => {
			await instance.stop();
			await upstream.close();
			await world.remove();
			await rm(data, { recursive: true, force: true });
		});
		const ada = await new Client(instance.base).join();
		money.price(data, { perSecond: 100_000, seconds: 8 });
		money.grant(data, GRANTED);
		upstream.mood = () => 'dreaming';
		await channel('add', 'two', '--base', upstream.base, '--dialect', 'klecks', '--key-file', key, '--private', '--models', 'm', '--concurrency', String(JOBS));
		for (let i = 0; i < (JOBS + WAITING) / 5; i++)
			await ada.data('POST', '/api/relay/sora/videos', { prompt: `set ${i}`, model: 'm', seconds: 8, n: 5 });
		await until(() => number("SELECT count(*) FROM task WHERE state = 'running'") === JOBS, 'fifty jobs under way', 120_000);
		assert.equal(number("SELECT count(*) FROM task WHERE state = 'ready'"), WAITING);

		await goes({ channel, sql, key, upstream });
		if (again) {
			await instance.stop();
			instance = await startInstance(options);
		}
		const charges = (state) => number(`SELECT count(*) FROM charge WHERE state = '${state}'`);
		await until(() => charges('settled') === settled, 'the verdicts', 120_000);
		await world.passed(2 * HOUR);
		await until(() => number('SELECT count(*) FROM task WHERE completed_at = 0') === 0, 'the deadline', 120_000);
		assert.equal(charges('held'), settled > 0 ? 0 : JOBS, 'silence is no verdict: it stays on hold for late_hold');
		await world.passed(3 * HOUR);
		await until(() => charges('held') === 0, 'late_hold to be over', 120_000);
		assert.equal(number("SELECT count(*) FROM charge WHERE state = 'settled'"), settled);
		assert.equal(number("SELECT count(*) FROM task WHERE state IN ('ready', 'sending', 'unsure', 'running')"), 0);
		const ends = sql('SELECT coalesce(error_code, state) AS how, count(*) AS n FROM task GROUP BY 1 ORDER BY 1');
		assert.deepEqual(ends, settled > 0 ? [{ how: 'completed', n: JOBS }, { how: 'timeout', n: WAITING }] : [{ how: 'timeout', n: JOBS + WAITING }]);
		assert.deepEqual(money.balance(data, ada.user.username), { available: GRANTED - settled * PRICE, held: 0 });
		money.check(data);
		assert.equal((await longreel(['ledger', 'check', '--data', data])).code, 0);
	});
