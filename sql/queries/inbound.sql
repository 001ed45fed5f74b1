-- name: inbound_add
-- Remembers an upstream's webhook until expires_at; nothing where it is known.
INSERT INTO hearing (id, expires_at)
VALUES              (:id, :expires_at)
ON CONFLICT DO NOTHING;

-- name: inbound_purge
-- Forgets those that have expired.
DELETE FROM hearing
WHERE  expires_at <= :now;

-- name: inbound_hurry
-- The task of the channel with the upstream's id is due at `now`, unless it has ended for good or is under a lease already.
UPDATE task
-- sqlite: INDEXED BY task_external
SET    due_at = :now
WHERE  external_id = :external_id
AND    channel = :channel
AND    state IN ('running', 'failed')
AND    owner IS NULL
AND    due_at > :now;

-- name: inbound_held
-- The same task, where it is under a lease, and may have been looked at too early.
SELECT 1
FROM   task
-- sqlite: INDEXED BY task_external
WHERE  external_id = :external_id
AND    channel = :channel
AND    state = 'running'
AND    owner IS NOT NULL
AND    due_at > :now;
