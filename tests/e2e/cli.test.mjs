// The operator's commands, against an instance that runs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { BUILD, longreel, newDataDir, startInstance } from '../support/instance.mjs';
import { newWorld } from '../support/world.mjs';

let instance;

before(async () => (instance = await startInstance({ simulator: true })));
after(() => instance?.stop());

/** Runs a command that must succeed. @returns {Promise<string>} what it printed */
async function run(args, input) {
	const { code, out, err } = await longreel([...args, '--data', instance.data], { input });
	assert.equal(code, 0, err);
	return out;
}

const login = (username, password) => new Client(instance.base).call('POST', '/api/auth/login', { username, password });

test('user add, list, passwd, disable, enable', async () => {
	await run(['user', 'add', 'grace', '--email', 'grace@example.com', '--admin'], 'cobol forever\n');
	const again = await longreel(['user', 'add', 'GRACE', '--data', instance.data], { input: 'cobol forever\n' });
	assert.equal(again.code, 1);
	assert.match(again.err, /taken/);
	assert.match(await run(['user', 'list']), /^CREATED\tROLE\tSTATE\tNAME\tEMAIL\n(.*\n)*\S+Z\tadmin\tenabled\tgrace\tgrace@example\.com\n/);

	const { status, body } = await login('grace', 'cobol forever');
	assert.deepEqual([status, body.data?.user.role], [200, 'admin']);
	const grace = new Client(instance.base, body.data.token);
	await run(['user', 'passwd', 'grace'], '夕阳下的新密码\u{1F6F9}\n');
	assert.equal((await grace.call('GET', '/api/video/tasks')).status, 401, 'the login has ended');
	assert.equal((await login('grace', 'cobol forever')).status, 401);
	assert.equal((await login('grace', '夕阳下的新密码\u{1F6F9}')).status, 200);

	await run(['user', 'disable', 'grace']);
	assert.equal((await login('grace', '夕阳下的新密码\u{1F6F9}')).status, 401);
	await run(['user', 'enable', 'grace']);
	assert.equal((await login('grace', '夕阳下的新密码\u{1F6F9}')).status, 200);
});

test('bad passwords, names and command lines', async () => {
	for (const [args, input, code] of [
		[['user', 'add', 'x'], 'short\n', 1], [['user', 'add', 'x'], '', 1], [['user', 'add', 'x'], `${'p'.repeat(257)}\n`, 1],
		[['user', 'add', 'a b'], 'long enough\n', 1], [['user', 'add', 'x', '--email', 'nobody'], 'long enough\n', 1],
		[['user', 'passwd', 'nobody'], 'long enough\n', 1], [['user', 'add'], '', 2], [['user'], '', 2], [['user', 'add', 'x', 'y'], '', 2],
		[['task', 'list', '--admin'], '', 2], [['task', 'list', '--limit', '0'], '', 2], [['task', 'show', 'none'], '', 1],
	]) {
		const result = await longreel([...args, '--data', instance.data], { input });
		assert.equal(result.code, code, args.join(' '));
		assert.match(result.err, /^longreel: /);
		assert.equal(result.out, '');
	}
	assert.doesNotMatch(await run(['user', 'list']), /\tx\t/);
});

test('task list and show', async () => {
	const ada = await new Client(instance.base).join('ada');
	const made = await ada.create({ prompt: 'line one\nline \u009b2J two', model: 'sora_video2:never', clientRequestId: 'mine' });
	const header = 'CREATED\tID\tSTATUS\tPROGRESS\tMODEL\tPROMPT';
	const [first, ...listed] = (await run(['task', 'list', '--user', 'ada'])).trim().split('\n');
	assert.deepEqual([first, listed.length], [header, 1]);
	assert.ok(listed[0].includes(made.videoId) && listed[0].endsWith('line one line  2J two'), listed[0]);
	assert.equal(await run(['task', 'list', '--user', 'ada', '--status', 'FAILED']), `${header}\n`);
	const shown = await run(['task', 'show', made.videoId]);
	for (const line of [/^clientRequestId +mine$/m, /^state +running$/m, /^waits for +the provider, which makes it$/m, /^(next poll|lease ends) +\d{4}-/m])
		assert.match(shown, line);
});

test('backup while it runs; an instance on the copy knows that it is another database', async (t) => {
	const data = await newDataDir();
	t.after(() => rm(data, { recursive: true, force: true }));
	const cursor = await new Client(instance.base, (await new Client(instance.base).join('bob')).token).cursor();
	await run(['backup', join(data, 'longreel.db')]);
	assert.equal((await stat(join(data, 'longreel.db'))).mode & 0o077, 0);
	const again = await longreel(['backup', join(data, 'longreel.db'), '--data', instance.data]);
	assert.equal(again.code, 1);
	assert.match(again.err, /exists already/);
	const restored = await startInstance({ data });
	const { body } = await new Client(restored.base).call('POST', '/api/auth/login',
		{ username: 'bob', password: 'correct horse battery' });
	const gone = await new Client(restored.base, body.data.token).call('GET', `/api/video/updates?cursor=${cursor}&wait=0`);
	assert.deepEqual([gone.status, gone.body.code], [410, 'cursor_gone']);
	assert.equal((await restored.halt()).code, 0);
});

