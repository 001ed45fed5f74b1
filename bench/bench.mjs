// Measures what longreel is for, each time beside something else in the same run, and prints ratios: medians of interleaved repetitions, and
// how far they lay apart. Loopback only; every figure comes from the real programs, over HTTP, through lighttpd.
//
//	node bench/bench.mjs [NAME…]      only the named measurements
//
// bench/README.md says what is compared with what, and why. The results are written to bench/results.json.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { money, upgrade } from './money.mjs';
import { BUILD, REPEAT, SECONDS, TOOLS, answersOf, cpu, crowd, filled, helloServer, median, nchan, note, onCore, own, pause, percentile,
	pidsOf, pss, round, rows, run, tool, upstream, wrk } from './tools.mjs';

// --- the measurements ------------------------------------------------------------------------------

const measurements = {
	/** Reading: one task, a page of a list, fifty by their ids; many tasks against few. */
	async reading() {
		const small = await filled({ tasks: 1000 }), big = await filled({ users: 10, tasks: 110_000, first: 10_000 });
		const hello = await helloServer(), ids = Array.from({ length: 50 }, (_, i) => `r${i}`);
		const script = join(small.data, 'recover.lua');
		await writeFile(script, `wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = '${JSON.stringify({ clientRequestIds: ids })}'\n`);
		const got = { hello: [], task: [], p99: [], list: [], few: [], million: [], deep: [], recover: [] };
		const deep = (await (await fetch(`${big.instance.base}/api/video/tasks?page=400`, { headers: { authorization: `Bearer ${big.people[0].token}` } })).json()).data.nextCursor;
		for (let i = 0; i < REPEAT; i++) {
			got.hello.push((await wrk(hello.url, '-')).rate);
			const task = await wrk(`${small.instance.base}/api/video/tasks/${small.people[0].videoId}`, small.people[0].token);
			got.task.push(task.rate);
			got.p99.push(task.p99);
			got.few.push((await wrk(`${small.instance.base}/api/video/tasks`, small.people[0].token)).rate);
			got.list.push((await wrk(`${big.instance.base}/api/video/tasks`, big.people[0].token)).rate);
			got.million.push((await wrk(`${big.instance.base}/api/video/tasks`, big.people[1].token)).rate);
			got.deep.push((await wrk(`${big.instance.base}/api/video/tasks?cursor=${deep}`, big.people[0].token)).rate);
			got.recover.push((await wrk(`${small.instance.base}/api/video/tasks/recover`, small.people[0].token, '-s', script)).rate);
		}
		const against = 'hello';
		note('GET one task', { ours: got.task, theirs: got.hello, unit: 'req/s', against, goal: ['>=', 0.8] });
		note('GET one task, p99', { ours: got.p99, unit: 'ms', goal: ['<=', 3] });
		note('list page 1 of a user with 10 000, a million in all', { ours: got.list, theirs: got.few, unit: 'req/s', against: 'itself at 1 000', goal: ['>=', 0.9] });
		note('list page 1 of a user with 110 000', { ours: got.million, theirs: got.few, unit: 'req/s', against: 'itself at 1 000', goal: ['>=', 0.9] });
		note('list, 8 000 tasks deep by cursor', { ours: got.deep, theirs: got.few, unit: 'req/s', against: 'itself at 1 000', goal: ['>=', 0.9] });
		note('recover 50 ids', { ours: got.recover, theirs: got.hello, unit: 'req/s', against, goal: ['>=', 0.5] });
		await big.instance.halt();
		const again = Date.now();
		await big.instance.start();
		note('start to ready with a million tasks', { ours: [Date.now() - again], unit: 'ms', goal: ['<=', 300] });
		await Promise.all([small.end(), big.end(), hello.end()]);
	},

	/** Creating: against an upstream that answers at once, and in a burst against one that takes 2 s. */
	async creating() {
		const quick = await upstream(), at = await filled({ users: 1, env: { SORA_API_BASE: quick.base, SORA_API_KEY: 'k' } });
		const script = join(at.data, 'create.lua'), ours = [], theirs = [];
		await writeFile(script, 'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = \'{"prompt":"A cat on a skateboard"}\'\n');
		for (let i = 0; i < REPEAT; i++) {
			ours.push(2 * (await wrk(`${at.instance.base}/api/relay/sora/videos`, at.people[0].token, '-s', script)).rate);
			theirs.push(Number((await run(join(TOOLS, 'commits'), [join(at.data, 'commits.db'), String(SECONDS)])).stdout));
		}
		note('create, as commits (two each)', { ours, theirs, unit: '/s', against: 'raw commits of SQLite', goal: ['>=', 0.7] });
		await at.end();
		await quick.end();
		for (const [many, goal] of [[500, 2.2], [2000, 2.5]]) {
			const slow = await upstream(2000), burst = await filled({ users: many, env: { SORA_API_BASE: slow.base, SORA_API_KEY: 'k' } });
			const relay = burst.instance.child('cgi-bin/relay'), p99 = [], growth = [];
			for (let i = 0; i < REPEAT; i++) {
				const before = pss([relay]);
				const swarm = await crowd(burst.instance.port, burst.people.map(({ token }) => `/api/relay/sora/videos ${token} {"prompt":"burst"}`));
				growth.push((pss([relay]) - before) / many);
				await swarm.ended;
				const answers = answersOf(swarm);
				if (answers.some(({ status }) => status !== 200))
					throw new Error(`${answers.filter(({ status }) => status !== 200).length} creations failed`);
				p99.push(percentile(answers.map(({ sent, done }) => (done - sent) / 1e6), 99));
			}
			note(`${many} creations at once, upstream takes 2 s, p99`, { ours: p99, unit: 's', goal: ['<=', goal] });
			note(`${many} creations at once, memory for each`, { ours: [Math.max(...growth)], unit: 'KB', goal: ['<=', 20] });
			await burst.end();
			await slow.end();
		}
	},

	/** The waiting room beside Nchan. */
	async waiting() {
		const MANY = Number(process.env.WAITERS ?? 9000), ROUNDS = 200, FAN = 1000;
		const at = await filled({ users: MANY, tasks: 1, state: 'running', dueIn: 3_600_000, env: { SORA_API_BASE: 'http://127.0.0.1:9', SORA_API_KEY: 'k',
			LONGREEL_POLL_INTERVAL_MIN: '1h', LONGREEL_POLL_INTERVAL_MAX: '1h', LONGREEL_MAX_WAITERS_PER_USER: '2000', LONGREEL_MAX_CONNECTIONS: '9500', LONGREEL_MAX_WAITERS: '9500' } });
		const other = await nchan();
		const idle = pss(pidsOf(at.instance)), room = at.instance.child('cgi-bin/updates'), roomIdle = pss([room]);
		const idleOther = pss(other.pids());
		/* A cursor names a moment of the database, whoever it was given to. */
		const { cursor: now } = (await (await fetch(`${at.instance.base}/api/video/updates`, { headers: { authorization: `Bearer ${at.people[0].token}` } })).json()).data;
		const swarm = await crowd(at.instance.port, at.people.map(({ token }) => `/api/video/updates?cursor=${now}&wait=60 ${token}`));
		await pause(500);
		note(`memory of the waiting room for each of ${MANY} clients`, { ours: [(pss([room]) - roomIdle) / MANY], unit: 'KB', goal: ['<=', 0.6] });
		const swarmOther = await crowd(other.port, at.people.map((_, i) => `/sub?id=c${i} -`));
		await pause(500);
		note('memory of all processes for each client', { ours: [(pss(pidsOf(at.instance)) - idle) / MANY], theirs: [(pss(other.pids()) - idleOther) / MANY],
			unit: 'KB', against: 'Nchan', goal: ['<=', 0.4] });
		const spent = cpu(pidsOf(at.instance));
		await pause(10_000);
		note(`processor while ${MANY} wait and nothing happens`, { ours: [(cpu(pidsOf(at.instance)) - spent) * 10], unit: '% of a core', goal: ['<=', 0.5] });

		const picked = Array.from({ length: ROUNDS }, (_, i) => Math.floor(i * MANY / ROUNDS));
		const begun = await tool('touch', [at.data, 10], picked.map((i) => at.people[i].videoId).join('\n') + '\n').ended;
		const begunOther = await tool('publish', [other.port, 10], picked.map((i) => `c${i}`).join('\n') + '\n').ended;
		await pause(300);
		const woken = (crowd_, starts) => picked.map((client, i) => {
			const answer = answersOf(crowd_).find(({ index }) => index === client);
			return (answer.done - Number(starts[i])) / 1000;
		});
		const mine = woken(swarm, begun), theirs = woken(swarmOther, begunOther);
		note(`one of ${MANY} woken, p50`, { ours: [percentile(mine, 50)], theirs: [percentile(theirs, 50)], unit: 'ms', against: 'Nchan', goal: ['<=', 2] });
		note(`one of ${MANY} woken, p99`, { ours: [percentile(mine, 99)], theirs: [percentile(theirs, 99)], unit: 'ms', against: 'Nchan', goal: ['<=', 3] });
		swarm.kill();
		swarmOther.kill();
		await Promise.all([swarm.ended, swarmOther.ended]);
		await pause(500);

		const p99 = [], p99Other = [], p50 = [], p50Other = [];
		for (let i = 0; i < REPEAT + 2; i++) {
			const { token, videoId } = at.people[1];
			const { cursor } = (await (await fetch(`${at.instance.base}/api/video/updates`, { headers: { authorization: `Bearer ${token}` } })).json()).data;
			const fan = await crowd(at.instance.port, Array.from({ length: FAN }, () => `/api/video/updates?cursor=${cursor}&wait=60 ${token}`));
			await pause(300);
			const [start] = await tool('touch', [at.data, 0], `${videoId}\n`).ended;
			await fan.ended;
			const times = answersOf(fan).map(({ done }) => (done - Number(start)) / 1000);
			const fanOther = await crowd(other.port, Array.from({ length: FAN }, () => '/sub?id=fan -'));
			await pause(300);
			const [startOther] = await tool('publish', [other.port, 0], 'fan\n').ended;
			await fanOther.ended;
			const timesOther = answersOf(fanOther).map(({ done }) => (done - Number(startOther)) / 1000);
			p50.push(percentile(times, 50));
			p99.push(percentile(times, 99));
			p50Other.push(percentile(timesOther, 50));
			p99Other.push(percentile(timesOther, 99));
		}
		note(`${FAN} woken by one commit, p50`, { ours: p50, theirs: p50Other, unit: 'ms', against: 'Nchan' });
		note(`${FAN} woken by one commit, p99`, { ours: p99, theirs: p99Other, unit: 'ms', against: 'Nchan', goal: ['<=', 1.5] });
		await Promise.all([at.end(), other.end()]);
	},

	/** The poller beside a bare curl_multi loop, by the processor time that each takes for a poll: on a machine with two cores
	 * the upstream would be the limit. It has one core, what is measured the other. In runs of --once, its start and the reading of its tasks included. */
	async polling() {
		const AT_ONCE = 64, far = ['1h', '1h'], near = ['10ms', '10ms'];
		const costs = { quiet: [], news: [], bare: [], floor: [], floorNews: [] }, large = [];
		const [first, ...rest] = [...onCore(0), join(TOOLS, 'wrote')];
		const cost = async (name, args, env = {}) => Number((await run(first, [...rest, name, ...args.map(String)], { env: { ...process.env, ...env } }))
			.stderr.trim().split('\n').at(-1).split(' ')[1]);
		const poller = (data, base, [least, most]) => cost(join(BUILD, 'longreel-poller'), ['--data', data, '--once'], { SORA_API_BASE: base, SORA_API_KEY: 'k',
			LONGREEL_POLL_INTERVAL_MIN: least, LONGREEL_POLL_INTERVAL_MAX: most, LONGREEL_ARCHIVE: 'off', LONGREEL_CHANNEL_CONNECTIONS: String(AT_ONCE), LONGREEL_LOG_LEVEL: 'error' });
		const unnews = await upstream(0, 0), server = await upstream();
		await Promise.all([unnews.keepOn(1), server.keepOn(1)]);
		for (const open of [10_000, 100_000])
			for (let i = 0; i < (open === 10_000 ? REPEAT : 1); i++) {
				const data = await mkdtemp(join(tmpdir(), 'longreel-bench-')), url = `${server.base}/sora/v1/videos/job`;
				await run(join(TOOLS, 'fill'), [data, '1', '0', 'running', String(open), '0', '1']);
				await poller(data, unnews.base, far); // the prompts are indexed, too
				if (open === 10_000) {
					costs.news.push(await poller(data, server.base, near) / open);
					costs.bare.push(await cost(join(TOOLS, 'fetch'), [url, open, AT_ONCE]) / open);
					costs.floor.push(await cost(join(TOOLS, 'floor'), [url, open, AT_ONCE]) / open);
				}
				(open === 10_000 ? costs.quiet : large).push(await poller(data, open === 10_000 ? server.base : unnews.base, near) / open);
				if (open === 10_000)
					costs.floorNews.push(await cost(join(TOOLS, 'floor'), [url, open, AT_ONCE, data]) / open);
				await rm(data, { recursive: true, force: true });
			}
		await unnews.end();
		const { connections } = await server.end();
		note('connections to the upstream, of a cap of 64', { ours: [connections], unit: '', goal: ['<=', AT_ONCE] });
		const beside = (what, list, goal) => note(`a poll ${what}, processor time`, { ours: list, theirs: costs.bare, unit: 'µs',
			of: median(costs.bare) / median(list), against: 'a bare curl_multi loop', goal: goal && ['>=', goal] });
		beside('without news', costs.quiet, 0.55);
		beside('without news, at the least (floor.c)', costs.floor);
		beside('with news', costs.news, 0.38);
		beside('with news, at the least (floor.c)', costs.floorNews);
		note('a poll without news, of 100 000 open tasks', { ours: large, theirs: costs.quiet, unit: 'µs', of: median(costs.quiet) / median(large),
			against: 'itself at 10 000', goal: ['>=', 0.9] });
	},

	/** What is written to the disk for a poll without news, each task looked at each 2 s: by a poller that stays, by --once and by --for 55 each minute,
	 * all at the same time; and what an open task costs of memory. WRITING: seconds. */
	async writing() {
		const seconds = Number(process.env.WRITING ?? 60), POLLER = join(BUILD, 'longreel-poller');
		/* All that they write, their start and end with it. */
		const fromCron = (...args) => async (data, env) => {
			let bytes = 0;
			for (let left = Math.max(1, Math.round(seconds / 60)); left > 0; left--) {
				const [{ stderr }] = await Promise.all([run(join(TOOLS, 'wrote'), [POLLER, '--data', data, ...args], { env }), left > 1 && pause(60_000)]);
				bytes += Number(stderr.trim().split('\n').at(-1).split(' ')[0]);
			}
			return { bytes };
		};
		const stays = async (data, env) => {
			const poller = spawn(POLLER, ['--data', data], { env, stdio: 'ignore' });
			await pause(seconds * 1000);
			const memory = own(poller.pid), bytes = Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${poller.pid}/io`, 'utf8'))[1]);
			poller.kill();
			await once(poller, 'exit');
			return { bytes, memory };
		};
		const measure = async (open, form) => {
			const data = await mkdtemp(join(tmpdir(), 'longreel-bench-'));
			const env = ({ base }) => ({ ...process.env, SORA_API_BASE: base, SORA_API_KEY: 'k', LONGREEL_POLL_INTERVAL_MIN: '2s', LONGREEL_POLL_INTERVAL_MAX: '2s',
				LONGREEL_ARCHIVE: 'off', LONGREEL_LOG_LEVEL: 'error' });
			await run(join(TOOLS, 'fill'), [data, '1', '0', 'running', String(open), '0']);
			const news = await upstream();
			await run(POLLER, ['--data', data, '--once'], { env: env(news) });
			await news.end();
			const server = await upstream(), { bytes, memory } = await form(data, env(server)), { requests } = await server.end();
			await rm(data, { recursive: true, force: true });
			return { kb: bytes / requests / 1000, requests, memory };
		};
		const forms = [['500 open tasks', 500, stays], ['5000 open tasks', 5000, stays], ['5000 open tasks, --once each minute', 5000, fromCron('--once')],
			['5000 open tasks, --for 55 each minute', 5000, fromCron('--for', '55')]];
		const got = await Promise.all(forms.map(([, open, form]) => measure(open, form)));
		for (const [i, [what]] of forms.entries())
			note(`${what}: written for each of ${got[i].requests} polls without news`, { ours: [got[i].kb], unit: 'kB', goal: ['<=', 0.1] });
		note('memory of the poller for each further open task', { ours: [(got[1].memory - got[0].memory) / 4500], unit: 'KB', goal: ['<=', 1] });
	},

	/** From the upstream's answer "completed" to the waiting client, few tasks running. */
	async arriving() {
		const ROUNDS = 400, times = [], done = new Map();
		const server = createHttp((request, response) => request.resume().on('end', () => {
			const id = request.method === 'POST' ? `job${done.size}` : request.url.split('/').pop();
			const job = done.get(id) ?? done.set(id, { polls: 0 }).get(id);
			const completed = request.method === 'GET' && ++job.polls > 2;
			response.writeHead(200, { 'content-type': 'application/json' });
			job.at = performance.now();
			response.end(JSON.stringify({ id, status: completed ? 'completed' : 'in_progress', video_url: completed ? 'http://127.0.0.1:9/v.mp4' : undefined }));
		})).listen(0, '127.0.0.1');
		await once(server, 'listening');
		const at = await filled({ tasks: 1, env: { SORA_API_BASE: `http://127.0.0.1:${server.address().port}`, SORA_API_KEY: 'k', LONGREEL_POLL_INTERVAL_MIN: '50ms',
			LONGREEL_ARCHIVE: 'off' } });
		const headers = { authorization: `Bearer ${at.people[0].token}`, 'content-type': 'application/json' };
		const call = async (path, more) => (await (await fetch(`${at.instance.base}${path}`, { headers, ...more })).json()).data;
		for (let i = 0; i < ROUNDS; i++) {
			let { cursor } = await call('/api/video/updates');
			const made = await call('/api/relay/sora/videos', { method: 'POST', body: JSON.stringify({ prompt: `p${i}` }) });
			for (let ended = false; !ended;) {
				const page = await call(`/api/video/updates?cursor=${encodeURIComponent(cursor)}&wait=20`), now = performance.now();
				cursor = page.cursor;
				ended = page.updates.some(({ payload }) => payload.videoId === made.videoId && payload.status === 'COMPLETED');
				if (ended)
					times.push(now - done.get(made.externalTaskId).at);
			}
		}
		note('from "completed" to the waiting client, p50', { ours: [percentile(times, 50)], unit: 'ms', goal: ['<=', 2.5] });
		note('from "completed" to the waiting client, p99', { ours: [percentile(times, 99)], unit: 'ms', goal: ['<=', 8] });
		await at.end();
		server.close();
	},

	money,
	upgrade,

	/** What an instance costs that does nothing, and what it costs after a load. */
	async footprint() {
		/* The simulator, which nobody runs beside their instance, is left out. */
		const at = await filled({ tasks: 1, env: { SORA_API_BASE: 'http://127.0.0.1:9', SORA_API_KEY: 'k' } });
		await pause(2000);
		note('memory of an idle instance, all processes', { ours: [pss(pidsOf(at.instance)) / 1024], unit: 'MB', goal: ['<=', 15] });
		const { token, videoId } = at.people[0];
		let sent = 0;
		while (sent < Number(process.env.LOAD ?? 1_000_000)) {
			const { stdout } = await run('wrk', ['-t1', '-c64', '-d5s', '-H', `Authorization: Bearer ${token}`, `${at.instance.base}/api/video/tasks/${videoId}`]);
			sent += Number(/(\d+) requests in/.exec(stdout)[1]);
		}
		await pause(1000);
		note(`memory after ${round(sent)} requests`, { ours: [pss(pidsOf(at.instance)) / 1024], unit: 'MB', goal: ['<=', 24] });
		await at.end();
	},
};

const wanted = process.argv.slice(2);
for (const [name, measure] of Object.entries(measurements))
	if (wanted.length === 0 || wanted.includes(name)) {
		console.log(`--- ${name}`);
		await measure();
	}
const { stdout: commit } = await run('git', ['rev-parse', '--short', 'HEAD']).catch(() => ({ stdout: '' }));
if (wanted.length === 0)
	await writeFile(new URL('results.json', import.meta.url), `${JSON.stringify({ date: new Date().toISOString(), commit: commit.trim(),
		cores: readdirSync('/sys/devices/system/cpu').filter((name) => /^cpu\d+$/.test(name)).length, rows }, null, '\t')}\n`);
