-- part: task_shown
-- The columns of what clients see of a task, in the order of lib/store/row.c.
       id, user_id, video_id, external_id, client_request_id, channel, state, progress, prompt, model, size,
       seconds, aspect_ratio, media_type, options, input_file, input_type, video_url, image_url, error_code,
       error_message, metadata, attempt, created_at, updated_at, completed_at, rev, due_at, parent_id, deleted,
       images, upstream_model, upstream_size, upstream_seconds, expires_at, accepted_at, polls, cancelled_by,
       CASE WHEN priced = 1 THEN (SELECT charge.state || ' ' || charge.reserved || ' ' || charge.charged
                                  FROM   charge
                                  WHERE  charge.task_id = task.id
                                  AND    charge.attempt = task.attempt) END AS charge

-- part: task_row
-- All columns of a task, likewise.
-- use: task_shown
     , fingerprint, deadline_at, owner, misses, root_id, source_external_id, keyed, repeats, api_key, key_id,
       job, turned_away

-- name: task_add
-- Adds a task. All columns but id and deleted (sent_at: that of its creation, where it is sent at once), in the order in which lib/store/row.c binds them; parent_id, root_id: 0 = none.
INSERT INTO task (user_id, video_id, external_id, client_request_id, channel, progress, prompt, model, size,
                  seconds, aspect_ratio, media_type, options, input_file, input_type, video_url, image_url,
                  error_code, error_message, metadata, attempt, created_at, updated_at, completed_at, due_at,
                  parent_id, images, upstream_model, upstream_size, upstream_seconds, expires_at, accepted_at,
                  deadline_at, owner, polls, misses, root_id, source_external_id, keyed, repeats, api_key,
                  key_id, job, turned_away, fingerprint, state, key_place, rev, cancelled_by, sent_at, priced)
VALUES           (:user_id, :video_id, :external_id, :client_request_id, :channel, :progress, :prompt, :model,
                  :size, :seconds, :aspect_ratio, :media_type, :options, :input_file, :input_type, :video_url,
                  :image_url, :error_code, :error_message, :metadata, :attempt, :created_at, :updated_at,
                  :completed_at, :due_at, nullif(:parent_id, 0), :images, :upstream_model, :upstream_size,
                  :upstream_seconds, :expires_at, :accepted_at, :deadline_at, :owner, :polls, :misses,
                  nullif(:root_id, 0), :source_external_id, :keyed, :repeats, :api_key, :key_id, :job,
                  :turned_away, :fingerprint, :state, :key_place, :rev, :cancelled_by,
                  CASE :state WHEN 'sending' THEN :created_at ELSE 0 END, :priced);

-- name: task_get
-- Finds a task by our id. user_id: its user; 0 = any. deleted: 1 = also a deleted one.
SELECT
-- use: task_row
FROM   task
WHERE  video_id = :video_id
AND    :user_id IN (0, user_id)
AND    deleted <= :deleted;

-- name: task_by_request
-- Finds a task of user_id by the client's id, deleted or not.
SELECT
-- use: task_row
FROM   task
WHERE  user_id = :user_id
AND    client_request_id = :client_request_id;

-- name: task_set_shape
-- Notes the size and the seconds that a task asks for.
UPDATE task
SET    size    = :size,
       seconds = :seconds
WHERE  id = :id;

-- name: task_revise
-- Gives a task a new revision.
UPDATE task
SET    rev        = :rev,
       -- sqlite: updated_at = max(updated_at, :now)
WHERE  id = :id
AND    deleted = 0;

-- name: task_move
-- Makes a move, as a comparison and a write in one. id, attempt, from, owner: as the row must be, else nothing happens. to,
-- new_owner, due_at, completed_at: as it is afterwards. Of the others NULL leaves the column as it is, but the errors are cleared
-- in any state but failed, and progress never goes back. updated_at and rev: not NULL where a client can see the move. updated_at
-- never goes back, even where the clock does: clients merge by it. What is ready again was surely not accepted.
UPDATE task
SET    state         = :to,
       sent_at       = CASE WHEN :to = 'ready' THEN 0 WHEN :to = 'sending' AND sent_at = 0 THEN :now ELSE sent_at END,
       owner         = :new_owner,
       due_at        = :due_at,
       completed_at  = :completed_at,
       accepted_at   = coalesce(:accepted_at, accepted_at),
       external_id   = coalesce(:external_id, external_id),
       -- sqlite: progress      = max(progress, coalesce(:progress, progress)),
       video_url     = coalesce(:video_url, video_url),
       image_url     = coalesce(:image_url, image_url),
       error_code    = CASE WHEN :to = 'failed' THEN coalesce(:error_code, error_code) END,
       error_message = CASE WHEN :to = 'failed' THEN coalesce(:error_message, error_message) END,
       cancelled_by  = CASE WHEN :to = 'cancelled' THEN :cancelled_by END,
       polls         = coalesce(:polls, polls),
       misses        = coalesce(:misses, misses),
       -- sqlite: updated_at    = max(updated_at, coalesce(:updated_at, 0)),
       rev           = coalesce(:rev, rev)
WHERE  id = :id
AND    attempt = :attempt
AND    state = :from
-- sqlite: AND    owner IS :owner;

-- name: task_stay
-- The same for a move that keeps the state: most indexes depend on the state and need no update.
UPDATE task
SET    owner        = :new_owner,
       due_at       = :due_at,
       completed_at = :completed_at,
       external_id  = coalesce(:external_id, external_id),
       -- sqlite: progress     = max(progress, coalesce(:progress, progress)),
       video_url    = coalesce(:video_url, video_url),
       image_url    = coalesce(:image_url, image_url),
       polls        = coalesce(:polls, polls),
       misses       = coalesce(:misses, misses),
       -- sqlite: updated_at   = max(updated_at, coalesce(:updated_at, 0)),
       rev          = coalesce(:rev, rev)
