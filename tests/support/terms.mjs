// An instance with billing by given terms (cancel_charge, late_hold) for a test of what is paid in the end: two pollers, an upstream (upstream.mjs) that
// answers when the test says so, and time that passes when it says so. What it shows is what a user sees.
//
//	const place = await newTerms('sent', '1h');
//	const ada = await place.rich(10_000_000);
//	const { videoId, answer } = await place.sending(ada, 'mute');   // the upstream's answer is awaited
//	answer(400);
//	await place.charged(ada, videoId, ['released verdict_after_cancel']);
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from './client.mjs';
import { BUILD, longreel, newDataDir, startInstance, until } from './instance.mjs';
import { PROFILE, newUpstream } from './upstream.mjs';
import { newWorld } from './world.mjs';

export const PRICE = 800_000, CREATE = '/api/relay/sora/videos';
const LISTS = JSON.stringify({ ...JSON.parse(PROFILE),
	list: { path: '/shelf', accepted: [200], items: ['/tickets'], prompt: ['/say'], created_at: ['/at'] } });
/** Each makes the model of its name: one has a list, one knows a repetition by its key, one neither. */
const CHANNELS = { listed: ['lists'], known: ['mute', '--idempotency'], mute: ['mute'] };

/** Something that is waited for, and how to say that it has come. */
export function deferred() {
	let resolve;
	const promise = new Promise((done) => (resolve = done));
	return { promise, resolve };
}

class Terms {
	passed = 0;
	names = 0;

	async begin(cancelCharge, lateHold) {
		/** Whether what was given up, and what is cancelled without an id, stays on hold for a time. */
		this.lingers = lateHold !== '0';
		this.holds = this.lingers && cancelCharge === 'sent';
		[this.world, this.upstream, this.data] = await Promise.all([newWorld(), newUpstream(), newDataDir()]);
		this.upstream.now = () => Date.now() + this.passed;
		this.env = { ...this.world.env, LONGREEL_BILLING: 'on', LONGREEL_CANCEL_CHARGE: cancelCharge, LONGREEL_LATE_HOLD: lateHold, LONGREEL_RATE_CREATE: '0',
			LONGREEL_ARCHIVE: 'off', LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_POLL_INTERVAL_MAX: '300ms' };
		const key = join(this.data, 'key'), dialects = join(this.data, 'dialects');
		await mkdir(dialects, { mode: 0o700 });
		await Promise.all([writeFile(key, 'k1', { mode: 0o600 }), writeFile(join(dialects, 'lists.json'), LISTS), writeFile(join(dialects, 'mute.json'), PROFILE)]);
		this.instance = await startInstance({ data: this.data, env: this.env });
		for (const [name, [dialect, ...more]] of Object.entries(CHANNELS))
			await this.order('channel', 'add', name, '--base', this.upstream.base, '--dialect', dialect, '--key-file', key, '--models', name, '--private', ...more);
		await this.order('price', 'set', '*', '--flat', '0.80');
		this.poller = this.runPoller();
		this.ended = once(this.poller, 'close');
		return this;
	}

	/** A poller beside the instance's own; what it says is in the same log. */
	runPoller(...words) {
		const child = spawn(join(BUILD, 'longreel-poller'), ['--data', this.data, ...words], { env: { ...process.env, ...this.env }, stdio: ['ignore', 'ignore', 'pipe'] });
		child.stderr.on('data', (piece) => (this.instance.log += piece));
		return child;
	}

	/** An order of the operator. */
	async order(...words) {
		const { code, out, err } = await longreel([...words, '--data', this.data], { env: this.env });
		assert.equal(code, 0, `${words.join(' ')}: ${err}${out}`);
		return out;
	}

	/** A new user with so much. */
	async rich(amount) {
		const user = await new Client(this.instance.base).join(`user${++this.names}`);
		await this.order('credit', 'add', user.user.username, String(amount / 1_000_000));
		return user;
	}

	/** Has the upstream take what is sent, at once, and stop what it is asked to stop; its jobs go on until they are awake(). */
	calm() {
		this.upstream.answer = this.upstream.shelf = this.upstream.wake = () => undefined;
		this.upstream.mood = () => 'dreaming';
	}

