-- name: rate_get
-- Reads the theoretical arrival time of a bucket.
SELECT tat
FROM   rate
WHERE  bucket = :bucket;

-- name: rate_set
-- Sets the time; makes the bucket where there is none.
INSERT INTO rate (bucket, tat)
VALUES           (:bucket, :tat)
ON CONFLICT (bucket) DO UPDATE SET tat = excluded.tat;

-- name: rate_count
-- Counts the buckets from `least` to before `end` that are not full at `now` (microseconds); at most `most`.
SELECT count(*)
FROM   (SELECT 1
        FROM   rate
        WHERE  bucket >= :least
        AND    bucket < :end
        AND    tat > :now
        LIMIT  :most) AS some;

-- name: rate_refund
-- Refunds one. interval: its cost, in microseconds.
UPDATE rate
SET    tat = tat - :interval
WHERE  bucket = :bucket;

-- name: rate_purge
-- Removes at most `most` buckets that are full again at `now` (microseconds).
DELETE FROM rate
WHERE  bucket IN (SELECT   bucket
                  FROM     rate
                  WHERE    tat <= :now
                  ORDER BY tat
                  LIMIT    :most);

-- name: rate_purge_ahead
-- Removes at most `most` buckets whose time is after `now`, the latest possible: they are from before the clock was set back.
DELETE FROM rate
WHERE  bucket IN (SELECT bucket
                  FROM   rate
                  WHERE  tat > :now
                  LIMIT  :most);
