// What README.md and docs/ show is done as it stands there: the blocks of sh and of js against an instance with the simulator, those of longreel.conf by
// reading them. A block of either kind that no test here runs fails the first one. (Links are checked by tests/house/docs.py; that a Chinese page
// shows the same blocks as its English one by tests/house/mirror.py.)
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { BUILD, longreel, startInstance } from '../support/instance.mjs';

const PAGES = ['README.md', ...readdirSync('docs', { recursive: true }).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];
const BASE = 'http://127.0.0.1:8080';

/** The blocks of a page in this language ("" = without one), as [{page, text}]. */
function blocks(page, language) {
	return [...readFileSync(page, 'utf8').matchAll(/^[ \t]*```(\w*)\n(.*?)^[ \t]*```$/gms)].filter(([, name]) => name === language)
		.map(([, , text]) => ({ page, text }));
}

const english = PAGES.filter((page) => !page.startsWith('docs/zh-CN/'));
const RUN = { // which pages have how many blocks, and that tests below run
	sh: { 'README.md': 3, 'docs/api.md': 1, 'docs/channels.md': 1, 'docs/operate.md': 1 },
	js: { 'docs/openai.md': 1, 'docs/own-page.md': 1 },
};

/** Runs a program to its end in `dir`. @returns {Promise<{code: number, out: string}>} both of what it wrote */
async function run(command, args, dir, { env = {}, input = '' } = {}) {
	const child = spawn(command, args, { cwd: dir, env: { PATH: `${BUILD}:${process.env.PATH}`, HOME: dir, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
	let out = '';
	for (const stream of [child.stdout, child.stderr])
		stream.on('data', (piece) => (out += piece));
	child.stdin.on('error', () => {}); // it may end without reading
	child.stdin.end(input);
	const [code] = await once(child, 'close');
	return { code, out };
}

test('each block is run here', () => {
	for (const [language, counts] of Object.entries(RUN)) {
		const found = Object.fromEntries(english.map((page) => [page, blocks(page, language).length]).filter(([, count]) => count > 0));
		assert.deepEqual(found, counts, language);
	}
});

/** A block without what a reader does not run. */
const bare = (text) => text.replace(/[ \t]*(^|\s)#.*$/gm, '').replace(/\n+/g, '\n').trim();

test('the README is short, and its commands are those of the Makefile', async () => {
	const makefile = await readFile('Makefile', 'utf8');
	for (const page of ['README.md', 'README.zh-CN.md'])
		assert.ok((await readFile(page, 'utf8')).split('\n').length <= 111, page);
	const [{ text: commands }] = blocks('README.md', 'sh');
	assert.deepEqual(commands.split('\n').filter(Boolean).map((line) => line.split(/\s+#/)[0]), ['make run', 'make test']);
	for (const target of ['run', 'test'])
		assert.match(makefile, new RegExp(`^${target}:`, 'm'));
});

test('each command of longreel that the English pages name is there, with the options they give it', async () => {
	const help = (await longreel(['help'])).out;
	const usage = new Map([...help.matchAll(/^ {2}longreel ([a-z-]+(?: [a-z]+)?)(?= |$)(.*)$/gm)].map(([, command, options]) => [command, options]));
	const nouns = new Set([...usage.keys()].map((command) => command.split(' ')[0]));
	let count = 0;
	for (const page of [...english, 'SECURITY.md', 'conf/dialects/README.md']) {
		const text = readFileSync(page, 'utf8').replaceAll('\\\n', ' ');
		const code = [...text.matchAll(/^[ \t]*```(?:sh)?\n(.*?)^[ \t]*```$/gms)].flatMap(([, block]) => block.replace(/(^|\s)#.*$/gm, '').split('\n'));
		for (const [, span] of text.replace(/^[ \t]*```.*?^[ \t]*```$/gms, '').matchAll(/`([^`\n]+)`/g))
			code.push(span);
		for (const [named, noun, verb] of code.flatMap((line) => [...line.matchAll(/(?:^|\s|[.]\/|bin\/|build\/)longreel ([a-z][a-z-]*)(?: ([a-z]+))?[^|]*/g)])) {
			const command = [`${noun} ${verb}`, noun].find((name) => usage.has(name));
			assert.ok(nouns.has(noun), `${page}: ${named}`);
			assert.ok(command || !verb, `${page}: ${named}`);
			for (const [option] of named.matchAll(/--[a-z-]+(?<!-)/g))
				assert.ok(!command || usage.get(command).includes(`${option} `) || usage.get(command).includes(`${option}]`), `${page}: ${named}: ${option}`);
			count++;
		}
	}
	assert.ok(count > 100, `${count}`);
});

test('the man pages have each command and each option', async () => {
	const help = (await longreel(['help'])).out, page = await readFile('cli/longreel.1', 'utf8');
	const commands = [...help.matchAll(/^ {2}longreel ([a-z]+)(?: ([a-z]+))?/gm)];
	assert.ok(commands.length > 50);
	for (const [, noun, verb] of commands)
		assert.match(page, new RegExp(`^[.](?:It )?Cm (?:.* )?${noun}\\b${verb ? `.*\\b${verb}\\b` : ''}`, 'm'), `${noun} ${verb ?? ''}`);
	for (const [, option] of help.matchAll(/--([a-z-]+)/g))
		assert.match(page, new RegExp(`Fl -${option.startsWith('budget-') ? 'budget-' : `${option}(?![a-z-])`}`), option);
	const poller = await run(join(BUILD, 'longreel-poller'), ['--help'], '.'), its = await readFile('poller/longreel-poller.1', 'utf8');
	for (const [, option] of poller.out.matchAll(/--([a-z-]+)/g))
		assert.match(its, new RegExp(`Fl -${option}(?![a-z-])`), option);
});

describe('against an instance', () => {
	let instance, dir;

	before(async () => {
		dir = await mkdtemp(join(tmpdir(), 'longreel-docs-'));
		instance = await startInstance({ simulator: true, env: { LONGREEL_POLL_INTERVAL_MIN: '50ms', LONGREEL_RATE_REGISTER: '0', LONGREEL_RATE_LOGIN: '0' } });
		await fetch(`${instance.base}/simulator/control`, { method: 'PUT', body: JSON.stringify({ duration_ms: 1000 }),
			headers: { 'content-type': 'application/json' } });
	});
	after(async () => {
		await instance?.stop();
		await rm(dir, { recursive: true, force: true });
	});

	const mp4 = async (name) => assert.equal((await readFile(name)).subarray(4, 8).toString(), 'ftyp', name);

	for (const [page, which] of [['README.md', 1], ['docs/api.md', 0]])
		test(`the main job with curl, in ${page}`, async () => {
			const own = join(dir, `${which}`), { text } = blocks(page, 'sh')[which];
			await mkdir(own);
			assert.ok(text.includes(BASE));
			const { out } = await run('bash', ['-c', text.replaceAll(BASE, instance.base)], own);
			assert.match(out, /"status":"(completed|COMPLETED)"/, out);
			await mp4(join(own, 'cat.mp4'));
		});

	test('the same with a wrong password ends, and says why', async () => {
		const { text } = blocks('README.md', 'sh')[1];
		const { out } = await run('bash', ['-c', text.replaceAll(BASE, instance.base).replace(/(login -d '.*)horse/, '$1house')], dir);
		assert.match(out, /The header with the token is not understood/);
	});

	test("OpenAI's client, in docs/openai.md", async () => {
		const user = await new Client(instance.base).join(), { key } = await user.data('POST', '/api/auth/keys', { name: 'docs' });
		const [{ text }] = blocks('docs/openai.md', 'js'), file = join(dir, 'openai.mjs');
		const openai = pathToFileURL(resolve('tests/node_modules/openai/index.mjs'));
		await writeFile(file, `import OpenAI from '${openai}';
${text.replace(BASE, instance.base).replace('sk-…', key)}
console.log(video.status, Buffer.from(await mp4.arrayBuffer()).subarray(4, 8).toString());\n`);
		const { code, out } = await run(process.execPath, [file], dir);
		assert.deepEqual([code, out.trim()], [0, 'completed ftyp']);
	});

	test('client.js, in docs/own-page.md', async () => {
		await new Client(instance.base).data('POST', '/api/auth/register', { username: 'ada.page', password: 'correct horse' });
		const [{ text }] = blocks('docs/own-page.md', 'js'), file = join(dir, 'page.mjs');
		const module = pathToFileURL(resolve('web/client.js'));
		const prologue = `const file = undefined, bar = () => {};
function draw(tasks) {
	if (tasks.some((task) => task.status === 'COMPLETED')) {
		console.log('drawn');
		process.exit(0);
	}
}\n`;
		assert.ok(text.includes("'./client.js'") && text.includes('https://reel.example.com'));
		await writeFile(file, prologue + text.replace('./client.js', module).replace('https://reel.example.com', instance.base)
			.replace("login('ada'", "login('ada.page'"));
		const { out } = await run(process.execPath, [file], dir);
		assert.equal(out.trim(), 'drawn');
	});

	test('/openapi.json is served', async () => {
		const answer = await fetch(`${instance.base}/openapi.json`);
		assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'application/json']);
		assert.deepEqual(await answer.json(), JSON.parse(await readFile('web/openapi.json', 'utf8')));
	});

	for (const page of ['docs/operate.md', 'docs/channels.md'])
		test(`the operator's commands, in ${page}`, async () => {
			const own = join(dir, page.replaceAll('/', '-')), [{ text }] = blocks(page, 'sh');
			await mkdir(own);
			for (const line of text.replaceAll('\\\n', ' ').split('\n').filter(Boolean)) {
				const command = bare(line).replaceAll('DIR', instance.data).replace('FILE', join(own, 'copy.db'))
					.replace(/--base \S+/, `--base ${instance.base}/simulator --private`); // no test asks the outside
				const input = command.includes('--key-file -') ? 'sk-of-the-reader\n' : command.includes('user add') ? 'correct horse\n' : '';
				const { code, out } = await run('sh', ['-c', command.replace('user add ada', 'user add ada.operator').replace('create ada', 'create ada.operator')],
					own, { input });
				assert.ok(code === 0 || / check /.test(command) && code === 1, `${command}: ${code} ${out}`);
			}
		});
});

test('the examples of longreel.conf can be read', async (t) => {
	let count = 0;
	for (const { page, text } of PAGES.flatMap((name) => blocks(name, ''))) {
		if (!/^\s*\w+ = /.test(text))
			continue;
		const data = await mkdtemp(join(tmpdir(), 'longreel-docs-'));
		t.after(() => rm(data, { recursive: true, force: true }));
		await writeFile(join(data, 'longreel.conf'), text.replace(/^[ \t]+/gm, ''), { mode: 0o600 });
		const { code, err } = await longreel(['price', 'list', '--data', data]);
		assert.ok(code === 0 || !/longreel\.conf/.test(err), `${page}: ${err}`);
		assert.ok(!/longreel\.conf/.test(err), `${page}: ${err}`);
		count++;
	}
	assert.ok(count >= 3);
});
