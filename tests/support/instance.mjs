// A whole instance for a test: `longreel serve` on a port of the kernel's choice, in a data directory of its own.
//
//	const instance = await startInstance({ simulator: true, env: { LONGREEL_RATE_CREATE: '0' } });
//	await fetch(`${instance.base}/health`);
//	await instance.stop();
//
// The build that is tested is named by $LONGREEL_BUILD (default: build).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The build that is tested, as an absolute path. */
export const BUILD = resolve(process.env.LONGREEL_BUILD ?? 'build');

/** Whether this is root and other users may enter the build: of a clone in /root they may not, and tests cannot be several users. */
export const SEVERAL_USERS = process.getuid() === 0 && (function entered(dir) {
	return (statSync(dir).mode & 0o001) !== 0 && (dir === '/' || entered(dirname(dir)));
})(BUILD);

/** The operator's program of that build. */
export const LONGREEL = join(BUILD, 'longreel');

const START_MS = 120_000, STOP_MS = 120_000;

/** The environment of the tests without what would configure the instance: a key of the person who runs them. */
function cleanEnvironment() {
	return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(LONGREEL|SORA_API)_/.test(name)));
}

/** The ids of the processes whose parent is `pid`. Linux only, as longreel is. */
export function childrenOf(pid) {
	try {
		return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
	} catch {
		return [];
	}
}

/** The command line of a process, "" where there is none. */
export function commandOf(pid) {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
	} catch {
		return '';
	}
}

/** True while the process runs; one that has ended and was not waited for does not. */
export function isAlive(pid) {
	try {
		return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return false;
	}
}

/** Asks again and again until `condition` gives something true, and gives it; throws after `ms`, in which a slow machine must have it, too. */
export async function until(condition, what = 'what was waited for', ms = 120_000) {
	const end = Date.now() + ms;
	for (;;) {
		const result = await condition();
		if (result)
			return result;
		if (Date.now() > end)
			throw new Error(`${what} did not happen in ${ms} ms`);
		await new Promise((done) => setTimeout(done, 10));
	}
}

/** Whether the process, all of it, stands still. */
const isFrozen = (pid) => /^State:\s+[Tt]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

/** Whether the process holds a lock that keeps others from writing: SQLite's, which is none of flock()'s. */
const holdsWriteLock = (pid) => readFileSync('/proc/locks', 'utf8').split('\n').some((line) => line.includes(' POSIX ') && line.includes(` WRITE ${pid} `));

/** Stops a process where it stands (SIGSTOP; SIGCONT has it go on), at a moment when nobody waits for a lock of its. */
export async function freeze(pid) {
	for (;;) {
		process.kill(pid, 'SIGSTOP');
		await until(() => isFrozen(pid), 'the stop of a process');
		if (!holdsWriteLock(pid))
			return;
		process.kill(pid, 'SIGCONT');
		await new Promise(setImmediate);
	}
}

/**
 * Runs longreel to its end.
 * @param {string[]} args  @param {{input?: string, env?: Record<string, string>}} [options]
 * @returns {Promise<{code: number|null, out: string, err: string}>}
 */
export async function longreel(args, { input = '', env = {} } = {}) {
	const child = spawn(LONGREEL, args, { env: { ...cleanEnvironment(), ...env } });
	let out = '', err = '';
	child.stdout.on('data', (piece) => (out += piece));
	child.stderr.on('data', (piece) => (err += piece));
	child.stdin.on('error', () => {}); // it may end without reading
	child.stdin.end(input);
	const [code] = await once(child, 'close');
	return { code, out, err };
}

export class Instance {
	/** Use startInstance(). */
	constructor(options, data) {
		this.options = options;
		/** The data directory. */
		this.data = data;
		/** What it wrote on standard error, over all its starts. */
		this.log = '';
	}

