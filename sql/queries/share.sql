-- The shares of the open tasks, and the pollers that hold them.

-- name: share_list
-- Lists the shares, each with its holder, and until when its tasks were looked at.
SELECT   n, owner, looked_until
FROM     share
ORDER BY n;

-- name: share_set
-- Gives a share to `owner`; NULL = to none. Its tasks were looked at as far as they were due at looked_until.
UPDATE share
SET    owner        = :owner,
       looked_until = :looked_until
WHERE  n = :n;

-- name: share_free
-- Frees the shares whose holders are no pollers any more.
UPDATE share
SET    owner = NULL
WHERE  owner IS NOT NULL
AND    owner NOT IN (SELECT owner FROM poller);

-- name: share_idle
-- Finds a share that has no holder, or whose holder's lease has run out at `now`, or a poller's that has.
SELECT 1
FROM   share
WHERE  owner IS NULL
OR     owner NOT IN (SELECT owner FROM poller WHERE until > :now)
LIMIT  1;

-- name: share_lag
-- Reads until when the open tasks of shares were looked at whose holders' leases have run out at `now`; NULL = there are none.
SELECT min(s.looked_until)
FROM   share AS s
WHERE  s.looked_until > 0
AND    (s.owner IS NULL OR s.owner NOT IN (SELECT owner FROM poller WHERE until > :now))
AND    EXISTS (SELECT 1
               FROM   task
               -- sqlite: INDEXED BY task_under_way
               WHERE  channel IN (SELECT name FROM channel)
               AND    (state = 'sending' OR state = 'unsure' OR state = 'running')
               AND    state = 'running');

-- name: share_hurry
-- After the clock was set back: no share was looked at later than at `now`.
UPDATE share
SET    looked_until = :now
WHERE  looked_until > :now;

-- name: share_shift
-- Moves the times of looks with the clock.
UPDATE share
-- sqlite: SET    looked_until = max(1, looked_until + :step)
WHERE  looked_until > 0;

-- name: share_poller_put
-- Notes a poller: it holds its shares until `until`. stays: 1 = it takes its part of all shares, 0 = what is free.
INSERT INTO poller (owner, until, stays)
VALUES             (:owner, :until, :stays)
ON CONFLICT (owner) DO UPDATE SET until = excluded.until;

-- name: share_poller_known
-- Finds the poller.
SELECT 1
FROM   poller
WHERE  owner = :owner;

-- name: share_poller_remove
-- Removes a poller that ends.
DELETE FROM poller
WHERE  owner = :owner;

-- name: share_poller_purge
-- Removes the pollers whose leases have run out at `now`.
DELETE FROM poller
WHERE  until <= :now;

-- name: share_poller_count
-- Counts the pollers that stay, `owner` always among them.
SELECT count(*)
FROM   poller
WHERE  stays = 1
OR     owner = :owner;

-- name: share_poller_hurry
-- After the clock was set back: no lease lasts beyond `lease`.
UPDATE poller
SET    until = :lease
WHERE  until > :lease;

-- name: share_poller_shift
-- Moves the ends of leases with the clock.
UPDATE poller
SET    until = until + :step
WHERE  until > 0;

-- part: share_polled
-- The columns of a task that its polls need, in the order of lib/store/row.c: a poller that begins reads them of each open task.
       id, video_id, external_id, channel, state, progress, model, size, seconds, options, input_file,
       input_type, attempt, created_at, deadline_at, rev, due_at, owner, polls, misses, deleted, key_id, images,
       job, upstream_model, upstream_size, upstream_seconds, expires_at, accepted_at

-- name: share_running
-- Lists the running tasks of the shares whose bits are set in `shares`.
SELECT
-- use: share_polled
FROM   task
-- sqlite: INDEXED BY task_under_way
WHERE  channel IN (SELECT name FROM channel)
AND    (state = 'sending' OR state = 'unsure' OR state = 'running')
AND    state = 'running'
AND    (:shares >> (id & 63)) & 1 = 1;

-- name: share_late
-- Lists the tasks of those shares that have timed out and are still looked at.
SELECT
-- use: share_polled
FROM   task
-- sqlite: INDEXED BY task_late
WHERE  channel IN (SELECT name FROM channel)
AND    due_at > 0
AND    state = 'failed'
AND    (:shares >> (id & 63)) & 1 = 1;

-- name: share_task
-- Loads a task.
SELECT
-- use: task_row
FROM   task
WHERE  id = :id;

-- name: share_changes
-- Lists the tasks that changed after `rev`, in order of change, and whether each is polled: at most `most`.
SELECT   id, rev, CASE WHEN state = 'running' OR (state = 'failed' AND due_at > 0) THEN 1 ELSE 0 END
FROM     task
-- sqlite: INDEXED BY task_rev
WHERE    rev > :rev
ORDER BY rev
LIMIT    :most;

-- name: share_asked
-- Lists the tasks that are to be looked at at once, with their due times, after the row `after`: at most `most`.
SELECT   id, due_at
FROM     task
-- sqlite: INDEXED BY task_asked
WHERE    due_at > 0
AND      due_at <= 100
AND      id > :after
ORDER BY id
LIMIT    :most;

-- name: share_due
-- Reads when a task is due.
SELECT due_at
FROM   task
WHERE  id = :id;
