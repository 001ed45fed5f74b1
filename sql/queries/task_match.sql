-- name: task_match_content
-- Finds the latest task of user_id with this content, created from `since` on with api_key (0 = by a login) and without a client's id,
-- deleted or not, with at least `least` and less than `most` client retries. Of one that was tried again the row has the key of that.
SELECT
-- use: task_row
FROM     task
-- sqlite: INDEXED BY task_content
WHERE    user_id = :user_id
AND      fingerprint = :fingerprint
AND      client_request_id IS NULL
AND      created_at >= :since
AND      (api_key = :api_key OR attempt > 1)
AND      repeats >= :least
AND      repeats < :most
ORDER BY created_at DESC, id DESC
LIMIT    1;

-- name: task_match_external
-- Finds a row where a task sent to key_place, by any channel, or an earlier attempt of one has the upstream's id. NULL = at any place.
SELECT 1
FROM   task
-- sqlite: INDEXED BY task_external
WHERE  external_id = :external_id
AND    (channel = :channel OR key_place IS NULL OR :key_place IS NULL OR key_place = :key_place)
UNION  ALL
SELECT 1
FROM   attempt AS a
-- sqlite: INDEXED BY attempt_external
JOIN   task AS t ON t.id = a.task_id
WHERE  a.external_id = :external_id
AND    (coalesce(a.channel, t.channel) = :channel OR t.key_place IS NULL OR :key_place IS NULL OR t.key_place = :key_place)
LIMIT  1;

-- name: task_match_sending
-- Counts the other tasks of the place with this prompt that are being sent, and could mean the job: since before `until`, and, where the
-- upstream told what the job is made from, from that `source`.
SELECT count(*)
FROM   task
-- sqlite: INDEXED BY task_under_way
WHERE  channel IN (SELECT name FROM channel)
AND    (state = 'sending' OR state = 'unsure' OR state = 'running')
AND    state = 'sending'
AND    (channel = :channel OR key_place IS NULL OR :key_place IS NULL OR key_place = :key_place)
AND    prompt = :prompt
AND    sent_at <= :until
AND    (:source IS NULL OR source_external_id = :source)
AND    id <> :id;

-- name: task_match_unsure
-- Counts the other tasks of the place, of the same user and content, that are unsure.
SELECT count(*)
FROM   task
-- sqlite: INDEXED BY task_under_way
WHERE  channel IN (SELECT name FROM channel)
AND    (state = 'sending' OR state = 'unsure' OR state = 'running')
AND    state = 'unsure'
AND    (channel = :channel OR key_place IS NULL OR :key_place IS NULL OR key_place = :key_place)
AND    user_id = :user_id
AND    fingerprint = :fingerprint
AND    id <> :id;

-- name: task_match_rivals
-- Counts the other tasks of the place, of another user or content, that may have an unknown job which looks the same: sent by `until`, made
-- from `source` as above, and unsure; or ended without an id since `since`; or with an earlier attempt of that kind. What was never sent
-- is none. Of deleted ones the prompt is gone, and its hash is kept.
SELECT (SELECT count(*)
        FROM   task
        -- sqlite: INDEXED BY task_under_way
        WHERE  channel IN (SELECT name FROM channel)
        AND    (state = 'sending' OR state = 'unsure' OR state = 'running')
        AND    state = 'unsure'
        AND    (channel = :channel OR key_place IS NULL OR :key_place IS NULL OR key_place = :key_place)
        AND    prompt = :prompt
        AND    sent_at <= :until
        AND    (:source IS NULL OR source_external_id = :source)
        AND    (user_id <> :user_id OR fingerprint <> :fingerprint))
     + (SELECT count(*)
        FROM   task
        -- sqlite: INDEXED BY task_given_up
        WHERE  channel IN (SELECT name FROM channel)
        AND    (channel = :channel OR key_place IS NULL OR :key_place IS NULL OR key_place = :key_place)
        AND    state IN ('failed', 'cancelled')
        AND    external_id IS NULL
        AND    completed_at >= :since
        AND    sent_at > 0
        AND    sent_at <= :until
        AND    (error_code IS NULL OR error_code = 'submission_unknown')
        AND    (prompt = :prompt OR (deleted = 1 AND prompt_hash = :prompt_hash))
        AND    (:source IS NULL OR source_external_id = :source)
        AND    (user_id <> :user_id OR fingerprint <> :fingerprint))
     + (SELECT count(*)
        FROM   attempt AS a
        -- sqlite: INDEXED BY attempt_given_up
        JOIN   task AS t ON t.id = a.task_id
        WHERE  a.external_id IS NULL
        AND    a.ended_at >= :since
        AND    a.sent_at > 0
        AND    a.sent_at <= :until
        AND    (coalesce(a.channel, t.channel) = :channel OR a.key_place IS NULL OR :key_place IS NULL OR a.key_place = :key_place)
        AND    (a.error_code IS NULL OR a.error_code = 'submission_unknown')
        AND    (t.prompt = :prompt OR (t.deleted = 1 AND t.prompt_hash = :prompt_hash))
        AND    (:source IS NULL OR t.source_external_id = :source)
        AND    (t.user_id <> :user_id OR t.fingerprint <> :fingerprint));

-- name: task_match_repeated
-- Notes how often the client has retried the request.
UPDATE task
SET    repeats = :repeats
WHERE  id = :id;

-- name: task_match_keep_prompt
-- Keeps the hash of the prompt of a task that is deleted, where an attempt of it may have a job that is not known.
UPDATE task
SET    prompt_hash = :prompt_hash
WHERE  id = :id
AND    ((external_id IS NULL AND sent_at > 0)
        OR EXISTS (SELECT 1 FROM attempt WHERE task_id = :id AND external_id IS NULL AND sent_at > 0));

-- name: task_match_forget_prompt
-- Forgets it, unless an attempt may have a job that is not known, and of a deleted task what later calls about its job would have needed.
UPDATE task
SET    prompt_hash = CASE WHEN (external_id IS NULL AND sent_at > 0)
                               OR EXISTS (SELECT 1 FROM attempt WHERE task_id = :id AND external_id IS NULL AND sent_at > 0)
                          THEN prompt_hash END,
       job         = CASE WHEN deleted = 0 THEN job END
WHERE  id = :id
AND    (prompt_hash IS NOT NULL OR (deleted = 1 AND job IS NOT NULL));

-- name: task_match_forget_prompts
-- Forgets at most `most` of tasks that ended before `now`, and whose job is no longer looked for.
UPDATE task
SET    prompt_hash = NULL
WHERE  id IN (SELECT id
              FROM   task
              -- sqlite: INDEXED BY task_prompt_hash
              WHERE  prompt_hash IS NOT NULL
              AND    completed_at < :now
              AND    due_at = 0
              LIMIT  :most);

-- name: task_match_kept_prompt
-- Reads it; no row where none is kept.
SELECT prompt_hash
FROM   task
WHERE  id = :id
AND    prompt_hash IS NOT NULL;
