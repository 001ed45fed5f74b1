// Measures what longreel is for, each time beside something else in the same run, and prints ratios: medians of interleaved repetitions, and
// how far they lay apart. Loopback only; every figure comes from the real programs, over HTTP, through lighttpd.
//
//	node bench/bench.mjs [NAME…]      only the named measurements
//
// bench/README.md says what is compared with what, and why. The results are written to bench/results.json.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { childrenOf, startInstance, until } from '../tests/support/instance.mjs';
import * as money from '../tests/support/money.mjs';

const BUILD = resolve(process.env.LONGREEL_BUILD ?? 'build'), TOOLS = join(BUILD, 'bench');
const REPEAT = Number(process.env.REPEAT ?? 3), SECONDS = Number(process.env.SECONDS ?? 3);
const run = promisify(execFile);
const rows = [];

// --- figures ------------------------------------------------------------------------------------

const sorted = (list) => [...list].sort((a, b) => a - b);
const median = (list) => sorted(list)[Math.floor(list.length / 2)];
const percentile = (list, p) => sorted(list)[Math.min(list.length - 1, Math.floor(list.length * p / 100))];
const round = (x) => (Math.abs(x) >= 100 ? Math.round(x) : Number(x.toPrecision(3)));

/** Notes one row. `goal` is what the ratio, or our figure where there is nothing to compare, must be: [">=", 0.8]. */
function note(what, { ours, theirs, unit, against, goal, of = null }) {
	const mine = median(ours), other = theirs && median(theirs);
	const ratio = of ?? (theirs ? mine / other : null);
	const judged = ratio ?? mine;
	const met = !goal ? null : goal[0] === '>=' ? judged >= goal[1] : judged <= goal[1];
	rows.push({ what, unit, ours: round(mine), spread: [round(Math.min(...ours)), round(Math.max(...ours))], against: against ?? null,
		theirs: theirs ? round(other) : null, theirSpread: theirs ? [round(Math.min(...theirs)), round(Math.max(...theirs))] : null,
		ratio: ratio === null ? null : round(ratio), goal: goal ? goal.join(' ') : null, met });
	const row = rows.at(-1);
	console.log(`${row.met === null ? '    ' : row.met ? 'ok  ' : 'MISS'} ${what}: ${row.ours} ${unit} (${row.spread.join('–')})`
		+ (theirs ? ` against ${row.theirs} (${row.theirSpread.join('–')}) ${against}` : '')
		+ (row.ratio === null ? '' : `, ratio ${row.ratio}`) + (goal ? `, goal ${row.goal}` : ''));
}

// --- processes ----------------------------------------------------------------------------------

const below = (pid) => childrenOf(pid).flatMap((child) => [child, ...below(child)]);

/** The proportional set size of processes, in KB. */
const pss = (pids) => pids.reduce((sum, pid) => {
	try {
		return sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]);
	} catch {
		return sum;
	}
}, 0);

/** The processor time of processes so far, in s. */
const cpu = (pids) => pids.reduce((sum, pid) => {
	const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
	return sum + (Number(fields[11]) + Number(fields[12])) / 100;
}, 0);

const pidsOf = (instance) => [instance.pid, ...below(instance.pid)];

async function freePort() {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	return port;
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** A load program under way: its lines, and its end. */
function tool(name, args, input = '') {
	const child = spawn(join(TOOLS, name), args.map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
	const lines = [];
	const reading = createInterface(child.stdout).on('line', (line) => lines.push(line));
	child.ended = Promise.all([once(child, 'close'), once(reading, 'close')]).then(() => lines);
	child.lines = lines;
	child.stdin.on('error', () => {});
	child.stdin.end(input);
	return child;
}

/** A crowd of clients (swarm.c), once all requests are sent. */
async function crowd(port, requests) {
	const swarm = tool('swarm', ['127.0.0.1', port], requests.join('\n') + '\n');
	swarm.requests = requests.length;
	await until(() => swarm.lines.some((line) => line.startsWith('sent')), 'the crowd', 60_000);
	return swarm;
}

/** The answers that a crowd has had so far. */
const answersOf = (swarm) => swarm.lines.filter((line) => !line.startsWith('sent')).map((line) => {
	const [index, status, sent, done] = line.split(' ').map(Number);
	return { index, status, sent, done };
});

async function wrk(url, token, ...more) {
	const { stdout } = await run('wrk', ['-t1', '-c64', `-d${SECONDS}s`, '--latency', '-H', `Authorization: Bearer ${token}`, ...more, url]);
	if (/Non-2xx/.test(stdout))
		throw new Error(`${url}: ${stdout}`);
	const [, p99, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout);
	return { rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1]), p99: p99 * { us: 0.001, ms: 1, s: 1000 }[unit] };
}

