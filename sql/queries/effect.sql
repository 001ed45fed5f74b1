-- What follows from a task's creation, move or deletion. All of it is read from the task's row.

-- name: effect_count
-- Adds `by` to the count of tasks of its kind with this status; NULL = the row's. deleted: as the row must be.
INSERT INTO tally (user_id, model, media_type, status, n)
SELECT user_id, coalesce(upstream_model, model, ''), media_type, coalesce(:status, status), :by
FROM   task
WHERE  id = :id
AND    deleted = :deleted
ON CONFLICT (user_id, model, media_type, status) DO UPDATE SET n = tally.n + excluded.n;

-- name: effect_archive
-- Adds the video of a completed task to the archive, to be fetched. One that is there stays as it is.
INSERT INTO archive (task_id, user_id, state, due_at)
SELECT id, user_id, 'wanted', completed_at
FROM   task
WHERE  id = :id
AND    deleted = 0
ON CONFLICT DO NOTHING;

-- name: effect_delivery
-- Adds a delivery for each endpoint of the user that wants the event; each event of an attempt once. For a user without endpoints it costs
-- one look into an index. What was cancelled counts as failed, as it does for OpenAI's clients.
INSERT INTO delivery (webhook_id, task_id, attempt, event, created_at, due_at)
SELECT w.id, t.id, t.attempt, CASE t.state WHEN 'completed' THEN 'video.completed' ELSE 'video.failed' END, t.updated_at,
       -- sqlite: max(t.updated_at, 1)
FROM   task    AS t
JOIN   webhook AS w ON w.user_id = t.user_id
WHERE  t.id = :id
AND    w.deleted = 0
AND    w.enabled = 1
AND    CASE t.state WHEN 'completed' THEN w.completed ELSE w.failed END = 1
ON CONFLICT DO NOTHING;

-- name: effect_unlink
-- Forgets the upstream's link to what the task is made from, where that is deleted.
UPDATE task
-- sqlite: SET    options = json_remove(options, '$.source_url')
WHERE  id = :id
AND    options LIKE '%"source_url"%'
AND    EXISTS (SELECT 1 FROM task AS source WHERE source.id = task.parent_id AND source.deleted = 1);

-- name: effect_unlink_children
-- The same for the tasks made from it; but for those that are still to be sent, or may be once more.
UPDATE task
-- sqlite: INDEXED BY task_parent
-- sqlite: SET    options = json_remove(options, '$.source_url')
WHERE  parent_id = :id
AND    state NOT IN ('ready', 'sending', 'unsure')
AND    options LIKE '%"source_url"%';
