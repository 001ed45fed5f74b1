// POST /api/video/tasks/recover: what became of requests, by the client's own ids.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newApi } from '../support/api.mjs';

const PATH = '/api/video/tasks/recover';

let api, ada;
before(async () => {
	api = await newApi();
	ada = await api.user('ada');
	for (const clientRequestId of ['b', 'a', '1764291396110', '猫 "1"'])
		await ada.create({ clientRequestId });
});
after(() => api?.close());

const recover = (clientRequestIds) => ada.data('POST', PATH, { clientRequestIds });
const ids = ({ tasks }) => tasks.map((t) => t.clientRequestId);

test('in the order of asking, with what is missing', async () => {
	const answer = await recover(['a', 'none', '猫 "1"', 'b', 'neither']);
	assert.deepEqual(ids(answer), ['a', '猫 "1"', 'b']);
	assert.deepEqual([answer.matched, answer.requested, answer.missing], [3, 5, ['none', 'neither']]);
});

test('an id that is asked for twice is answered once', async () => {
	const answer = await recover(['b', 'none', 'a', 'b', 'none', 'b']);
	assert.deepEqual(ids(answer), ['b', 'a']);
	assert.deepEqual([answer.matched, answer.requested, answer.missing], [2, 6, ['none']]);
});

test('case and blanks count', async () => {
	assert.deepEqual((await recover(['A', ' a', 'a '])).missing, ['A', ' a', 'a ']);
});

test('a thousand at once', async () => {
	const many = Array.from({ length: 997 }, (_, i) => `x${i}`);
	const answer = await recover(['1764291396110', ...many, 'a', 'b']);
	assert.deepEqual(ids(answer), ['1764291396110', 'a', 'b']);
	assert.deepEqual([answer.requested, answer.missing.length], [1000, 997]);
});

test('a bad list is refused, and named', async () => {
	const bad = [undefined, null, [], 'a', { 0: 'a' }, 5, [5], ['a', null], ['a', ['b']], [''], ['x'.repeat(129)], ['a\nb'], ['a\u0007'],
		Array(1001).fill('a')];
	for (const clientRequestIds of bad) {
		const { status, json } = await ada.call('POST', PATH, { body: { clientRequestIds } });
		assert.deepEqual([status, json.code, json.details?.field], [400, 'bad_field', 'clientRequestIds'],
			JSON.stringify(clientRequestIds)?.slice(0, 60));
	}
});

test('more than one answer holds: fewer are to be asked for', async () => {
	const prompt = '🛹'.repeat(32000);
	const wide = Array.from({ length: 45 }, (_, i) => `wide${i}`);
	for (const clientRequestId of wide)
		await ada.create({ prompt, clientRequestId });
	const all = await ada.call('POST', PATH, { body: { clientRequestIds: wide } });
	assert.deepEqual([all.status, all.json.code, all.json.details.field], [413, 'too_large', 'clientRequestIds']);
	assert.equal((await recover(wide.slice(0, 20))).matched, 20);
	const { tasks } = await ada.data('GET', '/api/video/tasks?pageSize=100');
	assert.ok(tasks.length === 49 && tasks.every((t) => t.prompt === prompt || t.prompt === 'a cat'), 'a page holds them all');
});