// --- what is measured against what ----------------------------------------------------------------

/** An instance on data that fill.c has made. The log goes to a file: a pipe that nobody empties would hold the programs up. */
async function filled({ users = 1, tasks = 0, state = 'completed', first = tasks, dueIn = 0, env = {} }) {
	const data = await mkdtemp(join(tmpdir(), 'longreel-bench-'));
	const { stdout } = await run(join(TOOLS, 'fill'), [data, users, tasks, state, first, dueIn].map(String), { maxBuffer: 1 << 28 });
	const people = stdout.trim().split('\n').map((line) => {
		const [token, videoId] = line.split(' ');
		return { token, videoId };
	});
	const instance = await startInstance({ data, simulator: !env.SORA_API_BASE, env: { LONGREEL_RATE_CREATE: '0', LONGREEL_RATE_READ: '0', LONGREEL_READ_MAX_MB: '0', LONGREEL_LOG_LEVEL: 'warn', ...env } });
	instance.port = new URL(instance.base).port;
	return { instance, people, data, async end() {
		await instance.stop();
		await rm(data, { recursive: true, force: true });
	} };
}

/** hello.c behind a lighttpd of the same build and settings. */
async function helloServer() {
	const dir = await mkdtemp(join(tmpdir(), 'longreel-hello-')), port = await freePort(), prefix = join(BUILD, 'lighttpd', 'usr');
	await writeFile(join(dir, 'conf'), `server.document-root = "${dir}"\nserver.modules = ("mod_fastcgi")\nserver.bind = "127.0.0.1"\nserver.port = ${port}
server.max-keep-alive-requests = 100000\nserver.max-fds = 4096\nserver.feature-flags = ( "server.h2proto" => "disable" )
fastcgi.server = ( "/" => (( "socket" => "${dir}/socket", "check-local" => "disable" )) )\n`);
	const hello = spawn(join(TOOLS, 'hello'), [join(dir, 'socket'), '2'], { stdio: 'ignore' });
	const own = await readFile(join(prefix, 'sbin', 'lighttpd')).then(() => true, () => false);
	const web = spawn(own ? join(prefix, 'sbin', 'lighttpd') : '/usr/sbin/lighttpd',
		['-D', '-f', join(dir, 'conf'), ...(own ? ['-m', join(prefix, 'lib', 'lighttpd')] : [])], { stdio: 'ignore' });
	await until(() => fetch(`http://127.0.0.1:${port}/`).then((r) => r.ok, () => false), 'hello');
	return { url: `http://127.0.0.1:${port}/`, async end() {
		hello.kill();
		web.kill();
		await Promise.all([once(hello, 'exit'), once(web, 'exit')]);
		await rm(dir, { recursive: true, force: true });
	} };
}

/** nginx with Nchan, one worker. */
async function nchan() {
	const dir = await mkdtemp(join(tmpdir(), 'longreel-nchan-')), port = await freePort(), prefix = resolve('build/nginx/usr');
	await writeFile(join(dir, 'conf'), `load_module ${prefix}/lib/nginx/modules/ngx_nchan_module.so;\ndaemon off;\nworker_processes 1;
worker_rlimit_nofile 20000;\npid ${dir}/pid;\nerror_log ${dir}/error.log crit;\nevents { worker_connections 15000; }
http { access_log off; keepalive_requests 1000000; client_body_temp_path ${dir}; proxy_temp_path ${dir}; fastcgi_temp_path ${dir}; uwsgi_temp_path ${dir}; scgi_temp_path ${dir};
nchan_shared_memory_size 256M;
server { listen 127.0.0.1:${port} backlog=4096;
location /pub { nchan_publisher; nchan_channel_id $arg_id; nchan_message_timeout 1m; }
location /sub { nchan_subscriber longpoll; nchan_channel_id $arg_id; nchan_subscriber_first_message newest; } } }\n`);
	const nginx = spawn(join(prefix, 'sbin', 'nginx'), ['-p', dir, '-c', join(dir, 'conf')], { stdio: ['ignore', 'ignore', 'inherit'] });
	await until(() => fetch(`http://127.0.0.1:${port}/`).then(() => true, () => false), 'nginx');
	return { port, pids: () => [nginx.pid, ...below(nginx.pid)], async end() {
		nginx.kill();
		await once(nginx, 'exit');
		await rm(dir, { recursive: true, force: true });
	} };
}

