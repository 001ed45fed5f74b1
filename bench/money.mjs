// What billing costs, each time beside the same without, and what an upgrade of a database costs that knew none.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ledger from '../tests/support/money.mjs';
import { copyOf, lost, oldInstance, upgrade as bringUp } from '../tests/support/upgrade.mjs';
import { BUILD, REPEAT, TOOLS, cpu, filled, median, note, pause, pidsOf, pss, run, upstream, wrkFor } from './tools.mjs';

/** Slices of a second: the machine's mood changes slower than they alternate. */
const SLICES = 4 * REPEAT;

/** Notes `on` beside `off`: the ratio is the median of those of neighbours. */
const beside = (what, on, off, unit, goal) => note(what, { ours: on, theirs: off, unit, against: 'without', goal,
	of: median(on.map((x, i) => (unit === '/s' ? x / off[i] : off[i] / x))) });

/** Creations: the rate, and the processor time of the relay. The pollers have nothing to do meanwhile. */
async function creations(at) {
	const script = join(at.off.data, 'create.lua'), rates = { off: [], on: [] }, costs = { off: [], on: [] };
	await writeFile(script, 'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = \'{"prompt":"A cat on a skateboard"}\'\n');
	for (let i = 0; i < SLICES; i++)
		for (const name of i % 2 ? ['on', 'off'] : ['off', 'on']) {
			const { instance, people: [{ token }] } = at[name], relay = instance.child('cgi-bin/relay'), before = cpu([relay]);
			const { rate } = await wrkFor(1, `${instance.base}/api/relay/sora/videos`, token, '-s', script);
			rates[name].push(rate);
			costs[name].push((cpu([relay]) - before) / rate * 1e6);
		}
	beside('creations with billing', rates.on, rates.off, '/s', ['>=', 0.85]);
	beside('… processor time of the relay for one', costs.on, costs.off, 'µs');
}

/** Puts each open task of a filled database on hold, as its creation would have. */
function hold(data, price) {
	ledger.price(data, { model: '', perSecond: price / 8, seconds: 8 });
	ledger.grant(data, 10 ** 14);
	for (const text of [
		`INSERT INTO charge (task_id, attempt, user_id, api_key, group_id, model, channel, job, size, seconds, tariff_id, multiplier_ppm, cancel, late_hold, reserved, day, created_at)
			SELECT id, 1, user_id, 0, 0, model, channel, 'create', '', 8, 1, 1000000, 'never', 0, ${price}, created_at / 86400000, created_at FROM task`,
		`INSERT INTO transfer (at, kind, user_id, debit, credit, amount, balance, charge_id, actor)
			SELECT c.created_at, 'reserve', c.user_id, a.id, h.id, ${price}, a.balance - ${price} * c.id, c.id, 'longreel'
			FROM charge AS c JOIN account AS a ON a.user_id = c.user_id AND a.kind = 'available' JOIN account AS h ON h.user_id = c.user_id AND h.kind = 'held'`,
		`UPDATE account SET balance = balance + CASE kind WHEN 'held' THEN 1 ELSE -1 END * ${price} * (SELECT count(*) FROM charge) WHERE user_id > 0`,
		`INSERT INTO spend_day (user_id, day, api_key, amount) SELECT user_id, day, api_key, sum(reserved) FROM charge GROUP BY user_id, day, api_key`,
		`INSERT INTO spend_channel (channel, day, amount) SELECT channel, day, sum(reserved) FROM charge GROUP BY channel, day`,
		'UPDATE task SET priced = 1' ])
		ledger.sql(data, text);
	ledger.check(data);
}

/** Ends of tasks, in runs of --once, start and reading of the tasks included; the upstream says what each has cost. */
async function ends() {
	const TASKS = 4000, PRICE = 800_000, server = await upstream(0, 100, '0.5'), costs = { off: [], on: [] }, rates = { off: [], on: [] };
	const profile = JSON.parse(await readFile('conf/dialects/sora.json', 'utf8'));
	Object.assign(profile.answer, { cost: ['/usage/cost'], cost_unit_micro: 1_000_000 });
	for (let i = 0; i < 2 * REPEAT; i++)
		for (const name of i % 2 ? ['on', 'off'] : ['off', 'on']) {
			const data = await mkdtemp(join(tmpdir(), 'longreel-bench-'));
			await run(join(TOOLS, 'fill'), [data, '1', '0', 'running', String(TASKS), '0']);
			await mkdir(join(data, 'dialects'));
			await writeFile(join(data, 'dialects', 'sora.json'), JSON.stringify(profile));
			if (name === 'on')
				hold(data, PRICE);
			const begun = performance.now(), { stderr } = await run(join(TOOLS, 'wrote'), [join(BUILD, 'longreel-poller'), '--data', data, '--once'], { env: { ...process.env,
				SORA_API_BASE: server.base, SORA_API_KEY: 'k', LONGREEL_BILLING: name, LONGREEL_ARCHIVE: 'off', LONGREEL_LOG_LEVEL: 'error' } });
			rates[name].push(TASKS / (performance.now() - begun) * 1000);
			costs[name].push(Number(stderr.trim().split('\n').at(-1).split(' ')[1]) / TASKS);
			const [{ n, cost }] = ledger.sql(data, name === 'on' ? "SELECT count(*) AS n, sum(cost) AS cost FROM charge WHERE state = 'settled'" : "SELECT count(*) AS n FROM task WHERE state = 'completed'");
			if (n !== TASKS || (name === 'on' && cost !== TASKS * 500_000))
				throw new Error(`${n} of ${TASKS} have ended, for ${cost}`);
			ledger.check(data);
			await rm(data, { recursive: true, force: true });
		}
	await server.end();
	beside('ends of tasks with billing', rates.on, rates.off, '/s', ['>=', 0.9]);
	beside('… processor time of the poller for one', costs.on, costs.off, 'µs');
}

