// Where the instructions go: of the hot handlers and of a poll, by the binary that they are in. It shows what is ours to make faster, and what is the floor.
//
//	make profile
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BUILD } from '../tests/support/cgi.mjs';
import { byBinary, filledData, handlers, ofHandler, run } from './callgrind.mjs';

const POLLS = 2000;

function show(name, binaries, times = 1) {
	const total = [...binaries.values()].reduce((sum, n) => sum + n, 0);
	const shares = [...binaries].sort((a, b) => b[1] - a[1]).filter(([, n]) => n > total / 100);
	console.log(`${name}: ${Math.round(total / times)} instructions; `
		+ shares.map(([binary, n]) => `${binary.replace(/\.so.*/, '')} ${Math.round(100 * n / total)} %`).join(', '));
}

/** The poller with `POLLS` open tasks on an upstream that answers at once. */
async function polling() {
	const data = await filledData(POLLS, 'running'), out = join(data.dir, 'callgrind');
	const upstream = spawn(join(BUILD, 'bench', 'upstream'), ['0'], { stdio: ['ignore', 'pipe', 'inherit'] });
	const [port] = await once(createInterface(upstream.stdout), 'line');
	const env = { ...process.env, SORA_API_BASE: `http://127.0.0.1:${port}`, SORA_API_KEY: 'k', LONGREEL_POLL_INTERVAL_MIN: '1h',
		LONGREEL_POLL_INTERVAL_MAX: '1h', LONGREEL_CHANNEL_CONNECTIONS: '64', LONGREEL_LOG_LEVEL: 'error' };
	await run('valgrind', ['--tool=callgrind', `--callgrind-out-file=${out}`, join(BUILD, 'longreel-poller'), '--data', data.dir, '--once'], { env });
	show('one poll', byBinary(await readFile(out, 'utf8')), POLLS);
	upstream.kill();
	await data.end();
}

const data = await filledData(POLLS, 'completed');
for (const [name, handler] of Object.entries(handlers(data.videoId)))
	show(name, (await ofHandler(data, handler)).binaries);
await data.end();
await polling();
