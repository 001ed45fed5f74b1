// What a video costs, as the page computes it: the rule that is the most specific, and one rounding, up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { priceOf } from '../../web/client.js';

const rule = (more) => ({ model: '*', job: 'any', size: 'any', image: 'any', audio: 'any', images: 0, listFlatMicro: 0, listPerSecondMicro: 0, minSeconds: 0, stepSeconds: 0,
	defaultSeconds: 0, defaultSize: null, maxSeconds: 0, ...more });
const prices = (multiplierPpm, ...rules) => ({ currency: 'USD', multiplierPpm, prices: rules.map(rule) });

test('one rounding, at the end, up; 0 stays 0', () => {
	const at = (ppm, flat, second, seconds, more = {}) => priceOf(prices(ppm, { listFlatMicro: flat, listPerSecondMicro: second, ...more }), { model: 'a', seconds });
	assert.equal(at(1_000_000, 0, 80_000, 10), 800_000);
	assert.equal(at(900_000, 1, 0, 10), 1);
	assert.equal(at(333_333, 100, 7, 3), Math.ceil((100 + 21) * 333_333 / 1_000_000));
	assert.equal(at(1_000_000, 0, 0, 10), 0);
	assert.equal(at(1_500_000, 600_000_000_000_001, 0, 1), 900_000_000_000_002, 'beyond what a double can multiply');
	assert.equal(at(1_000_000, 0, 1000, 7, { stepSeconds: 5 }), 10_000, 'rounded up to steps');
	assert.equal(at(1_000_000, 0, 1000, 1, { minSeconds: 4, stepSeconds: 3 }), 4000, 'at least so many, whatever the steps');
});

test('the most specific rule: model, job, size, picture, sound, references', () => {
	const all = prices(1_000_000, { listFlatMicro: 1 }, { model: 'wan*', listFlatMicro: 2 }, { model: 'wan-2*', listFlatMicro: 3 }, { model: 'wan-2.6', listFlatMicro: 4 },
		{ model: 'wan-2.6', job: 'remix', listFlatMicro: 5 }, { model: 'wan-2.6', size: '1080p', listFlatMicro: 6 }, { model: 'wan-2.6', size: '1920x1080', listFlatMicro: 7 },
		{ model: 'wan-2.6', image: 'yes', listFlatMicro: 8 }, { model: 'wan-2.6', audio: 'yes', listFlatMicro: 9 }, { model: 'wan-2.6', images: 2, image: 'yes', listFlatMicro: 10 },
		{ model: null, listFlatMicro: 11 });
	const cost = (model, more) => priceOf(all, { model, ...more });
	assert.deepEqual([cost('x'), cost('wan-1'), cost('wan-2.5'), cost('wan-2.6'), cost('')], [1, 2, 3, 4, 11]);
	assert.deepEqual([cost('wan-2.6', { job: 'remix', size: '1920x1080' }), cost('wan-2.6', { size: '1080x1920' }), cost('wan-2.6', { size: '1920x1080' })], [5, 6, 7]);
	assert.deepEqual([cost('wan-2.6', { image: true }), cost('wan-2.6', { audio: true }), cost('wan-2.6', { audio: false }), cost('wan-2.6', { image: true, images: 3 })], [8, 9, 4, 10]);
});

test('what is not named is the rule\'s, and where nothing says it there is no price', () => {
	const sized = prices(1_000_000, { listPerSecondMicro: 10, defaultSize: '1920x1080', defaultSeconds: 8 }, { size: '1080p', listPerSecondMicro: 20, defaultSeconds: 5, maxSeconds: 12 });
	assert.equal(priceOf(sized, { model: 'a' }), 100);
	assert.equal(priceOf(sized, { model: 'a', size: '1280x720' }), 80);
	const both = prices(1_000_000, { listFlatMicro: 1, defaultSize: '1280x720' }, { size: '1280x720', listFlatMicro: 2 }, { size: '720x1280', listFlatMicro: 3 });
	assert.deepEqual([null, '16:9', '9:16', '1:1'].map((aspectRatio) => priceOf(both, { model: 'a', aspectRatio })), [2, 2, 3, 2]);
	assert.deepEqual(['01280x720', '720x01280', '10x720'].map((size) => priceOf(both, { model: 'a', size })), [2, 3, 1], 'however it is written');
	assert.equal(priceOf(sized, { model: 'a', seconds: 13 }), null, 'longer than may be');
	assert.equal(priceOf(prices(1_000_000, { listPerSecondMicro: 10 }), { model: 'a' }), null);
	assert.equal(priceOf(prices(1_000_000, { model: 'b' }), { model: 'a' }), null);
	assert.equal(priceOf(null, { model: 'a' }), null);
});
