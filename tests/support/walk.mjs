// A random walk of users and an operator through whole programs, with kills and a clock that is set, beside a model of the accounts: what each
// user was given, which tasks were made, what was asked of them. What the model cannot know, as an answer was lost, is a set; the end decides.
//
//	const walk = await newWalk({ seed: 1, users: 16 });
//	await walk.run(10_000);     // steps: requests and orders of the operator
//	await walk.drain();         // until nothing is open any more
//	await walk.verify();        // the accounts against the model, the upstream's record and the rules
//	await walk.stop();
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgi } from './cgi.mjs';
import { Client } from './client.mjs';
import { openDatabase } from './database.mjs';
import { BUILD, LONGREEL, longreel, newDataDir, startInstance, until } from './instance.mjs';
import { random } from './random.mjs';
import { watchMoves } from './walk_moves.mjs';
import * as rare from './walk_rare.mjs';
import { WALK_LISTS, WALK_PROFILE, walkUpstream } from './walk_upstream.mjs';
import { verifyWalk } from './walk_verify.mjs';
import { newWorld } from './world.mjs';

/* What is to be preloaded and is not there is left out, with a word to stderr alone. */
const WITNESS = join(BUILD, 'tests', 'witness.so');
export const UNIT = 1_000_000;
const DAY_MS = 86_400_000, DEADLINE_MS = 5000, LATE_HOLD_MS = 4000, MODELS = ['plain', 'dear', 'gift', 'shut'], WINDOWS = ['day', 'week', 'month', 'total'];
/** Two channels that cannot list their jobs, one that can, and one that knows a repetition by its key. */
const CHANNELS = { one: ['klecks', 'plain,gift'], two: ['klecks', 'plain,gift'], three: ['lists', 'dear'], four: ['klecks', 'shut', '--idempotency'] };
/** How often what is done; the rest is for the feed. */
const OFTEN = { create: 34, replay: 8, look: 12, balance: 4, retry: 12, cancel: 7, remove: 5, remix: 7, redeem: 2, credit: 3, take: 1, refund: 2,
	release: 2, price: 1, group: 1, budget: 2, line: 1, hasty: 6, stuck: 1 };
const VERBS = Object.entries(OFTEN).flatMap(([verb, times]) => Array(times).fill(verb));
const FATES = [...'cccccccccccccccccfffffffrrrllddsuh'];
/** Those of money and of the moves, as the sources have them; a build without sanitizers has none. */
const POINTS = ['hold.added', 'hold.ended', 'lapse.decided', 'credit.added', 'code.used', 'create.begun', 'create.written', 'submit.started',
	'submit.answered', 'submit.settled', 'submit.written', 'refresh.decided', 'refresh.written', 'due.claimed', 'due.settled', 'shares.written'];
const HAS_POINTS = readFileSync(join(BUILD, 'cgi-bin', 'relay')).includes('submit.settled');

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

class Walk {
	steps = 0;
	kills = 0;
	points = 0; // of the kills those at kill points
	plain = 0; // requests as plain CGI
	jumps = 0;
	models = MODELS;
	ahead = 0; // of the truth, ms
	seen = {}; // what was done and how it was answered, how often
	codes = []; // {text, amount, usesLeft}
	released = new Set(); // charges that the operator has released