WHERE  id = :id
AND    attempt = :attempt
AND    state = :from
-- sqlite: AND    owner IS :owner;

-- name: task_progress
-- The same for news of a running task that is under no lease, whose due_at and counts stay: most indexes depend on one of these.
UPDATE task
-- sqlite: SET    progress   = max(progress, coalesce(:progress, progress)),
       -- sqlite: updated_at = max(updated_at, coalesce(:updated_at, 0)),
       rev        = coalesce(:rev, rev)
WHERE  id = :id
AND    attempt = :attempt
AND    state = 'running'
AND    owner IS NULL;

-- name: task_learn
-- Notes what is learnt of the job; NULL leaves the column as it is. A statement of its own: an index has the model, and hardly a move
-- brings news.
UPDATE task
SET    job              = coalesce(:job, job),
       upstream_model   = coalesce(:upstream_model, upstream_model),
       upstream_size    = coalesce(:upstream_size, upstream_size),
       upstream_seconds = coalesce(:upstream_seconds, upstream_seconds),
       expires_at       = coalesce(:expires_at, expires_at)
WHERE  id = :id;

-- name: task_forget
-- Clears that: it was learnt of another attempt.
UPDATE task
SET    job              = NULL,
       upstream_model   = NULL,
       upstream_size    = NULL,
       upstream_seconds = 0,
       expires_at       = 0
WHERE  id = :id;

-- name: task_return
-- Returns a lease. id, attempt, state, owner: as the row must be; due_at, polls, misses: as it is afterwards.
UPDATE task
SET    owner  = NULL,
       due_at = :due_at,
       polls  = :polls,
       misses = :misses
WHERE  id = :id
AND    attempt = :attempt
AND    state = :state
-- sqlite: AND    owner IS :owner;

-- name: task_set_key
-- Notes the channel's key that the attempt is sent with, and whether it has an idempotency key.
UPDATE task
SET    keyed     = :keyed,
       key_id    = :key_id,
       key_place = :key_place
WHERE  id = :id;

-- name: task_set_unsent
-- Notes that the upstream has surely not accepted the attempt.
UPDATE task
SET    sent_at = 0
WHERE  id = :id;

-- name: task_sent_at
-- Reads when the attempt was taken to be sent; 0 = it was not.
SELECT sent_at
FROM   task
WHERE  id = :id;

-- name: task_set_turned_away
-- Notes the channels that turned the attempt away for a reason of their own.
UPDATE task
SET    turned_away = :turned_away
WHERE  id = :id;

-- name: task_set_said
-- Notes what the upstream said to a submission whose outcome is not known.
UPDATE task
SET    said = :said
WHERE  id = :id;

-- name: task_say
-- Makes that the sentence of a task that is given up.
UPDATE task
SET    error_message = said
WHERE  id = :id
AND    said IS NOT NULL
AND    error_message IS NOT NULL;

-- name: task_extend
-- Extends a lease to due_at. id, attempt, owner: as the row must be.
UPDATE task
SET    due_at = :due_at
WHERE  id = :id
AND    attempt = :attempt
AND    owner = :owner
AND    state = 'sending';

-- name: task_attempt_learn
-- Sets the upstream's id of an earlier attempt that has none.
UPDATE attempt
SET    external_id = :external_id
WHERE  task_id = :id
AND    n = :attempt
AND    external_id IS NULL;

-- name: task_keep_attempt
-- Keeps how the attempt has ended, before there is another. id, from: as the row must be, and under no lease.
INSERT INTO attempt (task_id, n, external_id, state, error_code, ended_at, channel, sent_at, key_place)
SELECT id, attempt, external_id, state, error_code, completed_at, channel, sent_at, key_place
FROM   task
WHERE  id = :id
AND    state = :from
AND    owner IS NULL
AND    deleted = 0;

-- name: task_retry
-- Starts another attempt. id, from: as the row must be, and under no lease; to, owner, due_at, deadline_at, api_key: as it is afterwards.
-- The columns of the last attempt are cleared.
UPDATE task
SET    state         = :to,
       owner         = :owner,
       due_at        = :due_at,
       deadline_at   = :deadline_at,
       api_key       = :api_key,
       attempt       = attempt + 1,
       progress      = 0,
       external_id   = NULL,
       video_url     = NULL,
       image_url     = NULL,
       error_code    = NULL,
       error_message = NULL,
       cancelled_by  = NULL,
       said          = NULL,
       turned_away   = NULL,
       accepted_at   = 0,
       sent_at       = 0,
       completed_at  = 0,
       polls         = 0,
       misses        = 0,
       -- sqlite: updated_at    = max(updated_at, :now),
       rev           = :rev
WHERE  id = :id
AND    state = :from
AND    owner IS NULL
AND    deleted = 0;

-- name: task_delete
-- Deletes a task: the user's content is cleared, and what an upstream said, which may quote it; the row stays, and a late video is no
-- longer polled for. What a cancellation upstream needs stays.
UPDATE task
SET    deleted       = 1,
       prompt        = '',
       metadata      = '{}',
       options       = '{}',
       input_file    = NULL,
       input_type    = NULL,
       video_url     = NULL,
       image_url     = NULL,
       error_message = NULL,
       said          = NULL,
       images        = NULL,
       job           = CASE WHEN state = 'cancelled' AND due_at > 0 THEN job END,
       due_at        = CASE WHEN state = 'failed' THEN 0 ELSE due_at END,
       owner         = CASE WHEN state = 'failed' THEN NULL ELSE owner END,
       -- sqlite: updated_at    = max(updated_at, :now),
       rev           = :rev
WHERE  id = :id
AND    deleted = 0;
