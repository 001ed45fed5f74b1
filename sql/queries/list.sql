-- name: list_page
-- Lists one page of the tasks that match, those after `after` in the given order. The index is named, so that neither statistics nor
-- another SQLite can choose a slow one. Where model and status are both given, status is the narrower one wherever it matters: few tasks
-- are open or have failed.
-- options: user status model media_type updated ascending
SELECT
-- use: task_shown
FROM     task
-- sqlite !updated !user !status:        NOT INDEXED
-- sqlite !updated !user status:         INDEXED BY task_status
-- sqlite !updated user status:          INDEXED BY task_user_status
-- sqlite !updated user !status model:   INDEXED BY task_user_model
-- sqlite !updated user !status !model:  INDEXED BY task_user
-- sqlite updated !user:                 INDEXED BY task_rev
-- sqlite updated user status:           INDEXED BY task_user_status_rev
-- sqlite updated user !status:          INDEXED BY task_user_rev
-- !updated ascending:  WHERE id > :after
-- !updated !ascending: WHERE id < :after
-- updated ascending:   WHERE rev > :after
-- updated !ascending:  WHERE rev < :after
AND      deleted = 0
-- user:                AND user_id = :user_id
-- status:              AND status = :status
-- model:               AND coalesce(upstream_model, model) = :model
-- media_type:          AND media_type = :media_type
-- !updated ascending:  ORDER BY id ASC
-- !updated !ascending: ORDER BY id DESC
-- updated ascending:   ORDER BY rev ASC
-- updated !ascending:  ORDER BY rev DESC
LIMIT    :limit
OFFSET   :offset;

-- name: list_tally
-- Counts the tasks of user_id or of all, by the tally. model, media_type, status: NULL = any.
-- options: user
SELECT coalesce(sum(n), 0)
FROM   tally
WHERE  (:model      IS NULL OR model      = :model)
AND    (:media_type IS NULL OR media_type = :media_type)
AND    (:status     IS NULL OR status     = :status)
-- user: AND user_id = :user_id
;

-- name: list_one
-- Finds a task by our id. user_id: its user; 0 = any.
SELECT
-- use: task_shown
FROM   task
WHERE  video_id = :video_id
AND    :user_id IN (0, user_id)
AND    deleted = 0;

-- name: list_requested
-- Finds a task of user_id by the client's id, deleted or not.
SELECT
-- use: task_shown
FROM   task
WHERE  user_id = :user_id
AND    client_request_id = :client_request_id;
