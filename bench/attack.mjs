// make attack: strangers attack an instance of its own, each kind of attack in turn, while somebody who is known uploads, looks and polls. Each
// second the disk and the memory (PSS) of all its processes are looked at. It starts what it attacks, on the loopback, and ends by itself.
//
//	SOCKETS=4000 ADDRESSES=200 SECONDS=30 KINDS='silent,header drip' MAX_CONNECTIONS=4096 FRONT=nftables|nginx|caddy LEAVE=180
//
// FRONT puts conf/'s nftables set, nginx or Caddy before it (nftables as root: all of it runs in a network namespace of its own). LEAVE is how
// long memory may take to be given back. Exit status 1 where a bound of BOUNDS is not kept; those of memory need a thousand sockets to be told
// from noise.
import { once, setMaxListeners } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { ATTACKS, Attackers } from '../tests/support/attackers.mjs';
import { Client, PNG } from '../tests/support/client.mjs';
import { front, inNamespace } from '../tests/support/fronts.mjs';
import { childrenOf, commandOf, startInstance, until } from '../tests/support/instance.mjs';

const { SOCKETS = '4000', SECONDS = '30', LEAVE = '180', MAX_CONNECTIONS = '4096', FRONT = '', KINDS = [...ATTACKS, 'long polls'].join() } = process.env;
const LARGE = new Set(['half a body', 'chunked']), LARGE_MOST = 200, TELLING = 1000, ADDRESSES = Number(process.env.ADDRESSES ?? 200), UPLOAD = 10_000_000, MB = 1e6, KNOWN = '127.0.0.2';
const BOUNDS = { strangersMB: 32, kBEach: 24, afterwards: 1.5, getMs: 1000 };

if (isMainThread && FRONT === 'nftables' && !process.env.LONGREEL_NAMESPACE)
	process.exit(inNamespace());

const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const below = (pid) => [pid, ...childrenOf(pid).flatMap(below)];

function pssOf(pid) {
	try {
		return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]);
	} catch {
		return 0; // it has ended
	}
}

const pss = (pids) => pids.reduce((kb, pid) => kb + pssOf(pid), 0);

/** Which process has most of it, for those who want to know where to look. */
function largest(pids) {
	const [pid, kb] = pids.map((one) => [one, pssOf(one)]).sort((a, b) => b[1] - a[1])[0];
	return `${commandOf(pid).split(' ')[0].split('/').at(-1)} ${(kb / 1024).toFixed(0)}`;
}

/** Bytes below a folder, without what a known user's uploads and videos and the database take; and of files that have no name any more. */
function strangersBytes(data, pids) {
	const sum = (dir) => readdirSync(dir, { withFileTypes: true }).reduce((bytes, entry) => {
		const path = join(dir, entry.name);
		try {
			return bytes + (entry.isDirectory() ? (['uploads', 'archive'].includes(entry.name) ? 0 : sum(path)) : entry.name.startsWith('longreel.db') ? 0 : statSync(path).blocks * 512);
		} catch {
			return bytes; // gone meanwhile
		}
	}, 0);
	const nameless = pids.flatMap((pid) => {
		try {
			return readdirSync(`/proc/${pid}/fd`).map((fd) => `/proc/${pid}/fd/${fd}`).filter((fd) => /^\/.*\(deleted\)$/.test(readlinkSync(fd)));
		} catch {
			return [];
		}
	}).reduce((bytes, fd) => { try { return bytes + statSync(fd).blocks * 512; } catch { return bytes; } }, 0);
	return sum(data) + nameless;
}