	async begin({ seed, users = 20, plant, watched = true, kills = true }) {
		assert.ok(existsSync(WITNESS), `${WITNESS} is not built: nothing would be seen`);
		this.dice = random(seed);
		this.deadly = kills;
		this.data = await newDataDir();
		this.world = await newWorld();
		await this.world.clock(0);
		this.accused = join(this.data, 'witness');
		this.fault = join(this.data, 'fault');
		this.upstream = await walkUpstream(DEADLINE_MS + 500);
		mkdirSync(join(this.data, 'dialects'), { mode: 0o700 });
		writeFileSync(join(this.data, 'dialects', 'klecks.json'), WALK_PROFILE);
		writeFileSync(join(this.data, 'dialects', 'lists.json'), WALK_LISTS);
		writeFileSync(join(this.data, 'key'), 'k1', { mode: 0o600 });
		this.env = { ...this.world.env, LD_PRELOAD: `${this.world.env.LD_PRELOAD}:${WITNESS}`,
			LONGREEL_BILLING: 'on', LONGREEL_RATE_CREATE: '0', LONGREEL_RATE_REDEEM: '0', LONGREEL_RATE_REGISTER: '0', LONGREEL_RATE_LOGIN: '0',
			LONGREEL_ARCHIVE: 'off', LONGREEL_LOG_LEVEL: 'error', LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_POLL_INTERVAL_MAX: '300ms',
			LONGREEL_TASK_DEADLINE: `${DEADLINE_MS}ms`, LONGREEL_SUBMIT_TIMEOUT: '1s', LONGREEL_POLL_TIMEOUT: '1s', LONGREEL_LEASE_MARGIN: '300ms',
			LONGREEL_LATE_HOLD: `${LATE_HOLD_MS}ms`, LONGREEL_CANCEL_CHARGE: 'sent', LONGREEL_FAULT_FILE: this.fault,
			...(watched && { WITNESS_FILE: this.accused }), ...(plant && { WITNESS_PLANT: plant }) };
		this.instance = await startInstance({ data: this.data, env: this.env });
		this.database = openDatabase(this.data);
		if (plant)
			await this.database.rows('DROP INDEX transfer_charge');
		await watchMoves(this.database);
		for (const [name, [dialect, models, ...more]] of Object.entries(CHANNELS))
			await this.order('channel', 'add', name, '--base', this.upstream.base, '--dialect', dialect, '--models', models, '--key-file', join(this.data, 'key'), '--private', ...more);
		for (const model of MODELS)
			await this.setPrice(model);
		await this.order('group', 'add', 'friends', '--multiplier', '0.9');
		await this.order('group', 'add', 'others');
		this.users = [];
		for (let i = 0; i < users; i++)
			this.users.push(await this.newUser(`user${i}`));
		return this;
	}

	async newUser(name) {
		const client = await new Client(this.instance.base).join(name);
		const user = { name, id: client.user.id, client, given: 0, tasks: [], maybe: [], redeemed: new Set(), paid: 0, n: 0, references: 0 };
		if (this.dice.below(3) === 0)
			user.key = (await client.data('POST', '/api/auth/keys', { name: 'k', budgets: { total: this.dice.below(2) ? 40 * UNIT : null } })).key;
		await this.credit(user);
		return user;
	}

	/* ---- requests ---- */

	count(what, answer) {
		const key = `${what} ${answer}`;
		this.seen[key] = (this.seen[key] ?? 0) + 1;
	}

	/** One request, by lighttpd or as plain CGI. @returns its status and body; null = what became of it is not known */
	async send(user, what, method, path, body) {
		this.steps++;
		const headers = { authorization: `Bearer ${user.key && this.dice.below(2) ? user.key : user.client.token}`, ...(body && { 'content-type': 'application/json' }) };
		const plain = this.dice.below(HAS_POINTS ? 40 : 15) === 0;
		this.plain += plain;
		const dies = plain && this.deadly && this.dice.below(6) === 0, abort = new AbortController();
		if (dies)
			setTimeout(() => abort.abort(), this.dice.below(40));
		const answer = await (plain ? cgi(/relay|re(mix|try)$/.test(path) ? 'relay' : 'tasks',
			{ method, path, headers, body, env: { ...this.env, LONGREEL_DATA: this.data }, signal: abort.signal }).then(({ status, json }) => ({ status, body: json }))
			: this.http(method, path, headers, body)).catch(() => null);
		this.kills += answer === null && abort.signal.aborted;
		this.trouble();
		this.count(what, answer === null || answer.status >= 500 ? 'lost' : answer.body?.code ?? answer.status);
		return answer === null || answer.status >= 500 ? null : answer;
	}

	async http(method, path, headers, body) {
		const answer = await fetch(this.instance.base + path, { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(20_000) });
		return { status: answer.status, body: await answer.json() };
	}

	/** The same until it is answered for good: only what may be repeated. @returns the answer, and whether one was lost before */
	async insist(user, what, method, path, body) {
		let sent = 0;
		const answer = await until(() => (sent++, this.send(user, what, method, path, body)), `an answer to ${what}`, 120_000);
		return { ...answer, lost: sent > 1 };
	}

