// GET /api/video/stats: what ended in a time, how well and how fast; each user's own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newApi } from '../support/api.mjs';

let api, ada, eve;
before(async () => {
	api = await newApi();
	ada = await api.user('ada');
	eve = await api.user('eve');
});
after(() => api?.close());

const NONE = { QUEUED: 0, PROCESSING: 0, COMPLETED: 0, FAILED: 0, CANCELLED: 0 };
const stats = (who, query = '') => who.data('GET', `/api/video/stats${query}`);

async function ended(status) {
	const { videoId } = await ada.create({});
	api.upstream.jobs.set((await ada.task(videoId)).externalTaskId, { status, progress: 100, video_url: 'https://v.example/1.mp4' });
	return api.polled(ada, videoId, status.toUpperCase());
}

test('nothing yet', async () => {
	const { from, to, ...rest } = await stats(ada);
	assert.deepEqual(rest, { counts: NONE, total: 0, successRate: null, medianMs: null, p95Ms: null, truncated: false });
	assert.equal(Date.parse(to) - Date.parse(from), 30 * 86_400_000);
});

test('counted, judged, timed; within the range, and one\'s own', async () => {
	const done = [await ended('completed'), await ended('completed'), await ended('completed')], failed = await ended('failed');
	const cancelled = await ada.create({});
	await ada.data('POST', `/api/video/tasks/${cancelled.videoId}/cancel`, {});
	await ada.create({});
	const all = await stats(ada);
	assert.deepEqual([all.counts, all.total], [{ ...NONE, PROCESSING: 1, COMPLETED: 3, FAILED: 1, CANCELLED: 1 }, 6]);
	assert.equal(all.successRate, 0.75);
	const times = done.map((t) => Date.parse(t.completedAt) - Date.parse(t.createdAt)).sort((a, b) => a - b);
	assert.deepEqual([all.medianMs, all.p95Ms], [times[1], times[2]]);
	const at = Date.parse(failed.completedAt);
	assert.deepEqual((await stats(ada, `?from=${at}&to=${at + 1}`)).counts, { ...NONE, PROCESSING: 1, FAILED: 1 });
	assert.deepEqual((await stats(ada, `?to=${Date.parse(done[0].createdAt)}`)).counts, { ...NONE, PROCESSING: 1 });
	assert.deepEqual((await stats(eve)).counts, NONE);
});

test('bad ranges are named', async () => {
	for (const [query, field] of [['from=x', 'from'], ['to=-1', 'to'], ['from=2&to=1', 'from'], ['from=999999999999999999', 'from']]) {
		const { status, json } = await ada.call('GET', `/api/video/stats?${query}`);
		assert.deepEqual([status, json.code, json.details?.field], [400, 'bad_field', field], query);
	}
});