test('check tells each part, and fails where one is bad', async (t) => {
	const upstream = { SORA_API_BASE: `${instance.base}/simulator`, SORA_API_KEY: 'k' };
	const good = await longreel(['check', '--data', instance.data], { env: upstream });
	assert.equal(good.code, 0, good.out);
	for (const part of ['configuration', 'database', 'counts', 'search', 'default'])
		assert.match(good.out, new RegExp(`^ok +${part} `, 'm'));
	assert.match(good.out, /^(ok|warn) +web server +lighttpd 1\.4\.\d+/m);
	assert.match(good.out, /^ok +limits +\d+ connections, \d+ of them long polls; \d+ MB of memory and \d+ descriptors/m);
	assert.match(good.out, /^ok +strangers +only this machine reaches it; .*conf\/nginx-limits\.conf/m);
	const unreachable = await longreel(['check', '--data', instance.data], { env: { ...upstream, SORA_API_BASE: 'http://127.0.0.1:1' } });
	assert.equal(unreachable.code, 1);
	assert.match(unreachable.out, /^BAD +default +cannot be reached/m);

	/* As a change in the sqlite3 shell leaves them. */
	spawnSync('python3', ['-c', `import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as db:
    db.execute("INSERT INTO tally VALUES (1, 'none', 'VIDEO', 'QUEUED', 7)")
    db.execute("INSERT INTO search_block VALUES (1, 1, x'0000000000000000')")`, join(instance.data, 'longreel.db')]);
	const check = async () => (await longreel(['check', '--data', instance.data], { env: upstream })).out;
	const wrong = await check(), right = await check();
	assert.match(wrong, /^ok +counts +did not match the tasks; counted anew$/m);
	assert.match(wrong, /^ok +search +the index did not match the prompts; the poller makes it anew$/m);
	assert.match(right, /^ok +counts +match the tasks$/m);
	assert.match(right, /^ok +search +the index matches the prompts$/m);

	const data = await newDataDir();
	t.after(() => rm(data, { recursive: true, force: true }));
	const file = join(data, 'webhook.secret'), hook = { ...upstream, LONGREEL_UPSTREAM_WEBHOOK_SECRET_FILE: file };
	await writeFile(file, 'whsec_bm9ib2R5', { mode: 0o600 });
	assert.equal((await longreel(['check', '--data', instance.data], { env: hook })).code, 0);
	await writeFile(file, 'a password');
	const secret = await longreel(['check', '--data', instance.data], { env: hook });
	assert.equal(secret.code, 1);
	assert.match(secret.out, /^BAD +default +the secret of its webhooks cannot be used: it is not Base64/m);
	assert.doesNotMatch(secret.out, /a password/);
	await rm(file);
	const fresh = await longreel(['check', '--data', data]);
	assert.match(fresh.out, /^warn +strangers +one address may take all connections/m);
	assert.deepEqual([fresh.code, /^ok +database +new$/m.test(fresh.out)], [0, true], fresh.out);
	await writeFile(join(data, 'longreel.db'), 'x'.repeat(8192));
	const broken = await longreel(['check', '--data', data]);
	assert.deepEqual([broken.code, /^BAD +database /m.test(broken.out)], [1, true], broken.out);
});

test('a machine without libcurl is told of at the start, and by check', async (t) => {
	const world = await newWorld(), data = await newDataDir();
	t.after(() => Promise.all([world.remove(), rm(data, { recursive: true })]));
	await world.noCurl();
	const served = await longreel(['serve', '--data', data, '--port', '0'], { env: world.env });
	assert.deepEqual([served.code, /libcurl is missing/.test(served.err)], [1, true], served.err);
	const checked = await longreel(['check', '--data', data], { env: world.env });
	assert.deepEqual([checked.code, /^BAD +libcurl /m.test(checked.out)], [1, true], checked.out);
	assert.match(await run(['check']), /^ok +libcurl /m);
});

test('a wrong command line is explained in one sentence', async () => {
	for (const [line, sentence] of [
		['', 'missing command; try longreel help'], ['dance', 'unknown command "dance"; try longreel help'],
		['key', 'missing subcommand: create, list, revoke, set'], ['key --days 1', 'missing subcommand: create, list, revoke, set'],
		['key steal', 'unknown subcommand "steal": create, list, revoke, set'], ['user list --x', 'unknown option --x'],
		['user list --port 1', 'unknown option --port'], ['user list --data', 'option --data needs a value'],
		['user list --data=', '--data must not be empty'], ['user list eve', 'unexpected argument "eve"'],
		['user add', 'missing argument NAME'],
		['channel add x --dialect sora', 'missing option --base URL'], ['channel add x --base http://a', 'missing option --dialect NAME'],
		...['70000', '-1', '1x', '', '0000000001'].map((n) => [`serve --port=${n}`, '--port must be a number from 0 to 65535']),
		...['-1000000', '+1', '1.5'].map((n) => [`channel set x --priority ${n}`, '--priority must be a number from -999999 to 999999']),
		...['30/h', '30/min/min', '-1/min', '/min'].map((n) => [`channel set x --rate ${n}`, '--rate must be a number from 0 to 1000000, with or without /min']),
	]) {
		const { code, out, err } = await longreel(line.split(' ').filter((word) => word !== ''));
		assert.deepEqual([code, out, err.split('\n')[0]], [2, '', `longreel: ${sentence}`], line);
	}
});

