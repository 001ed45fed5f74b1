-- name: channel_get
-- The health of the channel `name`.
SELECT failures, cooldown_until
FROM   channel
WHERE  name = :name;

-- name: channel_set
-- Replaces it.
INSERT INTO channel (name, failures, cooldown_until)
VALUES              (:name, :failures, :cooldown_until)
ON CONFLICT (name) DO UPDATE SET failures       = excluded.failures,
                          cooldown_until = excluded.cooldown_until;

-- name: channel_know
-- Makes sure that the channel `name` has a row, for tasks to refer to.
INSERT INTO channel (name)
VALUES              (:name)
ON CONFLICT DO NOTHING;

-- name: channel_available
-- The channels that do not rest at `now`, with their limits.
SELECT name, concurrency, rate
FROM   channel
WHERE  cooldown_until <= :now;

-- name: channel_hurry
-- No channel rests any more at `now`.
UPDATE channel
SET    cooldown_until = :now
WHERE  cooldown_until > :now;

-- name: channel_generation
-- How often the channels have changed.
SELECT channels
FROM   head;

-- name: channel_changed
-- They have changed.
UPDATE head
SET    channels = channels + 1;

-- name: channel_all
-- All rows, by name.
SELECT   name, base, dialect, models, priority, weight, concurrency, rate, idempotency, private, enabled, webhook
FROM     channel
ORDER BY name;

-- name: channel_keys
-- Where the keys of a channel are, the latest first.
SELECT   source
FROM     channel_key
WHERE    channel = :name
ORDER BY n DESC;

-- name: channel_put
-- Adds a channel of the operator's, or replaces what is said of it.
INSERT INTO channel (name, base, dialect, models, priority, weight, concurrency, rate, idempotency, private, enabled, webhook)
VALUES              (:name, :base, :dialect, :models, :priority, :weight, :concurrency, :rate, :idempotency, :private, :enabled, :webhook)
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
                          webhook     = excluded.webhook;

-- name: channel_key_add
-- Makes this the key for new work.
INSERT INTO channel_key (channel, n, source)
VALUES                  (:name, (SELECT coalesce(max(n), 0) + 1 FROM channel_key WHERE channel = :name), :source);

-- name: channel_key_drop
-- Forgets where a key is; all of the channel's with source NULL.
DELETE FROM channel_key
WHERE  channel = :name
AND    coalesce(:source, source) = source;

-- name: channel_load
-- How many jobs of the channel are under way.
SELECT count(*)
FROM   task
-- sqlite: INDEXED BY task_under_way
WHERE  channel = :name
AND    state IN ('sending', 'unsure', 'running');

-- name: channel_waiting
-- How many of its tasks wait to be sent; counts no further than `most`.
SELECT count(*)
FROM   (SELECT 1
        FROM   task
        -- sqlite: INDEXED BY task_ready
        WHERE  channel = :name
        AND    due_at > 0
        AND    state = 'ready'
        LIMIT  :most) AS ready;

-- name: channel_sent
-- How many submissions were made to it after `since`; not those after `until`: the clock was set back.
SELECT count(*)
FROM   channel_sent
WHERE  channel = :name
AND    at > :since
AND    at <= :until;

-- name: channel_note
-- Notes a submission of the task `id`.
INSERT INTO channel_sent (channel, at, task_id)
VALUES                   (:name, :now, :id)
ON CONFLICT DO NOTHING;

-- name: channel_forget
-- Forgets the submissions up to `since`, and those of a time that has not come: the clock was set back.
DELETE FROM channel_sent
WHERE  channel = :name
AND    (at <= :since OR at > :now);

-- name: channel_backlog
-- Tasks of a channel that may go to another: ready, not held by anybody, made from no video; the longest due first, those behind
-- the place (due_at, id), at most `most`.
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

-- name: channel_reassign
-- Gives a task that has not been sent to another channel. id, attempt, owner: as the row must be.
UPDATE task
SET    channel = :name
WHERE  id = :id
AND    attempt = :attempt
-- sqlite: AND    owner IS :owner
AND    state = 'ready'
AND    source_external_id IS NULL;
