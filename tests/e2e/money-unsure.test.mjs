// Money follows the task where its submission is under way, lost, found, repeated, given up or called off: by each of three terms, in whole instances
// with two pollers. What a user sees of each move is judged (terms.mjs), and the ledger adds up after each.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { cgi } from '../support/cgi.mjs';
import { until } from '../support/instance.mjs';
import { CREATE, PRICE, newTerms } from '../support/terms.mjs';
import { ENOSPC, newWorld } from '../support/world.mjs';

const MINUTE = 60_000, FULL = 10_000_000;
const TERMS = [['never', '1h'], ['sent', '1h'], ['sent', '0']], places = [];

before(async () => {
	places.push(...await Promise.all(TERMS.map((terms) => newTerms(...terms))));
});
afterEach(async () => {
	for (const place of places) {
		place.calm();
		await place.check();
	}
});
after(() => Promise.all(places.map((place) => place.stop())));

/** What a user has: available, on hold. */
async function balance(user) {
	const { balance: { availableMicro, heldMicro } } = await user.data('GET', '/api/account');
	return [availableMicro, heldMicro];
}
const HELD = [FULL - PRICE, PRICE], PAID = [FULL - PRICE, 0], BACK = [FULL, 0];
const cancel = (user, videoId) => user.data('POST', `/api/video/tasks/${videoId}/cancel`);

