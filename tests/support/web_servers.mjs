// Other people's web servers in front of longreel, with the files of conf/ as they are but for their paths: nginx by FastCGI, Apache by
// plain CGI as on a shared host. Both are unpacked by conf/setup.sh, never installed.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { BUILD, SEVERAL_USERS, until } from './instance.mjs';

const UNPACKED = resolve('build'), CONF = resolve('conf');
const run = promisify(execFile);

/** A port that was free just now: these servers cannot tell which one the kernel gives. */
async function freePort() {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	await once(server, 'close');
	return port;
}

/** conf/NAME with other paths in it. */
async function confOf(name, paths) {
	let text = await readFile(join(CONF, name), 'utf8');
	for (const [from, to] of Object.entries(paths))
		text = text.replaceAll(from, to);
	return text;
}

/** Starts it, and waits until it answers. @param {import('node:child_process').ChildProcess[]} [others] that end with it  @param {string} [path] below which */
async function serve(dir, port, command, args, others = [], path = '') {
	const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'pipe'] }), all = [child, ...others];
	let said = '';
	child.stderr.on('data', (piece) => (said += piece));
	const ended = Promise.all(all.map((one) => once(one, 'exit'))), base = `http://127.0.0.1:${port}${path}`;
	const stop = async () => {
		all.forEach((one) => one.kill('SIGTERM'));
		await ended;
		await rm(dir, { recursive: true });
	};
	try {
		await until(async () => {
			if (child.exitCode !== null)
				throw new Error(`${command} ended\n${said}`);
			return fetch(`${base}/health`).then(({ ok }) => ok, () => false);
		}, `an answer of ${command}`);
	} catch (error) {
		await stop();
		throw error;
	}
	return { base, said: () => said, stop };
}

/** conf/nginx-below-fcgi.conf and conf/nginx-below.conf, below another path, with the limits of addresses; all else on the host is another site. */
async function belowPath(dir, port, path) {
	const address = `127.0.0.1:${await freePort()}`;
	const [limits, own, location] = await Promise.all(['nginx-limits.conf', 'nginx-below-fcgi.conf', 'nginx-below.conf'].map((name) => confOf(name, {
		'127.0.0.1:8080': address, '/etc/nginx/': `${dir}/`, '/reel': path })));
	return `${limits} ${own} server { listen 127.0.0.1:${port}; location / { return 418; } ${location} }`;
}

/** Two users that have nothing but a group in common: longreel's, and nginx's. Root alone can be both. */
const LONGREEL_USER = SEVERAL_USERS ? { uid: 65534, gid: 33 } : {};

/**
 * nginx, and the programs and a poller by `longreel serve --sockets`, as conf/systemd/longreel-fcgi.service runs it. Where there can be several users, nginx is www-data and longreel another one.
 * @param {string} config the text of longreel.conf
 * @param {string} [path] that it stands below, where the root of the host is another site
 */
export async function nginx(config, path = '') {
	const dir = await mkdtemp(join(tmpdir(), 'longreel-nginx-')), port = await freePort(), etc = join(UNPACKED, 'nginx/etc/nginx'), data = join(dir, 'data');
	const { uid, gid } = LONGREEL_USER, env = { ...process.env, LONGREEL_DATA: data, LONGREEL_LOG_LEVEL: 'warn' };
	const own = async (path) => uid && chown(path, uid, uid);
	await mkdir(data, { mode: 0o700 });
	await writeFile(join(data, 'longreel.conf'), `${config}${uid ? 'archive_group = www-data\n' : ''}`, { mode: 0o600 });
	await chmod(dir, 0o711);
	for (const path of [dir, data, join(data, 'longreel.conf')])
		await own(path);
	const programs = spawn(join(BUILD, 'longreel'), ['serve', '--sockets', dir, '--data', data], { stdio: ['ignore', 'pipe', 'inherit'], env, uid, gid });
	let ready = '';
	programs.stdout.on('data', (piece) => (ready += piece));
	await until(() => {
		if (programs.exitCode !== null)
			throw new Error('longreel serve --sockets has ended');
		return ready === `ready unix:${dir}/\n`;
	}, 'the sockets');
	await writeFile(join(dir, 'longreel.conf'), await confOf('nginx.conf', {
		'/usr/local/lib/longreel/share/web': join(BUILD, 'share/web'), '/run/longreel/': `${dir}/`, '/var/lib/longreel/archive/': join(data, 'archive/'),
		'include fastcgi_params': `include ${join(etc, 'fastcgi_params')}` }));
	const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${dir}/${kind};`).join(' ');
	await writeFile(join(dir, 'nginx.conf'), `daemon off; pid ${dir}/pid; error_log stderr; worker_processes 1;
${uid ? 'user www-data www-data;' : process.getuid() === 0 ? 'user root root;' : ''}
events { worker_connections 512; }
http { access_log off; include ${etc}/mime.types; ${temporary} ${path ? await belowPath(dir, port, path) : `server { listen 127.0.0.1:${port}; include ${dir}/longreel.conf; }`} }
`);
	return { data, ...(await serve(dir, port, join(UNPACKED, 'nginx/usr/sbin/nginx'), ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', 'stderr'], [programs], path)) };
}

/**
 * nginx as a reverse proxy below a path.
 * @param {string} path of the location  @param {string} upstream for proxy_pass: with a slash at its end the path is cut off
 * @param {string[]} headers for proxy_set_header
 */
export async function nginxBefore(path, upstream, headers) {
	const dir = await mkdtemp(join(tmpdir(), 'longreel-nginx-')), port = await freePort();
	const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${dir}/${kind};`).join(' ');
	await writeFile(join(dir, 'nginx.conf'), `daemon off; pid ${dir}/pid; error_log stderr; worker_processes 1;
${process.getuid() === 0 ? 'user root root;' : ''}
events { worker_connections 512; }
http { access_log off; ${temporary} server { listen 127.0.0.1:${port}; client_max_body_size 16m;
	location = /health { return 200; }
	location ${path} { proxy_pass ${upstream}; proxy_read_timeout 120s; ${headers.map((header) => `proxy_set_header ${header};`).join(' ')} } } }
`);
	return serve(dir, port, join(UNPACKED, 'nginx/usr/sbin/nginx'), ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', 'stderr']);
}

