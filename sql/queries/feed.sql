-- name: feed_since
-- Lists the tasks of user_id that changed after `rev`, in order of change; at most `most`.
SELECT
-- use: task_shown
FROM     task
-- sqlite: INDEXED BY task_user_rev
WHERE    user_id = :user_id
AND      rev > :rev
ORDER BY rev
LIMIT    :most;

-- name: feed_changes
-- Lists the users with changes after `rev`, each with the latest.
SELECT   user_id, max(rev)
FROM     task
-- sqlite: INDEXED BY task_rev
WHERE    rev > :rev
GROUP BY user_id;