async function upstream(delay = 0, progress = 42) {
	const server = tool('upstream', [delay, progress]);
	await until(() => server.lines.length > 0, 'the upstream');
	return { base: `http://127.0.0.1:${server.lines[0]}`, async end() {
		server.kill();
		const [, requests, connections] = /requests (\d+) connections (\d+)/.exec((await server.ended).at(-1));
		return { requests: Number(requests), connections: Number(connections) };
	} };
}

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
	 * the upstream would be the limit. In runs of --once, its start and the reading of its tasks included. */
	async polling() {
		const AT_ONCE = 64, far = ['1h', '1h'], near = ['10ms', '10ms'];
		const costs = { quiet: [], news: [], bare: [], floor: [], floorNews: [] }, large = [];
		const cost = async (name, args, env = {}) => Number((await run(join(TOOLS, 'wrote'), [name, ...args.map(String)], { env: { ...process.env, ...env } }))
			.stderr.trim().split('\n').at(-1).split(' ')[1]);
		const poller = (data, base, [least, most]) => cost(join(BUILD, 'longreel-poller'), ['--data', data, '--once'], { SORA_API_BASE: base, SORA_API_KEY: 'k',
			LONGREEL_POLL_INTERVAL_MIN: least, LONGREEL_POLL_INTERVAL_MAX: most, LONGREEL_ARCHIVE: 'off', LONGREEL_CHANNEL_CONNECTIONS: String(AT_ONCE), LONGREEL_LOG_LEVEL: 'error' });
		const unnews = await upstream(0, 0), server = await upstream();
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

	/** What is written to the disk for a poll without news, and what an open task costs of memory. WRITING: seconds. */
	async writing() {
		const wait = Number(process.env.WRITING ?? 60) * 1000, wrote = (pid) => Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))[1]);
		const env = (base) => ({ ...process.env, SORA_API_BASE: base, SORA_API_KEY: 'k', LONGREEL_POLL_INTERVAL_MIN: '2s', LONGREEL_POLL_INTERVAL_MAX: '2s', LONGREEL_ARCHIVE: 'off',
			LONGREEL_LOG_LEVEL: 'error' });
		for (const open of [500, 5000]) {
			const server = await upstream(), data = await mkdtemp(join(tmpdir(), 'longreel-bench-'));
			await run(join(TOOLS, 'fill'), [data, '1', '0', 'running', String(open), '0']);
			await run(join(BUILD, 'longreel-poller'), ['--data', data, '--once'], { env: env(server.base) });
			const poller = spawn(join(BUILD, 'longreel-poller'), ['--data', data], { env: env(server.base), stdio: 'ignore' });
			await pause(2000);
			const before = wrote(poller.pid), memory = pss([poller.pid]);
			await pause(wait);
			const bytes = wrote(poller.pid) - before;
			poller.kill();
			await once(poller, 'exit');
			const polls = open * wait / 2000;
			note(`${open} open tasks: written for a poll without news`, { ours: [bytes / polls / 1000], unit: 'kB', goal: ['<=', 0.1] });
			if (open === 5000) {
				const { stderr } = await run(join(TOOLS, 'wrote'), [join(BUILD, 'longreel-poller'), '--data', data, '--once'], { env: env(server.base) });
				note(`${open} open tasks, --once: written for a poll without news`, { ours: [Number(stderr.trim().split('\n').at(-1).split(' ')[0]) / open / 1000], unit: 'kB', goal: ['<=', 0.1] });
				const empty = await mkdtemp(join(tmpdir(), 'longreel-bench-'));
				await run(join(TOOLS, 'fill'), [empty, '1', '0', 'running', '1', '0']);
				const idle = spawn(join(BUILD, 'longreel-poller'), ['--data', empty], { env: env(server.base), stdio: 'ignore' });
				await pause(2000);
				note('memory of the poller for each open task', { ours: [(memory - pss([idle.pid])) / open], unit: 'KB', goal: ['<=', 1] });
				idle.kill();
				await once(idle, 'exit');
				await rm(empty, { recursive: true, force: true });
			}
			await server.end();
			await rm(data, { recursive: true, force: true });
		}
	},

	/** From the upstream's answer "completed" to the waiting client, few tasks running. */
	async arriving() {
		const ROUNDS = 100, times = [], done = new Map();
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

	/** With billing, beside the same without: creations, a month's summary over a million charges, memory. */
	async money() {
		const quick = await upstream(), env = { SORA_API_BASE: quick.base, SORA_API_KEY: 'k', LONGREEL_ARCHIVE: 'off' };
		const off = await filled({ env }), on = await filled({ env: { ...env, LONGREEL_BILLING: 'on' } }), rates = { off: [], on: [] }, costs = { off: [], on: [] };
		await pause(2000);
		note('memory of an idle instance with billing, all processes', { ours: [pss(pidsOf(on.instance)) / 1024], unit: 'MB', goal: ['<=', 18] });
		note('… and without', { ours: [pss(pidsOf(off.instance)) / 1024], unit: 'MB', goal: ['<=', 15.5] });
		money.price(on.data, { model: '', perSecond: 100_000, seconds: 8 });
		money.grant(on.data, 10 ** 14);
		const script = join(off.data, 'create.lua');
		await writeFile(script, 'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = \'{"prompt":"A cat on a skateboard"}\'\n');
		for (let i = 0; i < REPEAT; i++)
			for (const [name, { instance, people: [{ token }] }] of [['off', off], ['on', on]])
			{
				const relay = instance.child('cgi-bin/relay'), before = cpu([relay]);
				rates[name].push((await wrk(`${instance.base}/api/relay/sora/videos`, token, '-s', script)).rate);
				costs[name].push((cpu([relay]) - before) / (rates[name].at(-1) * SECONDS) * 1e6);
			}
		note('creations with billing', { ours: rates.on, theirs: rates.off, unit: '/s', against: 'without', goal: ['>=', 0.85] });
		note('… processor time of the relay for one', { ours: costs.on, theirs: costs.off, unit: 'µs', of: median(costs.off) / median(costs.on), against: 'without' });
		await off.end();
		/* A million charges of a month, of 5 models and 4 keys, and their sums by day. */
		const day = Math.floor(Date.now() / 86_400_000), [{ task }] = money.sql(on.data, 'SELECT max(id) AS task FROM task');
		money.sql(on.data, `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999999)
			INSERT INTO charge (task_id, attempt, user_id, api_key, group_id, model, channel, job, size, seconds, tariff_id, multiplier_ppm, cancel, late_hold,
				reserved, charged, state, reason, outcome, day, created_at, ended_at)
			SELECT ?, 2 + i, 1, i / 150 % 4, 0, 'model-' || i / 30 % 5, 'default', 'create', '', 8, 1, 1000000, 'never', 0, 800000, 800000, 'settled', 'complete', 'completed',
				? - i % 30, 1, 1 FROM n`, task, day);
		money.sql(on.data, `INSERT INTO usage_day (user_id, day, model, api_key, channel, group_id, completed, failed, cancelled, seconds, charged, cost, unknown)
			SELECT user_id, day, model, api_key, channel, group_id, count(*), 0, 0, sum(seconds), sum(charged), 0, count(*) FROM charge WHERE attempt > 1
			GROUP BY user_id, day, model, api_key, channel, group_id`);
		const worker = on.instance.child('cgi-bin/tasks'), from = new Date((day - 29) * 86_400_000).toISOString().slice(0, 10), looks = [];
		for (const by of ['day', 'model', 'key']) {
			const url = `${on.instance.base}/api/account/usage?groupBy=${by}&from=${from}`, { token } = on.people[0];
			const { data: { total } } = await (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).json();
			if (total.completed !== 1_000_000)
				throw new Error(`${url}: ${JSON.stringify(total)}`);
			const before = cpu([worker]), { rate } = await wrk(url, token);
			looks.push((cpu([worker]) - before) / (rate * SECONDS) * 1000);
		}
		note("a month's summary over a million charges, processor time", { ours: looks, unit: 'ms', goal: ['<=', 10] });
		await on.end();
		await quick.end();
	},

	/** What an instance costs that does nothing, and what it costs after a load. */
	async footprint() {
		const at = await filled({ tasks: 1 });
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
