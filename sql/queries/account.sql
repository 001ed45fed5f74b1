-- Accounts and transfers. A user has two accounts, `available` and `held`, made when first needed; the house's hold no balance. What
-- number an account has is fixed by its kind and its user (the schema says how), so that none has to be looked up.

-- name: account_balance
-- Reads a user's balances. available, held: the numbers of its accounts.
SELECT a.balance, h.balance, a.credit_line
FROM   account AS a
JOIN   account AS h ON h.id = :held
WHERE  a.id = :available;

-- name: account_open
-- Makes a user's accounts, if there are none.
INSERT INTO account (id, kind, user_id)
VALUES (:available, 'available', :user_id), (:held, 'held', :user_id)
ON CONFLICT DO NOTHING;

-- name: account_transfer
-- Adds a transfer, before the balances are changed. available: the user's account, by which of its balance.
INSERT INTO transfer (at, kind, user_id, debit, credit, amount, balance, charge_id, code_id, reference, note, actor)
VALUES               (:at, :kind, :user_id, :debit, :credit, :amount, (SELECT balance + :change FROM account WHERE id = :available),
                      :charge_id, :code_id, :reference, :note, :actor);

-- name: account_move
-- Changes a balance by an amount. One row a statement: SQLite would copy the page first, to be able to undo the first of two.
UPDATE account
SET    balance = balance + :amount
WHERE  id = :id;

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
-- Sums up what was earned: what is charged for attempts that have ended, less what was refunded. Full scan: charge_tally has few rows.
SELECT coalesce((SELECT sum(charged) FROM charge_tally), 0)
       - coalesce((SELECT sum(refunded) FROM charge WHERE refunded > 0), 0);

-- name: account_imbalance
-- Compares what accounts hold with what charges do.
SELECT coalesce((SELECT sum(balance) FROM account WHERE kind = 'held'), 0)
       - coalesce((SELECT sum(reserved) FROM charge WHERE state = 'held'), 0);
