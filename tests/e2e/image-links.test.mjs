// Links to images, for upstreams that fetch them: each is good for one image, for a while; without public_url there are none.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client, PNG } from '../support/client.mjs';
import { longreel, newDataDir, startInstance } from '../support/instance.mjs';
import luma from '../support/providers/luma.mjs';
import { newStandin } from '../support/providers/standin.mjs';

const JPEG = Buffer.concat([Buffer.from('\xff\xd8\xff\xe0', 'latin1'), Buffer.alloc(100, 'jpeg')]);
const dataOf = (bytes, type) => `data:image/${type};base64,${bytes.toString('base64')}`;

test('a link leads to one image of one task', async () => {
	const data = await newDataDir(), env = { LONGREEL_RATE_CREATE: '0', LONGREEL_ARCHIVE: 'off' }, standin = await newStandin(luma);
	const instance = await startInstance({ data, env });
	try {
		await writeFile(join(data, 'key'), `${standin.key}\n`, { mode: 0o600 });
		const { code, err } = await longreel(['channel', 'add', 'luma', '--base', standin.base, '--dialect', 'luma', '--key-file', join(data, 'key'), '--private', '--data', data]);
		assert.equal(code, 0, err);
		const ada = await new Client(instance.base).join(), fields = { prompt: 'a cat', model: 'ray-2', image: dataOf(PNG, 'png'), last_frame: dataOf(JPEG, 'jpeg') };
		const refused = await ada.call('POST', '/api/relay/sora/videos', fields);
		assert.deepEqual([refused.status, refused.body.code, refused.body.details.field], [400, 'unsupported_field', 'image']);
		assert.match(refused.body.error, /public_url/);

		instance.options.port = Number(new URL(instance.base).port);
		env.LONGREEL_PUBLIC_URL = `${instance.base}/`;
		await instance.restart();
		const { videoId } = await ada.create(fields), { keyframes } = standin.jobOf('a cat').body;
		assert.ok(standin.jobOf('a cat').images[0].equals(PNG) && standin.jobOf('a cat').images[1].equals(JPEG), 'the upstream has fetched them');
		const other = await ada.create({ ...fields, prompt: 'another' }), link = keyframes.frame0.url;
		assert.match(link, new RegExp(`^${instance.base}/api/video/tasks/${videoId}/input\\?role=first&`));
		const get = async (url) => (await fetch(url)).status;
		assert.equal(await get(link), 200);
		const expires = Number(/expires=(\d+)/.exec(link)[1]);
		assert.ok(expires > Date.now() + 50 * 60_000 && expires < Date.now() + 70 * 60_000, 'an hour');
		for (const wrong of [link.replace('role=first', 'role=last'), link.replace('index=0', 'index=1'), link.replace(videoId, other.videoId),
			link.replace(/expires=\d+/, `expires=${expires + 1}`), link.replace(/expires=\d+/, 'expires=1'), link.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
			link.replace('role=first&', ''), link.replace('/input?role=first&index=0&', '/content?')])
			assert.ok([403, 410].includes(await get(wrong)), wrong);
		assert.equal(await get(`${instance.base}/api/video/tasks/${videoId}/input`), 401);
		assert.ok(!instance.log.includes(/signature=(\w+)/.exec(link)[1]), 'no signature in the log');
	} finally {
		await instance.stop();
		await standin.close();
		await rm(data, { recursive: true, force: true });
	}
});
