-- A task is loaded by SELECT *: the one list of its columns is the enum in lib/store/sqlite/row.c.

-- name: task_add
-- Adds a task with the revision after the latest. All columns but id and rev.
INSERT INTO task (user_id, video_id, external_id, client_request_id, fingerprint, channel, state, progress,
                  prompt, model, size, seconds, aspect_ratio, media_type, options, input_file, input_type,
                  video_url, image_url, error_code, error_message, metadata, attempt, created_at, updated_at,
                  completed_at, deadline_at, rev, due_at, owner, polls, misses)
VALUES           (:user_id, :video_id, :external_id, :client_request_id, :fingerprint, :channel, :state, :progress,
                  :prompt, :model, :size, :seconds, :aspect_ratio, :media_type, :options, :input_file, :input_type,
                  :video_url, :image_url, :error_code, :error_message, :metadata, :attempt, :created_at, :updated_at,
                  :completed_at, :deadline_at, (SELECT rev + 1 FROM head), :due_at, :owner, :polls, :misses)
RETURNING id, rev;

-- name: task_get
-- A task by our id. user_id: whose it must be; 0 = anybody's.
SELECT *
FROM   task
WHERE  video_id = :video_id
AND    :user_id IN (0, user_id);

-- name: task_by_request
-- A task of user_id by the client's own id.
SELECT *
FROM   task
WHERE  user_id = :user_id
AND    client_request_id = :client_request_id;

-- name: task_move
-- The comparison and the write of one move. id, from, owner: as the row must be, else nothing happens. to,
-- new_owner, due_at, completed_at: as it is afterwards. What is NULL of the others stays, but for the
-- errors, which go with any state but failed, and progress, which never goes back. updated_at: not NULL where a
-- client can see the move; then it is given the revision after the latest.
UPDATE task
SET    state         = :to,
       owner         = :new_owner,
       due_at        = :due_at,
       completed_at  = :completed_at,
       external_id   = ifnull(:external_id, external_id),
       progress      = max(progress, ifnull(:progress, progress)),
       video_url     = ifnull(:video_url, video_url),
       image_url     = ifnull(:image_url, image_url),
       error_code    = CASE WHEN :to = 'failed' THEN ifnull(:error_code, error_code) END,
       error_message = CASE WHEN :to = 'failed' THEN ifnull(:error_message, error_message) END,
       polls         = ifnull(:polls, polls),
       misses        = ifnull(:misses, misses),
       updated_at    = ifnull(:updated_at, updated_at),
       rev           = CASE WHEN :updated_at IS NULL THEN rev ELSE (SELECT rev + 1 FROM head) END
WHERE  id = :id
AND    state = :from
AND    owner IS :owner
RETURNING rev;

-- name: task_rest
-- Gives a lease back. id, owner: as the row must be; due_at, polls, misses: as it is afterwards.
UPDATE task
SET    owner  = NULL,
       due_at = :due_at,
       polls  = :polls,
       misses = :misses
WHERE  id = :id
AND    owner IS :owner;
