-- name: list_page
-- Lists one page of the user's tasks that match, those after `after` in order of creation. The index is named, so that neither statistics
-- nor another SQLite can choose a slow one; it has nothing but matches, so that tasks are passed over without a look at their rows. By
-- status and model at once it is not used.
-- options: status model ascending
SELECT
-- use: task_shown
FROM     task
-- sqlite status:         INDEXED BY task_user_status
-- sqlite !status model:  INDEXED BY task_user_model
-- sqlite !status !model: INDEXED BY task_user
WHERE    user_id = :user_id
AND      deleted = 0
-- status:     AND status = :status
-- model:      AND coalesce(upstream_model, model) = :model
-- ascending:  AND id > :after
-- !ascending: AND id < :after
-- ascending:  ORDER BY id ASC
-- !ascending: ORDER BY id DESC
LIMIT    :limit
OFFSET   :offset;

-- name: list_walk
-- Lists where tasks stand in the given order, those after `after`, and which of them match. All that is gone through is listed, so that
-- the caller can count it. What the index does not find is compared; of one user's tasks, but for the media type, without a look at the row.
-- options: user status model media_type updated ascending
SELECT
-- !updated: id,
-- updated:  rev,
         id, user_id,
         deleted = 0
-- status updated !user:         AND status = :status
-- model updated:                AND coalesce(upstream_model, model) = :model
-- model !updated status:        AND coalesce(upstream_model, model) = :model
-- model !updated !status !user: AND coalesce(upstream_model, model) = :model
-- media_type:                   AND media_type = :media_type
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
-- user:                        AND user_id = :user_id
-- user !updated:               AND deleted = 0
-- status !updated:             AND status = :status
-- status updated user:         AND status = :status
-- model !updated !status user: AND coalesce(upstream_model, model) = :model
-- !updated ascending:  ORDER BY id ASC
-- !updated !ascending: ORDER BY id DESC
-- updated ascending:   ORDER BY rev ASC
-- updated !ascending:  ORDER BY rev DESC
;

-- name: list_at
-- Finds the task `id`, unless it is deleted.
SELECT
-- use: task_shown
FROM   task
WHERE  id = :id
AND    deleted = 0;

-- name: list_tally
-- Counts the tasks of user_id or of all, by the tally, and the rows of it: of no more than `most`. model, media_type, status: NULL = any.
-- options: user
SELECT coalesce(sum(n), 0), coalesce(sum(looked), 0)
FROM   (SELECT 1 AS looked,
               CASE WHEN (:model      IS NULL OR model      = :model)
                    AND  (:media_type IS NULL OR media_type = :media_type)
                    AND  (:status     IS NULL OR status     = :status) THEN n ELSE 0 END AS n
        FROM   tally
        -- user: WHERE user_id = :user_id
        LIMIT  :most) AS some;

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