/** A million charges of a month, of 5 models and 4 keys, and their sums by day. */
async function summary({ data, instance, people: [{ token }] }) {
	const day = Math.floor(Date.now() / 86_400_000), [{ task }] = ledger.sql(data, 'SELECT max(id) AS task FROM task');
	ledger.sql(data, `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999999)
		INSERT INTO charge (task_id, attempt, user_id, api_key, group_id, model, channel, job, size, seconds, tariff_id, multiplier_ppm, cancel, late_hold,
			reserved, charged, state, reason, outcome, day, created_at, ended_at)
		SELECT ?, 2 + i, 1, i / 150 % 4, 0, 'model-' || i / 30 % 5, 'default', 'create', '', 8, 1, 1000000, 'never', 0, 800000, 800000, 'settled', 'complete', 'completed',
			? - i % 30, 1, 1 FROM n`, task, day);
	ledger.sql(data, `INSERT INTO usage_day (user_id, day, model, api_key, channel, group_id, completed, failed, cancelled, seconds, charged, cost, unknown)
		SELECT user_id, day, model, api_key, channel, group_id, count(*), 0, 0, sum(seconds), sum(charged), 0, count(*) FROM charge WHERE attempt > 1
		GROUP BY user_id, day, model, api_key, channel, group_id`);
	const worker = instance.child('cgi-bin/tasks'), from = new Date((day - 29) * 86_400_000).toISOString().slice(0, 10), looks = [];
	for (const by of ['day', 'model', 'key']) {
		const url = `${instance.base}/api/account/usage?groupBy=${by}&from=${from}`;
		const { data: { total } } = await (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).json();
		if (total.completed !== 1_000_000)
			throw new Error(`${url}: ${JSON.stringify(total)}`);
		const before = cpu([worker]), { rate } = await wrkFor(2, url, token);
		looks.push((cpu([worker]) - before) / (rate * 2) * 1000);
	}
	note("a month's summary over a million charges, processor time", { ours: looks, unit: 'ms', goal: ['<=', 10] });
}

/** The memory of an instance that does nothing, in MB. It is the only one: two would share what they have of libraries. */
async function idle(env) {
	const at = await filled({ env });
	await pause(2000);
	const memory = pss(pidsOf(at.instance)) / 1024;
	await at.end();
	return memory;
}

/** With billing, beside the same without: creations, ends, memory; a month's summary over a million charges. */
export async function money() {
	const quick = await upstream(), env = { SORA_API_BASE: quick.base, SORA_API_KEY: 'k', LONGREEL_ARCHIVE: 'off', LONGREEL_POLL_INTERVAL_MIN: '1h', LONGREEL_POLL_INTERVAL_MAX: '1h' };
	note('memory of an idle instance with billing, all processes', { ours: [await idle({ ...env, LONGREEL_BILLING: 'on' })], unit: 'MB', goal: ['<=', 18] });
	note('… and without', { ours: [await idle(env)], unit: 'MB', goal: ['<=', 15.5] });
	const at = { off: await filled({ env }), on: await filled({ env: { ...env, LONGREEL_BILLING: 'on' } }) };
	ledger.price(at.on.data, { model: '', perSecond: 100_000, seconds: 8 });
	ledger.grant(at.on.data, 10 ** 14);
	await creations(at);
	await at.off.end();
	await summary(at.on);
	await at.on.end();
	await quick.end();
	await ends();
}

/** An upgrade with 100 000 tasks (TASKS), from the last release and from before there was money: how long it takes and how much room its log. */
export async function upgrade() {
	const TASKS = Number(process.env.TASKS ?? 100_000);
	for (const version of [14, 43]) {
		const old = await oldInstance(version, TASKS), times = [], room = [];
		for (let i = 0; i < REPEAT; i++) {
			const data = await copyOf(old), { out, ms, most } = await bringUp(data);
			const missing = (await lost(old, data)).filter(([table, column]) => !['head.boot', 'task.owner'].includes(`${table}.${column}`));
			if (missing.length > 0 || !/brought up to date, intact/.test(out))
				throw new Error(`${JSON.stringify(missing)} ${out}`);
			ledger.check(data);
			times.push(ms / 1000);
			room.push(most / 1e6);
			await rm(data, { recursive: true, force: true });
		}
		note(`upgrade of ${TASKS} tasks from migration ${version}, with longreel check`, { ours: times, unit: 's' });
		note('… room for its log', { ours: room, unit: 'MB' });
		await rm(old, { recursive: true, force: true });
	}
}
