-- part: key_row
SELECT   id, name, hint, created_at, expires_at, last_used_at, models, addresses, max_open, rate, scope, disabled, user_id
FROM     api_key

-- name: key_add
-- Adds a key. All columns but id and last_used_at.
INSERT INTO api_key (user_id, name, hint, created_at, expires_at, models, addresses, max_open, rate, scope, disabled)
VALUES              (:user_id, :name, :hint, :created_at, :expires_at, :models, :addresses, :max_open, :rate, :scope, :disabled);

-- name: key_list
-- Lists the keys of user_id, the newest first.
-- use: key_row
WHERE    user_id = :user_id
ORDER BY id DESC;

-- name: key_get
-- Finds the key `id` of user_id; 0 = of any user.
-- use: key_row
WHERE    id = :id
AND      :user_id IN (0, user_id);

-- name: key_set
-- Replaces all of the key `id` that may change.
UPDATE api_key
SET    name = :name,
       expires_at = :expires_at,
       models = :models,
       addresses = :addresses,
       max_open = :max_open,
       rate = :rate,
       scope = :scope,
       disabled = :disabled
WHERE  id = :id;

-- name: key_set_token
-- Sets when the token of the key `id` expires.
UPDATE token
SET    expires_at = :expires_at
WHERE  key_id = :id;

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
