// What longreel says beside what the simulator has on record: no job twice, no task without its job, no job that nobody knows of.
import assert from 'node:assert/strict';
import { until } from './instance.mjs';

const ORDER = ['QUEUED', 'PROCESSING', 'COMPLETED'];

/** All jobs that the simulator has taken; asked again where the web server is just being started anew. */
export async function recordOf(instance) {
	const ask = () => fetch(`${instance.base}/simulator/jobs`).then((answer) => answer.json(), () => null);
	return (await until(ask, 'an answer of the simulator')).jobs;
}

/** Checks how one task with a prompt of its own has ended; `words` are the states that its client was told, in order. */
export async function checkEnd(instance, task, words) {
	const mine = (await recordOf(instance)).filter((j) => j.prompt === task.prompt);
	assert.ok(mine.length <= 1, 'no job twice');
	if (task.status === 'COMPLETED')
		assert.equal(task.externalTaskId, mine[0]?.id, 'the task has its job');
	else
		assert.deepEqual([task.status, task.errorCode], ['FAILED', 'submission_unknown'], 'or nobody can know');
	const forward = words.filter((w) => w !== 'FAILED').map((w) => ORDER.indexOf(w));
	assert.deepEqual(forward, [...forward].sort((a, b) => a - b), 'states went forward');
}

/** Checks all tasks of the clients against the whole record. Prompts must be unique. @returns {Promise<{tasks:number, jobs:number}>} */
export async function checkRecord(instance, ...clients) {
	const record = await recordOf(instance), tasks = [];
	for (const client of clients)
		for (let cursor = null, page; !page || page.nextCursor; cursor = page.nextCursor) {
			page = await client.data('GET', `/api/video/tasks?pageSize=100${cursor ? `&cursor=${cursor}` : ''}`);
			tasks.push(...page.tasks);
		}
	assert.equal(new Set(record.map((j) => j.prompt)).size, record.length, 'no prompt was submitted twice');
	const byId = new Map(tasks.filter((t) => t.externalTaskId).map((t) => [t.externalTaskId, t]));
	assert.equal(byId.size, tasks.filter((t) => t.externalTaskId).length, 'no job has two tasks');
	for (const [id, task] of byId)
		assert.equal(record.find((j) => j.id === id)?.prompt, task.prompt, 'a task has its own job');
	for (const job of record)
		assert.ok(byId.has(job.id) || tasks.some((t) => t.prompt === job.prompt && t.errorCode === 'submission_unknown'),
			`somebody knows of the job of "${job.prompt}"`);
	return { tasks: tasks.length, jobs: record.length };
}
