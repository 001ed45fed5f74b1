// An API with billing, for a test of what is paid in the end: its clock is the test's, its upstream (profile PAID) can cancel, and says
// what it has made and what that has cost.
//
//	const paid = await newPaid({ LONGREEL_CANCEL_CHARGE: 'sent' });
//	const ada = await paid.rich(10_000_000);
//	const made = await ada.create();
//	await paid.job(made, { status: 'completed', seconds: '5' });
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newApi } from './api.mjs';
import * as money from './money.mjs';
import { newWorld, untilNoon } from './world.mjs';

const PAID = JSON.stringify({
	auth: { header: 'Authorization', prefix: 'Bearer ' },
	submit: { path: '/videos', body: 'json', accepted: [200],
		fields: { prompt: 'prompt', model: 'model', size: 'size', seconds: { name: 'seconds', type: 'integer' }, extra: '/' } },
	remix: { path: '/videos/{id}/remix', body: 'json', fields: { prompt: 'prompt' } },
	extend: { path: '/videos/{id}/extend', body: 'json', fields: { prompt: 'prompt', seconds: { name: 'seconds', type: 'integer' } } },
	poll: { path: '/videos/{id}', accepted: [200] },
	cancel: { method: 'POST', path: '/videos/{id}/cancel' },
	answer: { id: ['/id'], status: ['/status'], video_url: ['/video_url'], seconds: ['/seconds'], size: ['/size'], error_message: ['/error'],
		cost: ['/cost'], cost_unit_micro: 1_000_000 },
	words: { queued: ['queued'], processing: ['in_progress'], completed: ['completed'], failed: ['failed'], cancelled: ['cancelled'] },
	extra_priced: ['deluxe'],
	offers: [{ name: 'five', seconds: [5] }],
});

export async function newPaid(env = {}) {
	const world = await newWorld();
	const api = await newApi({ ...world.env, LONGREEL_UPSTREAM_DIALECT: 'paid', LONGREEL_BILLING: 'on', LONGREEL_ARCHIVE: 'off', LONGREEL_UPSTREAM_EXTRA_ALLOW: 'mood deep Seconds deluxe', ...env });
	await mkdir(join(api.data, 'dialects'), { mode: 0o700 });
	await writeFile(join(api.data, 'dialects', 'paid.json'), PAID);
	let names = 0, passed = Math.ceil(untilNoon() / 1000) * 1000;
	await world.passed(passed);
	return {
		api, world,
		cli: (...words) => api.run('longreel', ...words, '--data', api.data),
		sql: (text, ...values) => money.sql(api.data, text, ...values),
		price: (fields) => money.price(api.data, fields),
		/** A new user with so much. */
		async rich(amount) {
			const user = await api.user(`user${++names}`);
			if (amount > 0)
				money.grant(api.data, amount, user.user.username);
			return user;
		},
		/** What a user has. */
		balance: (user) => money.balance(api.data, user.user.username),
		/** The charges of a task, the first attempt first. */
		charges: (videoId) => money.sql(api.data, `SELECT c.* FROM charge AS c JOIN task AS t ON t.id = c.task_id
			WHERE t.video_id = ? ORDER BY c.attempt`, videoId),
		/** From now on the job of a task stands so. */
		job: ({ externalTaskId }, job) => api.upstream.jobs.set(externalTaskId,
			{ ...(job.status === 'completed' && { video_url: `${api.upstream.base}/video/x` }), ...job }),
		/** One pass of a poller. */
		poll: () => api.run('longreel-poller', '--data', api.data, '--once'),
		/** So many more ms have passed, in whole seconds. */
		pass: (ms) => world.passed(passed += Math.ceil(ms / 1000) * 1000),
		/** The time that it is for the programs. */
		now: () => Date.now() + passed,
		/** The accounts add up. */
		async check() {
			assert.match(await api.run('longreel', 'ledger', 'check', '--data', api.data), /add up/);
		},
		async close() {
			money.check(api.data);
			await api.close();
			await world.remove();
		},
	};
}
