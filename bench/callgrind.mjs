// One run of a program under valgrind's callgrind: how many instructions it takes, and whose they are.
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { BUILD, cgi } from '../tests/support/cgi.mjs';

export const run = promisify(execFile);

/** The instructions of each binary in callgrind's output, themselves and without those that they call. */
export function byBinary(text) {
	const names = new Map(), sums = new Map();
	let binary = '', called = false;
	for (const line of text.split('\n')) {
		const object = /^ob=\((\d+)\)(?: (.*))?/.exec(line);
		if (object) {
			if (object[2])
				names.set(object[1], basename(object[2]));
			binary = names.get(object[1]);
		} else if (line.startsWith('cob=')) {
			const [, id, name] = /^cob=\((\d+)\)(?: (.*))?/.exec(line);
			if (name)
				names.set(id, basename(name));
		} else if (line.startsWith('calls=')) {
			called = true;
		} else if (/^[+*\d-]/.test(line)) {
			if (!called)
				sums.set(binary, (sums.get(binary) ?? 0) + Number(line.split(' ').at(-1)));
			called = false;
		}
	}
	return sums;
}

/** Data with one user and `tasks` tasks, as bench/fill.c makes it; `end` removes it. */
export async function filledData(tasks, state, dueIn = 0) {
	const dir = await mkdtemp(join(tmpdir(), 'longreel-callgrind-'));
	const { stdout } = await run(join(BUILD, 'bench', 'fill'), [dir, 1, tasks, state, tasks, dueIn].map(String));
	const [token, videoId] = stdout.trim().split(' ');
	return { dir, token, videoId, end: () => rm(dir, { recursive: true }) };
}

/** The hot handlers: the program, the request, the status, the functions of its own loop that work for a request after the handler. */
export const handlers = (videoId) => ({
	'GET one task': ['tasks', { path: `/api/video/tasks/${videoId}` }],
	'GET one task, not modified': ['tasks', { path: `/api/video/tasks/${videoId}`, headers: { 'if-none-match': '*' } }, 304],
	'list, 20 tasks': ['tasks', { path: '/api/video/tasks' }],
	'recover, 50 ids': ['tasks', { path: '/api/video/tasks/recover', body: { clientRequestIds: Array.from({ length: 50 }, (_, i) => `r${i}`) } }],
	/* No upstream is there: the task waits. What the relay's loop writes down is counted, what it says to the upstream is not. */
	'create': ['relay', { method: 'POST', path: '/api/relay/sora/videos', body: { prompt: 'a cat on a skateboard', model: 'sora_video2' }, env: { SORA_API_BASE: 'http://127.0.0.1:9' } }, 202,
		['create_tasks', 'submit_outcome_apply']],
	/* What lighttpd asks before an upload, in addition. */
	'create, the question before 10 MB': ['relay', { method: 'POST', path: '/api/relay/sora/videos', env: { FCGI_ROLE: 'AUTHORIZER', HTTP_CONTENT_LENGTH: '10485760' } }],
	'updates, 100 tasks': ['updates', { path: '/api/video/updates?cursor=0' }],
});

/* What is done once for all requests: preparing statements, reading the channels and their profiles, and looking how much memory there is. */
const ONCE = ['sqlite3_prepare_v3', 'sqlite3_bind_parameter_name', 'channel_snapshot_new', 'find_memory'];

/** The instructions of one request inside the handler, but for what is done once for all requests; by binary. */
export async function ofHandler(data, [program, request, status = 200, later = []]) {
	const wrapper = join(data.dir, 'wrapper'), out = join(data.dir, 'callgrind');
	const toggles = ['request_flow', ...later, ...ONCE].map((name) => `--toggle-collect=${name}`);
	await writeFile(wrapper, `#!/bin/sh\nexec valgrind --tool=callgrind --callgrind-out-file=${out} --zero-before=request_flow ${toggles.join(' ')} "${join(BUILD, 'cgi-bin', program)}"\n`);
	await chmod(wrapper, 0o700);
	await mkdir(join(data.dir, 'run'), { recursive: true });
	const answer = await cgi(wrapper, { ...request, headers: { authorization: `Bearer ${data.token}`, ...request.headers },
		env: { LONGREEL_DATA: data.dir, LONGREEL_LOG_LEVEL: 'error', ...request.env } });
	if (answer.status !== status)
		throw new Error(`${program} ${request.path}: ${answer.status} ${answer.body}`);
	/* A statement that is prepared outside of what is counted would begin the counting. */
	const text = await readFile(out, 'utf8');
	if (text.includes('sqlite3RunParser'))
		throw new Error(`${program} ${request.path}: what is counted is not what is meant, but the preparing of statements`);
	return { total: Number(/Collected : (\d+)/.exec(answer.stderr)[1]), binaries: byBinary(text) };
}