	/** An order of the operator that must succeed; it may be killed and repeated where it bears a reference. */
	async order(...words) {
		const { code, out, err } = await longreel([...words, '--data', this.data], { env: this.env });
		this.trouble();
		assert.equal(code, 0, `${words.join(' ')}: ${err}${out}`);
		return out;
	}

	/** The same, which may be refused, or killed at any moment. @returns {Promise<{code: number|null, err: string}>} code null: it was killed */
	async orderOrDie(...words) {
		const child = spawn(LONGREEL, [...words, '--data', this.data], { env: { ...process.env, ...this.env }, stdio: ['ignore', 'ignore', 'pipe'] });
		let err = '';
		child.stderr.on('data', (piece) => (err += piece));
		if (this.deadly && this.dice.below(3) === 0)
			setTimeout(() => child.kill('SIGKILL') && this.kills++, this.dice.below(25));
		const [code] = await once(child, 'close');
		this.trouble();
		return { code, err };
	}

	/** Throws what the witness has seen: a line, which a moment after the file is there is not written yet. */
	trouble() {
		if (existsSync(this.accused) && readFileSync(this.accused, 'utf8').endsWith('\n'))
			throw new Error(`the witness: ${readFileSync(this.accused, 'utf8')}`);
	}

	/* ---- what users do ---- */

	fates() {
		return Array.from({ length: 3 }, () => this.dice.pick(FATES)).join('');
	}

	/** Notes the tasks that an answer tells of. What the upstream has refused at once (422) is a task, too, which has failed. */
	async note(user, answer, asked, id, cancelled = false) {
		let tasks = answer.status < 300 ? answer.body.data.tasks ?? [answer.body.data] : [];
		if (answer.status === 422)
			({ tasks } = (await this.insist(user, 'recover', 'POST', '/api/video/tasks/recover', { clientRequestIds: [id, ...[1, 2, 3].map((i) => `${id}#${i}`)] })).body.data);
		for (const made of tasks)
			user.tasks.push({ id: made.videoId, retries: 0, unsure: 0, asked, cancelled, deleted: false });
		/* A request whose answer was lost may still wait in a program while the next one is refused, and have its turn after it. */
		if (answer.lost && tasks.length === 0)
			user.maybe.push({ id, asked, cancelled });
	}

	refused(what, answer) {
		if (answer.status !== 402)
			return;
		const { requiredMicro, availableMicro, shortMicro, limitMicro, usedMicro } = answer.body.details;
		if (answer.body.code === 'insufficient_credit')
			assert.ok(requiredMicro > availableMicro && shortMicro === requiredMicro - availableMicro, `${what}: ${JSON.stringify(answer.body)}`);
		else
			assert.ok(requiredMicro > limitMicro - usedMicro, `${what}: ${JSON.stringify(answer.body)}`);
	}

	async create(user) {
		const n = this.dice.below(12) === 0 ? 3 : undefined, id = `${user.name}-${user.n++}`;
		const asked = { prompt: `${this.dice.below(200) === 0 ? 'pc' : this.fates()} ${id}`, model: this.dice.pick(MODELS), clientRequestId: id, ...(n && { n }),
			...(this.dice.below(3) === 0 && { seconds: 1 + this.dice.below(5) }), ...(this.dice.below(10) === 0 && { maxPriceMicro: this.dice.below(2 * UNIT) }) };
		const answer = await this.insist(user, 'create', 'POST', '/api/relay/sora/videos', asked);
		await this.note(user, answer, asked, id);
		this.refused('create', answer);
		if (answer.body.code === 'model_not_priced') // the clock was set to before its prices
			await this.setPrice(asked.model);
		if (answer.body.code === 'insufficient_credit' && this.dice.below(3) === 0)
			await this.credit(user);
		if (answer.body.code === 'budget_exceeded' && this.dice.below(2) === 0)
			for (const whose of { all: [['budget', 'set']], channel: Object.keys(CHANNELS).map((name) => ['channel', 'set', name]) }[answer.body.details.subject] ?? [['user', 'set', user.name]])
				await this.order(...whose, ...WINDOWS.flatMap((window) => [`--budget-${window}`, 'none']));
	}

