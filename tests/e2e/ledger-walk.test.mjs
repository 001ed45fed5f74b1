// The accounts, in a random walk of users and an operator through all programs at once: FastCGI and plain CGI, two pollers, kills, a clock that is
// set, lost answers, late videos. A witness (tests/support/witness.c) checks each commit of each program, a model the end.
//
//	LONGREEL_SEED=1 STEPS=100000 node --test tests/e2e/ledger-walk.test.mjs
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../support/random.mjs';
import { newWalk } from '../support/walk.mjs';

const SANITIZED = /san$/.test(process.env.LONGREEL_BUILD ?? '');
const STEPS = Number(process.env.STEPS ?? (SANITIZED ? 1500 : 10_000)), { seed } = random();

test(`${STEPS} steps (seed ${seed})`, { timeout: 60_000 + STEPS * 100 }, async (t) => {
	const walk = await newWalk({ seed });
	try {
		const begin = Date.now();
		await walk.run(STEPS);
		const walked = Date.now();
		await walk.drain();
		const ended = await walk.verify();
		t.diagnostic(`${walk.steps} steps in ${walked - begin} ms, drained in ${Date.now() - walked} ms, ${walk.kills} kills, ${walk.points} of them at kill points, ${walk.jumps} clocks set, ${walk.commits()} commits seen`);
		t.diagnostic(JSON.stringify(ended));
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
