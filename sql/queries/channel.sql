-- name: channel_get
-- Reads the health of the channel `name`.
SELECT failures, cooldown_until, account_failures, account_until, account_probe, accepted_at, lost, poll_failures, poll_until,
       account_key, lost_task, EXISTS (SELECT 1 FROM channel_model AS m WHERE m.channel = :name), account_asked_until, account_failed_at
FROM   channel
WHERE  name = :name;

-- name: channel_set
-- Replaces the health of a channel.
INSERT INTO channel (name, failures, cooldown_until, account_failures, account_until, account_probe, accepted_at, lost,
                     poll_failures, poll_until, account_key, lost_task, account_asked_until, account_failed_at)
VALUES              (:name, :failures, :cooldown_until, :account_failures, :account_until, :account_probe, :accepted_at, :lost,
                     :poll_failures, :poll_until, :account_key, :lost_task, :account_asked_until, :account_failed_at)
ON CONFLICT (name) DO UPDATE SET failures         = excluded.failures,
                          cooldown_until   = excluded.cooldown_until,
                          account_failures = excluded.account_failures,
                          account_until    = excluded.account_until,
                          account_probe    = excluded.account_probe,
                          accepted_at      = excluded.accepted_at,
                          lost             = excluded.lost,
                          lost_task        = excluded.lost_task,
                          poll_failures    = excluded.poll_failures,
                          poll_until       = excluded.poll_until,
                          account_key      = excluded.account_key,
                          account_asked_until = excluded.account_asked_until,
                          account_failed_at   = excluded.account_failed_at;

-- name: channel_know
-- Makes sure that the channel `name` has a row, for tasks to refer to.
INSERT INTO channel (name)
VALUES              (:name)
ON CONFLICT DO NOTHING;

-- name: channel_strays
-- Lists the channels that open tasks name, or those that are looked at, and that have no row. Each step of the four walks finds the next
-- name of an index.
WITH RECURSIVE
     way (name) AS
         (SELECT ''
          UNION ALL
          SELECT (SELECT min(t.channel)
                  FROM   task AS t
                  -- sqlite: INDEXED BY task_under_way
                  WHERE  t.channel > way.name
                  AND    (state = 'sending' OR state = 'unsure' OR state = 'running'))
          FROM   way
          WHERE  name IS NOT NULL),
     due (name) AS
         (SELECT ''
          UNION ALL
          SELECT (SELECT min(t.channel)
                  FROM   task AS t
                  -- sqlite: INDEXED BY task_due
                  WHERE  t.channel > due.name
                  AND    due_at > 0
                  AND    state <> 'ready'
                  AND    state <> 'running'
                  AND    state <> 'failed')
          FROM   due
          WHERE  name IS NOT NULL),
     late (name) AS
         (SELECT ''
          UNION ALL
          SELECT (SELECT min(t.channel)
                  FROM   task AS t
                  -- sqlite: INDEXED BY task_late
                  WHERE  t.channel > late.name
                  AND    due_at > 0
                  AND    state = 'failed')
          FROM   late
          WHERE  name IS NOT NULL),
     ready (name) AS
         (SELECT ''
          UNION ALL
          SELECT (SELECT min(t.channel)
                  FROM   task AS t
                  -- sqlite: INDEXED BY task_ready
                  WHERE  t.channel > ready.name
                  AND    due_at > 0
                  AND    state = 'ready')
          FROM   ready
          WHERE  name IS NOT NULL)
SELECT name
FROM   (SELECT name FROM way UNION SELECT name FROM due UNION SELECT name FROM late UNION SELECT name FROM ready) AS named
WHERE  name <> ''
AND    name NOT IN (SELECT c.name FROM channel AS c);

-- name: channel_available
-- Lists the channels that are not in cooldown at `now`, with their limits.
SELECT name, concurrency, rate
FROM   channel
WHERE  cooldown_until <= :now
AND    account_until <= :now;

