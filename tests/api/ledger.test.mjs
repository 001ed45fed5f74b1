// `longreel ledger check` finds what should not be: whatever is changed in a transfer, an account, a charge or a sum, and whatever is gone.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BUILD, dataDir } from '../support/cgi.mjs';
import { newPaid } from '../support/paid.mjs';

/** What is done to the books, past the programs, and by which rule it is found. */
const WRONGS = [
	["UPDATE transfer SET amount = amount + 1 WHERE kind = 'grant'", 'balance'],
	["UPDATE transfer SET amount = amount - 1 WHERE kind = 'reserve'", 'balance'],
	["UPDATE transfer SET balance = balance + 1 WHERE kind = 'settle'", 'transfer'],
	["UPDATE transfer SET kind = 'take' WHERE kind = 'grant'", 'transfer'],
	["UPDATE transfer SET debit = credit, credit = debit WHERE kind = 'settle'", 'transfer'],
	['UPDATE transfer SET charge_id = (SELECT max(id) FROM charge) WHERE kind = \'settle\'', 'charge'],
	...['grant', 'redeem', 'reserve', 'settle', 'release', 'refund', 'take'].map((kind) => [`DELETE FROM transfer WHERE kind = '${kind}'`, 'balance']),
	/* A release that is made twice. */
	[`INSERT INTO transfer (at, kind, user_id, debit, credit, amount, balance, charge_id, actor)
		SELECT t.at, 'release', t.user_id, t.credit, t.debit, t.amount, t.balance + t.amount, t.charge_id, t.actor FROM transfer AS t
		JOIN charge AS c ON c.id = t.charge_id AND c.state = 'held' WHERE t.kind = 'reserve'`, 'charge'],
	/* … so that the balances fit, too. */
	["DELETE FROM transfer WHERE kind = 'take'; UPDATE account SET balance = balance + 250000 WHERE kind = 'available' AND user_id = 1", 'transfer'],
	["UPDATE transfer SET amount = amount + 5 WHERE kind = 'grant'; UPDATE account SET balance = balance + 5 WHERE kind = 'available' AND user_id = 1", 'transfer'],
	["UPDATE account SET balance = balance + 1 WHERE kind = 'available' AND user_id = 1", 'balance'],
	["UPDATE account SET balance = balance + 1 WHERE kind = 'held' AND user_id = 1", 'held'],
	["DELETE FROM account WHERE kind = 'held' AND user_id = 1", 'transfer'],
	["DELETE FROM account WHERE kind = 'funding'", 'transfer'],
	["PRAGMA ignore_check_constraints = on; UPDATE account SET balance = -1, credit_line = 0 WHERE kind = 'available' AND user_id = 1", 'limit'],
	["UPDATE charge SET reserved = reserved + 1 WHERE state = 'held'", 'charge'],
	["UPDATE charge SET state = 'released', reason = 'fail', ended_at = 1 WHERE state = 'held'", 'charge'],
	["UPDATE charge SET state = 'held', reason = NULL, ended_at = 0 WHERE state = 'released'", 'charge'],
	["UPDATE charge SET refunded = 0", 'charge'],
	["UPDATE charge SET linger_until = 5, linger_to = 'released' WHERE state = 'held'", 'task'],
	["DELETE FROM charge WHERE state = 'held'", 'held'],
	["DELETE FROM charge WHERE state = 'released'", 'usage_day'],
	["UPDATE task SET state = 'failed' WHERE state = 'running'", 'task'],
	["UPDATE task SET state = 'running' WHERE state = 'completed'", 'task'],
	["UPDATE task SET attempt = 2 WHERE state = 'running'", 'task'],
	["DELETE FROM task WHERE state = 'running'", 'task'],
	["UPDATE charge SET day = day - 1 WHERE state = 'held'", 'spend_day'],
	["UPDATE charge SET channel = 'other' WHERE state = 'held'", 'spend_day'],
	['UPDATE spend_day SET amount = amount + 1', 'spend_day'],
	['UPDATE spend_day SET api_key = api_key + 1', 'spend_day'],
	['UPDATE spend_channel SET amount = amount + 1', 'spend_day'],
	['DELETE FROM spend_channel', 'spend_day'],
	['UPDATE usage_day SET failed = failed + 1', 'usage_day'],
	['UPDATE usage_day SET cost = cost + 1', 'usage_day'],
	['DELETE FROM usage_day', 'usage_day'],
	['UPDATE charge_tally SET n = n + 1', 'charge_tally'],
	['DELETE FROM charge_tally', 'charge_tally'],
	["UPDATE charge_tally SET charged = charged + 1 WHERE state = 'settled'", 'charge_tally'],
	['UPDATE code SET uses = 0', 'code'],
	['DELETE FROM redemption', 'code'],
];

let paid, copies;
before(async () => {
	paid = await newPaid();
	copies = await dataDir();
	const ada = await paid.rich(10_000_000), made = [];
	paid.price({ model: 'm', flat: 800_000 });
	for (const prompt of ['completes', 'fails', 'runs'])
		made.push(await ada.create({ model: 'm', prompt }));
	paid.job(made[0], { status: 'completed' });
	paid.job(made[1], { status: 'failed', error: 'no' });
	await paid.poll();
	await paid.cli('charge', 'refund', String(paid.charges(made[0].videoId)[0].id));
	await paid.cli('credit', 'take', 'user1', '0.25');
	await ada.data('POST', '/api/account/redeem', { code: (await paid.cli('code', 'create', '--amount', '1')).trim() });
	execFileSync('python3', ['-c', `import json, os, sqlite3, sys
books = sqlite3.connect(sys.argv[1])
for number, wrong in enumerate(json.loads(sys.argv[3])):
    folder = os.path.join(sys.argv[2], str(number))
    os.mkdir(folder, 0o700)
    copy = sqlite3.connect(os.path.join(folder, 'longreel.db'))
    copy.execute('PRAGMA synchronous = off')
    books.backup(copy)
    copy.executescript(wrong)`, join(paid.api.data, 'longreel.db'), copies, JSON.stringify([...WRONGS.map(([wrong]) => wrong), ''])]);
});
after(async () => {
	await rm(copies, { recursive: true, force: true });
	await paid?.close();
});

/** The rules that the copy of the books with that number does not keep. */
function found(number) {
	const { status, stdout, stderr } = spawnSync(join(BUILD, 'longreel'), ['ledger', 'check', '--json', '--data', join(copies, String(number))], { encoding: 'utf8' });
	const { faults } = JSON.parse(stdout);
	assert.equal(status, faults.length > 0 ? 1 : 0, stderr);
	return faults.map(({ rule }) => rule);
}

test('the books as they are have no fault', () => {
	assert.deepEqual(found(WRONGS.length), []);
});

for (const [number, [wrong, rule]] of WRONGS.entries())
	test(wrong.replace(/\s+/g, ' '), () => {
		assert.ok(found(number).includes(rule), `by the rule ${rule}`);
	});
