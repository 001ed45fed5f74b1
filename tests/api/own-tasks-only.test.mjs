// A user sees only their own tasks: another's id answers exactly as an unknown one. An administrator sees all.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Caller, newApi, PASSWORD } from '../support/api.mjs';

let api, ada, eve, root, made;
before(async () => {
	api = await newApi();
	ada = await api.user('ada');
	eve = await api.user('eve');
	await api.run('longreel', 'user', 'add', '--data', api.data, '--admin', 'root');
	const { json } = await api.call('POST', '/api/auth/login', { body: { username: 'root', password: PASSWORD } });
	root = new Caller(api, json.data.token);
	made = await ada.create({ clientRequestId: 'mine' });
});
after(() => api?.close());

const PATHS = [(id) => `/api/video/tasks/${id}`, (id) => `/api/relay/sora/videos/${id}`, (id) => `/api/video/tasks/${id}/content`];

test('another\'s task is not found, as one that never was', async () => {
	for (const path of PATHS) {
		const answers = [];
		for (const id of [made.videoId, made.videoId.slice(0, -1)]) {
			const { status, json, headers } = await eve.call('GET', path(id));
			delete json.requestId;
			answers.push({ status, json, headers: [...headers.keys()] });
		}
		assert.deepEqual([answers[0].status, answers[0].json.code], [404, 'task_not_found']);
		assert.deepEqual(answers[0], answers[1]);
	}
	const { etag } = Object.fromEntries((await ada.call('GET', PATHS[0](made.videoId))).headers);
	assert.equal((await eve.call('GET', PATHS[0](made.videoId), { headers: { 'if-none-match': etag } })).status, 404);
});

test('nor is it in another\'s list, recovery or feed', async () => {
	assert.deepEqual((await eve.data('GET', '/api/video/tasks')).tasks, []);
	assert.deepEqual(await eve.data('POST', '/api/video/tasks/recover', { clientRequestIds: ['mine'] }),
		{ tasks: [], matched: 0, requested: 1, missing: ['mine'] });
	assert.deepEqual((await eve.data('GET', '/api/video/updates?cursor=0&wait=0')).updates, []);
	const { status, json } = await eve.call('GET', '/api/video/tasks?scope=all');
	assert.deepEqual([status, json.code], [403, 'forbidden']);
});

test('the same clientRequestId of two users makes two tasks', async () => {
	const hers = await eve.create({ clientRequestId: 'mine' });
	assert.notEqual(hers.videoId, made.videoId);
	assert.equal((await eve.data('GET', '/api/video/tasks')).total, 1);
});

test('an administrator sees all, but lists their own unless asked', async () => {
	for (const path of PATHS.slice(0, 2))
		assert.equal((await root.data('GET', path(made.videoId))).videoId, made.videoId);
	assert.equal((await root.call('GET', PATHS[2](made.videoId))).json.code, 'not_completed');
	assert.equal((await root.data('GET', '/api/video/tasks')).total, 0);
	const { total, tasks } = await root.data('GET', '/api/video/tasks?scope=all');
	assert.equal(total, 2);
	assert.deepEqual(tasks.map(({ videoId, owner }) => [videoId === made.videoId, owner]), [[false, 'eve'], [true, 'ada']]);
	assert.equal((await root.data('GET', PATHS[0](made.videoId))).owner, 'ada');
	assert.ok(!('owner' in await ada.data('GET', PATHS[0](made.videoId))), 'one knows who one is');
	assert.equal((await root.data('POST', '/api/video/tasks/recover', { clientRequestIds: ['mine'] })).matched, 0);
});
