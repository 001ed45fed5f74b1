// Databases as earlier releases have left them (old_database.py), and what has become of them.
//
//	const old = await oldInstance(43, 3000);               // its data directory
//	const data = await copyOf(old);                        // … and one to bring up to date
//	await lost(old, data)                                  // [] or what is missing: [[table, column, rows]]
//	for (const { tokens, tasks } of await shownOf(old))    // the tasks of each user, the latest first: {state, shown}, as clients know them
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LONGREEL, newDataDir } from './instance.mjs';

const SCRIPT = fileURLToPath(new URL('old_database.py', import.meta.url));

/** What the script says. */
const python = async (...args) => (await promisify(execFile)('python3', [SCRIPT, ...args.map(String)], { maxBuffer: 1 << 30 })).stdout;

const fileIn = (data) => join(data, 'longreel.db');

/** A new data directory with a database of that migration and so many tasks; who asks for it removes it. */
export async function oldInstance(version, tasks) {
	const data = await newDataDir();
	await python('make', data, version, tasks);
	return data;
}

/** A copy of a data directory; who asks for it removes it. */
export async function copyOf(data) {
	const copy = await mkdtemp(join(tmpdir(), 'longreel-'));
	await cp(data, copy, { recursive: true });
	return copy;
}

/** What of the old database is not in the new one: rows ('*') and values of columns. */
export const lost = async (old, data) => JSON.parse(await python('compare', fileIn(old), fileIn(data)));

/** The users of an old database: {username, tokens (of a login, of API keys), tasks}. */
export const shownOf = async (old) => JSON.parse(await python('view', fileIn(old)));

/** The bytes of a database's log. */
export const logSize = (data) => stat(`${fileIn(data)}-wal`).then(({ size }) => size, () => 0);

/**
 * Brings a database up to date with `longreel check`, and kills that once the log has so many bytes.
 * @returns {Promise<{code: number|null, out: string, ms: number, most: number}>} how it ended, and the most bytes that its log had
 */
export async function upgrade(data, killAt = Infinity) {
	const child = spawn(LONGREEL, ['check', '--data', data], { stdio: ['ignore', 'pipe', 'inherit'] }), begun = performance.now();
	let out = '', most = 0, over = false;
	child.stdout.on('data', (piece) => (out += piece));
	const ended = once(child, 'close').finally(() => (over = true));
	while (!over) {
		most = Math.max(most, await logSize(data));
		if (most >= killAt)
			child.kill('SIGKILL');
		await new Promise((done) => setTimeout(done, 1));
	}
	const [code] = await ended;
	return { code, out, ms: performance.now() - begun, most };
}