for (const [i, [cancelCharge, lateHold]] of TERMS.entries()) {
	const by = `cancel_charge = ${cancelCharge}, late_hold = ${lateHold}`;
	let place, ada;

	/* Each test has a user of its own. */
	const begins = async () => {
		place = places[i];
		place.calm();
		await place.rest();
		ada = await place.rich(FULL);
	};

	/** On hold, for longer than late_hold; paid for once its video is there. */
	async function goesOn(videoId) {
		await place.becomes(ada, videoId, 'PROCESSING');
		await place.charged(ada, videoId, ['held']);
		await place.pass(61 * MINUTE);
		await place.charged(ada, videoId, ['held']);
		assert.deepEqual(await balance(ada), HELD);
		place.awake();
		await place.charged(ada, videoId, ['settled complete']);
		assert.deepEqual(await balance(ada), PAID);
	}

	test(`FIND: what was lost and is found stays on hold (${by})`, async () => {
		await begins();
		const list = place.holdBack('shelf'), videoId = await place.lost(ada, 'listed');
		await list.came;
		await place.charged(ada, videoId, ['held']);
		list.answer();
		await goesOn(videoId);
	});

	test(`REPEAT: while it is sent again, and afterwards, it stays on hold: one job, one price (${by})`, async () => {
		await begins();
		const { jobs } = place.upstream, { length } = jobs, videoId = await place.lost(ada, 'known'), again = place.holdBack('answer');
		await again.came;
		await place.charged(ada, videoId, ['held']);
		again.answer();
		await goesOn(videoId);
		assert.equal(jobs.length, length + 1);
	});

	test(`GIVE_UP: silence is no verdict, for late_hold (${by})`, async () => {
		await begins();
		const videoId = await place.lost(ada, 'mute');
		const { status, errorCode } = await place.task(ada, videoId);
		assert.deepEqual([status, errorCode], ['FAILED', 'submission_unknown']);
		if (!place.lingers) {
			await place.charged(ada, videoId, ['released give_up']);
		} else {
			await place.pass(50 * MINUTE);
			await place.charged(ada, videoId, ['held']);
			assert.deepEqual(await balance(ada), HELD);
			await place.pass(11 * MINUTE);
			await place.charged(ada, videoId, ['released lapse']);
		}
		assert.deepEqual(await balance(ada), BACK);
	});

	/* Its answer comes to a process that cannot write it until another has given it up. */
	async function revived(wanted, before = () => undefined) {
		const world = await newWorld(), { token } = ada;
		await world.passed(place.passed);
		const env = { ...place.env, ...world.env, LONGREEL_DATA: place.data, LONGREEL_SHUTDOWN_GRACE: '10m' };
		const asCgi = (body) => cgi('relay', { path: CREATE, body, env, headers: { authorization: `Bearer ${token}` }, timeout: 600_000 });
		const { videoId, answer, creation } = await place.sending(ada, 'mute', asCgi);
		await world.disk(ENOSPC);
		answer();
		await place.pass(2 * MINUTE);
		await place.becomes(ada, videoId, 'FAILED');
		assert.equal((await place.task(ada, videoId)).errorCode, 'submission_unknown');
		await before();
		await place.charged(ada, videoId, wanted);
		await world.disk(0);
		await place.becomes(ada, videoId, 'PROCESSING');
		await place.charged(ada, videoId, wanted);
		assert.equal((await creation).json.data.videoId, videoId);
		await world.remove();
		return videoId;
	}

	if (lateHold !== '0')
		test(`REVIVE within late_hold: held again, counts on (${by})`, async () => {
			await begins();
			await goesOn(await revived(['held']));
		});

	test(`REVIVE after late_hold: free, and its video is delivered for nothing (${by})`, async () => {
		await begins();
		const videoId = await revived([place.lingers ? 'released lapse' : 'released give_up'], () => place.lingers && place.pass(61 * MINUTE));
		place.awake();
		await place.becomes(ada, videoId, 'COMPLETED');
		await place.charged(ada, videoId, ['released waived']);
		assert.deepEqual(await balance(ada), BACK);
	});

	/** What follows where the job of what was cancelled is known by now, and is asked to stop: it does, or will not. */
	async function stops(videoId, wake, released, stopped, settled) {
		await until(async () => (await place.task(ada, videoId)).externalTaskId, 'its id');
		await wake.came;
		await place.charged(ada, videoId, [place.holds ? 'held' : released]);
		wake.answer(settled ? 409 : undefined);
		await place.charged(ada, videoId, [!place.holds ? released : settled ? 'settled cancel_in_vain' : stopped]);
		assert.deepEqual(await balance(ada), place.holds && settled ? PAID : BACK);
		assert.equal((await place.task(ada, videoId)).status, 'CANCELLED');
	}

	for (const [what, settled] of [['it is stopped', false], ['it cannot be stopped', true]]) {
		test(`CANCEL_SENDING, LATE_ID: cancelled while the answer is awaited, which comes with an id: ${what} (${by})`, async () => {
			await begins();
			const { videoId, answer, creation } = await place.sending(ada, 'mute'), wake = place.holdBack('wake');
			await cancel(ada, videoId);
			await place.charged(ada, videoId, [place.holds ? 'held' : 'released cancel_sending']);
			answer();
			await creation;
			await stops(videoId, wake, 'released cancel_sending', 'released confirm_cancel', settled);
		});

		test(`CANCEL_UNSURE, LATE_ID: cancelled while it is looked for, and found: ${what} (${by})`, async () => {
			await begins();
			const list = place.holdBack('shelf'), wake = place.holdBack('wake'), videoId = await place.lost(ada, 'listed');
			await list.came;
			await cancel(ada, videoId);
			await place.charged(ada, videoId, [place.holds ? 'held' : 'released cancel_unsure']);
			list.answer();
			await stops(videoId, wake, 'released cancel_unsure', 'released confirm_cancel', settled);
		});
	}

	/** An id that is never found: on hold for late_hold where it is on hold at all. */
	async function neverFound(videoId, released) {
		await place.charged(ada, videoId, [place.holds ? 'held' : released]);
		await place.pass(50 * MINUTE);
		await place.charged(ada, videoId, [place.holds ? 'held' : released]);
		await place.pass(11 * MINUTE);
		await place.charged(ada, videoId, [place.holds ? 'released lapse' : released]);
		assert.deepEqual(await balance(ada), BACK);
	}

	test(`CANCEL_SENDING: its id never comes (${by})`, async () => {
		await begins();
		const { videoId, answer, creation } = await place.sending(ada, 'mute');
		await cancel(ada, videoId);
		answer('hangup');
		await creation;
		await neverFound(videoId, 'released cancel_sending');
	});

	test(`CANCEL_UNSURE: its id is never found (${by})`, async () => {
		await begins();
		const list = place.holdBack('shelf'), videoId = await place.lost(ada, 'listed');
		await list.came;
		await cancel(ada, videoId);
		place.upstream.shelf = () => 500;
		list.answer(500);
		await neverFound(videoId, 'released cancel_unsure');
	});

	for (const [what, status] of [['refused', 400], ['postponed', 503]])
		test(`VERDICT_AFTER_CANCEL: cancelled while the answer is awaited, which is that it is ${what} (${by})`, async () => {
			await begins();
			const { videoId, answer, creation } = await place.sending(ada, 'mute');
			await cancel(ada, videoId);
			await place.charged(ada, videoId, [place.holds ? 'held' : 'released cancel_sending']);
			answer(status);
			await creation;
			await place.charged(ada, videoId, [place.holds ? 'released verdict_after_cancel' : 'released cancel_sending']);
			assert.deepEqual([(await place.task(ada, videoId)).status, await balance(ada)], ['CANCELLED', BACK]);
		});

	test(`RESUME: another attempt after a cancellation, at the price of its day; a 402 leaves all as it was (${by})`, async () => {
		await begins();
		const { videoId, answer, creation } = await place.sending(ada, 'mute');
		await cancel(ada, videoId);
		answer('hangup');
		await creation;
		await place.pass(2 * MINUTE); // the lease of the submission is over, and there is nothing to ask
		const first = place.holds ? 'held' : 'released cancel_sending', before = await balance(ada);
		const retry = () => ada.call('POST', `/api/video/tasks/${videoId}/retry`);
		await place.order('price', 'set', 'mute', '--flat', '10.000001');
		const short = await until(async () => {
			const { status, body } = await retry();
			return status !== 503 && [status, body.code, body.details?.requiredMicro]; // as long as its job is to be found
		}, 'another answer than busy', 60_000);
		assert.deepEqual(short, [402, 'insufficient_credit', 10_000_001]);
		assert.deepEqual([(await place.task(ada, videoId)).status, await balance(ada)], ['CANCELLED', before]);
		await place.charged(ada, videoId, [first]);
		await place.order('price', 'set', 'mute', '--flat', '10');
		place.calm();
		assert.equal((await retry()).status, 200);
		const ended = place.holds ? 'released retry' : first;
		await place.charged(ada, videoId, [ended, 'held']);
		assert.deepEqual(await balance(ada), [0, FULL], 'what was on hold before is given back first');
		place.awake();
		await place.charged(ada, videoId, [ended, 'settled complete'], FULL);
		assert.deepEqual(await balance(ada), [0, 0]);
	});
}
