// What belongs before longreel on the internet, with the files of conf/ as they are but for their addresses: nginx and Caddy as proxies, and
// nftables in a network namespace of its own.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { until } from './instance.mjs';

/** What conf/setup.sh has unpacked, else the system's. */
const program = (...places) => places.find((place) => existsSync(place)) ?? places[0];
const NGINX = resolve('build/nginx/usr/sbin/nginx');
const NFT = program(resolve('build/nftables/usr/sbin/nft'), '/usr/sbin/nft'), CADDY = program(resolve('build/caddy/usr/bin/caddy'), '/usr/bin/caddy');

const confOf = (name, ...changes) => changes.reduce((text, [from, to]) => {
	if (!text.includes(from))
		throw new Error(`conf/${name} does not say ${from}`);
	return text.replaceAll(from, to);
}, readFileSync(resolve('conf', name), 'utf8'));

async function freePort() {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	await once(server, 'close');
	return port;
}

/** Runs this program again in a network namespace of its own, where a firewall is nobody else's. @returns {number} its exit status */
export function inNamespace(args = process.argv.slice(1)) {
	const { status } = spawnSync('unshare', ['-n', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"', process.execPath, ...args],
		{ stdio: 'inherit', env: { ...process.env, LONGREEL_NAMESPACE: '1' } });
	return status ?? 1;
}

async function serve(dir, port, command, args, env, path = '') {
	const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } }), ended = once(child, 'exit');
	let said = '';
	child.stderr.on('data', (piece) => (said = (said + piece).slice(-4000)));
	const base = `http://127.0.0.1:${port}${path}`;
	const stop = async () => {
		child.kill('SIGTERM');
		await ended;
		await rm(dir, { recursive: true, force: true });
	};
	await until(() => {
		if (child.exitCode !== null)
			throw new Error(`${command} ended\n${said}`);
		return fetch(`${base}/health`).then(({ ok }) => ok, () => false);
	}, `an answer of ${command}`).catch(async (error) => { await stop(); throw error; });
	return { base, pid: child.pid, stop, said: () => said };
}

async function nginx(address, changes) {
	const dir = await mkdtemp(join(tmpdir(), 'longreel-front-')), port = await freePort();
	const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${dir}/${kind};`).join(' ');
	await writeFile(join(dir, 'limits.conf'), confOf('nginx-limits.conf', ...changes));
	await writeFile(join(dir, 'proxy.conf'), confOf('nginx-proxy.conf', ['127.0.0.1:8080', address]));
	await writeFile(join(dir, 'nginx.conf'), `daemon off; pid ${dir}/pid; error_log stderr crit; worker_processes 1; worker_rlimit_nofile 20000;
${process.getuid() === 0 ? 'user root root;' : ''}
events { worker_connections 9000; }
http { access_log off; ${temporary} include ${dir}/limits.conf; server { listen 127.0.0.1:${port} backlog=4096; include ${dir}/proxy.conf; } }
`);
	return serve(dir, port, NGINX, ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', 'stderr']);
}

async function caddy(address) {
	const dir = await mkdtemp(join(tmpdir(), 'longreel-front-')), port = await freePort();
	await writeFile(join(dir, 'Caddyfile'), confOf('Caddyfile', ['127.0.0.1:8080', address], ['reel.example.com', `http://127.0.0.1:${port}`],
		['{\n\tservers {', '{\n\tadmin off\n\tservers {']));
	return serve(dir, port, CADDY, ['run', '--config', join(dir, 'Caddyfile'), '--adapter', 'caddyfile'], { HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir });
}

/** Below /reel/ of a host with another site. */
async function nginxBelow(address, changes) {
	const dir = await mkdtemp(join(tmpdir(), 'longreel-front-')), port = await freePort();
	const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${dir}/${kind};`).join(' ');
	await writeFile(join(dir, 'limits.conf'), confOf('nginx-limits.conf', ...changes));
	await writeFile(join(dir, 'below.conf'), confOf('nginx-below.conf', ['127.0.0.1:8080', address]));
	await writeFile(join(dir, 'nginx.conf'), `daemon off; pid ${dir}/pid; error_log stderr crit; worker_processes 1;
${process.getuid() === 0 ? 'user root root;' : ''}
events { worker_connections 512; }
http { access_log off; ${temporary} include ${dir}/limits.conf; server { listen 127.0.0.1:${port}; include ${dir}/below.conf; location / { return 418; } } }
`);
	return serve(dir, port, NGINX, ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', 'stderr'], {}, '/reel');
}

async function caddyBelow(address) {
	const dir = await mkdtemp(join(tmpdir(), 'longreel-front-')), port = await freePort();
	await writeFile(join(dir, 'Caddyfile'), `{\n\tadmin off\n}\n${confOf('Caddyfile-below', ['127.0.0.1:8080', address], ['reel.example.com', `http://127.0.0.1:${port}`])}`);
	return serve(dir, port, CADDY, ['run', '--config', join(dir, 'Caddyfile'), '--adapter', 'caddyfile'], { HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir }, '/reel');
}

async function nftables(address) {
	if (!process.env.LONGREEL_NAMESPACE)
		throw new Error('a firewall is tried in a network namespace of its own');
	execFileSync(NFT, ['-f', '-'], { input: confOf('nftables.conf', ['{ 80, 443, 8080 }', `{ ${address.split(':').at(-1)} }`]) });
	return { base: `http://${address}`, stop: async () => execFileSync(NFT, ['delete', 'table', 'inet', 'longreel']) };
}

/**
 * Puts it before an instance. @param {''|'nginx'|'caddy'|'nftables'|'nginx-below'|'caddy-below'} kind  @param {string} base the instance's address
 * @param {[string, string][]} [changes] to nginx-limits.conf, so that a test need not wait for ten seconds
 * @returns {Promise<?{base: string, stop: () => Promise<void>}>}
 */
export async function front(kind, base, changes = []) {
	const address = new URL(base).host, kinds = { nginx, caddy, nftables, 'nginx-below': nginxBelow, 'caddy-below': caddyBelow };
	if (!kind)
		return null;
	if (!Object.hasOwn(kinds, kind))
		throw new Error(`${kind}: one of ${Object.keys(kinds).join(', ')}`);
	return kinds[kind](address, changes);
}
