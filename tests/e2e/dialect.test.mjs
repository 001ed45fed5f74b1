// longreel dialect: profiles are listed, checked and tried without an instance, and without a key.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { PNG } from '../support/client.mjs';
import { longreel } from '../support/instance.mjs';

const SHIPPED = 'conf/dialects';
let dir, image, names;

before(async () => {
	dir = await mkdtemp(join(tmpdir(), 'dialect-'));
	image = join(dir, "it's a \"cat\".png");
	await writeFile(image, PNG);
	names = (await readdir(SHIPPED)).filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5)).sort();
});
after(() => rm(dir, { recursive: true, force: true }));

/** Runs a command that must succeed. @returns {Promise<string>} what it printed */
async function run(args, input) {
	const { code, out, err } = await longreel(['dialect', ...args], { input });
	assert.deepEqual([code, err], [0, ''], args.join(' '));
	return out;
}

const show = async (profile, ...args) => JSON.parse(await run(['show', profile, '--json', '--prompt', 'a cat', ...args])).requests;
const replay = async (profile, answer, ...args) =>
	JSON.parse(await run(['replay', profile, '-', '--json', ...args], typeof answer === 'string' ? answer : JSON.stringify(answer)));

/** Writes the profile openai with changes into a file. @returns {Promise<string>} its path */
async function variant(name, change) {
	const profile = JSON.parse(await readFile(join(SHIPPED, 'openai.json'), 'utf8'));
	change(profile);
	await writeFile(join(dir, `${name}.json`), JSON.stringify(profile, null, '\t'));
	return join(dir, `${name}.json`);
}

test('list names the shipped ones, and those of the instance in place of them', async () => {
	const listed = JSON.parse(await run(['list', '--json']));
	assert.deepEqual(listed.map((row) => row.name).sort(), names);
	const openai = listed.find((row) => row.name === 'openai');
	assert.deepEqual([openai.good, openai.where, openai.can], [true, 'shipped', ['image', 'remix', 'edit', 'extend', 'cancel', 'list']]);
	assert.match(openai.file, /\/share\/dialects\/openai\.json$/);
	assert.match(await run(['list']), /^NAME\tWHERE\tCAN\tFILE\n(.*\n)*vidu\tshipped\ttext, image, last, references, cancel\t\/.*\/vidu\.json\n/);

	const own = join(dir, 'data', 'dialects');
	await mkdir(own, { recursive: true });
	await writeFile(join(own, 'openai.json'), await readFile(join(SHIPPED, 'siliconflow.json')));
	const rows = JSON.parse(await run(['list', '--json', '--data', join(dir, 'data')])).filter((row) => row.name === 'openai');
	assert.deepEqual(rows.map((row) => [row.where, row.can, row.file]), [['own', ['image'], join(own, 'openai.json')]]);
	await writeFile(join(own, 'mine.json'), '{}');
	const bad = await longreel(['dialect', 'list', '--data', join(dir, 'data')]);
	assert.equal(bad.code, 1);
	assert.match(bad.out, /^mine\town\tBAD\t/m);
	assert.match(bad.err, /mine\.json(:1)?: .*auth is missing/);
});

test('check says file, line, key and what would be right', async () => {
	const all = await run(['check']);
	assert.deepEqual(all.match(/^ok +[\w-]+/gm).map((line) => line.slice(2).trim()).sort(), names);
	assert.match(await run(['check', 'fal']), /^ok +fal /);
	assert.deepEqual(JSON.parse(await run(['check', await variant('good', () => {}), '--json'])).map((row) => [row.name, row.good]), [['good', true]]);

	const file = await variant('bad', (profile) => (profile.submit.fields.seconds = { name: 'seconds', type: 'int' }));
	const line = (await readFile(file, 'utf8')).split('\n').findIndex((text) => /"type": "int"/.test(text)) + 1;
	for (const json of [false, true]) {
		const { code, out } = await longreel(['dialect', 'check', file, ...(json ? ['--json'] : [])]);
		assert.equal(code, 1);
		const text = json ? JSON.parse(out)[0].error : out;
		assert.ok(text.includes(`${file}:`) && /submit\.fields\.seconds/.test(text) && /"integer"/.test(text), text);
		assert.ok(Math.abs(Number(/bad\.json:(\d+)/.exec(text)[1]) - line) <= 2, text);
	}
	for (const [name, sentence] of [[join(dir, 'none.json'), 'does not exist'], ['none', 'does not exist'], [join(dir, 'x.txt'), 'NAME.json']]) {
		const { code, out } = await longreel(['dialect', 'check', name]);
		assert.deepEqual([code, out.startsWith('BAD') && out.includes(sentence)], [1, true], out);
	}
});

