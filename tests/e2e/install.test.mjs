// `make install` and `make uninstall`, below DESTDIR: all paths follow PREFIX, what is installed runs, and nothing is left.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { BUILD, newDataDir, until } from '../support/instance.mjs';

const files = (dir) => readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory())
	.map((entry) => join(entry.parentPath ?? entry.path, entry.name));

test('it is installed, runs, completes its commands, and is removed', { skip: BUILD !== resolve('build') }, async (t) => {
	const dest = await mkdtemp(join(tmpdir(), 'longreel-install-')), data = await newDataDir(), at = join(dest, 'opt/reel');
	let stop = async () => {};
	t.after(async () => {
		await stop();
		await Promise.all([dest, data].map((dir) => rm(dir, { recursive: true, force: true })));
	});
	const make = (what) => execFileSync('make', ['-s', what, `DESTDIR=${dest}`, 'PREFIX=/opt/reel'], { stdio: 'pipe', env: { ...process.env, MAKEFLAGS: '' } });
	make('install');
	for (const name of ['longreel.service', 'longreel-poller.service'])
		assert.match(readFileSync(join(at, 'lib/systemd/system', name), 'utf8'), /^ExecStart=\/opt\/reel\/bin\/longreel/m);
	for (const file of files(join(at, 'lib')).concat(['crontab', 'nginx.conf'].map((name) => join(at, 'share/doc/longreel', name))))
		if (/\.(service|timer|conf)$|crontab$/.test(file))
			assert.doesNotMatch(readFileSync(file, 'utf8'), /\/usr\/local/, file);
	for (const name of ['share/man/man1/longreel.1', 'share/doc/longreel/longreel.conf.example', 'share/doc/longreel/conf/longreel.conf.example', 'share/doc/longreel/conf/dialects/README.md', 'lib/sysusers.d/longreel.conf'])
		assert.ok(existsSync(join(at, name)), name);

	const words = (line) => execFileSync('bash', ['-c', `. "$0"; COMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _longreel "$1"; echo "\${COMPREPLY[*]}"`,
		join(at, 'share/bash-completion/completions/longreel'), join(at, 'bin/longreel')], { encoding: 'utf8' }).trim();
	assert.match(words('longreel user ""'), /\badd list passwd\b/);
	assert.match(words('longreel user add --'), /--data --email --admin/);

	const child = spawn(join(at, 'bin/longreel'), ['serve', '--data', data, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
	const ended = once(child, 'close');
	let out = '';
	child.stdout.on('data', (piece) => (out += piece));
	stop = () => (child.kill(), ended);
	const base = await until(() => /^ready (\S+)\n/.exec(out)?.[1], 'the start', 60_000);
	assert.equal((await fetch(`${base}/health`)).status, 200);
	child.kill();
	await ended;

	make('uninstall');
	assert.deepEqual(files(dest), []);
});
