// Databases of earlier releases are brought up to date: of 0014, whose tables had triggers, and of 0043, which knew no money. Nothing is lost, clients
// that ask meanwhile are answered well or told to come again, a kill leaves the old database or the new one, and what was open goes on, with
// billing. `make bench ONLY=upgrade` does so with 100 000 tasks.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { cgi } from '../support/cgi.mjs';
import { Client } from '../support/client.mjs';
import { longreel, startInstance, until } from '../support/instance.mjs';
import * as money from '../support/money.mjs';
import { copyOf, lost, oldInstance, shownOf, upgrade } from '../support/upgrade.mjs';

const TASKS = 1200;

/** What may differ: the machine's start is noted, and leases of single running tasks are none any more. */
const MAY_DIFFER = ['head.boot', 'task.owner'];

/** What never changes of a task. */
const FIXED = ['videoId', 'clientRequestId', 'prompt', 'requestedModel', 'mediaType', 'createdAt', 'metadata'];

const hasEnded = ({ status }) => ['COMPLETED', 'FAILED', 'CANCELLED'].includes(status);
const only = (names, task) => Object.fromEntries(names.map((name) => [name, task[name]]));

/** An upstream whose jobs go on until it is said to finish them; its list is empty. */
async function newUpstream(t) {
	let made = 0, status = 'in_progress';
	const server = createServer((request, response) => request.resume().on('end', () => {
		const id = request.method === 'POST' ? `new${++made}` : new URL(request.url, 'http://upstream').pathname.split('/').pop();
		const job = { id, status, progress: 1, ...status === 'completed' && { video_url: 'https://videos.example/late.mp4' } };
		response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(id === 'videos' ? { data: [] } : job));
	})).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => {
		server.closeAllConnections();
		server.close();
	});
	return { base: `http://127.0.0.1:${server.address().port}`, finish: () => (status = 'completed') };
}

/** All tasks of a user, the latest first. */
async function listed(client) {
	const tasks = [];
	for (let cursor = ''; cursor !== null;) {
		const page = await client.data('GET', `/api/video/tasks?pageSize=100${cursor && `&cursor=${cursor}`}`);
		tasks.push(...page.tasks);
		cursor = page.nextCursor;
	}
	return tasks;
}

for (const version of [14, 43])
	test(`from ${version}`, async (t) => {
		const dirs = [], old = await oldInstance(version, TASKS);
		dirs.push(old);
		after(() => Promise.all(dirs.map((dir) => rm(dir, { recursive: true, force: true }))));
		const copy = async () => {
			dirs.push(await copyOf(old));
			return dirs.at(-1);
		};
		const users = await shownOf(old), total = users.reduce((sum, { tasks }) => sum + tasks.length, 0);
		assert.ok(total > TASKS / 2);
		const missing = async (data) => (await lost(old, data)).filter(([table, column]) => !MAY_DIFFER.includes(`${table}.${column}`));
		const versionOf = (data) => money.sql(data, 'PRAGMA user_version')[0].user_version;
		const upToDate = async (data) => {
			assert.deepEqual(await missing(data), []);
			assert.deepEqual(money.sql(data, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
			assert.match((await longreel(['ledger', 'check', '--data', data])).out, /add up/);
		};
		let most;

		await t.test('all rows are there', async () => {
			const data = await copy(), done = await upgrade(data);
			({ most } = done);
			assert.match(done.out, /brought up to date, intact/);
			assert.match(done.out, /counts.*match the tasks/);
			await upToDate(data);
		});

		await t.test('a kill leaves the old one or the new one', async () => {
			for (const part of [0, 0.8]) {
				const data = await copy();
				await upgrade(data, Math.max(1, part * most));
				const left = versionOf(data);
				assert.ok(left === version || left > 43, `${left}`);
				assert.deepEqual(await missing(data), []);
				await upgrade(data);
				assert.ok(versionOf(data) > 43);
				await upToDate(data);
			}
		});

		await t.test('clients that ask meanwhile', async () => {
			const data = await copy(), env = { LONGREEL_DATA: data, SORA_API_BASE: 'http://127.0.0.1:9', SORA_API_KEY: 'k', LONGREEL_BILLING: 'on' };
			const page = ({ tasks }) => tasks.slice(0, 20).map(({ shown }) => shown.videoId);
			await Promise.all([upgrade(data), ...users.slice(0, 4).map(async (user, i) => {
				for (;;) {
					const { status, json } = await cgi('tasks', { path: '/api/video/tasks?pageSize=20', headers: { authorization: `Bearer ${user.tokens[i % 3]}` }, env });
					if (status === 200)
						return assert.deepEqual(json.data.tasks.map(({ videoId }) => videoId), page(user));
					assert.equal(status, 503, JSON.stringify(json));
				}
			})]);
			await upToDate(data);
		});

		await t.test('what is shown, and what was open goes on', async (u) => {
			const upstream = await newUpstream(u);
			const instance = await startInstance({ data: await copy(), env: { SORA_API_BASE: upstream.base, SORA_API_KEY: 'k', LONGREEL_BILLING: 'on', LONGREEL_ARCHIVE: 'off',
				LONGREEL_POLL_INTERVAL_MIN: '50ms', LONGREEL_WEBHOOK_TIMEOUT: '1s' } });
			u.after(() => instance.stop());
			const open = [];
			for (const { tokens, tasks } of users) {
				const client = new Client(instance.base, tokens[0]), found = await listed(client);
				assert.equal(found.length, tasks.length);
				for (const [i, { state, shown }] of tasks.entries()) {
					/* One that has timed out is looked at still. */
					const names = hasEnded(shown) && shown.errorCode !== 'timeout' ? Object.keys(shown) : FIXED;
					assert.deepEqual(only(names, found[i]), only(names, shown));
					if (['ready', 'running'].includes(state))
						open.push([client, shown.videoId]);
				}
				/* A cursor of before is good still. */
				assert.ok((await client.data('GET', '/api/video/updates?cursor=oldepoch-1')).updates.length > 0);
			}
			assert.ok(open.length > 0);
			upstream.finish();
			for (const [client, videoId] of open) {
				const task = await until(async () => {
					const now = await client.data('GET', `/api/video/tasks/${videoId}`);
					return hasEnded(now) && now;
				}, `the end of ${videoId}`, 120_000);
				assert.deepEqual([task.status, task.charge, task.chargedMicro], ['COMPLETED', null, null], JSON.stringify(task));
			}
			assert.match((await longreel(['ledger', 'check', '--data', instance.data])).out, /add up/);
		});
	});