	async start() {
		const { simulator, cgi, listen, port = 0, env = {}, args = [] } = this.options;
		const words = ['serve', '--data', this.data, '--port', String(port), ...args];
		if (listen)
			words.push('--listen', listen);
		if (simulator)
			words.push('--simulator');
		if (cgi)
			words.push('--cgi');
		let out = '';
		/* A test asks as fast as it can, for one user: what that may read is for tests/e2e/budgets.test.mjs alone. */
		const unlimited = { LONGREEL_RATE_READ: '0', LONGREEL_READ_MAX_MB: '0' };
		this.process = spawn(LONGREEL, words, { env: { ...cleanEnvironment(), ...unlimited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
		this.ended = once(this.process, 'close').then(([code, signal]) => ({ code, signal }));
		this.process.stderr.on('data', (piece) => (this.log += piece));
		const timer = setTimeout(() => this.process.kill('SIGKILL'), START_MS);
		const ready = new Promise((done) => this.process.stdout.on('data', (piece) => {
			out += piece;
			const line = /^ready (http:\/\/\S+)\n/.exec(out);
			if (line)
				done(line[1]);
		}));
		/** The address, without a slash at its end. */
		this.base = await Promise.race([ready, this.ended.then(() => null)]);
		clearTimeout(timer);
		if (!this.base)
			throw new Error(`longreel serve did not become ready: ${JSON.stringify(out)}\n${this.log}`);
		/** The process id of `longreel serve`. */
		this.pid = this.process.pid;
		return this;
	}

	/** Until a line is in the log: what it tells of may have been answered before. */
	logged(pattern) {
		return until(() => pattern.test(this.log), `${pattern} in the log`);
	}

	/** The processes that it has started, as [{pid, command}]. */
	children() {
		return childrenOf(this.pid).map((pid) => ({ pid, command: commandOf(pid) }));
	}

	/** The process id of the child whose command has `word` in it. */
	child(word) {
		return this.children().find(({ command }) => command.includes(word))?.pid;
	}

	/** Ends it and leaves the data. @returns {Promise<{code: number|null, signal: string|null}>} how it ended */
	async halt(signal = 'SIGTERM') {
		const timer = setTimeout(() => this.process.kill('SIGKILL'), STOP_MS);
		this.process.kill(signal);
		const end = await this.ended;
		clearTimeout(timer);
		return end;
	}

	/** Kills it and all that it has started with SIGKILL, as a power cut would, and leaves the data. */
	async crash() {
		const below = (pid) => childrenOf(pid).flatMap((child) => [child, ...below(child)]);
		const all = [this.pid, ...below(this.pid)];
		for (const pid of all)
			try {
				process.kill(pid, 'SIGKILL');
			} catch {
				// it has ended by itself
			}
		await this.ended;
		await until(() => !all.some(isAlive), 'the end of all processes');
	}

	/** Stops it and starts it again on the same data; the address is another one then. */
	async restart() {
		const { code } = await this.halt();
		if (code !== 0)
			throw new Error(`longreel serve ended with ${code}\n${this.log}`);
		return this.start();
	}

	/** Stops it, removes the data, and throws unless the end was a clean one. */
	async stop() {
		const { code, signal } = await this.halt();
		if (!this.options.data)
			await rm(this.data, { recursive: true, force: true });
		if (code !== 0)
			throw new Error(`longreel serve ended with ${signal ?? code}\n${this.log}`);
		if (/ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:/.test(this.log))
			throw new Error(`a sanitizer has something to say\n${this.log}`);
	}
}

/** A new, empty data directory; whoever asks for it removes it. */
export function newDataDir() {
	return mkdtemp(join(tmpdir(), 'longreel-'));
}

const stops = new WeakMap();

/** A new, empty data directory of a test, removed after its end, and after the end of all that stopFirst() names. */
export async function folder(t) {
	const data = await newDataDir();
	t.after(async () => {
		await Promise.all((stops.get(t) ?? []).map((stop) => stop()));
		await rm(data, { recursive: true, force: true });
	});
	return data;
}

/** Has `stop` called before a test's folders are removed. @param {() => Promise<any>} stop that may be called twice */
export function stopFirst(t, stop) {
	stops.set(t, [...stops.get(t) ?? [], stop]);
}

/**
 * Starts an instance and waits until it is ready.
 * @param {object} [options]
 * @param {boolean} [options.simulator] with --simulator
 * @param {boolean} [options.cgi] with --cgi
 * @param {string} [options.listen] the address; default 127.0.0.1
 * @param {number} [options.port] default: the kernel's choice
 * @param {Record<string, string>} [options.env] further environment
 * @param {string} [options.config] the text of longreel.conf
 * @param {string} [options.data] a data directory, which then stays; default: a new one, removed by stop()
 * @returns {Promise<Instance>}
 */
export async function startInstance(options = {}) {
	const data = options.data ?? (await newDataDir());
	if (options.config !== undefined)
		await writeFile(join(data, 'longreel.conf'), options.config, { mode: 0o600 });
	try {
		return await new Instance(options, data).start();
	} catch (error) {
		if (!options.data)
			await rm(data, { recursive: true, force: true });
		throw error;
	}
}
