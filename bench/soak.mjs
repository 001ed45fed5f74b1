// Mixed traffic for a while: what an hour brings, compressed. Nothing may grow: neither the memory of any process, nor its descriptors, nor the
// files in the data directory beyond what the tasks need; no answer may be a 5xx, and no line of the log an error. With a sanitizer's build its
// findings count as well: threads under load, and leaks at the end.
//
//	SECONDS=120 node bench/soak.mjs
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { Client, PNG } from '../tests/support/client.mjs';
import { childrenOf, commandOf, longreel, startInstance } from '../tests/support/instance.mjs';
import * as money from '../tests/support/money.mjs';
import { random } from '../tests/support/random.mjs';

const SECONDS = Number(process.env.SECONDS ?? 120), CLIENTS = Number(process.env.CLIENTS ?? 8), dice = random();
const instance = await startInstance({ simulator: true, env: { LONGREEL_RATE_CREATE: '0', LONGREEL_RATE_READ: '0', LONGREEL_READ_MAX_MB: '0', LONGREEL_RATE_REGISTER: '0', LONGREEL_RATE_LOGIN: '0',
	LONGREEL_BILLING: 'on', LONGREEL_RATE_REDEEM: '0', LONGREEL_SIGNUP_CREDIT: '1000000', LONGREEL_POLL_INTERVAL_MIN: '50ms', LONGREEL_LOG_LEVEL: 'warn' } });
money.price(instance.data, { perSecond: 1_000_000, seconds: 8 });
const made = await longreel(['code', 'create', '--count', '20', '--amount', '1', '--uses', '1000', '--batch', 'soak', '--json', '--data', instance.data]);
const codes = JSON.parse(made.out).codes.map(({ code }) => code);
process.on('exit', () => instance.process.kill()); // also of one that fails
const counts = {}, statuses = {};
let over = false;

const below = (pid) => childrenOf(pid).flatMap((child) => [child, ...below(child)]);

/** Memory that is its own, in KB, and descriptors, for each process. */
function look() {
	return new Map([instance.pid, ...below(instance.pid)].map((pid) => [pid, {
		name: commandOf(pid).split(' ').find((word) => /longreel|cgi-bin|lighttpd/.test(word)) ?? String(pid),
		memory: Number(/^Private_Dirty:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]),
		descriptors: readdirSync(`/proc/${pid}/fd`).length,
	}]));
}

function form(prompt) {
	const fields = new FormData();
	fields.set('prompt', prompt);
	fields.set('model', 'm:fast');
	fields.set('input_reference', new Blob([PNG]), 'a.png');
	return fields;
}

/** One client's life: this and that, in any order. */
async function live(client) {
	const ids = [];
	let cursor = '0', n = 0;
	const task = () => `/api/video/tasks/${ids.length > 0 ? dice.pick(ids) : 'none'}`;
	const verbs = {
		create: () => ['POST', '/api/relay/sora/videos', { prompt: `p${n++}`, model: `m:${dice.pick(['fast', 'slow=300ms', 'fail+fast', 'reject'])}`,
			clientRequestId: `r${n}` }],
		upload: () => ['POST', '/api/relay/sora/videos', form(`image ${n++}`)],
		again: () => ['POST', '/api/relay/sora/videos', { prompt: 'again', clientRequestId: 'again', model: 'm:fast' }],
		get: () => ['GET', task()],
		list: () => ['GET', '/api/video/tasks?pageSize=20'],
		recover: () => ['POST', '/api/video/tasks/recover', { clientRequestIds: Array.from({ length: 20 }, (_, i) => `r${i}`) }],
		content: () => ['GET', `${task()}/content`],
		remix: () => ['POST', `${task()}/remix`, { prompt: 'remix', model: 'm:fast' }],
		lineage: () => ['GET', `${task()}/lineage`],
		cancel: () => ['POST', `${task()}/cancel`, ''],
		retry: () => ['POST', `${task()}/retry`, ''],
		remove: () => ['DELETE', task()],
		nonsense: () => ['POST', '/api/relay/sora/videos', '{"prompt":'],
		updates: () => ['GET', `/api/video/updates?cursor=${cursor}&wait=1`],
		leave: () => ['GET', `/api/video/updates?cursor=${cursor}&wait=30`],
		account: () => ['GET', '/api/account'],
		statement: () => ['GET', '/api/account/statement'],
		quote: () => ['POST', '/api/prices/quote', { model: 'm:fast' }],
		prices: () => ['GET', '/api/prices'],
		charges: () => ['GET', `/api/account/charges${dice.pick(['', '.csv'])}`],
		usage: () => ['GET', `/api/account/usage?groupBy=${dice.pick(['day', 'model', 'key'])}`],
		redeem: () => ['POST', '/api/account/redeem', { code: dice.pick(codes) }],
		set: () => ['POST', '/api/relay/sora/videos', { prompt: `set ${n++}`, model: 'm:fast', n: 3 }],
		login: () => ['POST', '/api/auth/login', { username: client.user.username, password: 'correct horse battery' }],
	};
	const often = ['create', 'get', 'get', 'list', 'recover', 'updates', 'updates', ...Object.keys(verbs).filter((verb) => verb !== 'login'), ...(dice.below(4) ? [] : ['login'])];
	while (!over) {
		const verb = dice.pick(often), [method, path, body] = verbs[verb]();
		const signal = verb === 'leave' ? AbortSignal.timeout(20 + dice.below(100)) : undefined;
		const answer = await client.call(method, path, body, {}, signal).catch((error) => {
			if (!signal)
				throw error;
		});
		counts[verb] = (counts[verb] ?? 0) + 1;
		if (!answer)
			continue;
		statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
		/* 502: a video that the simulator was told to fail has no content; a task that another call holds is busy. */
		assert.ok(answer.status < 500 || answer.body?.code === 'busy' || verb === 'content', `${verb}: ${answer.status} ${answer.bytes.toString().slice(0, 200)}`);
		if (verb === 'updates' && answer.status === 200)
			cursor = answer.body.data.cursor;
		if (answer.body?.data?.videoId && ids.length < 400)
			ids.push(answer.body.data.videoId);
	}
}

const clients = [];
while (clients.length < CLIENTS) // one after the other: few strangers may wait for a password's turn
	clients.push(await new Client(instance.base).join());
const living = Promise.all(clients.map(live));
living.catch(() => (over = true));
const pause = (share) => new Promise((done) => setTimeout(done, SECONDS * 1000 * share));
await pause(0.4);
const early = look();
await pause(0.6);
over = true;
await living;
const late = look();
for (const [pid, { name, memory, descriptors }] of late) {
	const before = early.get(pid);
	assert.ok(before, `${name} was started anew\n${instance.log}`);
	console.log(`${name}: ${before.memory} -> ${memory} KB, ${before.descriptors} -> ${descriptors} descriptors`);
	/* Caches fill up, and the sanitizers keep what was freed for a while. */
	if (!process.env.SANITIZED)
		assert.ok(memory < before.memory * 1.3 + 2048, `${name} grows: ${before.memory} -> ${memory} KB`);
	assert.ok(descriptors <= before.descriptors + 2 * CLIENTS + 8, `${name} keeps descriptors: ${before.descriptors} -> ${descriptors}`);
}
money.check(instance.data);
await instance.stop();
assert.ok(!/ error /.test(instance.log), instance.log);
const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
console.log(`${total} calls in ${SECONDS} s by ${CLIENTS} clients: ${JSON.stringify(counts)}; answers ${JSON.stringify(statuses)} (${dice.seed})`);
console.log('1 passed, 0 failed');