-- name: channel_hurry
-- Ends all cooldowns at `now`.
UPDATE channel
SET    cooldown_until = CASE WHEN cooldown_until > :now THEN :now ELSE cooldown_until END,
       account_until  = CASE WHEN account_until > :now THEN :now ELSE account_until END,
       account_asked_until = 0,
       poll_until     = CASE WHEN poll_until > :now THEN :now ELSE poll_until END
WHERE  cooldown_until > :now
OR     account_until > :now
OR     poll_until > :now;

-- name: channel_generation
-- Reads the number of changes of the channels so far.
SELECT channels
FROM   head;

-- name: channel_changed
-- Counts a change of the channels.
UPDATE head
SET    channels = channels + 1;

-- name: channel_all
-- Lists all rows, by name.
SELECT   name, base, dialect, models, priority, weight, concurrency, rate, idempotency, private, enabled, webhook, extra_allow
FROM     channel
ORDER BY name;

-- name: channel_keys
-- Lists the sources of a channel's keys, the latest first.
SELECT   source
FROM     channel_key
WHERE    channel = :name
ORDER BY n DESC;

-- name: channel_put
-- Adds a channel of the operator, or replaces its settings.
INSERT INTO channel (name, base, dialect, models, priority, weight, concurrency, rate, idempotency, private, enabled, webhook, extra_allow)
VALUES              (:name, :base, :dialect, :models, :priority, :weight, :concurrency, :rate, :idempotency, :private, :enabled, :webhook,
                     coalesce(:extra_allow, ''))
ON CONFLICT (name) DO UPDATE SET base        = excluded.base,
                          dialect     = excluded.dialect,
                          models      = excluded.models,
                          priority    = excluded.priority,
                          weight      = excluded.weight,
                          concurrency = excluded.concurrency,
                          rate        = excluded.rate,
                          idempotency = excluded.idempotency,
                          private     = excluded.private,
                          enabled     = excluded.enabled,
                          webhook     = excluded.webhook,
                          extra_allow = excluded.extra_allow;

-- name: channel_key_add
-- Makes `source` the key for new work.
INSERT INTO channel_key (channel, n, source)
VALUES                  (:name, (SELECT coalesce(max(n), 0) + 1 FROM channel_key WHERE channel = :name), :source);

-- name: channel_key_drop
-- Removes a key of the channel; source NULL = all of them.
DELETE FROM channel_key
WHERE  channel = :name
AND    coalesce(:source, source) = source;

-- name: channel_load
-- Counts the channel's jobs under way.
SELECT count(*)
FROM   task
-- sqlite: INDEXED BY task_under_way
WHERE  channel = :name
AND    (state = 'sending' OR state = 'unsure' OR state = 'running');

-- name: channel_settings
-- Reads the settings of a channel that say whether it takes work.
SELECT CASE WHEN base IS NULL AND name <> 'default' THEN 0 ELSE enabled END, concurrency, rate
FROM   channel
WHERE  name = :name;

-- name: channel_waiting
-- Counts the channel's tasks that wait to be sent, up to `most`.
SELECT count(*)
FROM   (SELECT 1
        FROM   task
        -- sqlite: INDEXED BY task_ready
        WHERE  channel = :name
        AND    due_at > 0
        AND    state = 'ready'
        LIMIT  :most) AS ready;

-- name: channel_due
-- Finds of the channel's first model, or of the next after `model`, the task that waits to be sent, was not turned away by itself, and has
-- the first due_at. Reads that, the model, until when it cools down at `now`, 0 where it does not, for whom alone, 0 = for all, and the user.
-- options: after
SELECT    w.due_at, coalesce(w.model, ''), coalesce(m.until, 0), coalesce(m.user_id, 0), w.user_id
FROM      task          AS w
-- sqlite: INDEXED BY task_ready_fresh
LEFT JOIN channel_model AS m ON m.channel = :name AND m.model = coalesce(w.model, '') AND m.until > :now
WHERE     w.channel = :name
-- after: AND       coalesce(w.model, '') > :model
AND       w.due_at > 0
AND       w.state = 'ready'
AND       NOT (w.polls > 0 AND w.due_at > w.created_at)
ORDER BY  coalesce(w.model, ''), w.due_at
LIMIT     1;

