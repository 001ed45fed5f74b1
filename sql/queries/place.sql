-- name: place_known
-- Finds a row where user_id has signed in from block at `since` or later.
SELECT 1
FROM   place
WHERE  user_id = :user_id
AND    block = :block
AND    seen_at >= :since;

-- name: place_note
-- Notes that user_id has signed in from block at `now`.
INSERT INTO place (user_id, block, seen_at)
VALUES            (:user_id, :block, :now)
ON CONFLICT (user_id, block) DO UPDATE SET seen_at = excluded.seen_at;

-- name: place_trim
-- Removes the places of user_id but block and the `most` others that were seen last.
DELETE FROM place
WHERE  user_id = :user_id
AND    block IN (SELECT   block
                 FROM     place
                 WHERE    user_id = :user_id
                 AND      block <> :block
                 ORDER BY seen_at DESC
                 LIMIT    1000000 OFFSET :most);

-- name: place_purge
-- Removes at most `most` places that were last seen before `now`, which is long ago.
DELETE FROM place
WHERE  (user_id, block) IN (SELECT   user_id, block
                            FROM     place
                            -- sqlite: INDEXED BY place_seen
                            WHERE    seen_at < :now
                            ORDER BY seen_at
                            LIMIT    :most);
