-- name: key_add
-- Adds a key. All columns but id and last_used_at.
INSERT INTO api_key (user_id, name, hint, created_at, expires_at)
VALUES              (:user_id, :name, :hint, :created_at, :expires_at);

-- name: key_list
-- The keys of user_id, the newest first.
SELECT   id, name, hint, created_at, expires_at, last_used_at
FROM     api_key
WHERE    user_id = :user_id
ORDER BY id DESC;

-- name: key_end
-- Removes the token of key id.
DELETE FROM token
WHERE  key_id = :id;

-- name: key_owned
-- A row where key id is of user_id; 0 = anybody's.
SELECT 1
FROM   api_key
WHERE  id = :id
AND    :user_id IN (0, user_id);

-- name: key_remove
-- Removes key id, whose token is gone.
DELETE FROM api_key
WHERE  id = :id;

-- name: key_used
-- It was used at `now`.
UPDATE api_key
SET    last_used_at = :now
WHERE  id = :id;

-- name: key_used_token
-- … and so was its token, which is what each request looks at.
UPDATE token
SET    used_at = :now
WHERE  key_id = :id;