-- name: channel_due_beside
-- Finds that such a task of the model is due at `now` of another user than user_id, for whom alone the model cools down; among the first
-- hundred.
SELECT 1
FROM   (SELECT   user_id
        FROM     task
        -- sqlite: INDEXED BY task_ready_fresh
        WHERE    channel = :name
        AND      coalesce(model, '') = :model
        AND      due_at > 0
        AND      due_at <= :now
        AND      state = 'ready'
        AND      NOT (polls > 0 AND due_at > created_at)
        ORDER BY due_at
        LIMIT    100) AS first
WHERE  user_id <> :user_id
LIMIT  1;

-- name: channel_sent
-- Counts the submissions to the channel after `since` and up to `until`: later ones are from before the clock was set back.
SELECT count(*)
FROM   channel_sent
WHERE  channel = :name
AND    at > :since
AND    at <= :until;

-- name: channel_note
-- Notes a submission of the task `id` at `now`.
INSERT INTO channel_sent (channel, at, task_id)
VALUES                   (:name, :now, :id)
ON CONFLICT DO NOTHING;

-- name: channel_forget
-- Forgets the submissions up to `since`, and those of the future, from before the clock was set back.
DELETE FROM channel_sent
WHERE  channel = :name
AND    (at <= :since OR at > :now);

-- name: channel_backlog
-- Lists tasks of a channel that may go to another: ready, under no lease, made from no video; the longest due first, those after
-- (due_at, id), at most `most`.
SELECT
-- use: task_row
FROM     task
-- sqlite: INDEXED BY task_ready
WHERE    channel = :name
AND      due_at > 0
AND      (due_at, id) > (:due_at, :id)
AND      state = 'ready'
AND      owner IS NULL
AND      source_external_id IS NULL
ORDER BY due_at, id
LIMIT    :most;

-- name: channel_head
-- Finds the first of them of user_id. model: that of its first model; after: that of the next after `model`.
-- options: model after
SELECT
-- use: task_row
FROM     task
-- sqlite !model: INDEXED BY task_ready_user
-- sqlite model:  INDEXED BY task_ready_model
WHERE    channel = :name
AND      user_id = :user_id
-- after: AND      coalesce(model, '') > :model
AND      due_at > 0
AND      state = 'ready'
AND      owner IS NULL
AND      source_external_id IS NULL
-- !model: ORDER BY due_at, id
-- model:  ORDER BY coalesce(model, ''), due_at, id
LIMIT    1;

-- name: channel_reassign
-- Gives a task that has not been sent to another channel. id, attempt, owner: as the row must be.
UPDATE task
SET    channel = :name
WHERE  id = :id
AND    attempt = :attempt
-- sqlite: AND    owner IS :owner
AND    state = 'ready'
AND    source_external_id IS NULL;

-- name: channel_lack_note
-- Notes that the channel does not have the model.
INSERT INTO channel_lack (channel, model, until)
VALUES                   (:name, :model, :until)
ON CONFLICT (channel, model) DO UPDATE SET until = excluded.until;

-- name: channel_lack_forget
-- Forgets what is over at `now`, and what the channel `name` lacks (NULL = of none).
DELETE FROM channel_lack
WHERE  until <= :now
OR     channel = :name;

-- name: channel_lack_known
-- Finds that the channel does not have the model, as noted at most until `latest`: a later time is from before the clock was set back.
SELECT 1
FROM   channel_lack
WHERE  channel = :name
AND    model = :model
AND    until > :now
AND    until <= :latest;
