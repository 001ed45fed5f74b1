// Prices and credit for a test, past the programs; and whether the accounts of a data directory add up.
//
//	money.price(instance.data, { model: 'sora*', perSecond: 100_000, seconds: 8 });
//	money.grant(instance.data, 10_000_000, 'ada');
//	money.check(instance.data);
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Rows of a statement. */
export const sql = (data, text, ...values) => JSON.parse(execFileSync('python3', ['-c', `import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=10)
db.row_factory = sqlite3.Row
with db:
    print(json.dumps([dict(row) for row in db.execute(sys.argv[2], json.loads(sys.argv[3]))], default=str))`,
join(data, 'longreel.db'), text, JSON.stringify(values)], { encoding: 'utf8' }));

/** Sets a price. */
export const price = (data, { model = '*', flat = 0, perSecond = 0, size = 'any', job = 'any', seconds = 0, most = 0, defaultSize = '' } = {}) =>
	sql(data, `INSERT INTO tariff (side, channel, model, job, size, image, audio, images, flat, per_second, min_seconds, step_seconds,
		default_seconds, default_size, max_seconds, settle, valid_from, created_at, created_by)
		VALUES ('price', '', ?, ?, ?, 'any', 'any', 0, ?, ?, 0, 1, ?, ?, ?, 'asked', 1, 1, 'test')`,
	model, job, size, flat, perSecond, seconds, defaultSize, most);

/** Gives credit to a user; without a name to the first one. */
export function grant(data, amount, name = sql(data, 'SELECT username FROM user ORDER BY id LIMIT 1')[0].username) {
	const [{ id }] = sql(data, 'SELECT id FROM user WHERE username = ?', name);
	sql(data, "INSERT INTO account (id, kind, user_id) VALUES (2 * ?1 + 2, 'available', ?1), (2 * ?1 + 3, 'held', ?1) ON CONFLICT DO NOTHING", id);
	sql(data, "UPDATE account SET balance = balance + ? WHERE user_id = ? AND kind = 'available'", amount, id);
	sql(data, `INSERT INTO transfer (at, kind, user_id, debit, credit, amount, balance, actor)
		SELECT 1, 'grant', a.user_id, 1, a.id, ?, a.balance, 'test' FROM account AS a WHERE a.user_id = ? AND a.kind = 'available'`, amount, id);
}

/** What a user has: { available, held }. */
export const balance = (data, name) => Object.fromEntries(sql(data, `SELECT kind, balance FROM account
	WHERE user_id = (SELECT id FROM user WHERE username = ?)`, name).map(({ kind, balance: amount }) => [kind, amount]));

/** The rules that must always hold, as sql/queries/ledger.sql has them: no row is an exception. */
export function check(data) {
	const text = readFileSync(new URL('../../sql/queries/ledger.sql', import.meta.url), 'utf8');
	for (const part of text.split('-- name: ').slice(1)) {
		const statement = part.slice(part.indexOf('\n')).replace(':most', '9');
		assert.deepEqual(sql(data, statement), [], part.split('\n')[0]);
	}
}
