-- name: delivery_queues
-- The endpoints that have something to send: when the first of it is due, how many they have in hand at `now`, and whether they are to
-- get anything at all. From endpoint to endpoint through the index, however much waits at each of them. First those whose user will
-- have the least in hand when it is their turn, each of his endpoints before them having taken `per_endpoint`; among equals the longest
-- due. So no user waits behind what another has piled up, at however many endpoints.
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
SELECT   id, first_due, held, open
FROM     (SELECT w.id,
                 w.user_id,
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
-- What is due at `now` at an endpoint, the longest due first; at most `most`.
SELECT   id
FROM     delivery
-- sqlite: INDEXED BY delivery_due
WHERE    webhook_id = :webhook_id
AND      due_at > 0
AND      due_at <= :now
ORDER BY due_at, id
LIMIT    :most;

-- name: delivery_load
-- A delivery with all that is needed to send it.
SELECT d.id, d.webhook_id, d.attempt, d.event, d.created_at, d.due_at, d.owner, d.tries, d.tried_at, d.status, d.error, d.delivered_at,
       t.video_id, t.client_request_id, w.url, w.secret, w.old_secret, w.old_until
FROM   delivery AS d
JOIN   webhook  AS w ON w.id = d.webhook_id
JOIN   task     AS t ON t.id = d.task_id
WHERE  d.id = :id;

-- name: delivery_take
-- Takes its lease: owner holds it until due_at.
UPDATE delivery
SET    owner  = :owner,
       due_at = :due_at
WHERE  id = :id;

-- name: delivery_drop
-- Ends what waits at an endpoint that is to get nothing more; at most `most`.
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
-- What came of a try. id, owner: as the row must be.
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
-- Gives a lease back, as if nothing had been tried.
UPDATE delivery
SET    owner  = NULL,
       due_at = :due_at
WHERE  id = :id
AND    owner = :owner;

-- name: delivery_list
-- The deliveries of an endpoint before the id `before`, the newest first; at most `most`.
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
-- Sends one again from the beginning of the schedule, unless it is being sent.
UPDATE delivery
SET    due_at       = :now,
       tries        = 0,
       delivered_at = 0
WHERE  id = :id
AND    webhook_id = :webhook_id
AND    owner IS NULL;

-- name: delivery_known
-- A row where the delivery is one of the endpoint.
SELECT 1
FROM   delivery
WHERE  id = :id
AND    webhook_id = :webhook_id;

-- name: delivery_purge
-- Ended ones from before `before`; at most `most`.
DELETE FROM delivery
WHERE  id IN (SELECT   id
              FROM     delivery
              -- sqlite: INDEXED BY delivery_created
              WHERE    due_at = 0
              AND      created_at < :before
              ORDER BY created_at
              LIMIT    :most);

-- name: delivery_hurry
-- After the clock was set back: what is due after `now` is due at `now`; what is under a lease at `lease` at the latest.
UPDATE delivery
-- sqlite: INDEXED BY delivery_due
-- sqlite: SET    due_at = CASE WHEN owner IS NULL THEN :now ELSE min(due_at, :lease) END
WHERE  webhook_id IN (SELECT id FROM webhook)
AND    due_at > 0
AND    due_at > :now;
