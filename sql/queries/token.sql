-- name: token_add
-- Adds a token. All columns.
INSERT INTO token (hash, user_id, created_at, expires_at)
VALUES            (:hash, :user_id, :created_at, :expires_at);

-- name: token_revoke
-- Removes the token with this hash.
DELETE FROM token
WHERE  hash = :hash;

-- name: token_revoke_all
-- Removes all tokens of user_id.
DELETE FROM token
WHERE  user_id = :user_id;

-- name: token_purge
-- Removes at most `most` tokens that have expired by `now`.
DELETE FROM token
WHERE  hash IN (SELECT   hash
                FROM     token
                WHERE    expires_at <= :now
                ORDER BY expires_at
                LIMIT    :most);
