// Guessing passwords is slowed down where it comes from: by address and by name, for names that do not exist too, and not where a name
// is known to sign in.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { newApi, PASSWORD } from '../support/api.mjs';
import { newWorld } from '../support/world.mjs';

let api;
before(async () => (api = await newApi({ LONGREEL_RATE_LOGIN: '3' })));
after(() => api?.close());

const register = (username, address = '192.0.2.1') =>
	api.call('POST', '/api/auth/register', { body: { username, password: PASSWORD }, env: { REMOTE_ADDR: address } });
const login = (username, password, address, env = {}) =>
	api.call('POST', '/api/auth/login', { body: { username, password }, env: { REMOTE_ADDR: address, ...env } });

/** Logs in from a new address each time, or always from the same. */
async function statuses(count, name, password, address, env) {
	const result = [];
	for (let i = 0; i < count; i++)
		result.push((await login(name(i), password, address(i), env)).status);
	return result;
}

test('by name: strangers at many addresses share a count', async () => {
	await register('ada');
	assert.deepEqual(await statuses(4, () => 'ada', 'wrong password', (i) => `198.51.${i}.1`), [401, 401, 401, 429]);
	const right = await login('Ada', PASSWORD, '198.51.50.1');
	assert.deepEqual([right.status, right.json.code], [429, 'rate_limited'], 'not even the right password, in any case');
	const wait = Number(right.headers.get('retry-after'));
	assert.ok(wait >= 1 && wait <= 20, `${wait} s`);
	assert.deepEqual(await statuses(4, () => 'nobody', 'wrong password', (i) => `198.51.${i + 100}.1`), [401, 401, 401, 429],
		'a name that does not exist is no different');
	assert.equal((await login('ada', PASSWORD, '192.0.2.200')).status, 200, 'who is attacked gets in from where the name was made, the /24 of it');
});

test('by address: whatever the name', async () => {
	assert.deepEqual(await statuses(4, (i) => `name${i}`, 'wrong password', () => '203.0.113.1'), [401, 401, 401, 429]);
	assert.equal((await login('name9', 'wrong password', '203.0.113.2')).status, 401, 'another address is not concerned');
	assert.deepEqual(await statuses(4, (i) => `six${i}`, 'wrong password', (i) => `2001:db8:0:${(i * 85).toString(16)}::1`), [401, 401, 401, 429], 'a /56 is one address');
	assert.equal((await login('six9', 'wrong password', '2001:db8:0:100::1')).status, 401, 'the next is another');
});

test('passwords are computed two at a time, in a bounded queue; clients from known blocks come first', async () => {
	await register('eva', '192.0.3.1');
	/* As if two processes computed for ever, and three strangers waited. */
	const holder = spawn('python3', ['-c', `import fcntl, os, sys
f = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
fcntl.lockf(f, fcntl.LOCK_EX, 5)
print('held', flush=True)
sys.stdin.read()`, `${api.data}/password.lock`], { stdio: ['pipe', 'pipe', 'inherit'] });
	const gone = once(holder, 'exit');
	await once(holder.stdout, 'data');
	const known = login('eva', PASSWORD, '192.0.3.2');
	for (let i = 0; i < 5; i++) {
		const { status, json, headers } = await login('eva', PASSWORD, '203.0.114.1');
		assert.deepEqual([status, json.code, headers.get('retry-after')], [503, 'busy', '1'], 'and it does not count');
	}
	holder.stdin.end();
	assert.equal((await known).status, 200);
	assert.equal((await login('eva', 'wrong password', '203.0.114.1')).status, 401);
	await gone;
});

test('an address block is known for 90 days after its last login; other users there lock no one out', async () => {
	const world = await newWorld(), day = 86_400_000, home = () => '2001:db8:1:7::1', neighbour = () => '2001:db8:1:8::1';
	await register('dan', home());
	const later = async (days) => {
		await world.passed(days * day);
		assert.deepEqual(await statuses(4, (i) => `x${i}-${days}`, 'wrong password', neighbour, world.env), [401, 401, 401, 429], 'the address is used up');
		return (await login('dan', PASSWORD, home(), world.env)).status;
	};
	assert.equal(await later(80), 200);
	assert.equal(await later(160), 200, 'counted from the last time');
	assert.equal(await later(251), 429);
	await world.remove();
});

test('right passwords count, too', async () => {
	await register('bob', '192.0.2.7');
	assert.deepEqual(await statuses(5, () => 'bob', PASSWORD, () => '192.0.2.7'), [200, 200, 200, 429, 429]);
	assert.equal((await login('ada', PASSWORD, '192.0.2.7')).status, 200, 'each name has its own count there');
});
