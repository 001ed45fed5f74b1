// The tutorial of conf/dialects/README.md, followed to the letter: each block of commands is run by a shell, in one directory, and
// prints what stands in the block behind it. The invented provider is a server here; only its address differs.
//
// `TUTORIAL=write node --test tests/e2e/dialect-readme.test.mjs` writes what was printed into the file.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BUILD, longreel } from '../support/instance.mjs';

const README = 'conf/dialects/README.md', KEY = 'key-of-the-reader', PROVIDER = 'https://api.filmery.example';
const BLOCK = /```sh\n([^`]*)```\n```\n([^`]*)```\n/g;

/** The provider: it knows what step 1 says, and nothing else. */
function answer(request, body) {
	if (request.headers['x-api-key'] !== KEY)
		return [401, { problem: { code: 'no_key', text: 'Who are you?' } }];
	if (request.method === 'POST' && request.url === '/v2/clips') {
		const { engine, text, length, ...rest } = JSON.parse(body);
		const good = engine === 'reel-2' && typeof text === 'string' && [4, 6, 8].includes(length) && Object.keys(rest).every((name) => name === 'format');
		return good ? [202, { clip: { id: 'c_81', state: 'waiting' } }] : [400, { problem: { code: 'bad', text: body } }];
	}
	return [404, { problem: { code: 'no_clip', text: 'There is no such clip.' } }];
}

async function startProvider(t) {
	const server = createServer((request, response) => {
		let body = '';
		request.on('data', (piece) => (body += piece));
		request.on('end', () => {
			const [status, value] = answer(request, body);
			response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
		});
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.close());
	return `http://127.0.0.1:${server.address().port}`;
}

/** Runs commands in `dir`. @returns {Promise<string>} what they printed, also as errors */
async function shell(commands, dir, data) {
	const env = { PATH: `${BUILD}:${process.env.PATH}`, KEY, LONGREEL_DATA: data };
	const child = spawn('sh', ['-c', `exec 2>&1\n${commands}`], { cwd: dir, env, stdio: ['ignore', 'pipe', 'inherit'] });
	let out = '';
	child.stdout.on('data', (piece) => (out += piece));
	await once(child, 'close');
	return out;
}

test('the tutorial does what it says', async (t) => {
	const dir = await mkdtemp(join(tmpdir(), 'tutorial-')), data = join(dir, 'data');
	t.after(() => rm(dir, { recursive: true, force: true }));
	const base = await startProvider(t), whole = await readFile(README, 'utf8');
	await longreel(['check', '--data', data]); // makes the database
	const start = whole.indexOf('\n## From a provider'), end = whole.indexOf('\n## ', start + 1);
	const part = whole.slice(start, end);
	const blocks = [...part.matchAll(BLOCK)];
	assert.equal(blocks.length, (part.match(/```sh\n/g) ?? []).length, 'each block of commands is followed by what it prints');
	assert.ok(blocks.length >= 8);
	let written = part;
	for (const [block, commands, expected] of blocks) {
		const out = (await shell(commands.replaceAll(PROVIDER, base), dir, data)).replaceAll(base, PROVIDER);
		if (process.env.TUTORIAL === 'write')
			written = written.replace(block, () => `\`\`\`sh\n${commands}\`\`\`\n\`\`\`\n${out}\`\`\`\n`);
		else
			assert.equal(out, expected, commands);
	}
	if (process.env.TUTORIAL === 'write')
		await writeFile(README, whole.slice(0, start) + written + whole.slice(end));
});
