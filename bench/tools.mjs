// What measurements are made with: figures, processes, crowds of clients, and what is measured against what.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { childrenOf, startInstance, until } from '../tests/support/instance.mjs';

export const BUILD = resolve(process.env.LONGREEL_BUILD ?? 'build'), TOOLS = join(BUILD, 'bench');
export const REPEAT = Number(process.env.REPEAT ?? 3), SECONDS = Number(process.env.SECONDS ?? 3);
export const run = promisify(execFile);
/** What was noted, for results.json. */
export const rows = [];

// --- figures ------------------------------------------------------------------------------------

const sorted = (list) => [...list].sort((a, b) => a - b);
export const median = (list) => sorted(list)[Math.floor(list.length / 2)];
export const percentile = (list, p) => sorted(list)[Math.min(list.length - 1, Math.floor(list.length * p / 100))];
export const round = (x) => (Math.abs(x) >= 100 ? Math.round(x) : Number(x.toPrecision(3)));

/** Notes one row. `goal` is what the ratio, or our figure where there is nothing to compare, must be: [">=", 0.8]. */
export function note(what, { ours, theirs, unit, against, goal, of = null }) {
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

export const below = (pid) => childrenOf(pid).flatMap((child) => [child, ...below(child)]);

/** The proportional set size of processes, in KB. */
export const pss = (pids) => pids.reduce((sum, pid) => {
	try {
		return sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]);
	} catch {
		return sum;
	}
}, 0);

/** The memory that is a process's own, in KB: not what it has of files and libraries, of which its share depends on who else runs. */
export const own = (pid) => Number(/^Pss_Anon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]);

/** The processor time of processes so far, in s. */
export const cpu = (pids) => pids.reduce((sum, pid) => {
	const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
	return sum + (Number(fields[11]) + Number(fields[12])) / 100;
}, 0);

export const pidsOf = (instance) => [instance.pid, ...below(instance.pid)];

async function freePort() {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	return port;
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** A load program under way: its lines, and its end. */
export function tool(name, args, input = '') {
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
export async function crowd(port, requests) {
	const swarm = tool('swarm', ['127.0.0.1', port], requests.join('\n') + '\n');
	swarm.requests = requests.length;
	await until(() => swarm.lines.some((line) => line.startsWith('sent')), 'the crowd', 60_000);
	return swarm;
}

/** The answers that a crowd has had so far. */
export const answersOf = (swarm) => swarm.lines.filter((line) => !line.startsWith('sent')).map((line) => {
	const [index, status, sent, done] = line.split(' ').map(Number);
	return { index, status, sent, done };
});

export async function wrk(url, token, ...more) {
	return wrkFor(SECONDS, url, token, ...more);
}

export async function wrkFor(seconds, url, token, ...more) {
	const { stdout } = await run('wrk', ['-t1', '-c64', `-d${seconds}s`, '--latency', '-H', `Authorization: Bearer ${token}`, ...more, url]);
	if (/Non-2xx/.test(stdout))
		throw new Error(`${url}: ${stdout}`);
	const [, p99, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout);
	return { rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1]), p99: p99 * { us: 0.001, ms: 1, s: 1000 }[unit] };
}

// --- what is measured against what ----------------------------------------------------------------

/** An instance on data that fill.c has made. The log goes to a file: a pipe that nobody empties would hold the programs up. */
export async function filled({ users = 1, tasks = 0, state = 'completed', first = tasks, dueIn = 0, env = {} }) {
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
export async function helloServer() {
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
export async function nchan() {
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

/** What keeps a command, or a process, on one core where there are two: whether two programs share one decides what it costs to wake the other, and
 * the scheduler decides anew in each run. */
export const onCore = (core) => (availableParallelism() > 1 ? ['taskset', '-c', String(core)] : ['env']);
const keepOnCore = (core, pid) => availableParallelism() > 1 && run('taskset', ['-cp', String(core), String(pid)]);

export async function upstream(delay = 0, progress = 42, ...cost) {
	const server = tool('upstream', [delay, progress, ...cost]);
	await until(() => server.lines.length > 0, 'the upstream');
	return { keepOn: (core) => keepOnCore(core, server.pid), base: `http://127.0.0.1:${server.lines[0]}`, async end() {
		server.kill();
		const [, requests, connections] = /requests (\d+) connections (\d+)/.exec((await server.ended).at(-1));
		return { requests: Number(requests), connections: Number(connections) };
	} };
}