test('show has all requests in order, and no key', async () => {
	const env = { SORA_API_KEY: 'sk-secret-of-the-operator', KEY: 'sk-secret-of-the-operator' };
	for (const profile of names)
		for (const form of [[], ['--json'], ['--curl']]) {
			const { code, out } = await longreel(['dialect', 'show', profile, '--prompt', 'a cat', '--model', 'm', ...form], { env });
			assert.deepEqual([code, /sk-secret|ACCESS|eyJ/.test(out)], [0, false], out);
		}
	assert.deepEqual((await show('openai', '--image', image, '--seconds', '8')).map((request) => [request.call, request.method, request.url]), [
		['submit', 'POST', 'https://api.example.com/v1/videos'], ['poll', 'GET', 'https://api.example.com/v1/videos/JOB_ID'],
		['content', 'GET', 'https://api.example.com/v1/videos/JOB_ID/content'],
		['thumbnail', 'GET', 'https://api.example.com/v1/videos/JOB_ID/content?variant=thumbnail'],
		['cancel', 'DELETE', 'https://api.example.com/v1/videos/JOB_ID'],
		['list', 'GET', 'https://api.example.com/v1/videos?limit=100&order=desc'],
		['models', 'GET', 'https://api.example.com/v1/models'], ['check', 'GET', 'https://api.example.com/v1/videos?limit=100&order=desc'],
	]);
	const [upload, submit] = await show('pixverse', '--image', image, '--base', 'https://p.example/x');
	assert.deepEqual([upload.call, upload.url, upload.parts.map((part) => [part.name, part.file, part.type, part.bytes])],
		['upload', 'https://p.example/x/openapi/v2/image/upload', [['image', image, 'image/png', PNG.length]]]);
	assert.equal(submit.body.img_id, 'UPLOAD_ID_1');
	const [remix] = await show('openai', '--remix', 'video_1/2', '--call', 'submit');
	assert.equal(remix.url, 'https://api.example.com/v1/videos/video_1%2F2/remix');
	const text = await run(['show', 'siliconflow', '--prompt', 'a\u009b "cat"', '--image', image, '--call', 'submit']);
	assert.match(text, /^# submit: .*\nPOST https:\/\/api\.example\.com\/v1\/video\/submit\n(.*\n)*Authorization: Bearer \*\*\*\n/);
	assert.match(text, /^ {2}"prompt": "a\\u009b \\"cat\\"",$/m);
	assert.match(text, new RegExp(`^ {2}"image": "data:image/png;base64,<base64 of .*, ${PNG.length} bytes>",?$`, 'm'));
});

test('a key that is signed with is not shown, either', async () => {
	const jwt = await variant('jwt', (profile) => (profile.auth = { type: 'jwt_hs256', header: 'X-Token', prefix: 'Bearer ' }));
	const aws = await variant('aws', (profile) => (profile.auth = { type: 'aws_sigv4', service: 'bedrock', region: 'eu-west-1' }));
	const out = await run(['show', jwt, '--prompt', 'x', '--curl', '--call', 'poll']) + await run(['show', aws, '--prompt', 'x', '--curl', '--call', 'poll']);
	assert.match(out, /-H "X-Token: Bearer \$TOKEN"/);
	assert.match(out, /--aws-sigv4 'aws:amz:eu-west-1:bedrock' --user "\$KEY"/);
	const plain = await run(['show', jwt, '--prompt', 'x']) + await run(['show', aws, '--prompt', 'x']);
	assert.match(plain, /^X-Token: Bearer \*\*\*$/m);
	assert.doesNotMatch(out + plain, /eyJ|ACCESS|SECRET/);
});

test('the commands of --curl make just these requests', async (t) => {
	const got = [];
	const server = createServer((request, response) => {
		const pieces = [];
		request.on('data', (piece) => pieces.push(piece));
		request.on('end', () => {
			got.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(pieces) });
			response.end('{}');
		});
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.close());
	const base = `http://127.0.0.1:${server.address().port}`, prompt = 'it\'s `a` $HOME "cat" \\ $(x)\n夕阳';
	for (const profile of ['siliconflow', 'openai']) {
		const commands = await run(['show', profile, '--prompt', prompt, '--image', image, '--base', base, '--curl', '--call', 'submit']);
		const shell = spawn('sh', ['-e'], { env: { ...process.env, KEY: 'k "1" $x' }, stdio: ['pipe', 'ignore', 'inherit'] });
		shell.stdin.end(commands);
		assert.deepEqual(await once(shell, 'close'), [0, null], commands);
	}
	const [json, form] = got;
	assert.deepEqual([json.method, json.url, json.headers.authorization, json.headers['content-type']],
		['POST', '/v1/video/submit', 'Bearer k "1" $x', 'application/json']);
	const body = JSON.parse(json.body);
	assert.deepEqual([body.prompt, body.image], [prompt, `data:image/png;base64,${PNG.toString('base64')}`]);
	assert.match(form.headers['content-type'], /^multipart\/form-data; boundary=/);
	assert.ok(form.body.includes(PNG) && form.body.includes(Buffer.from(prompt)) && form.body.includes('filename="input.png"'));
});

