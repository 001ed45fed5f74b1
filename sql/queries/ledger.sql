-- What must always be true of the accounts, each as the rows for which it is not: `longreel ledger check`. They go through whole tables.

-- name: ledger_balances
-- 1, 2: a balance is the sum of its transfers.
SELECT 'balance', 'account ' || a.kind || ' of user ' || a.user_id || ': ' || a.balance || ', by its transfers '
       || (coalesce((SELECT sum(t.amount) FROM transfer AS t WHERE t.credit = a.id AND t.user_id = a.user_id), 0)
           - coalesce((SELECT sum(t.amount) FROM transfer AS t WHERE t.debit = a.id AND t.user_id = a.user_id), 0))
FROM   account AS a
WHERE  a.user_id > 0
AND    a.balance <> coalesce((SELECT sum(t.amount) FROM transfer AS t WHERE t.credit = a.id AND t.user_id = a.user_id), 0)
                    - coalesce((SELECT sum(t.amount) FROM transfer AS t WHERE t.debit = a.id AND t.user_id = a.user_id), 0)
LIMIT  :most;

-- name: ledger_strangers
-- 2: a transfer is between accounts of its user and of the house, as its kind says.
SELECT 'transfer', 'transfer ' || m.id || ' is ' || m.kind || ' from ' || coalesce(d.kind, 'none') || ' to ' || coalesce(c.kind, 'none')
FROM   transfer AS m
LEFT JOIN account AS d ON d.id = m.debit
LEFT JOIN account AS c ON c.id = m.credit
WHERE  d.id IS NULL
OR     c.id IS NULL
OR     d.user_id NOT IN (0, m.user_id)
OR     c.user_id NOT IN (0, m.user_id)
OR     m.kind || ' ' || d.kind || ' ' || c.kind
       NOT IN ('grant funding available', 'redeem funding available', 'reserve available held', 'settle held revenue',
               'release held available', 'refund revenue available', 'take available adjust')
LIMIT  :most;

-- name: ledger_running
-- 2: a transfer leaves what it says, by all before it: of these none has changed or vanished.
SELECT 'transfer', 'transfer ' || id || ' leaves ' || balance || ', by those before it ' || running
FROM   (SELECT m.id, m.balance,
               sum(CASE a.id WHEN m.credit THEN m.amount WHEN m.debit THEN -m.amount ELSE 0 END)
                   OVER (PARTITION BY m.user_id ORDER BY m.id) AS running
        FROM   transfer AS m
        LEFT JOIN account AS a ON a.user_id = m.user_id AND a.kind = 'available') AS each_row
WHERE  balance <> running
LIMIT  :most;

-- name: ledger_limits
-- 3: nothing is below what it may be.
SELECT 'limit', 'account ' || kind || ' of user ' || user_id || ' has ' || balance || ', credit line ' || credit_line
FROM   account
WHERE  balance < -credit_line
OR     (kind = 'held' AND balance < 0)
LIMIT  :most;

-- name: ledger_charges
-- 4, 7: what is reserved is either held, or settled and released, and never more is charged.
SELECT 'charge', 'charge ' || c.id || ' is ' || c.state || ', reserved ' || c.reserved || ', charged ' || c.charged
FROM   charge AS c
WHERE  c.charged > c.reserved
OR     c.reserved <> coalesce((SELECT t.amount FROM transfer AS t WHERE t.charge_id = c.id AND t.kind = 'reserve'), 0)
OR     CASE c.state WHEN 'settled' THEN c.charged ELSE 0 END
       <> coalesce((SELECT t.amount FROM transfer AS t WHERE t.charge_id = c.id AND t.kind = 'settle'), 0)
OR     CASE c.state WHEN 'held' THEN 0 ELSE c.reserved - c.charged END
       <> coalesce((SELECT t.amount FROM transfer AS t WHERE t.charge_id = c.id AND t.kind = 'release'), 0)
OR     c.refunded <> coalesce((SELECT t.amount FROM transfer AS t WHERE t.charge_id = c.id AND t.kind = 'refund'), 0)
LIMIT  :most;

-- name: ledger_held
-- 5: what a user's account holds is what its charges hold.
SELECT 'held', 'user ' || a.user_id || ' holds ' || a.balance || ', its charges '
       || coalesce((SELECT sum(c.reserved) FROM charge AS c WHERE c.user_id = a.user_id AND c.state = 'held'), 0)
FROM   account AS a
WHERE  a.kind = 'held'
AND    a.balance <> coalesce((SELECT sum(c.reserved) FROM charge AS c WHERE c.user_id = a.user_id AND c.state = 'held'), 0)
LIMIT  :most;

