// The accounts, in a random walk of users and an operator through all programs at once: FastCGI and plain CGI, two pollers, kills, a clock that is
// set, lost answers, late videos. A witness (tests/support/witness.c) checks each commit of each program, a model the end.
//
//	LONGREEL_SEED=1 STEPS=100000 node --test tests/e2e/ledger-walk.test.mjs
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../support/random.mjs';
import { newWalk } from '../support/walk.mjs';
import { movesTaken } from '../support/walk_moves.mjs';

const SANITIZED = /san$/.test(process.env.LONGREEL_BUILD ?? '');
const STEPS = Number(process.env.STEPS ?? (SANITIZED ? 1500 : 10_000)), { seed } = random();
/* A whole walk takes every edge and event at least once, and is killed one time in fifty steps. What is still rare by then may take it longer. */
const WHOLE = STEPS >= 10_000, LONGEST = 3;

test(`${STEPS} steps (seed ${seed})`, { timeout: 60_000 + LONGEST * STEPS * 100 }, async (t) => {
	const walk = await newWalk({ seed });
	try {
		const begin = Date.now();
		await walk.run(STEPS);
		while (WHOLE && walk.steps < LONGEST * STEPS && (walk.kills < STEPS / 50 || (await movesTaken(walk.database)).missing.length > 0))
			await walk.run(walk.steps + STEPS / 10);
		const walked = Date.now();
		await walk.drain();
		const ended = await walk.verify();
		t.diagnostic(`${walk.steps} steps in ${walked - begin} ms, drained in ${Date.now() - walked} ms, ${walk.kills} kills, ${walk.points} of them at kill points, ${walk.plain} requests as plain CGI, ${walk.jumps} clocks set, ${walk.commits()} commits seen`);
		t.diagnostic(JSON.stringify(ended));
		const { taken, missing, strange } = await movesTaken(walk.database);
		t.diagnostic(JSON.stringify(taken));
		assert.deepEqual(strange, [], 'each change of a state is an edge');
		if (WHOLE)
			assert.ok(missing.length === 0 && walk.kills >= STEPS / 50, `never taken: ${missing}; ${walk.kills} kills`);
		t.diagnostic(JSON.stringify(walk.seen));
	} finally {
		await walk.stop();
	}
});

/* What a plant has done, once it has. */
const TWICE = (kind) => `SELECT 1 FROM transfer WHERE kind = '${kind}' GROUP BY charge_id HAVING count(*) > 1`;
const PLANTS = { release: TWICE('release'), hold: TWICE('reserve'), settle: `SELECT 1 FROM charge AS c WHERE state = 'settled' AND charged > 0
	AND NOT EXISTS (SELECT 1 FROM transfer WHERE charge_id = c.id AND kind = 'settle')` };

for (const [plant, done] of Object.entries(PLANTS)) {
	test(`the witness finds a ${plant} that is wrong, before it is committed`, async () => {
		const walk = await newWalk({ seed, users: 4, plant, kills: false });
		try {
			await assert.rejects(walk.run(4000), /the witness: \d+ \d+: /);
			assert.deepEqual(await walk.database.rows(done), []);
		} finally {
			await walk.stop();
		}
	});

	test(`without a witness the end finds it (${plant})`, { skip: SANITIZED && 'the same in all builds' }, async () => {
		const walk = await newWalk({ seed, users: 4, plant, kills: false, watched: false });
		try {
			while ((await walk.database.rows(done)).length === 0)
				await walk.run(walk.steps + 100);
			/* What is released twice leaves another charge with nothing to release: it is held for ever. */
			await assert.rejects(walk.drain({ rounds: 0 }).then(() => walk.verify()), /was given|what is left|WHAT IS WRONG/);
		} finally {
			await walk.stop();
		}
	});
}