test('show refuses what the profile cannot say, each with its reason', async () => {
	const wishes = ['--prompt', 'x', '--seed', '3', '--audio', '--last', image, '--reference', image, '--reference', image, '--size', '1280x720', '--seconds', '7'];
	const sora = await longreel(['dialect', 'show', 'sora', ...wishes]);
	assert.deepEqual([sora.code, sora.out.match(/^refused: \w+/gm).sort()],
		[1, ['refused: audio', 'refused: last_frame', 'refused: references', 'refused: seed']]);
	const size = await longreel(['dialect', 'show', 'siliconflow', '--json', '--prompt', 'x', '--size', '640x480']);
	assert.deepEqual([size.code, JSON.parse(size.out)], [1, {
		refused: [{ field: 'size', why: 'it takes 1280x720, 720x1280, 960x960' }], requests: [] }]);
	const cannot = await longreel(['dialect', 'show', 'siliconflow', '--prompt', 'x', '--extend', 'id']);
	assert.deepEqual([cannot.code, cannot.out], [1, 'refused: extend: the profile has no such call\n']);
	const fal = await longreel(['dialect', 'show', 'fal', '--prompt', 'x']);
	assert.deepEqual([fal.code, fal.out], [1, 'refused: model: one must be named\n']);
});

test('replay tells what an answer means, and whose trouble it is', async () => {
	assert.deepEqual((await replay('openai', { id: 'video_1', status: 'queued', model: 'sora-2', seconds: '8' }, '--call', 'submit')),
		{ submit: { means: 'accepted', id: 'video_1', model: 'sora-2', seconds: 8 } });
	const both = await replay('siliconflow', { requestId: 'r' });
	assert.deepEqual(Object.keys(both), ['submit', 'poll']);
	for (const [status, error, means, trouble] of [
		[400, { code: 'moderation_blocked', message: 'No.' }, 'refused', /^the user's/],
		[400, { code: 'insufficient_quota', message: 'Pay.' }, 'refused', /^the operator's/],
		[404, { code: 'model_not_found', message: 'No such model.' }, 'refused', /^the model's/],
		[429, { message: 'slow down' }, 'not now', /^the upstream's/], [500, {}, 'not known whether it was accepted', /^the upstream's/],
	]) {
		const { submit } = await replay('openai', { error }, '--call', 'submit', '--status', String(status));
		assert.equal(submit.means, means);
		assert.match(submit.trouble, trouble);
		assert.deepEqual([submit.code, submit.message ?? ''], [error.code, error.message ?? submit.message]);
	}
	assert.match((await replay('siliconflow', {}, '--call', 'submit')).submit.hint, /^answer\.id names no place/);
	const made = await replay('siliconflow', { requestId: 'r', status: 'InQueue' }, '--status', '201');
	assert.equal(made.submit.hint, 'its id is r, but submit.accepted does not have 201');
	assert.equal(made.poll.hint, 'poll.accepted does not have 201');

	const poll = async (profile, answer, ...args) => (await replay(profile, answer, '--call', 'poll', ...args)).poll;
	assert.deepEqual(await poll('siliconflow', { status: 'Succeed', results: { videos: [{ url: 'https://v.example/1.mp4' }] } }),
		{ means: 'completed', word: 'Succeed', videoUrl: 'https://v.example/1.mp4' });
	assert.deepEqual(await poll('siliconflow', { status: 'Failed', reason: 'too dark' }), { means: 'failed', word: 'Failed', message: 'too dark' });
	assert.match((await poll('siliconflow', { status: 'Pondering' })).means, /^nothing new: words/);
	assert.match((await poll('siliconflow', { status: 'Succeed' })).means, /without a link/);
	assert.match((await poll('siliconflow', '<html>')).why, /not a JSON object/);
	assert.match((await poll('siliconflow', {}, '--status', '404')).means, /^there is no such job/);
	assert.match((await poll('openai', { status: 'completed' })).next, /content\.path/);
	assert.match((await poll('fal', { status: 'COMPLETED' })).next, /`result`/);
	assert.deepEqual((await replay('fal', { video: { url: 'https://v.example/2.mp4' } }, '--call', 'result')).result.videoUrl, 'https://v.example/2.mp4');
	assert.deepEqual((await replay('openai', { data: [{ id: 'v1', prompt: 'a cat', created_at: 1764374400 }] }, '--call', 'list')).list,
		{ means: 'a list', jobs: 1, list: [{ id: 'v1', prompt: 'a cat', created: '2025-11-29T00:00:00.000Z' }] });
	assert.deepEqual((await replay('siliconflow', { data: [{ id: 'wan' }] }, '--call', 'models')).models, { means: 'a list', models: ['wan'] });
	assert.equal((await replay('siliconflow', { requestId: 'r' }, '--call', 'webhook')).webhook.id, 'r');
	assert.equal((await replay('pixverse', { ErrCode: 0, Resp: { img_id: 12 } }, '--call', 'upload')).upload.id, '12');

	const file = join(dir, 'answer');
	await writeFile(file, '{"id":"v1","status":"failed","error":{"code":"x","message":"red \\u001b[31m \\u009b2J"}}');
	assert.match(await run(['replay', 'openai', file, '--call', 'poll']), /^As the answer to a poll:\n {2}means +failed\n(.*\n)* {2}message +red {2}\[31m {2,3}2J\n$/);
});

test('a wrong command line of dialect', async () => {
	for (const [line, sentence] of [
		['show sora', 'missing option --prompt TEXT'], ['replay sora', 'missing argument ANSWER'], ['replay', 'missing argument PROFILE ANSWER'],
		['replay a b c', 'unexpected argument "c"'], ['replay sora - --status 99', '--status must be a status code from 100 to 599.'],
		['replay sora - --call x', '--call must be submit, poll, result, list, upload, models or webhook.'],
		['show sora --prompt x --call x', '--call must be upload, submit, poll, result, content, thumbnail, cancel, list, models or check.'],
		['show sora --prompt x --size big', '--size must be WIDTHxHEIGHT in pixels, such as 1280x720.'],
		['show sora --prompt x --aspect-ratio 16', '--aspect-ratio must be WIDTH:HEIGHT, such as 16:9.'],
		['show sora --prompt x --seed 1.5', '--seed must be a whole number of 15 digits at most.'],
		['show sora --prompt x --extra []', '--extra must be a JSON object of 8 KiB at most.'],
		['show sora --prompt x --remix a --edit b', '--remix and --edit and --extend cannot be given together.'],
		['show sora --prompt x --image /dev/null', '/dev/null cannot be read, or is no PNG, JPEG or WebP image.'],
		['show sora --prompt x --base https://u:p@h', 'the base must be an address such as https://api.example.com, without a slash at its end'],
		[`show sora --prompt x${' --reference a'.repeat(10)}`, '--reference must not be empty, and not be given more than 9 times'],
	]) {
		const { code, out, err } = await longreel(['dialect', ...line.split(' ')]);
		assert.deepEqual([code, out, err.split('\n')[0]], [2, '', `longreel: ${sentence}`], line);
	}
});