/** One request of the known user, on a connection and from an address of its own. */
function ask(base, method, path, token, body, type) {
	return new Promise((done) => {
		const begun = performance.now(), { hostname, port } = new URL(base);
		const end = (status) => done({ status, ms: performance.now() - begun });
		const out = request({ hostname, port, method, path, localAddress: KNOWN, agent: false, timeout: 15_000,
			headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': type, 'content-length': body.length } : {}) } },
			(response) => { response.resume(); response.once('end', () => end(response.statusCode)); });
		out.once('timeout', () => out.destroy());
		out.once('error', () => end(0));
		out.end(body);
	});
}

function uploadOf() {
	const edge = 'longreel-attack', part = (name, more = '') => `--${edge}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`;
	return { type: `multipart/form-data; boundary=${edge}`, body: Buffer.concat([Buffer.from(`${part('prompt')}a cat\r\n${part('input_reference', '; filename="a.png"')}`),
		PNG, Buffer.alloc(UPLOAD - PNG.length), Buffer.from(`\r\n--${edge}--\r\n`)]) };
}

/** The known user at work until `ended()`. @returns {Promise<{gets: object[], uploads: object[], polls: number}>} */
async function work(base, token, cursor, ended) {
	const gets = [], uploads = [], upload = uploadOf();
	let polls = 0;
	const each = async (pause, step) => { while (!ended()) { await step(); await wait(pause); } };
	await Promise.all([
		each(200, async () => gets.push(await ask(base, 'GET', '/api/video/tasks?pageSize=5', token))),
		each(2000, async () => uploads.push(await ask(base, 'POST', '/api/relay/sora/videos', token, upload.body, upload.type))),
		each(500, async () => { polls += (await ask(base, 'GET', `/api/video/updates?cursor=${cursor}&wait=2`, token)).status === 200; }),
	]);
	return { gets, uploads, polls };
}

/** As many long polls as there are sockets, of an account that anybody may have made. */
class Pollers {
	#leave = new AbortController();
	connects = 0; cut = 0; #open = 0;

	constructor(base, token, cursor, sockets) {
		const { hostname, port } = new URL(base);
		const poll = (i) => {
			if (this.#leave.signal.aborted)
				return;
			this.connects++;
			this.#open++;
			const out = request({ hostname, port, path: `/api/video/updates?cursor=${cursor}&wait=60`, localAddress: `127.0.1.${1 + i % ADDRESSES}`, agent: false,
				signal: this.#leave.signal, headers: { authorization: `Bearer ${token}` } }, (response) => response.resume());
			out.on('error', () => {});
			out.once('close', () => { this.#open--; this.cut++; setTimeout(poll, 500, i).unref(); });
			out.end();
		};
		setMaxListeners(0, this.#leave.signal);
		for (let i = 0; i < sockets; i++)
			poll(i);
	}

	get open() {
		return this.#open;
	}

	stop() {
		this.#leave.abort();
	}
}

async function main() {
	const instance = await startInstance({ simulator: true, env: { LONGREEL_MAX_CONNECTIONS: MAX_CONNECTIONS, LONGREEL_RATE_CREATE: '0', LONGREEL_RATE_READ: '0', LONGREEL_READ_MAX_MB: '0', LONGREEL_LOG_LEVEL: 'warn',
		LONGREEL_UPLOADS_MAX_MB_PER_USER: '0', LONGREEL_UPLOADS_MAX_MB_PER_BLOCK: '0',
		LONGREEL_MAX_WAITERS_PER_USER: '10000', LONGREEL_TRUSTED_PROXIES: FRONT && FRONT !== 'nftables' ? '127.0.0.1' : '', LONGREEL_POLL_INTERVAL_MIN: '200ms' } });
	const before = await front(FRONT, instance.base);
	const base = before?.base ?? instance.base, pids = () => below(instance.pid);
	let bad = 0;
	try {
		const [ada, mallory] = [await new Client(instance.base).join('ada'), await new Client(instance.base).join('mallory')];
		const cursor = await ada.cursor(), kept = [];
		for (let i = 0; i < 5; i++)
			kept.push((await ada.create({ prompt: `kept ${i}`, model: 'sora_video2:fast' })).videoId);
		const files = (dir) => { try { return readdirSync(dir, { withFileTypes: true }).reduce((n, entry) => n + (entry.isDirectory() ? files(join(dir, entry.name)) : 1), 0); } catch { return 0; } };
		const archived = () => files(join(instance.data, 'archive'));
		await until(() => archived() >= kept.length, 'videos that are kept', 60_000);
		await wait(2000);
		const idle = pss(pids());
		console.log(`${FRONT || 'nothing'} in front; ${MAX_CONNECTIONS} connections; idle ${(idle / 1024).toFixed(1)} MB`);
		const line = (...cells) => console.log(cells.map((cell, i) => String(cell).padEnd([24, 11, 9, 22, 10, 15, 22, 9][i] ?? 0)).join(' '));
		line('attack', 'connected', 'disk MB', 'PSS MB (largest)', 'kB each', 'GET p50/max ms', 'uploads', 'polls', 'MB later');
		for (const kind of KINDS.split(',').map((word) => word.trim())) {
			const sockets = Math.min(Number(SOCKETS), LARGE.has(kind) ? LARGE_MOST : Infinity), keptBefore = archived();
			let top = '', open = 0, disk = 0, peak = 0;
			const resting = pss(pids()), still = strangersBytes(instance.data, pids());
			const attackers = kind === 'long polls' ? new Pollers(base, mallory.token, await mallory.cursor(), sockets)
				: new Attackers(base, kind, { sockets, addresses: ADDRESSES, ...(LARGE.has(kind) ? { againMs: 5000 } : {}) }); // 300 MB/s are enough
			const sampling = (async () => {
				for (let s = 0; s < Number(SECONDS); s++) {
					await wait(1000);
					open = Math.max(open, attackers.open);
					disk = Math.max(disk, strangersBytes(instance.data, pids()) - still);
					const now = pss(pids());
					top = now > peak ? largest(pids()) : top;
					peak = Math.max(peak, now);
				}
			})();
			const known = new Worker(new URL(import.meta.url), { workerData: { base, token: ada.token, cursor } });
			const told = once(known, 'message');
			await sampling;
			known.postMessage('enough');
			const [{ gets, uploads, polls }] = await told;
			attackers.stop();
			const left = Date.now();
			if (sockets >= TELLING || LARGE.has(kind))
				await until(() => pss(pids()) <= idle * BOUNDS.afterwards, 'less memory', Number(LEAVE) * 1000).catch(() => {});
			const later = pss(pids()), times = gets.map(({ ms }) => ms).sort((a, b) => a - b);
			const each = Math.max(0, peak - resting) / Math.min(sockets, Number(MAX_CONNECTIONS)), own = (UPLOAD + MB) / MB;
			const faults = [
				disk / MB - own > BOUNDS.strangersMB && 'disk', sockets >= TELLING && each > BOUNDS.kBEach && 'memory', sockets >= TELLING && later > idle * BOUNDS.afterwards && 'memory later',
				(times.at(-1) > BOUNDS.getMs || gets.some(({ status }) => status !== 200)) && 'GET', uploads.some(({ status }) => status !== 200 && status !== 202) && 'uploads',
				archived() < keptBefore && 'kept videos', polls === 0 && 'polls'].filter(Boolean);
			bad += faults.length;
			line(kind, `${open}/${sockets}`, (disk / MB).toFixed(1), `${(peak / 1024).toFixed(0)} (${top})`, each.toFixed(1), `${times[times.length >> 1].toFixed(0)}/${times.at(-1).toFixed(0)}`,
				[...new Set(uploads.map(({ status }) => status))].map((word) => `${uploads.filter(({ status }) => status === word).length} × ${word || 'none'}`).join(' '), polls,
				`${(later / 1024).toFixed(1)} (${largest(pids())}) after ${((Date.now() - left) / 1000).toFixed(0)} s${faults.length ? `  NOT KEPT: ${faults.join(', ')}` : ''}`);
		}
	} finally {
		await before?.stop();
		await instance.stop();
	}
	return bad;
}

if (isMainThread) {
	process.exit(await main() ? 1 : 0);
} else { // the known user has a thread of its own, so that it is not held up by those who attack
	let over = false;
	parentPort.once('message', () => (over = true));
	parentPort.postMessage(await work(workerData.base, workerData.token, workerData.cursor, () => over));
}
