-- name: trace_content
-- The latest task of user_id with this content that was created from `since` on, without an id of the client's own.
SELECT   *
FROM     task INDEXED BY task_content
WHERE    user_id = :user_id
AND      fingerprint = :fingerprint
AND      client_request_id IS NULL
AND      created_at >= :since
ORDER BY id DESC
LIMIT    1;

-- name: trace_external
-- A row where a task of the channel, or an earlier attempt of one, bears the upstream's id.
SELECT 1
FROM   task INDEXED BY task_external
WHERE  external_id = :external_id
AND    channel = :channel
UNION  ALL
SELECT 1
FROM   attempt AS a INDEXED BY attempt_external
JOIN   task AS t ON t.id = a.task_id
WHERE  a.external_id = :external_id
AND    t.channel = :channel
LIMIT  1;

-- name: trace_rivals
-- Of the channel's other tasks with this prompt and this source whose submission is not settled: how many are being sent, and how many
-- are unsure and differ from the task `id` in user or content.
SELECT count(*) FILTER (WHERE state = 'sending'),
       count(*) FILTER (WHERE state = 'unsure' AND (user_id <> :user_id OR fingerprint <> :fingerprint))
FROM   task INDEXED BY task_unsettled
WHERE  channel = :channel
AND    state IN ('sending', 'unsure')
AND    prompt = :prompt
AND    source_external_id IS :source_external_id
AND    id <> :id;