	/** The same request again makes nothing. */
	async replay(user) {
		const task = this.task(user, (t) => !t.deleted && t.asked);
		if (!task)
			return;
		const { body } = await this.insist(user, 'replay', 'POST', task.asked.path ?? '/api/relay/sora/videos', task.asked.body ?? task.asked);
		const same = (body.data?.tasks ?? [body.data]).map((t) => t?.videoId);
		assert.ok(same.includes(task.id) || !body.success, JSON.stringify(body));
	}

	async remix(user) {
		const task = this.task(user, (t) => !t.deleted), id = `${user.name}-${user.n++}`;
		if (!task)
			return;
		const path = `/api/video/tasks/${task.id}/remix`, body = { prompt: `${this.fates()} ${id}`, clientRequestId: id };
		const answer = await this.insist(user, 'remix', 'POST', path, body);
		await this.note(user, answer, { path, body }, id);
		this.refused('remix', answer);
	}

	task(user, fits = () => true) {
		const tasks = user.tasks.filter(fits), recent = tasks.slice(-12);
		return tasks.length === 0 ? undefined : this.dice.below(4) ? this.dice.pick(recent) : this.dice.pick(tasks);
	}

	async retry(user) {
		const task = this.task(user, (t) => !t.deleted);
		if (!task)
			return;
		const answer = await this.send(user, 'retry', 'POST', `/api/video/tasks/${task.id}/retry`);
		if (answer === null)
			task.unsure++;
		else if (answer.status < 300 || answer.body.code === 'upstream_rejected')
			task.retries++;
		else
			this.refused('retry', answer);
	}

	async cancel(user) {
		const task = this.task(user, (t) => !t.deleted);
		if (!task)
			return;
		task.cancelled = true;
		await this.send(user, 'cancel', 'POST', `/api/video/tasks/${task.id}/cancel`);
	}

	async remove(user) {
		const task = this.task(user, (t) => !t.deleted);
		if (!task)
			return;
		task.deleted = true;
		await this.send(user, 'remove', 'DELETE', `/api/video/tasks/${task.id}`);
	}

	/** What a client is shown of a task. */
	async look(user) {
		const task = this.task(user, (t) => !t.deleted);
		const answer = task && (await this.send(user, 'look', 'GET', `/api/video/tasks/${task.id}`));
		if (!answer)
			return;
		const { status, charge, priceMicro, chargedMicro } = answer.body.data, shown = JSON.stringify(answer.body.data);
		assert.ok(chargedMicro <= priceMicro && (charge === 'charged' ? chargedMicro > 0 : chargedMicro === 0), shown);
		assert.ok({ QUEUED: /held|free|released/, PROCESSING: /held|free|released/, COMPLETED: /charged|free|released/, FAILED: /held|free|released/,
			CANCELLED: /held|charged|free|released/ }[status].test(charge), shown);
	}

	async balance(user) {
		const before = user.given;
		const answer = await this.send(user, 'balance', 'GET', '/api/account');
		if (answer?.status === 200 && before === user.given) {
			const { availableMicro, heldMicro } = answer.body.data.balance;
			assert.ok(availableMicro + heldMicro <= user.given && heldMicro >= 0, `${user.name} has ${availableMicro} and ${heldMicro} of ${user.given}`);
		}
	}

	async redeem(user) {
		if (this.codes.length === 0 || this.dice.below(6) === 0) {
			const batch = `b${this.codes.length}`, amount = 1 + this.dice.below(3), uses = 1 + this.dice.below(3);
			for (const { code } of JSON.parse(await this.order('code', 'create', '--count', '3', '--amount', String(amount), '--uses', String(uses), '--batch', batch, '--json')).codes)
				this.codes.push({ text: code, amount: amount * UNIT, left: uses });
		}
		const code = this.dice.pick(this.codes), body = { code: code.text };
		let lost = false, answer;
		user.given += code.amount; // it may have come whenever the balance is looked at
		while ((answer = await this.send(user, 'redeem', 'POST', '/api/account/redeem', body)) === null)
			lost = true;
		/* After a lost answer "used" may be by oneself: the code's own record says so. */
		const mine = answer.status === 200 || (lost && answer.body.code === 'code_used' && !user.redeemed.has(code));
		const paid = answer.status === 200 || (mine && (await this.database.rows(`SELECT 1 FROM redemption AS r JOIN code AS c ON c.id = r.code_id
			WHERE r.user_id = (SELECT id FROM user WHERE username = ?) AND c.hint = ?`, user.name, code.text.slice(0, 5))).length > 0);
		if (paid) {
			assert.ok(!user.redeemed.has(code) && --code.left >= 0, 'once a user, and no more often than it may be used');
			user.redeemed.add(code);
		} else {
			user.given -= code.amount;
		}
	}

