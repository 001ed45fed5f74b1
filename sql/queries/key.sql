-- name: key_add
-- Adds a key. All columns but id and last_used_at.
INSERT INTO api_key (user_id, name, hint, created_at, expires_at)
VALUES              (:user_id, :name, :hint, :created_at, :expires_at);

-- name: key_list
-- Lists the keys of user_id, the newest first.
SELECT   id, name, hint, created_at, expires_at, last_used_at
FROM     api_key
WHERE    user_id = :user_id
ORDER BY id DESC;

-- name: key_end
-- Removes the token of the key `id`.
DELETE FROM token
WHERE  key_id = :id;

-- name: key_owned
-- Finds a row where the key `id` is of user_id; 0 = of any user.
SELECT 1
FROM   api_key
WHERE  id = :id
AND    :user_id IN (0, user_id);

-- name: key_remove
-- Removes the key `id`, whose token is gone.
DELETE FROM api_key
WHERE  id = :id;

-- name: key_used
-- Notes that the key was used at `now`.
UPDATE api_key
SET    last_used_at = :now
WHERE  id = :id;

-- name: key_used_token
-- Notes the same in its token, which each request reads.
UPDATE token
SET    used_at = :now
WHERE  key_id = :id;

-- name: key_set_max_open
-- Sets how many open tasks the key `id` may have; NULL = as many as its user.
UPDATE api_key
SET    max_open = :max_open
WHERE  id = :id;

-- name: key_open
-- Counts the open tasks that were made with the key, up to `most`.
SELECT count(*)
FROM   (SELECT 1
        FROM   task
        -- sqlite: INDEXED BY task_key_open
        WHERE  api_key = :id
        AND    api_key > 0
        AND    (state = 'ready' OR state = 'sending' OR state = 'unsure' OR state = 'running')
        LIMIT  :most) AS few;
