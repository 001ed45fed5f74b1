-- Accounts and transfers. A user has two accounts, `available` and `held`, made when first needed; the house's hold no balance.

-- name: account_balance
-- Reads a user's balances.
SELECT a.balance, h.balance, a.credit_line
FROM   account AS a
JOIN   account AS h ON h.user_id = a.user_id AND h.kind = 'held'
WHERE  a.user_id = :user_id
AND    a.kind = 'available';

-- name: account_open
-- Makes a user's accounts, if there are none.
INSERT INTO account (kind, user_id)
VALUES ('available', :user_id), ('held', :user_id)
ON CONFLICT DO NOTHING;

-- name: account_move
-- Changes a user's balances by these amounts.
UPDATE account
SET    balance = balance + CASE kind WHEN 'available' THEN :available ELSE :held END
WHERE  user_id = :user_id
AND    :user_id > 0;

-- name: account_transfer
-- Adds a transfer, after the balances are changed. debit, credit: kinds of accounts.
INSERT INTO transfer (at, kind, user_id, debit, credit, amount, balance, charge_id, code_id, reference, note, actor)
SELECT :at, :kind, :user_id, d.id, c.id, :amount, a.balance, :charge_id, :code_id, :reference, :note, :actor
FROM   account AS a
JOIN   account AS d ON d.kind = :debit  AND d.user_id = CASE WHEN :debit  IN ('available', 'held') THEN :user_id ELSE 0 END
JOIN   account AS c ON c.kind = :credit AND c.user_id = CASE WHEN :credit IN ('available', 'held') THEN :user_id ELSE 0 END
WHERE  a.user_id = :user_id
AND    a.kind = 'available';

-- part: account_transfer_row
-- The columns of a transfer, in the order of lib/store/account.c.
       t.id, t.at, t.kind, t.user_id, t.amount, t.balance, t.charge_id, t.code_id, t.reference, t.note, t.actor,
       (SELECT task.video_id FROM charge JOIN task ON task.id = charge.task_id WHERE charge.id = t.charge_id)

-- name: account_by_reference
-- Finds the transfer with this reference.
SELECT
-- use: account_transfer_row
FROM   transfer AS t
WHERE  t.reference = :reference;

-- name: account_statement
-- Lists the transfers of a user, latest first, with ids below `before`.
SELECT
-- use: account_transfer_row
FROM     transfer AS t
WHERE    t.user_id = :user_id
AND      t.id < :before
ORDER BY t.id DESC
LIMIT    :most;

-- name: account_statement_all
-- The same of all users.
SELECT
-- use: account_transfer_row
FROM     transfer AS t
WHERE    t.id < :before
ORDER BY t.id DESC
LIMIT    :most;

-- name: account_line
-- Sets a user's credit line, unless the balance is below it.
UPDATE account
SET    credit_line = :line
WHERE  user_id = :user_id
AND    kind = 'available'
AND    balance >= -:line;

-- name: account_totals
-- Sums up what users have. Full scan: there are few accounts.
SELECT coalesce(sum(CASE kind WHEN 'available' THEN balance END), 0), coalesce(sum(CASE kind WHEN 'held' THEN balance END), 0)
FROM   account;

-- name: account_revenue
-- Sums up what was earned: what is charged for attempts that have ended, less what was refunded.
SELECT coalesce((SELECT sum(charged) FROM usage_day), 0)
       - coalesce((SELECT sum(refunded) FROM charge WHERE refunded > 0), 0);

-- name: account_imbalance
-- Compares what accounts hold with what charges do.
SELECT coalesce((SELECT sum(balance) FROM account WHERE kind = 'held'), 0)
       - coalesce((SELECT sum(reserved) FROM charge WHERE state = 'held'), 0);