	/* ---- what the operator does ---- */

	async credit(user) {
		const amount = 1 + this.dice.below(6), words = ['credit', 'add', user.name, String(amount), '--reference', `${user.name}/${user.references++}`];
		user.given += amount * UNIT;
		for (let times = 1 + this.dice.below(2); times > 0;) { // once more changes nothing
			this.steps++;
			const { code, err } = await this.orderOrDie(...words);
			assert.ok(code === 0 || code === null, err);
			times -= code === 0;
		}
	}

	async take(user) {
		const amount = this.dice.below(3 * UNIT) + 1, decimal = `${Math.floor(amount / UNIT)}.${String(amount % UNIT).padStart(6, '0')}`;
		const reference = `${user.name}/${user.references++}`;
		for (let code = null; code === null;) {
			this.steps++;
			const ended = await this.orderOrDie('credit', 'take', user.name, decimal, '--reference', reference);
			code = ended.code;
			if (code === 0)
				user.given -= amount;
			else
				assert.ok(code === null || /less credit/.test(ended.err), ended.err);
		}
	}

	async line(user) {
		await this.orderOrDie('credit', 'line', user.name, String(this.dice.below(3)));
		this.steps++;
	}

	/** Refunds one charge that is settled, once. */
	async refund(user) {
		const [charge] = await this.database.rows(`SELECT id, charged FROM charge WHERE user_id = (SELECT id FROM user WHERE username = ?)
			AND state = 'settled' AND charged > 0 AND refunded = 0 LIMIT 1`, user.name);
		if (!charge)
			return;
		user.given += charge.charged;
		for (let code = null, lost = false; code === null; lost ||= code === null) {
			this.steps++;
			const ended = await this.orderOrDie('charge', 'refund', String(charge.id));
			code = ended.code;
			assert.ok(code === 0 || code === null || lost, ended.err);
		}
	}

	async release(user) {
		const [charge] = await this.database.rows(`SELECT id FROM charge WHERE user_id = (SELECT id FROM user WHERE username = ?) AND state = 'held'
			ORDER BY id DESC LIMIT 1`, user.name);
		if (!charge)
			return;
		this.released.add(charge.id);
		await this.orderOrDie('charge', 'release', String(charge.id));
		this.steps++;
	}

	async setPrice(model) {
		const price = model === 'gift' ? ['--flat', '0'] : model === 'dear' ? ['--per-second', `0.${1 + this.dice.below(4)}0000${this.dice.below(9)}`, '--default-seconds', '3']
			: ['--flat', `0.${2 + this.dice.below(7)}`];
		this.steps++;
		await this.order('price', 'set', model, ...price);
	}

	price() {
		return this.setPrice(this.dice.pick(MODELS));
	}

	async group(user) {
		this.steps++;
		if (this.dice.below(2))
			await this.order('user', 'set', user.name, '--group', this.dice.pick(['friends', 'others']));
		else
			await this.order('group', 'set', 'friends', '--multiplier', `0.${1 + this.dice.below(9)}`, '--budget-day', this.dice.pick(['none', '9']));
	}

	async budget(user) {
		this.steps++;
		const whose = this.dice.pick([['user', 'set', user.name], ['user', 'set', user.name], ['channel', 'set', this.dice.pick(Object.keys(CHANNELS))], ['budget', 'set']]);
		await this.order(...whose, `--budget-${this.dice.pick(WINDOWS)}`, this.dice.pick(['none', 'none', ...whose[0] === 'user' ? ['6', '15'] : ['60', '150']]));
	}

	/* ---- what happens to all of them ---- */

	async live(user, most) {
		while (this.steps < most && !this.failed) {
			const verb = this.dice.pick(VERBS);
			await (rare[verb] ? rare[verb](this, user) : this[verb](user));
		}
	}

