// What one user may read: so many requests, and so many bytes of large answers, that the web server may have to hold for a client that does not
// read them. Others do not notice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '../support/client.mjs';
import { startInstance } from '../support/instance.mjs';

const ENV = { LONGREEL_RATE_CREATE: '0' };

test('one user reads so often a minute, and no more; what writes does not count (rate_read)', async () => {
	const instance = await startInstance({ simulator: true, env: { ...ENV, LONGREEL_RATE_READ: '30' } });
	try {
		const [ada, bea] = [await new Client(instance.base).join(), await new Client(instance.base).join()];
		const made = await ada.create({}), path = `/api/video/tasks/${made.videoId}`, statuses = [];
		let refused; // one more comes back every two seconds
		while (statuses.length < 40 && refused?.status !== 429)
			statuses.push((refused = await ada.call('GET', path)).status);
		assert.ok(statuses.length > 30 && statuses.length < 35, statuses.join());
		assert.deepEqual([refused.status, refused.body.code], [429, 'rate_limited']);
		assert.ok(['1', '2', '3'].includes(refused.headers.get('retry-after')), refused.headers.get('retry-after'));
		assert.equal((await ada.call('POST', '/api/video/tasks/recover', { clientRequestIds: ['x'] })).status, 429, 'it reads, too');
		assert.equal((await ada.call('POST', `${path}/cancel`)).status, 200);
		assert.equal((await ada.call('POST', '/api/relay/sora/videos', { prompt: 'another' })).status, 200);
		assert.equal((await bea.call('GET', '/api/video/tasks')).status, 200);
	} finally {
		await instance.stop();
	}
});

test('large answers have a budget of bytes (read_max_mb)', async () => {
	const instance = await startInstance({ simulator: true, env: { ...ENV, LONGREEL_READ_MAX_MB: '1' } });
	try {
		const [ada, bea] = [await new Client(instance.base).join(), await new Client(instance.base).join()];
		for (let i = 0; i < 10; i++)
			await ada.create({ prompt: `${i}${'猫'.repeat(31_000)}` });
		const statuses = [];
		for (let i = 0; i < 4; i++)
			statuses.push((await ada.call('GET', '/api/video/tasks')).status);
		assert.deepEqual(statuses, [200, 200, 429, 429], 'the second is over the budget, and paid by what comes after');
		await bea.create({});
		for (let i = 0; i < 50; i++)
			assert.equal((await bea.call('GET', '/api/video/tasks')).status, 200, 'small answers do not count');
	} finally {
		await instance.stop();
	}
});
