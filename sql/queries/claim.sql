-- name: claim_channels
-- Lists the channels that tasks name.
SELECT name
FROM   channel;

-- name: claim_sent
-- Lists tasks of one channel that are due at `now`, the longest due first; at most `most`: none that are ready, nor those that are polled
-- (share.sql).
SELECT   id, due_at
FROM     task
-- sqlite: INDEXED BY task_due
WHERE    channel = :channel
AND      due_at > 0
AND      due_at <= :now
AND      state <> 'ready'
AND      state <> 'running'
AND      state <> 'failed'
ORDER BY due_at, id
LIMIT    :most;

-- name: claim_expired
-- Lists ready tasks that have passed their deadline, the longest first; at most `most`.
SELECT   id, due_at
FROM     task
-- sqlite: INDEXED BY task_ready_deadline
WHERE    due_at > 0
AND      due_at <= :now
AND      state = 'ready'
AND      deadline_at <= :now
ORDER BY deadline_at
LIMIT    :most;

-- name: claim_load
-- Loads a task as it is before the claim.
SELECT
-- use: task_row
FROM   task
WHERE  id = :id;

-- name: claim_take
-- Takes the task's lease: owner holds it until due_at.
UPDATE task
SET    owner  = :owner,
       due_at = :due_at
WHERE  id = :id;

-- name: claim_next_sent
-- Reads when the next of those is due; NULL = none is.
SELECT min((SELECT   t.due_at
            FROM     task AS t
            -- sqlite: INDEXED BY task_due
            WHERE    t.channel = c.name
            AND      t.due_at > 0
            AND      t.state <> 'ready'
            AND      t.state <> 'running'
            AND      t.state <> 'failed'
            ORDER BY t.due_at
            LIMIT    1))
FROM   channel AS c;

-- name: claim_next_ready
-- Lists for each channel its limits, the end of its cooldown, and when its first ready task is due, or is to be looked at where all that
-- wait are out of its line, for a time or for a model; NULL = it has none.
SELECT c.name, c.concurrency, c.rate,
       CASE WHEN c.account_until > c.cooldown_until THEN c.account_until ELSE c.cooldown_until END,
       CASE WHEN EXISTS (SELECT 1
                         FROM   turn AS l
                         -- sqlite: INDEXED BY turn_place
                         WHERE  l.channel = c.name
                         AND    l.due_at = 0)
            THEN (SELECT   t.due_at
                  FROM     task AS t
                  -- sqlite: INDEXED BY task_ready
                  WHERE    t.channel = c.name
                  AND      t.due_at > 0
                  AND      t.state = 'ready'
                  ORDER BY t.due_at
                  LIMIT    1)
            ELSE (SELECT   l.due_at
                  FROM     turn AS l
                  -- sqlite: INDEXED BY turn_due
                  WHERE    l.channel = c.name
                  AND      l.due_at > 0
                  ORDER BY l.due_at
                  LIMIT    1)
       END,
       (SELECT min(CASE WHEN m.user_id <> 0 AND EXISTS (SELECT 1
                                                        FROM   turn_model AS o
                                                        WHERE  o.channel = c.name
                                                        AND    o.model = m.model
                                                        AND    o.user_id <> m.user_id)
                        THEN 0 ELSE m.until END)
        FROM   channel_model AS m
        WHERE  m.channel = c.name
        AND    EXISTS (SELECT 1
                       FROM   turn_model AS r
                       WHERE  r.channel = c.name
                       AND    r.model = m.model))
FROM   channel AS c;

-- name: claim_hurry_sent
-- Makes tasks that are neither ready nor polled due at `now` at the latest; those under a lease at `lease` at the latest.
UPDATE task
-- sqlite: INDEXED BY task_due
-- sqlite: SET    due_at = CASE WHEN owner IS NULL THEN :now ELSE min(due_at, :lease) END
WHERE  channel IN (SELECT name FROM channel)
AND    due_at > :now
AND    due_at > 0
AND    state <> 'ready'
AND    state <> 'running'
AND    state <> 'failed';

-- name: claim_hurry_running
-- The same for running tasks.
UPDATE task
-- sqlite: INDEXED BY task_under_way
SET    due_at = :now
WHERE  channel IN (SELECT name FROM channel)
AND    (state = 'sending' OR state = 'unsure' OR state = 'running')
AND    state = 'running'
AND    due_at > :now;

-- name: claim_hurry_late
-- The same for those that have timed out and are still looked at.
UPDATE task
-- sqlite: INDEXED BY task_late
SET    due_at = :now
WHERE  channel IN (SELECT name FROM channel)
AND    due_at > :now
AND    due_at > 0
AND    state = 'failed';

-- name: claim_hurry_ready
-- The same for ready tasks; from then on they go in order of their ids.
UPDATE task
-- sqlite: INDEXED BY task_ready
SET    due_at = :now
WHERE  channel IN (SELECT name FROM channel)
AND    due_at > :now
AND    due_at > 0
AND    state = 'ready';