	/** A second poller, started anew whenever it dies. */
	async secondPoller() {
		while (!this.over) {
			this.poller = spawn(join(BUILD, 'longreel-poller'), ['--data', this.data], { env: { ...process.env, ...this.env }, stdio: ['ignore', 'ignore', 'pipe'] });
			this.poller.stderr.on('data', (piece) => (this.instance.log += piece));
			await once(this.poller, 'close');
		}
	}

	async killOne() {
		const armed = existsSync(this.fault);
		if (this.armed && !armed)
			this.kills++, this.points++;
		this.armed = HAS_POINTS && (armed || this.dice.below(3) > 0);
		if (this.armed && !armed)
			return writeFileSync(this.fault, this.dice.pick(POINTS));
		if (this.dice.below(15) === 0) {
			await this.instance.crash();
			this.env.LONGREEL_CANCEL_CHARGE = this.dice.pick(['never', 'sent']); // a charge bears the terms of its time
			await this.instance.start();
			this.kills++;
			return undefined;
		}
		const victims = this.instance.children().filter(({ command }) => /relay|poller|tasks|lighttpd/.test(command)).map(({ pid }) => pid);
		const pid = this.dice.below(5) === 0 ? this.poller.pid : victims.length > 0 && this.dice.pick(victims);
		try {
			this.kills += pid ? process.kill(pid, 'SIGKILL') : 0;
		} catch {
			// it has died by itself
		}
		return undefined;
	}

	async kill(most, everyMs) {
		while (this.steps < most && !this.failed) {
			await pause(everyMs / 2 + this.dice.below(everyMs));
			await this.killOne();
		}
	}

	/** Sets the clock, forward and back, a few times over the walk. */
	async jump(most) {
		const part = (most - this.steps) / 6;
		for (let at = this.steps + part; at < most; at += part, this.jumps++) {
			await until(() => this.failed || this.steps >= at, 'steps', 3_600_000);
			await this.world.clock(this.ahead = this.dice.pick([0, DAY_MS, -DAY_MS, 31 * DAY_MS / 2, 3000, -3000].filter((ms) => ms !== this.ahead)));
		}
	}

	async run(most, { everyMs = HAS_POINTS ? 800 : 1500 } = {}) {
		this.polling ??= this.secondPoller().catch((error) => { this.failed ??= error; });
		const all = [...this.users.map((user) => this.live(user, most)), ...(this.deadly ? [this.kill(most, everyMs), this.jump(most)] : [])];
		try {
			await Promise.all(all.map((each) => each.catch((error) => { this.failed ??= error; })));
		} finally {
			rmSync(this.fault, { force: true });
			this.armed = false;
		}
		if (this.failed)
			throw this.failed;
	}

	/** Waits until nothing is open or lingers, and all that the upstream has told is known. */
	async drain({ rounds: most = 12, ms = 15_000 } = {}) {
		this.upstream.quiet = true;
		const left = () => this.database.rows(`SELECT (SELECT count(*) FROM task WHERE state IN ('ready', 'sending', 'unsure', 'running')) AS open,
			(SELECT count(*) FROM charge WHERE state = 'held') AS held`);
		let passed = 0;
		for (let rounds = 0; ; rounds++) {
			const done = await until(async () => {
				this.trouble();
				const [{ open, held }] = await left();
				return open + held === 0;
			}, 'the end of all tasks', ms).catch(() => false);
			if (done)
				break;
			assert.ok(rounds < most, `what is left: ${JSON.stringify(await left())}`);
			/* What was cancelled in vain is held for ten minutes; longer where the clock was set forward just then. */
			await this.world.passed(passed += rounds === 0 ? 11 * 60_000 : 40 * DAY_MS);
		}
	}

	verify() {
		return verifyWalk(this);
	}

	/** How many commits the witness has seen, in 16s of each process. */
	commits() {
		return existsSync(`${this.accused}.count`) ? readFileSync(`${this.accused}.count`).length * 16 : 0;
	}

	async stop() {
		this.over = true;
		this.poller?.kill('SIGTERM');
		await this.database.close();
		await this.instance.stop().finally(async () => {
			await this.upstream.close();
			await this.world.remove();
			rmSync(this.data, { recursive: true, force: true });
		});
	}
}

export const newWalk = (options) => new Walk().begin(options);
