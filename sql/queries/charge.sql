-- Charges, and the sums by day that follow from them.

-- part: charge_row
-- All columns of a charge, in the order of lib/store/charge.c.
       id, task_id, attempt, user_id, api_key, group_id, model, channel, job, size, seconds, tariff_id, multiplier_ppm, cancel,
       late_hold, reserved, charged, refunded, cost, cost_from, state, reason, outcome, linger_until, linger_to, day, created_at,
       ended_at

-- name: charge_add
-- Adds a charge, which is held.
INSERT INTO charge (task_id, attempt, user_id, api_key, group_id, model, channel, job, size, seconds, tariff_id, multiplier_ppm,
                    cancel, late_hold, reserved, day, sunday, created_at)
VALUES             (:task_id, :attempt, :user_id, :api_key, :group_id, :model, :channel, :job, :size, :seconds, :tariff_id,
                    :multiplier_ppm, :cancel, :late_hold, :reserved, :day, :sunday, :created_at);

-- name: charge_task
-- Notes that a task has charges.
UPDATE task
SET    priced = 1
WHERE  id = :task_id
AND    priced = 0;

-- name: charge_get
-- Finds the charge of an attempt.
SELECT
-- use: charge_row
FROM   charge
WHERE  task_id = :task_id
AND    attempt = :attempt;

-- name: charge_by_id
-- Finds a charge.
SELECT
-- use: charge_row
FROM   charge
WHERE  id = :id;

-- name: charge_lapsed
-- Finds charges whose time is over, the longest ago first.
SELECT
-- use: charge_row
FROM     charge
WHERE    linger_until <= :now
AND      linger_until IS NOT NULL
ORDER BY linger_until
LIMIT    :most;

-- name: charge_end
-- Ends a charge that is held.
UPDATE charge
SET    state        = :state,
       charged      = :charged,
       cost         = :cost,
       cost_from    = :cost_from,
       reason       = :reason,
       outcome      = :outcome,
       linger_until = NULL,
       linger_to    = NULL,
       ended_at     = :now
WHERE  id = :id
AND    state = 'held';

-- name: charge_waive
-- Notes that the video of a charge that was released has come after all.
UPDATE charge
SET    reason    = 'waived',
       outcome   = 'completed',
       cost      = :cost,
       cost_from = :cost_from
WHERE  id = :id
AND    state = 'released';

-- name: charge_linger
-- Has a charge that is held linger; NULL = no longer.
UPDATE charge
SET    linger_until = :until,
       linger_to    = :to
WHERE  id = :id
AND    state = 'held';

-- name: charge_refund
-- Notes what was refunded of a charge that is settled, once.
UPDATE charge
SET    refunded = :amount
WHERE  id = :id
AND    state = 'settled'
AND    refunded = 0
AND    charged >= :amount;

-- name: charge_channel
-- Notes that the attempt has another channel.
UPDATE charge
SET    channel = :channel
WHERE  id = :id
AND    state = 'held';

-- name: charge_spend
-- Adds to what is held and settled of a user and a key, by the day that the charge counts for; less than 0 = what is given back.
UPDATE spend_day
SET    amount = amount + :amount
WHERE  user_id = :user_id
AND    day = :day
AND    api_key = :api_key;

-- name: charge_spend_first
-- The same where it is the first of the day.
INSERT INTO spend_day (user_id, day, api_key, amount)
VALUES                (:user_id, :day, :api_key, :amount);

-- name: charge_spend_channel
-- The same of a channel.
UPDATE spend_channel
SET    amount = amount + :amount
WHERE  channel = :channel
AND    day = :day;

-- name: charge_spend_channel_first
-- The same where it is the first of the day.
INSERT INTO spend_channel (channel, day, amount)
VALUES                    (:channel, :day, :amount);

-- name: charge_count
-- Counts a charge that has ended; :by is -1 where it counts as another from now on.
INSERT INTO usage_day (user_id, day, model, api_key, channel, group_id, completed, failed, cancelled, seconds, charged, cost, unknown)
SELECT user_id, day, model, api_key, channel, group_id,
       CASE outcome WHEN 'completed' THEN :by ELSE 0 END,
       CASE outcome WHEN 'failed'    THEN :by ELSE 0 END,
       CASE outcome WHEN 'cancelled' THEN :by ELSE 0 END,
       CASE outcome WHEN 'completed' THEN seconds * :by ELSE 0 END,
       charged * :by,
       coalesce(cost, 0) * :by,
       CASE WHEN cost IS NULL THEN :by ELSE 0 END
FROM   charge
WHERE  id = :id
ON CONFLICT (user_id, day, model, api_key, channel, group_id) DO UPDATE
SET    completed = usage_day.completed + excluded.completed,
       failed    = usage_day.failed    + excluded.failed,
       cancelled = usage_day.cancelled + excluded.cancelled,
       seconds   = usage_day.seconds   + excluded.seconds,
       charged   = usage_day.charged   + excluded.charged,
       cost      = usage_day.cost      + excluded.cost,
       unknown   = usage_day.unknown   + excluded.unknown;

-- name: charge_tally
-- Counts a charge by how it has ended; :n is -1 where it counts as another from now on.
UPDATE charge_tally
SET    n       = n + :n,
       charged = charged + :charged
WHERE  state = :state
AND    reason = :reason;

-- name: charge_tally_first
-- The same where it is the first of its kind.
INSERT INTO charge_tally (state, reason, n, charged)
VALUES                   (:state, :reason, :n, :charged);

-- name: charge_kinds
-- Counts the charges by state and reason: those that are held by whether their attempt is open.
SELECT 'held', 'open', (SELECT count(*) FROM charge WHERE state = 'held') - (SELECT count(*) FROM charge WHERE linger_until IS NOT NULL)
UNION ALL
SELECT 'held', 'lingers', (SELECT count(*) FROM charge WHERE linger_until IS NOT NULL)
UNION ALL
SELECT state, reason, n FROM charge_tally;
