// GET /api/video/tasks: filters, pages, cursors.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { newApi } from '../support/api.mjs';

let api, ada;
const made = []; // oldest first

before(async () => {
	api = await newApi();
	ada = await api.user('ada');
	for (const fields of [{ prompt: 'a red cat', model: 'one' }, { prompt: '夕阳下的猫', model: 'two' }, { prompt: 'a blue dog', model: 'one' },
		{ prompt: '100% _wild_ CAT', model: 'two' }, { prompt: 'a green bird', clientRequestId: 'client-4' }])
		made.push(await ada.create(fields));
	api.upstream.jobs.set(made[1].externalTaskId, { status: 'failed', error: 'no' });
	api.upstream.jobs.set(made[3].externalTaskId, { status: 'completed', video_url: `${api.upstream.base}/video/3.mp4` });
	await api.polled(ada, made[1].videoId, 'FAILED');
	await api.polled(ada, made[3].videoId, 'COMPLETED');
});
after(() => api?.close());

/** Adds copies of a task with another prompt to the database, as so many creations would have. */
function copy(videoId, count, prompt) {
	const { status, stderr } = spawnSync('python3', ['-c', `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
names = [c[1] for c in db.execute('PRAGMA table_info(task)') if c[1] != 'id']
as_is = {'video_id': "video_id || i", 'client_request_id': "client_request_id || i", 'rev': '(SELECT rev FROM head) + i', 'prompt': ':prompt'}
db.execute('WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) INSERT INTO task (' + ', '.join(names) + ')'
           ' SELECT ' + ', '.join(as_is.get(n, n) for n in names) + ' FROM task, n WHERE video_id = :id',
           {'count': int(sys.argv[3]), 'id': sys.argv[2], 'prompt': sys.argv[4]})
db.execute('UPDATE head SET rev = rev + ?', (int(sys.argv[3]),))
db.execute("UPDATE tally SET n = n + ? WHERE user_id = (SELECT user_id FROM task WHERE video_id = ?)", (int(sys.argv[3]), sys.argv[2]))
db.commit()`, join(api.data, 'longreel.db'), videoId, `${count}`, prompt]);
	assert.equal(status, 0, `${stderr}`);
}

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
		[{ status: '', q: '' }, [4, 3, 2, 1, 0]],
	];
	for (const [query, wanted] of cases) {
		const answer = await list(query);
		assert.deepEqual([numbers(answer), answer.total], [wanted, wanted.length], JSON.stringify(query));
	}
});

test('search: part of the prompt, in any case, or an id; not counted', async () => {
	const cases = [
		[{ q: 'cat' }, [3, 0]], [{ q: 'Ca' }, [3, 0]], [{ q: 'ｃａｔ' }, [3, 0]], [{ q: '猫' }, [1]], [{ q: '夕阳' }, [1]], [{ q: '下的猫' }, [1]], [{ q: '猫下' }, []],
		[{ q: '%' }, [3]], [{ q: '_' }, [3]], [{ q: 'a%d' }, []], [{ q: 'g' }, [4, 2]], [{ q: 'nowhere' }, []], [{ q: 'CAT', model: 'two' }, [3]],
		[{ q: 'a', order: 'asc' }, [0, 2, 3, 4]], [{ status: 'PROCESSING', model: 'one', mediaType: 'VIDEO', q: 'dog' }, [2]],
		[{ q: made[2].videoId }, [2]], [{ q: made[4].clientRequestId }, [4]], [{ q: made[1].externalTaskId }, [1]], [{ q: made[2].videoId, model: 'two' }, []],
		[{ q: made[2].videoId.slice(0, -1) }, []],
	];
	for (const [query, wanted] of cases) {
		const answer = await list(query);
		assert.deepEqual([numbers(answer), answer.total, answer.nextCursor], [wanted, null, null], JSON.stringify(query));
	}
	assert.deepEqual(numbers(await list({ q: 'a', pageSize: 2, page: 2 })), [2, 0]);
});

test("search: nothing of another user's, nothing that was deleted", async () => {
	const bea = await api.user('bea');
	const theirs = await bea.create({ prompt: 'cat 猫 of bea', clientRequestId: 'of-bea' });
	for (const q of ['bea', 'of-bea', theirs.videoId, theirs.externalTaskId])
		assert.deepEqual((await list({ q })).tasks, [], q);
	const find = (q) => bea.data('GET', `/api/video/tasks?${new URLSearchParams({ q })}`);
	for (const q of ['BEA', '猫', 'of-bea', theirs.videoId, theirs.externalTaskId])
		assert.deepEqual((await find(q)).tasks.map((t) => t.videoId), [theirs.videoId], q);
	await bea.data('POST', `/api/video/tasks/${theirs.videoId}/cancel`);
	await bea.data('DELETE', `/api/video/tasks/${theirs.videoId}`);
	for (const q of ['BEA', '猫', 'of-bea', theirs.videoId, theirs.externalTaskId])
		assert.deepEqual((await find(q)).tasks, [], q);
});

// More tasks than one search looks at, in no block yet: pages say where they have stopped, and nothing is missing in the end.
test('search goes on where its work has ended', async () => {
	const eve = await api.user('eve');
	const { videoId } = await eve.create({ prompt: 'the needle' });
	copy(videoId, 4000, 'the nee, the dle');
	const seen = [];
	let pages = 0;
	for (let cursor = null; cursor !== null || pages === 0; pages++) {
		const answer = await eve.data('GET', `/api/video/tasks?${new URLSearchParams({ q: 'needle', ...(cursor ? { cursor } : {}) })}`);
		seen.push(...answer.tasks.map((t) => t.prompt));
		cursor = answer.nextCursor;
	}
	assert.deepEqual(seen, ['the needle']);
	assert.ok(pages > 2 && pages < 20, `${pages} pages`);
	const { status, json } = await eve.call('GET', '/api/video/tasks?q=needle&page=2');
	assert.deepEqual([status, json.code, json.details?.field], [400, 'bad_field', 'page']);
	await api.run('longreel-poller', '--data', api.data, '--once');
	const { tasks, nextCursor } = await eve.data('GET', '/api/video/tasks?q=needle');
	assert.deepEqual([tasks.map((t) => t.prompt), nextCursor], [['the needle'], null]);
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
