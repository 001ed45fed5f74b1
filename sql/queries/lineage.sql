-- name: lineage_tree
-- Lists the task `id` with its ancestors up to the root and all remixes below it, in order of creation; at most `most`. Deleted ones are
-- included, as they hold the tree together. The columns are those of task_shown, but long ones that a tree does not show are cut or left out.
WITH RECURSIVE
     up (id, parent_id) AS (SELECT id, parent_id
                            FROM   task
                            WHERE  id = :id
                            UNION  ALL
                            SELECT t.id, t.parent_id
                            FROM   up
                            JOIN   task AS t ON t.id = up.parent_id),
     down (id)          AS (SELECT :id
                            UNION  ALL
                            SELECT t.id
                            FROM   down
                            JOIN   task AS t
                            -- sqlite: INDEXED BY task_parent
                            ON t.parent_id = down.id)
SELECT   id, user_id, video_id, external_id, client_request_id, channel, state, progress,
         substr(prompt, 1, 200), model, size, seconds, aspect_ratio, media_type, '{}', NULL, NULL, NULL, NULL,
         error_code, NULL, '{}', attempt, created_at, updated_at, completed_at, rev, due_at, parent_id, deleted,
         NULL, upstream_model, upstream_size, upstream_seconds, expires_at, accepted_at
FROM     task
WHERE    id IN (SELECT id FROM up UNION SELECT id FROM down)
ORDER BY id
LIMIT    :most;
