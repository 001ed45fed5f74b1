// What time it is on the server, learnt from the Date of its answers: closely, whatever the own clock says, and again when one of both is set.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerClock } from '../../web/client.js';
import { retryAfter } from '../../web/client/error.js';

const HOUR = 3_600_000, START = Date.parse('2026-11-30T12:00:00.000Z');

/** An answer that was asked for at a time of the machine's, came so much later, and was written half-way by a server so far ahead. */
function answer(clock, at, took, ahead) {
	clock.learn(new Date(at + took / 2 + ahead).toUTCString(), at, at + took);
}

test('a clock that nothing speaks against is right', () => {
	const clock = new ServerClock();
	for (let n = 0; n < 20; n++)
		answer(clock, START + n * 777, 40, 0);
	assert.equal(clock.ahead, 0);
	clock.learn(null, START, START + 1);
	clock.learn('soon', START, START + 1);
	assert.equal(clock.ahead, 0);
	assert.equal(new ServerClock(HOUR).ahead, HOUR, 'what was known before');
});

for (const ahead of [-3 * HOUR, 3 * HOUR, 1_500])
	test(`a server that is ${ahead} ms ahead: known to the second by one answer, and closely by many`, () => {
		const clock = new ServerClock();
		answer(clock, START, 300, ahead);
		assert.ok(Math.abs(clock.ahead - ahead) <= 1000, `${clock.ahead}`);
		for (let n = 0; n < 50; n++)
			answer(clock, START + n * 1_037, 20 + 25_000 * (n % 2), ahead); // every other waits, as a long poll does
		assert.ok(Math.abs(clock.ahead - ahead) < 60, `${clock.ahead}`);
		assert.ok(Math.abs(clock.now() - Date.now() - clock.ahead) < 1000);
	});

test('a clock that is set is known again by the next answer', () => {
	const clock = new ServerClock();
	for (let n = 0; n < 10; n++)
		answer(clock, START + n * 900, 30, HOUR);
	answer(clock, START + 20_000, 30, 0);
	assert.equal(clock.ahead, 0);
	clock.learn(new Date(START).toUTCString(), START, START - HOUR); // it was set while one waited
	assert.equal(clock.ahead, 0);
});

test('a date of Retry-After counts from that of the answer', () => {
	const date = new Date(START).toUTCString(), later = new Date(START + 90_000).toUTCString();
	assert.equal(retryAfter(later, date), 90_000);
	assert.equal(retryAfter(date, later), 0);
	assert.equal(retryAfter('90', date), 90_000);
});
