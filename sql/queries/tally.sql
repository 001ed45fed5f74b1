-- name: tally_user
-- How many tasks user_id has. model, media_type, status: NULL = any.
SELECT ifnull(sum(n), 0)
FROM   tally
WHERE  user_id = :user_id
AND    (:model      IS NULL OR model      = :model)
AND    (:media_type IS NULL OR media_type = :media_type)
AND    (:status     IS NULL OR status     = :status);

-- name: tally_all
-- How many tasks there are of all users. model, media_type, status: NULL = any.
SELECT ifnull(sum(n), 0)
FROM   tally
WHERE  (:model      IS NULL OR model      = :model)
AND    (:media_type IS NULL OR media_type = :media_type)
AND    (:status     IS NULL OR status     = :status);
