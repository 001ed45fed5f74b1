// A video that breaks off at the upstream reaches a client through the web server as a transfer that was cut, never as a
// video that is a little short: under FastCGI and as plain CGI, whether the upstream has said how long it is or not.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Upstream } from '../support/api.mjs';
import { Client } from '../support/client.mjs';
import { startInstance } from '../support/instance.mjs';

const VIDEO = Buffer.alloc(3_000_000, 'moving pictures ');
VIDEO.write('ftyp', 4);

for (const cgi of [false, true]) describe(cgi ? 'as plain CGI' : 'under FastCGI', () => {
	let upstream, instance, ada, path;

	before(async () => {
		upstream = await new Upstream().start();
		upstream.fresh = { status: 'completed', video_url: `${upstream.base}/video/1.mp4` };
		instance = await startInstance({ cgi, env: { SORA_API_BASE: upstream.base, SORA_API_KEY: 'sk-test', LONGREEL_POLL_INTERVAL_MIN: '10ms' } });
		ada = await new Client(instance.base).join();
		const cursor = await ada.cursor();
		const { videoId } = await ada.create();
		await ada.ended(cursor, videoId);
		path = `/api/video/tasks/${videoId}/content`;
	});
	after(async () => {
		await instance?.stop();
		await upstream.stop();
	});

	for (const headers of [{ 'content-length': VIDEO.length }, {}]) test(`an upstream that says: ${JSON.stringify(headers)}`, async () => {
		upstream.video = (request, response) => {
			response.writeHead(200, { 'content-type': 'video/mp4', ...headers });
			response.end(VIDEO);
		};
		const whole = await ada.call('GET', path);
		assert.equal(whole.status, 200);
		assert.ok(whole.bytes.equals(VIDEO));
		upstream.video = (request, response) => {
			response.writeHead(200, { 'content-type': 'video/mp4', ...headers });
			response.write(VIDEO.subarray(0, 2_000_000), () => response.destroy());
		};
		const cut = await ada.call('GET', path).catch((error) => error);
		assert.ok(cut instanceof TypeError || cut.status === 502, `fetch() must fail: ${cut.status}, ${cut.bytes?.length} bytes`);
	});
});
