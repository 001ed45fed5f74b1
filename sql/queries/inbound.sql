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
-- Makes the task with this upstream's id due at `now`, unless it has ended for good or is under a lease.
UPDATE task
-- sqlite: INDEXED BY task_external
SET    due_at = :now
WHERE  external_id = :external_id
AND    channel = :channel
AND    state IN ('running', 'failed')
AND    owner IS NULL
AND    due_at > :now;

-- name: inbound_held
-- Finds the same task where it is under a lease, and may have been polled too early.
SELECT 1
FROM   task
-- sqlite: INDEXED BY task_external
WHERE  external_id = :external_id
AND    channel = :channel
AND    state = 'running'
AND    owner IS NOT NULL
AND    due_at > :now;
