-- name: stats_ended
-- Lists the state and the duration of the tasks of user_id that ended from `since` on and before `until`, the latest first; at most `most`.
SELECT   state, completed_at - created_at
FROM     task
-- sqlite: INDEXED BY task_ended
WHERE    user_id = :user_id
AND      completed_at >= :since
AND      completed_at < :until
AND      completed_at > 0
AND      deleted = 0
ORDER BY completed_at DESC
LIMIT    :most;

-- name: stats_made
-- Lists how long the latest videos of `model` (NULL = the upstream's own choice) took upstream; at most `most`.
SELECT   completed_at - accepted_at
FROM     task
-- sqlite: INDEXED BY task_made
-- sqlite: WHERE    model IS :model
AND      state = 'completed'
AND      accepted_at > 0
ORDER BY completed_at DESC
LIMIT    :most;

-- name: stats_tally
-- Counts the tasks of all users by status.
SELECT   status, sum(n)
FROM     tally
GROUP BY status;

-- name: stats_channels
-- Lists the health of the channels, removed ones aside.
SELECT   name, failures, cooldown_until, account_failures, account_until, poll_until
FROM     channel
WHERE    base IS NOT NULL
OR       name = 'default'
ORDER BY name;
