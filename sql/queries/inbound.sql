-- name: inbound_add
-- Notes an inbound webhook until expires_at; writes nothing where it is known.
INSERT INTO hearing (id, expires_at)
VALUES              (:id, :expires_at)
ON CONFLICT DO NOTHING;

-- name: inbound_purge
-- Removes expired inbound webhooks.
DELETE FROM hearing
WHERE  expires_at <= :now;

-- name: inbound_hurry
-- Has the task with this upstream's id looked at at once, unless it has ended for good: once more where it is being looked at.
UPDATE task
-- sqlite: INDEXED BY task_external
SET    due_at = CASE WHEN due_at < 100 THEN due_at + 1 ELSE 1 END
WHERE  external_id = :external_id
AND    channel = :channel
AND    (state = 'running' OR (state = 'failed' AND due_at > 0))
AND    due_at <> 100;

-- name: inbound_asked
-- Finds the same task where so many have asked for a look that no more can be counted before it has ended.
SELECT 1
FROM   task
-- sqlite: INDEXED BY task_external
WHERE  external_id = :external_id
AND    channel = :channel
AND    (state = 'running' OR state = 'failed')
AND    due_at = 100;
