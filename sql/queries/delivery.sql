-- name: delivery_queues
-- Lists the endpoints with a queue: when its first delivery is due and the endpoint rests no more (rest: the longest), how many are under a lease at `now`, and whether the endpoint is to
-- get anything at all. Steps from endpoint to endpoint through the index, at the same cost for any length of their queues. First come
-- those whose user has the fewest leases once each earlier endpoint of the same user has taken `per_endpoint`; among equals the longest
-- due. So no user waits behind the queues of another, however many endpoints those are.
WITH RECURSIVE queue (id) AS (
	SELECT (SELECT   webhook_id
	        FROM     delivery
	        -- sqlite: INDEXED BY delivery_due
	        WHERE    due_at > 0
	        AND      webhook_id > 0
	        ORDER BY webhook_id
	        LIMIT    1)
	UNION ALL
	SELECT (SELECT   d.webhook_id
	        FROM     delivery AS d
	        -- sqlite: INDEXED BY delivery_due
	        WHERE    d.due_at > 0
	        AND      d.webhook_id > queue.id
	        ORDER BY d.webhook_id
	        LIMIT    1)
	FROM   queue
	WHERE  queue.id IS NOT NULL
)
SELECT   id,
         -- sqlite: max(first_due, CASE WHEN rest_until <= :now + :rest THEN rest_until ELSE 0 END),
         held, open
FROM     (SELECT w.id,
                 w.user_id,
                 w.rest_until,
                 (SELECT   d.due_at
                  FROM     delivery AS d
                  -- sqlite: INDEXED BY delivery_due
                  WHERE    d.webhook_id = w.id
                  AND      d.due_at > 0
                  ORDER BY d.due_at
                  LIMIT    1) AS first_due,
                 (SELECT count(*)
                  FROM   delivery AS h
                  -- sqlite: INDEXED BY delivery_held
                  WHERE  h.webhook_id = w.id
                  AND    h.owner IS NOT NULL
                  AND    h.due_at > :now) AS held,
                 w.enabled = 1
                 AND u.disabled = 0
                 AND (w.key_id IS NULL
                      OR EXISTS (SELECT 1 FROM api_key AS k WHERE k.id = w.key_id AND (k.expires_at = 0 OR k.expires_at > :now))) AS open
          FROM   queue
          JOIN   webhook AS w ON w.id = queue.id
          JOIN   "user"    AS u ON u.id = w.user_id) AS queues
ORDER BY sum(held) OVER (PARTITION BY user_id)
         + :per_endpoint * (row_number() OVER (PARTITION BY user_id ORDER BY first_due) - 1), first_due;

-- name: delivery_due
-- Lists the deliveries of an endpoint that are due at `now`, the longest due first; at most `most`.
SELECT   id
FROM     delivery
-- sqlite: INDEXED BY delivery_due
WHERE    webhook_id = :webhook_id
AND      due_at > 0
AND      due_at <= :now
ORDER BY due_at, id
LIMIT    :most;

-- name: delivery_load
-- Loads a delivery with all that is needed to send it.
SELECT d.id, d.webhook_id, d.attempt, d.event, d.created_at, d.due_at, d.owner, d.tries, d.tried_at, d.status, d.error, d.delivered_at,
       t.video_id, t.client_request_id, w.url, w.secret, w.old_secret, w.old_until,
       w.user_id
FROM   delivery AS d
JOIN   webhook  AS w ON w.id = d.webhook_id
JOIN   task     AS t ON t.id = d.task_id
WHERE  d.id = :id;

-- name: delivery_take
-- Takes the delivery's lease: owner holds it until due_at.
UPDATE delivery
SET    owner  = :owner,
       due_at = :due_at
WHERE  id = :id;

-- name: delivery_rest
-- Lets an endpoint rest until rest_until.
UPDATE webhook
SET    rest_until = :rest_until
WHERE  id = :webhook_id;

-- name: delivery_drop
-- Ends the queue of an endpoint that is to get nothing more; at most `most` deliveries.
UPDATE delivery
SET    due_at = 0,
       owner  = NULL,
       error  = 'The endpoint was disabled.'
WHERE  id IN (SELECT id
              FROM   delivery
              -- sqlite: INDEXED BY delivery_due
              WHERE  webhook_id = :webhook_id
              AND    due_at > 0
              LIMIT  :most);

-- name: delivery_end
-- Writes the outcome of a try and returns the lease. id, owner: as the row must be.
UPDATE delivery
SET    owner        = NULL,
       due_at       = :due_at,
       tries        = :tries,
       tried_at     = :tried_at,
       status       = :status,
       error        = :error,
       delivered_at = :delivered_at
WHERE  id = :id
AND    owner = :owner;

-- name: delivery_return
-- Returns a lease, as if nothing had been tried. id, owner: as the row must be.
UPDATE delivery
SET    owner  = NULL,
       due_at = :due_at
WHERE  id = :id
AND    owner = :owner;

-- name: delivery_list
-- Lists the deliveries of an endpoint with ids below `before`, the newest first; at most `most`.
SELECT   d.id, d.webhook_id, d.attempt, d.event, d.created_at, d.due_at, d.owner, d.tries, d.tried_at, d.status, d.error, d.delivered_at,
         t.video_id, t.client_request_id
FROM     delivery AS d
-- sqlite: INDEXED BY delivery_log
JOIN     task     AS t ON t.id = d.task_id
WHERE    d.webhook_id = :webhook_id
AND      d.id < :before
ORDER BY d.id DESC
LIMIT    :most;

-- name: delivery_replay
-- Makes a delivery due again, from the beginning of the schedule, unless it is under a lease.
UPDATE delivery
SET    due_at       = :now,
       tries        = 0,
       delivered_at = 0
WHERE  id = :id
AND    webhook_id = :webhook_id
AND    owner IS NULL;

-- name: delivery_known
-- Finds a row where the delivery is one of the endpoint.
SELECT 1
FROM   delivery
WHERE  id = :id
AND    webhook_id = :webhook_id;

-- name: delivery_purge
-- Removes ended deliveries from before `before`; at most `most`.
DELETE FROM delivery
WHERE  id IN (SELECT   id
              FROM     delivery
              -- sqlite: INDEXED BY delivery_created
              WHERE    due_at = 0
              AND      created_at < :before
              ORDER BY created_at
              LIMIT    :most);

-- name: delivery_hurry
-- Makes all deliveries due at `now` at the latest, after the clock was set back; those under a lease at `lease` at the latest.
UPDATE delivery
-- sqlite: INDEXED BY delivery_due
-- sqlite: SET    due_at = CASE WHEN owner IS NULL THEN :now ELSE min(due_at, :lease) END
WHERE  webhook_id IN (SELECT id FROM webhook)
AND    due_at > 0
AND    due_at > :now;
