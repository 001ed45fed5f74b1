// GET /api/video/tasks: filters, pages, cursors.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newApi } from '../support/api.mjs';

let api, ada;
const made = []; // oldest first

before(async () => {
	api = await newApi();
	ada = await api.user('ada');
	for (const fields of [{ prompt: 'a red cat', model: 'one' }, { prompt: '夕阳下的猫', model: 'two' }, { prompt: 'a blue dog', model: 'one' },
		{ prompt: '100% _wild_ CAT', model: 'two' }, { prompt: 'a green bird' }])
		made.push(await ada.create(fields));
	api.upstream.jobs.set(made[1].externalTaskId, { status: 'failed', error: 'no' });
	api.upstream.jobs.set(made[3].externalTaskId, { status: 'completed', video_url: `${api.upstream.base}/video/3.mp4` });
	await api.polled(ada, made[1].videoId, 'FAILED');
	await api.polled(ada, made[3].videoId, 'COMPLETED');
});
after(() => api?.close());

const list = (query) => ada.data('GET', `/api/video/tasks?${new URLSearchParams(query)}`);
/** The tasks of an answer, as their numbers in `made`. */
const numbers = ({ tasks }) => tasks.map((t) => made.findIndex((m) => m.videoId === t.videoId));

test('all of them, newest first', async () => {
	const answer = await list({});
	assert.deepEqual(numbers(answer), [4, 3, 2, 1, 0]);
	assert.deepEqual({ ...answer, tasks: [] }, { tasks: [], total: 5, page: 1, pageSize: 20, nextCursor: null });
	assert.deepEqual(numbers(await list({ order: 'asc' })), [0, 1, 2, 3, 4]);
});

test('by what changed last', async () => {
	const newest = numbers(await list({ orderBy: 'updatedAt' }));
	assert.equal(newest[0], 3);
	assert.deepEqual([...newest].reverse(), numbers(await list({ orderBy: 'updatedAt', order: 'asc' })));
});

test('filters, alone and together', async () => {
	const cases = [
		[{ status: 'FAILED' }, [1]], [{ status: 'COMPLETED' }, [3]], [{ status: 'PROCESSING' }, [4, 2, 0]], [{ status: 'CANCELLED' }, []],
		[{ model: 'one' }, [2, 0]], [{ model: 'on' }, []], [{ mediaType: 'VIDEO' }, [4, 3, 2, 1, 0]], [{ mediaType: 'IMAGE' }, []],
		[{ q: 'cat' }, [3, 0]], [{ q: '猫' }, [1]], [{ q: '%' }, [3]], [{ q: '_' }, [3]], [{ q: 'a%d' }, []], [{ q: 'CAT', model: 'two' }, [3]],
		[{ status: 'PROCESSING', model: 'one', mediaType: 'VIDEO', q: 'dog' }, [2]], [{ status: '', q: '' }, [4, 3, 2, 1, 0]],
	];
	for (const [query, wanted] of cases) {
		const answer = await list(query);
		assert.deepEqual([numbers(answer), answer.total], [wanted, wanted.length], JSON.stringify(query));
	}
});

test('page by page', async () => {
	const pages = [[4, 3], [2, 1], [0], []];
	for (const [i, wanted] of pages.entries()) {
		const answer = await list({ page: i + 1, pageSize: 2 });
		assert.deepEqual(numbers(answer), wanted);
		assert.deepEqual([answer.total, answer.page, answer.pageSize], [5, i + 1, 2]);
		assert.equal(answer.nextCursor === null, i >= 2);
	}
	assert.deepEqual(numbers(await list({ page: 1000000, pageSize: 100 })), []);
});

test('by cursor: each once, in order, also while new ones come', async () => {
	for (const query of [{}, { order: 'asc' }, { orderBy: 'updatedAt' }, { orderBy: 'updatedAt', order: 'asc' }, { model: 'one' }, { q: 'a' }]) {
		const whole = numbers(await list(query));
		const seen = [];
		for (let cursor; cursor !== null;) {
			const answer = await list({ ...query, pageSize: 2, ...(cursor ? { cursor } : {}) });
			assert.ok(answer.tasks.length <= 2);
			seen.push(...numbers(answer));
			cursor = answer.nextCursor;
		}
		assert.deepEqual(seen, whole, JSON.stringify(query));
	}
	const first = await list({ pageSize: 2 });
	const late = await ada.create({ prompt: 'late' });
	const second = await list({ pageSize: 2, cursor: first.nextCursor });
	made.push(late);
	assert.deepEqual([...numbers(first), ...numbers(second)], [4, 3, 2, 1]);
});

test('a bad query is refused, and named', async () => {
	const { nextCursor } = await list({ pageSize: 1 });
	const bad = {
		status: ['processing', 'DONE', 'QUEUED,FAILED'], mediaType: ['video', 'AUDIO'], orderBy: ['created_at', 'id'], order: ['DESC', 'up'], scope: ['mine'],
		page: ['0', '-1', '1.5', 'x', '1e3', '1000001', '99999999999999999999'], pageSize: ['0', '101', 'all'],
		model: ['x'.repeat(129), 'a\nb'], q: ['x'.repeat(201), 'a\0b', '\x07'], cursor: ['x'.repeat(33)],
	};
	for (const [name, values] of Object.entries(bad)) {
		for (const value of values) {
			const { status, json } = await ada.call('GET', `/api/video/tasks?${new URLSearchParams({ [name]: value })}`);
			assert.deepEqual([status, json.code, json.details?.field], [400, 'bad_field', name], `${name}=${value}`);
		}
	}
	const refused = async (query, code, field) => {
		const { status, json } = await ada.call('GET', `/api/video/tasks?${query}`);
		assert.deepEqual([status, json.code, json.details?.field], [400, code, field], query);
	};
	for (const cursor of ['x', '1', 'c', 'c0', 'c-1', 'cx', `${nextCursor}x`, 'c99999999999999999999', 'u1', 'C1'])
		await refused(`cursor=${cursor}`, 'bad_cursor', 'cursor');
	await refused(`cursor=${nextCursor}&order=asc`, 'bad_cursor', 'cursor');
	await refused(`cursor=${nextCursor}&orderBy=updatedAt`, 'bad_cursor', 'cursor');
	await refused(`cursor=${nextCursor}&page=2`, 'bad_field', 'cursor');
	await refused('page=1&page=2', 'bad_field', 'page');
	await refused('q=%ff%fe', 'bad_field', 'q');
	await refused('q=%zz', 'bad_request', undefined);
	await refused(Array.from({ length: 65 }, (_, i) => `x${i}=1`).join('&'), 'bad_request', undefined);
	assert.equal((await ada.call('GET', `/api/video/tasks?q=${'%20'.repeat(3000)}`)).status, 414);
});
