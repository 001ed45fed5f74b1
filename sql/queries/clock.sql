-- name: clock_get
-- Reads the clock's offset noted since the machine's start `boot`.
SELECT clock_offset
FROM   head
WHERE  clock_boot = :boot;

-- name: clock_set
-- Notes the clock's offset.
UPDATE head
SET    clock_boot   = :boot,
       clock_offset = :offset;

-- name: clock_deadline
-- Reads the deadline of a task.
SELECT deadline_at
FROM   task
WHERE  id = :id;

-- name: clock_shift_sent
-- Moves by `step` ms the deadlines of tasks that are neither ready nor polled, and still due.
UPDATE task
-- sqlite: INDEXED BY task_due
SET    deadline_at = deadline_at + :step
WHERE  channel IN (SELECT name FROM channel)
AND    due_at > 0
AND    state <> 'ready'
AND    state <> 'running'
AND    state <> 'failed';

-- name: clock_shift_running
-- The same for running tasks.
UPDATE task
-- sqlite: INDEXED BY task_under_way
SET    deadline_at = deadline_at + :step
WHERE  channel IN (SELECT name FROM channel)
AND    (state = 'sending' OR state = 'unsure' OR state = 'running')
AND    state = 'running';

-- name: clock_shift_late
-- The same for those that have timed out and are still looked at.
UPDATE task
-- sqlite: INDEXED BY task_late
SET    deadline_at = deadline_at + :step
WHERE  channel IN (SELECT name FROM channel)
AND    due_at > 0
AND    state = 'failed';

-- name: clock_shift_ready
-- The same for ready tasks, with the times when they are due: what was asked for is waited for, and their order stays.
UPDATE task
-- sqlite: INDEXED BY task_ready
-- sqlite: SET    deadline_at = deadline_at + :step, due_at = max(1, due_at + :step)
WHERE  channel IN (SELECT name FROM channel)
AND    due_at > 0
AND    state = 'ready';

-- name: clock_shift_tokens
-- Moves the ends of logins; those of keys are dates that users have chosen.
UPDATE token
-- sqlite: INDEXED BY token_expires
SET    expires_at = expires_at + :step
WHERE  expires_at > 0
AND    key_id IS NULL;

-- name: clock_shift_archive
-- Moves the times since which videos are kept; their order stays.
UPDATE archive
-- sqlite: INDEXED BY archive_kept
SET    kept_at = kept_at + :step
WHERE  state = 'kept'
AND    kept_at > 0;

-- name: clock_shift_webhooks
-- Moves the times since which endpoints fail, and until which old secrets are good.
UPDATE webhook
-- sqlite: SET    failing_since = CASE failing_since WHEN 0 THEN 0 ELSE max(1, failing_since + :step) END,
       -- sqlite: old_until     = CASE old_until     WHEN 0 THEN 0 ELSE max(1, old_until     + :step) END
WHERE  id > 0
AND    failing_since + old_until > 0;

-- name: clock_shift_channels
-- Moves what is known of channels: the ends of their cooldowns, and when they last took a task.
UPDATE channel
-- sqlite: SET    cooldown_until = CASE cooldown_until WHEN 0 THEN 0 ELSE max(1, cooldown_until + :step) END,
       -- sqlite: account_until  = CASE account_until  WHEN 0 THEN 0 ELSE max(1, account_until  + :step) END,
       -- sqlite: account_asked_until = CASE account_asked_until WHEN 0 THEN 0 ELSE max(1, account_asked_until + :step) END,
       -- sqlite: account_failed_at   = CASE account_failed_at   WHEN 0 THEN 0 ELSE max(1, account_failed_at   + :step) END,
       -- sqlite: poll_until     = CASE poll_until     WHEN 0 THEN 0 ELSE max(1, poll_until     + :step) END,
       -- sqlite: accepted_at    = CASE accepted_at    WHEN 0 THEN 0 ELSE max(1, accepted_at    + :step) END
WHERE  cooldown_until + account_until + account_failed_at + poll_until + accepted_at > 0;

-- name: clock_shift_models
-- The same of their models.
UPDATE channel_model
-- sqlite: SET    until       = CASE until       WHEN 0 THEN 0 ELSE max(1, until       + :step) END,
       -- sqlite: asked_until = CASE asked_until WHEN 0 THEN 0 ELSE max(1, asked_until + :step) END,
       -- sqlite: accepted_at = CASE accepted_at WHEN 0 THEN 0 ELSE max(1, accepted_at + :step) END,
       -- sqlite: failed_at   = CASE failed_at   WHEN 0 THEN 0 ELSE max(1, failed_at   + :step) END
WHERE  failed_at > 0;

-- name: clock_shift_lacks
-- The same of the models that they lack.
UPDATE channel_lack
SET    until = until + :step
WHERE  until > 0;

-- name: clock_shift_places
-- Moves the times of the last sign-in from each place.
UPDATE place
-- sqlite: INDEXED BY place_seen
SET    seen_at = seen_at + :step
WHERE  seen_at > 0;

-- name: clock_shift_charges
-- Moves the ends of what lingers.
UPDATE charge
-- sqlite: INDEXED BY charge_linger
SET    linger_until = linger_until + :step
WHERE  linger_until IS NOT NULL;

-- name: clock_shift_deliveries
-- Moves the creation times of ended deliveries, by which they are purged.
UPDATE delivery
-- sqlite: INDEXED BY delivery_created
SET    created_at = created_at + :step
WHERE  due_at = 0
AND    created_at > 0;
