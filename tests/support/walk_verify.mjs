// What must be so at the end of a walk (walk.mjs), when nothing is open any more: each charge by its reason and by the record of the upstream,
// each balance by what the user was given and what its videos have cost.
import assert from 'node:assert/strict';
import { longreel } from './instance.mjs';

const CHARGES = `SELECT c.*, t.video_id, t.attempt AS last, t.state AS task_state,
	CASE WHEN t.attempt = c.attempt THEN t.external_id ELSE a.external_id END AS job_id, u.username, f.flat, f.per_second, f.min_seconds, f.step_seconds,
	f.model AS tariff_model, f.valid_from, f.valid_until
	FROM charge AS c JOIN task AS t ON t.id = c.task_id JOIN user AS u ON u.id = c.user_id JOIN tariff AS f ON f.id = c.tariff_id
	LEFT JOIN attempt AS a ON a.task_id = c.task_id AND a.n = c.attempt`;

/** What a reason needs: the job as the upstream knows it, what the user has asked of the task, what the operator has. */
const REASONS = {
	settled: {
		complete: ({ job }) => job?.told === 'awake',
		arrive_late: ({ job }) => job?.told === 'awake',
		cancel_in_vain: ({ asked }) => asked.cancelled || asked.deleted,
		lapse: ({ asked }) => asked.cancelled || asked.deleted,
		retry: ({ job, asked }) => job && asked.retries + asked.unsure > 0 && (asked.cancelled || asked.deleted),
	},
	released: {
		waived: ({ job }) => job?.told === 'awake',
		expire: ({ job }) => !job,
		refuse: ({ job, refused }) => !job && refused > 0,
		fail: ({ job }) => job?.told === 'nightmare' || job?.told === undefined,
		late_verdict: ({ job }) => job?.told === 'nightmare' || job?.told === 'woken',
		stopped: ({ job }) => job?.mood === 'woken',
		confirm_cancel: ({ job, asked }) => job?.mood === 'woken' && (asked.cancelled || asked.deleted),
		verdict_after_cancel: ({ job, asked }) => !job && (asked.cancelled || asked.deleted),
		cancel_ready: ({ job, asked }) => !job && (asked.cancelled || asked.deleted),
		cancel_sending: ({ asked }) => asked.cancelled || asked.deleted,
		cancel_unsure: ({ asked }) => asked.cancelled || asked.deleted,
		cancel_running: ({ job, asked }) => job && (asked.cancelled || asked.deleted),
		lapse: ({ charge }) => charge.task_state !== 'completed' || charge.attempt < charge.last,
		retry: ({ asked }) => asked.retries + asked.unsure > 0,
		delete: ({ asked }) => asked.deleted,
		operator: ({ charge, walk }) => walk.released.has(charge.id),
	},
};

/** The one formula of the contract, section 1. */
function amountOf(charge) {
	const step = BigInt(charge.step_seconds), asked = BigInt(charge.seconds), least = BigInt(charge.min_seconds);
	const rounded = (asked + step - 1n) / step * step, billed = rounded > least ? rounded : least, million = 1_000_000n;
	return Number(((BigInt(charge.flat) + BigInt(charge.per_second) * billed) * BigInt(charge.multiplier_ppm) + million - 1n) / million);
}

function verifyCharge(walk, charge, asked) {
	const job = walk.upstream.jobs.find(({ no }) => String(no) === charge.job_id), says = JSON.stringify({ ...charge, job });
	assert.equal(charge.reserved, amountOf(charge), `by its tariff: ${says}`);
	assert.equal(charge.tariff_model, charge.model, says);
	/* With a clock that was set back a price may end before it was used, or begin afterwards. */
	assert.ok((charge.valid_from <= charge.created_at && charge.created_at < charge.valid_until) || walk.jumps > 0, says);
	assert.equal(charge.charged, charge.state === 'settled' ? charge.reserved : 0, says);
	const fits = REASONS[charge.state]?.[charge.reason];
	assert.ok(fits?.({ job, asked, charge, walk, refused: walk.upstream.refused.get((asked.asked.body ?? asked.asked).prompt) ?? 0 }), `${charge.state} ${charge.reason}: ${says}`);
	/* A video that is shown is paid for, unless its charge had been given back. */
	if (charge.attempt === charge.last && charge.task_state === 'completed')
		assert.ok(charge.state === 'settled' || charge.reason === 'waived', says);
	/* What was neither shown nor cancelled is not. */
	if (charge.state === 'settled' && charge.attempt === charge.last && !asked.cancelled && !asked.deleted)
		assert.equal(charge.task_state, 'completed', says);
}

/** Adds the tasks of requests that were refused in the end, though one that was lost before had been carried out, or was after. */
async function adopt(walk, user) {
	for (const { id, asked, cancelled } of user.maybe)
		for (const { video_id } of await walk.database.rows(`SELECT video_id FROM task WHERE user_id = (SELECT id FROM user WHERE username = ?)
			AND client_request_id IN (${Array(11).fill('?').join()})`, user.name, id, ...Array.from({ length: 10 }, (_, i) => `${id}#${i + 1}`)))
			user.tasks.push({ id: video_id, retries: 0, unsure: 0, asked, cancelled, deleted: false });
}

function verifyUser(walk, user, charges, accounts) {
	const tasks = new Map(user.tasks.map((task) => [task.id, task])), attempts = new Map();
	for (const charge of charges) {
		const asked = tasks.get(charge.video_id);
		assert.ok(asked, `${user.name} was told of ${charge.video_id}`);
		attempts.set(asked.id, (attempts.get(asked.id) ?? 0) + 1);
		verifyCharge(walk, charge, asked);
	}
	for (const { id, retries, unsure } of user.tasks) {
		const n = attempts.get(id) ?? 0;
		assert.ok(n >= 1 + retries && n <= 1 + retries + unsure, `${id} has ${n} charges, for ${retries} retries and ${unsure} that are not known`);
	}
	const paid = charges.reduce((sum, { charged }) => sum + charged, 0);
	assert.deepEqual(accounts, { available: user.given - paid, held: 0 }, `${user.name} was given ${user.given}, and has paid ${paid}`);
}

/** @returns {Promise<Record<string, number>>} how many charges ended how */
export async function verifyWalk(walk) {
	const charges = await walk.database.rows(CHARGES), ended = {};
	const accounts = await walk.database.rows('SELECT u.username, a.kind, a.balance FROM account AS a JOIN user AS u ON u.id = a.user_id');
	for (const user of walk.users)
		await adopt(walk, user);
	for (const user of walk.users)
		verifyUser(walk, user, charges.filter(({ username }) => username === user.name),
			Object.fromEntries(accounts.filter(({ username }) => username === user.name).map(({ kind, balance }) => [kind, balance])));
	const [sums] = await walk.database.rows(`SELECT (SELECT count(*) FROM task) AS tasks, (SELECT count(*) FROM redemption) AS redemptions,
		(SELECT count(*) - count(DISTINCT reference) FROM transfer WHERE reference IS NOT NULL) AS twice`);
	assert.deepEqual(sums, { tasks: walk.users.reduce((n, { tasks }) => n + tasks.length, 0), twice: 0,
		redemptions: walk.users.reduce((n, { redeemed }) => n + redeemed.size, 0) });
	const check = await longreel(['ledger', 'check', '--data', walk.data], { env: walk.env });
	assert.equal(check.code, 0, check.out + check.err);
	for (const { state, reason } of charges)
		ended[`${state} ${reason}`] = (ended[`${state} ${reason}`] ?? 0) + 1;
	return ended;
}