-- name: ledger_tasks
-- 6: what is held is of the attempt that is open, or lingers with one that has ended.
SELECT 'task', 'charge ' || c.id || ' is held, its task ' || coalesce(t.video_id || ' is ' || t.state || ', attempt ' || t.attempt, 'is gone')
FROM   charge AS c
LEFT JOIN task AS t ON t.id = c.task_id
WHERE  c.state = 'held'
AND    (t.id IS NULL
        OR c.attempt <> t.attempt
        OR (t.state IN ('ready', 'sending', 'unsure', 'running')) = (c.linger_until IS NOT NULL))
LIMIT  :most;

-- name: ledger_open
-- 6: an open attempt whose charge has ended goes on for nothing: it has come back after its release.
SELECT 'task', 'task ' || t.video_id || ' is ' || t.state || ', its charge ' || c.id || ' is settled'
FROM   charge AS c
JOIN   task   AS t ON t.id = c.task_id AND t.attempt = c.attempt
WHERE  c.state = 'settled'
AND    t.state IN ('ready', 'sending', 'unsure', 'running')
LIMIT  :most;

-- name: ledger_spent
-- 8, 11: sums by day are what the charges say.
SELECT 'spend_day', whose || ' day ' || day || ': ' || sum(amount) || ' apart from its charges'
FROM   (SELECT 'user ' || user_id || ' key ' || api_key AS whose, day, amount
        FROM   spend_day
        UNION ALL
        SELECT 'user ' || user_id || ' key ' || api_key, day, CASE state WHEN 'held' THEN -reserved ELSE -charged END
        FROM   charge
        UNION ALL
        SELECT 'channel ' || channel, day, amount
        FROM   spend_channel
        UNION ALL
        SELECT 'channel ' || channel, day, CASE state WHEN 'held' THEN -reserved ELSE -charged END
        FROM   charge) AS each_row
GROUP BY whose, day
HAVING   sum(amount) <> 0
LIMIT    :most;

-- name: ledger_used
-- 11: the same of what has ended.
SELECT 'usage_day', 'user ' || user_id || ' day ' || day || ' model ' || model || ' is apart from its charges'
FROM   (SELECT user_id, day, model, api_key, channel, group_id, completed, failed, cancelled, seconds, charged, cost, unknown
        FROM   usage_day
        UNION ALL
        SELECT user_id, day, model, api_key, channel, group_id,
               CASE outcome WHEN 'completed' THEN -1 ELSE 0 END,
               CASE outcome WHEN 'failed'    THEN -1 ELSE 0 END,
               CASE outcome WHEN 'cancelled' THEN -1 ELSE 0 END,
               CASE outcome WHEN 'completed' THEN -seconds ELSE 0 END,
               -charged, -coalesce(cost, 0), CASE WHEN cost IS NULL THEN -1 ELSE 0 END
        FROM   charge
        WHERE  state <> 'held') AS each_row
GROUP BY user_id, day, model, api_key, channel, group_id
HAVING   sum(completed) <> 0 OR sum(failed) <> 0 OR sum(cancelled) <> 0 OR sum(seconds) <> 0 OR sum(charged) <> 0
OR       sum(cost) <> 0 OR sum(unknown) <> 0
LIMIT    :most;

-- name: ledger_tally
-- 11: the same of how charges have ended.
SELECT 'charge_tally', state || ' ' || reason || ': ' || sum(n) || ' charges and ' || sum(charged) || ' apart from its charges'
FROM   (SELECT state, reason, n, charged
        FROM   charge_tally
        UNION ALL
        SELECT state, reason, -count(*), -sum(charged)
        FROM   charge
        WHERE  state <> 'held'
        GROUP BY state, reason) AS each_row
GROUP BY state, reason
HAVING   sum(n) <> 0 OR sum(charged) <> 0
LIMIT    :most;

-- name: ledger_codes
-- 10: a code is used as often as users have redeemed it, and each of them was paid once.
SELECT 'code', 'code ' || c.id || ' was used ' || c.uses || ' times of ' || c.uses_max
FROM   code AS c
LEFT JOIN (SELECT code_id, count(*) AS n FROM redemption GROUP BY code_id) AS used ON used.code_id = c.id
LEFT JOIN (SELECT code_id, count(*) AS n FROM transfer WHERE code_id IS NOT NULL GROUP BY code_id) AS paid ON paid.code_id = c.id
WHERE  c.uses > c.uses_max
OR     c.uses <> coalesce(used.n, 0)
OR     CASE WHEN c.amount > 0 THEN c.uses ELSE 0 END <> coalesce(paid.n, 0)
LIMIT  :most;
