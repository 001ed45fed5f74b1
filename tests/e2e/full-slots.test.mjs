// A channel whose slots are full while tasks wait for them: the poller sleeps all the same.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { startInstance, until } from '../support/instance.mjs';

const MANY = 40, held = [];
let instance, ada, upstream, hangs = false;

function answer(request, response) {
	request.resume().on('end', () => {
		if (!hangs)
			return response.writeHead(429, { 'retry-after': '1' }).end('{}');
		return held.push(response);
	});
}

before(async () => {
	upstream = createServer(answer).listen(0, '127.0.0.1');
	await once(upstream, 'listening');
	instance = await startInstance({ env: { SORA_API_BASE: `http://127.0.0.1:${upstream.address().port}`, SORA_API_KEY: 'k', LONGREEL_RATE_CREATE: '0',
		LONGREEL_ARCHIVE: 'off', LONGREEL_CHANNEL_CONNECTIONS: '2' } });
	ada = await new Client(instance.base).join();
	await Promise.all(Array.from({ length: MANY }, (_, i) => ada.create({ prompt: `p${i}` })));
});
after(async () => {
	await instance?.stop();
	upstream?.closeAllConnections();
	upstream?.close();
});

test('while all slots hang, and tasks wait, the poller does not spin', async () => {
	hangs = true;
	await until(() => held.length > 0, 'a submission that hangs');
	const pid = instance.child('longreel-poller');
	const naps = () => Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
	const since = Date.now(), before = naps();
	await until(() => Date.now() - since >= 2000, 'two seconds');
	const each = (naps() - before) / (Date.now() - since) * 1000;
	assert.ok(each < 60, `${each} passes a second`);
	/* A slot that is free is taken soon. */
	for (let done = 0; done < 10; done++) {
		await until(() => held.length > done, 'the next submission');
		held[done].writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: `job${done}`, status: 'queued' }));
	}
});
