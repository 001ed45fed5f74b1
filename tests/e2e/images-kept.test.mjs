// Reference images, with whole instances: what one user, and the accounts of one address block, may have stored, and when images go.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client, PNG } from '../support/client.mjs';
import { startInstance, until } from '../support/instance.mjs';

const ENV = { LONGREEL_POLL_INTERVAL_MIN: '50ms', LONGREEL_RATE_CREATE: '0', LONGREEL_RATE_REGISTER: '0' };
const files = (instance) => (existsSync(join(instance.data, 'uploads')) ? readdirSync(join(instance.data, 'uploads')) : []);
/** A form with an image of so many bytes. */
function form(bytes, fields = {}) {
	const body = new FormData();
	for (const [name, value] of Object.entries({ prompt: 'a cat', model: 'm:fast', ...fields }))
		body.set(name, value);
	body.set('input_reference', new Blob([PNG, Buffer.alloc(bytes - PNG.length)]), 'a.png');
	return body;
}

test('images go some time after the end: hasInput is false then, and a retry is told why', async () => {
	const instance = await startInstance({ simulator: true, env: { ...ENV, LONGREEL_UPLOADS_KEEP: '1s' } });
	try {
		const ada = await new Client(instance.base).join(), image = `data:image/png;base64,${PNG.toString('base64')}`;
		const cursor = await ada.cursor();
		const { videoId } = await ada.create({ model: 'm:fail+fast', input_reference: image });
		const { task } = await ada.ended(cursor, videoId);
		assert.deepEqual([task.status, task.hasInput], ['FAILED', true]);
		const later = await ada.follow(cursor, (t) => t.videoId === videoId && !t.hasInput);
		assert.deepEqual([later.task.status, later.task.inputs], ['FAILED', []]);
		await until(() => files(instance).length === 0, 'the file goes');
		assert.equal((await ada.call('GET', `/api/video/tasks/${videoId}/input`)).status, 404);
		const again = await ada.call('POST', `/api/video/tasks/${videoId}/retry`);
		assert.deepEqual([again.status, again.body.code], [410, 'input_lost']);
	} finally {
		await instance.stop();
	}
});

test('a user, and all accounts of one address block, may have so many bytes stored; deleting makes room', async () => {
	const instance = await startInstance({ simulator: true, env: { ...ENV, LONGREEL_UPLOADS_MAX_MB_PER_USER: '3', LONGREEL_UPLOADS_MAX_MB_PER_BLOCK: '5' } });
	try {
		const [ada, bea] = [await new Client(instance.base).join(), await new Client(instance.base).join()];
		const post = (who, body, headers) => who.call('POST', '/api/relay/sora/videos', body, headers);
		const made = (await post(ada, form(2_000_000))).body.data;
		const refused = await post(ada, form(1_500_000, { clientRequestId: 'once more' }));
		assert.deepEqual([refused.status, refused.body.code], [507, 'images_full']);
		assert.match((await post(ada, form(1_500_000), { 'accept-language': 'zh' })).body.error, /参考图/);
		assert.equal(files(instance).length, 1, 'nothing is left of what was refused');
		/* A set counts each task's. */
		assert.equal((await post(ada, form(400_000, { n: 3 }))).body.code, 'images_full');
		assert.equal((await post(bea, form(2_000_000))).status, 200);
		assert.equal((await post(bea, form(1_000_000))).status, 200, 'all of her own');
		const block = await post(ada, form(700_000));
		assert.deepEqual([block.status, block.body.code], [507, 'images_full'], 'the block is full, and she would have more than half of it');
		/* Before the body is stored where its length alone says so. */
		const claimed = () => readdirSync(join(instance.data, 'tmp')).length;
		const early = await post(ada, form(9_000_000));
		assert.deepEqual([early.status, early.body.code, claimed()], [507, 'images_full', 0]);
		await ada.data('DELETE', `/api/video/tasks/${made.videoId}`);
		assert.equal((await post(ada, form(1_500_000, { clientRequestId: 'once more' }))).status, 200);
		const v1 = await ada.call('POST', '/v1/videos', form(2_000_000));
		assert.deepEqual([v1.status, v1.body.error.code], [507, 'images_full']);
	} finally {
		await instance.stop();
	}
});
