-- name: token_add
-- Adds a token. All columns.
INSERT INTO token (hash, user_id, created_at, expires_at, key_id)
VALUES            (:hash, :user_id, :created_at, :expires_at, :key_id);

-- name: token_revoke
-- Removes the token with this hash, unless it is a key's.
DELETE FROM token
WHERE  hash = :hash
AND    key_id IS NULL;

-- name: token_revoke_all
-- Removes all tokens of user_id but those of keys.
DELETE FROM token
WHERE  user_id = :user_id
AND    key_id IS NULL;

-- name: token_purge
-- Removes at most `most` tokens that have expired by `now`.
DELETE FROM token
WHERE  hash IN (SELECT   hash
                FROM     token
                WHERE    expires_at <= :now
                ORDER BY expires_at
                LIMIT    :most);