test('an amount that is none, and one that is too large, have a sentence each', async () => {
	const most = 'must be at most 1000000000.', none = (above) => `must be an amount${above} such as 20 or 0.50, with at most six decimals.`;
	for (const [line, what, above = ''] of [['credit add eve', 'the amount'], ['credit take eve', 'the amount'], ['price set m --flat', '--flat'],
		['price set m --per-second', '--per-second'], ['code create --amount', '--amount', ' above 0,'], ['user set grace --budget-day', '--budget-day']])
		for (const [text, sentence] of [['1000000000.000001', most], ['99999999999999999999999999.5', most], ['1.0000001', none(above)], ['1e3', none(above)], ['1.', none(above)]]) {
			const { code, err } = await longreel([...line.split(' '), text, '--data', instance.data]);
			assert.deepEqual([code, err], [1, `longreel: ${what} ${sentence}\n`], `${line} ${text}`);
		}
});

test('help about one word shows its commands only', async () => {
	const key = await longreel(['help', 'key']);
	assert.deepEqual([key.code, key.out.match(/^ {2}longreel .*/gm).length, (await longreel(['key', '--help'])).out], [0, 4, key.out]);
	const one = await longreel(['key', 'revoke', '--help']);
	assert.deepEqual([one.code, one.out.match(/^ {2}longreel .*/gm)], [0, ['  longreel key revoke ID [--data DIR]']]);
	assert.equal((await longreel(['help', 'dance'])).code, 2);
	for (const [command, value] of [['credit add', '[--reference TEXT] '], ['dialect show', '[--reference FILE]…'], ['key create', '[--models NAME,…]'],
		['channel add', '[--models OURS=THEIRS,…]']]) // what an option takes there
		assert.ok((await longreel([...command.split(' '), '--help'])).out.includes(value), command);
});

test('every program tells its usage and its version on standard output, and ends well', async () => {
	const programs = ['longreel', 'longreel-poller', ...readdirSync(join(BUILD, 'cgi-bin')).map((name) => `cgi-bin/${name}`)];
	assert.ok(programs.length > 8);
	const none = { PATH: process.env.PATH };
	for (const program of programs)
		for (const [option, form] of [['--help', /\b(usage|man longreel|longreel serve)\b/i], ['-h', /longreel/], ['--version', new RegExp(`^${basename(program)} \\d+[.]\\d+[.]\\d+\n$`)]]) {
			const { status, stdout, stderr } = spawnSync(join(BUILD, program), [option], { env: none, encoding: 'utf8', timeout: 60_000 });
			assert.deepEqual([status, stderr], [0, ''], `${program} ${option}`);
			assert.match(stdout, form, `${program} ${option}`);
		}
	/* A query without "=" becomes arguments under CGI: it is a request all the same. */
	for (const option of ['--help', '--version']) {
		const { stdout } = spawnSync(join(BUILD, 'cgi-bin', 'ops'), [option], { env: { ...none, REQUEST_METHOD: 'GET', REQUEST_URI: `/health?${option}`, QUERY_STRING: option }, encoding: 'utf8',
			timeout: 60_000 });
		assert.match(stdout, /^Status: \d+ /);
	}
	const full = openSync('/dev/full', 'w');
	assert.equal(spawnSync(join(BUILD, 'longreel-poller'), ['--help'], { stdio: ['ignore', full, 'ignore'] }).status, 1, 'what cannot be written is no success');
	closeSync(full);
});

test('a poller without --data and LONGREEL_DATA takes the directory that longreel takes', async (t) => {
	const home = await mkdtemp(join(tmpdir(), 'longreel-home-')), data = process.getuid() === 0 ? '/var/lib/longreel' : join(home, '.local/share/longreel');
	t.after(() => rm(home, { recursive: true, force: true }));
	if (existsSync(data))
		return t.skip(`${data} is there`);
	const { status, stderr } = spawnSync(join(BUILD, 'longreel-poller'), ['--once'], { env: { PATH: process.env.PATH, HOME: home }, encoding: 'utf8', timeout: 60_000 });
	assert.equal(status, 1);
	assert.ok(stderr.includes(data), stderr);
});

test('--help shows every command, --version a number', async () => {
	const help = await longreel(['--help']);
	assert.equal(help.code, 0);
	for (const word of ['serve', 'user add NAME', 'user passwd NAME', 'task show ID', 'backup TO', 'restore FROM', 'check'])
		assert.ok(help.out.includes(`longreel ${word} [--data DIR]`), word);
	assert.match((await longreel(['--version'])).out, /^longreel \d+\.\d+\.\d+\n$/);
});
