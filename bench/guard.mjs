// A guard against creeping slowness: how many instructions the hot handlers take for one request, by callgrind, against a recorded bound. On one kind
// of machine these counts are the same to a per cent, however busy it is, which no clock is. What a program does once for all its
// requests (starting, preparing statements) is left out.
//
//	node bench/guard.mjs             fails where a handler takes over 10 % more than bench/guard.json says
//	node bench/guard.mjs --record    writes bench/guard.json anew
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BUILD, cgi } from '../tests/support/cgi.mjs';

const run = promisify(execFile), file = new URL('guard.json', import.meta.url), TASKS = 2000, MARGIN = 1.1;
const dir = await mkdtemp(join(tmpdir(), 'longreel-guard-'));
const { stdout } = await run(join(BUILD, 'bench', 'fill'), [dir, '1', String(TASKS), 'completed', String(TASKS), '0']);
const [token, videoId] = stdout.trim().split(' ');

const requests = {
	'GET one task': ['tasks', { path: `/api/video/tasks/${videoId}` }],
	'GET one task, not modified': ['tasks', { path: `/api/video/tasks/${videoId}`, headers: { 'if-none-match': '*' } }, 304],
	'list, 20 tasks': ['tasks', { path: '/api/video/tasks' }],
	'recover, 50 ids': ['tasks', { path: '/api/video/tasks/recover', body: { clientRequestIds: Array.from({ length: 50 }, (_, i) => `r${i}`) } }],
	'updates, 100 tasks': ['updates', { path: '/api/video/updates?cursor=0' }],
};

/** The instructions of one request, inside the handler and outside of what is done only once. */
async function count(program, request, status = 200) {
	const wrapper = join(dir, 'wrapper');
	await writeFile(wrapper, `#!/bin/sh\nexec valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect=handle \\
		--toggle-collect=sqlite3_prepare_v3 "${join(BUILD, 'cgi-bin', program)}"\n`);
	await chmod(wrapper, 0o700);
	const answer = await cgi(wrapper, { ...request, headers: { authorization: `Bearer ${token}`, ...request.headers },
		env: { LONGREEL_DATA: dir, LONGREEL_LOG_LEVEL: 'error' } });
	if (answer.status !== status)
		throw new Error(`${program} ${request.path}: ${answer.status} ${answer.body}`);
	return Number(/Collected : (\d+)/.exec(answer.stderr)[1]);
}

const counts = {};
for (const [name, request] of Object.entries(requests))
	counts[name] = await count(...request);
await rm(dir, { recursive: true });
if (process.argv.includes('--record')) {
	await writeFile(file, `${JSON.stringify(counts, null, '\t')}\n`);
} else {
	const recorded = JSON.parse(await readFile(file, 'utf8'));
	let failed = 0;
	for (const [name, instructions] of Object.entries(counts)) {
		const ratio = instructions / recorded[name], good = ratio <= MARGIN;
		failed += !good;
		console.log(`${good ? 'ok  ' : 'MORE'} ${name}: ${instructions} instructions, ${ratio.toFixed(3)} of the bound`);
	}
	console.log(`${Object.keys(counts).length - failed} passed, ${failed} failed`);
	process.exitCode = failed > 0 ? 1 : 0;
}
