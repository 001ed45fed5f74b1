-- name: stats_ended
-- How the tasks of user_id ended that did so from `since` on and before `until`, the latest first, and how long each took; at most `most`.
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

-- name: stats_tally
-- How many tasks there are of each status, of all users.
SELECT   status, sum(n)
FROM     tally
GROUP BY status;

-- name: stats_channels
-- How the channels are doing; not those that were removed.
SELECT   name, failures, cooldown_until
FROM     channel
WHERE    base IS NOT NULL
OR       name = 'default'
ORDER BY name;