	/** From now on what is under way is done. */
	awake() {
		this.upstream.mood = () => 'awake';
	}

	/** From now on whatever is asked of `what` (answer, shelf, wake) waits. @returns {{came: Promise, answer: (said: any) => void}} that it is asked, and its answer */
	holdBack(what) {
		const came = deferred(), said = deferred();
		this.upstream[what] = () => {
			came.resolve();
			return said.promise;
		};
		return { came: came.promise, answer: said.resolve };
	}

	/** A task of this model whose submission the upstream has and does not answer. @returns its id, how to answer, the client's answer */
	async sending(user, model, create = (body) => user.call('POST', CREATE, body)) {
		const held = this.holdBack('answer'), clientRequestId = `r${++this.names}`;
		const creation = create({ prompt: clientRequestId, model, clientRequestId });
		await Promise.race([held.came, creation]);
		const { tasks: [task] } = await user.data('POST', '/api/video/tasks/recover', { clientRequestIds: [clientRequestId] });
		assert.equal(task.status, 'QUEUED');
		return { videoId: task.videoId, answer: held.answer, creation };
	}

	/** A task whose answer was lost. */
	async lost(user, model) {
		this.upstream.answer = () => 'hangup';
		const clientRequestId = `r${++this.names}`;
		await user.call('POST', CREATE, { prompt: clientRequestId, model, clientRequestId });
		const { tasks: [{ videoId }] } = await user.data('POST', '/api/video/tasks/recover', { clientRequestIds: [clientRequestId] });
		return videoId;
	}

	task(user, videoId) {
		return user.data('GET', `/api/video/tasks/${videoId}`);
	}

	/** Until the task has this status. */
	becomes(user, videoId, status) {
		return until(async () => (await this.task(user, videoId)).status === status, `${videoId} ${status}`);
	}

	/** The task's charges, the first attempt first: "released fail". Not those of this month, which may end while time passes. */
	async charges(user, videoId) {
		const { charges } = await user.data('GET', '/api/account/charges?limit=100&from=0');
		return charges.filter((row) => row.videoId === videoId).sort((a, b) => a.attempt - b.attempt).map(({ state, reason }) => reason ? `${state} ${reason}` : state);
	}

	/**
	 * The task's charges are these, or become so, and the last one is what its object shows. The user's statement has one reserve an attempt, and one end
	 * for each that has ended.
	 */
	async charged(user, videoId, wanted, price = PRICE) {
		let found;
		await until(async () => (found = await this.charges(user, videoId)).join() === wanted.join(), 'the charges')
			.catch((error) => assert.deepEqual(found, wanted, error.message));
		const { charge, chargedMicro } = await this.task(user, videoId), last = wanted.at(-1).split(' ')[0];
		assert.deepEqual([charge, chargedMicro], [{ settled: 'charged' }[last] ?? last, last === 'settled' ? price : 0]);
		const { transfers } = await user.data('GET', '/api/account/statement?limit=100');
		const kinds = transfers.filter((row) => row.videoId === videoId).map(({ kind }) => kind).sort();
		assert.deepEqual(kinds, wanted.flatMap((row) => ['reserve', { settled: 'settle', released: 'release' }[row.split(' ')[0]]]).filter(Boolean).sort());
	}

	/** So many ms pass, and a third poller looks at all that is due, once. */
	async pass(ms) {
		await this.world.passed(this.passed += ms);
		assert.deepEqual(await once(this.runPoller('--once'), 'close'), [0, null]);
	}

	/** All cooldowns are over. */
	rest() {
		return this.world.passed(this.passed += 10 * 60_000);
	}

	/** The accounts add up. */
	async check() {
		assert.match(await this.order('ledger', 'check'), /add up/);
	}

	async stop() {
		this.poller?.kill('SIGTERM');
		await this.ended;
		await this.instance?.stop().finally(async () => {
			await this.upstream.close();
			await this.world.remove();
			await rm(this.data, { recursive: true, force: true });
		});
	}
}

export const newTerms = (cancelCharge, lateHold) => new Terms().begin(cancelCharge, lateHold);