const MODULES = ['mpm_event', 'authz_core', 'dir', 'env', 'headers', 'mime', 'filter', 'deflate', 'rewrite'];

/** www-data: Apache refuses to be root. */
const APACHE_USER = process.getuid() === 0 ? [33, 33] : [process.getuid(), process.getgid()];

/**
 * Apache as on a shared host, by `longreel install-htdocs`: the programs lie in the document root, the data beside it, and all belong to one user.
 * @param {string} config the text of longreel.conf
 * @param {'cgid'|'cgi'} [cgi] the module that runs programs: by a daemon and a socket, or as children and by pipes
 * @param {string} [path] that it stands below: all of it in a folder of the document root
 * @returns {Promise<{base: string, dir: string, data: string, root: string, said: string, poll: () => Promise<any>, stop: () => Promise<void>}>} poll: what cron does there
 */
export async function apache(config, cgi = 'cgid', path = '') {
	const dir = await mkdtemp(join(tmpdir(), 'longreel-apache-')), top = join(dir, 'public_html'), root = join(top, path), data = join(dir, 'longreel-data');
	const [uid, gid] = APACHE_USER;
	for (const folder of [top, data])
		await mkdir(folder, { mode: folder === data ? 0o700 : 0o755 });
	await writeFile(join(data, 'longreel.conf'), config, { mode: 0o600 });
	for (const own of [dir, top, data, join(data, 'longreel.conf')])
		await chown(own, uid, gid);
	for (const part of ['cgi-bin', 'share', 'longreel', 'longreel-poller']) // where that user may read it
		await cp(join(BUILD, part), join(dir, 'unpacked', part), { recursive: true });
	await mkdir(join(dir, 'unpacked/lib'));
	await writeFile(join(dir, 'unpacked/lib/libsomething.so.1'), 'as a release has them');
	const { stdout } = await run(join(dir, 'unpacked/longreel'), ['install-htdocs', root, '--data', data, ...(path ? ['--base-path', path] : [])], { uid, gid });
	await rm(join(dir, 'unpacked'), { recursive: true }); // what is laid out stands by itself
	return { ...(await serveApache(dir, cgi, path)), dir, data, root, said: stdout, poll: cronOf(stdout) };
}

/** What cron does there, by the line that install-htdocs has printed: one round of it. */
function cronOf(said) {
	const [, program, data] = /^\* \* \* \* \* (\S+) --data (\S+) --for 55$/m.exec(said);
	return () => run(program, ['--data', data, '--once'], { uid: APACHE_USER[0], gid: APACHE_USER[1] });
}

/** Apache, of a home `dir` with public_html in it. */
export async function serveApache(dir, cgi = 'cgid', path = '') {
	const port = await freePort(), top = join(dir, 'public_html');
	const modules = join(UNPACKED, 'apache/usr/lib/apache2/modules');
	await writeFile(join(dir, 'httpd.conf'), `ServerRoot ${dir}
ServerName localhost
Listen 127.0.0.1:${port}
PidFile ${dir}/pid
DefaultRuntimeDir ${dir}
ErrorLog ${dir}/error.log
${[...MODULES, cgi].map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join('\n')}
${process.getuid() === 0 ? 'User www-data\nGroup www-data' : ''}
${cgi === 'cgid' ? `ScriptSock ${dir}/cgid` : ''}
TypesConfig ${dir}/types
AddType text/html .html
AddType text/javascript .js
AddType text/css .css
DocumentRoot ${top}
<Directory ${top}>
AllowOverride All
Require all granted
</Directory>
`);
	await writeFile(join(dir, 'types'), '');
	await chmod(dir, 0o755);
	return serve(dir, port, join(UNPACKED, 'apache/usr/sbin/apache2'), ['-f', join(dir, 'httpd.conf'), '-D', 'FOREGROUND'], [], path);
}
