-- name: token_add
-- Adds a token. All columns.
INSERT INTO token (hash, user_id, created_at, used_at, expires_at, key_id, block)
VALUES            (:hash, :user_id, :created_at, :used_at, :expires_at, :key_id, :block);

-- name: token_revoke
-- Removes the token with this hash, unless it is a key's.
DELETE FROM token
WHERE  hash = :hash
AND    key_id IS NULL;

-- name: token_revoke_all
-- Removes all tokens of user_id but those of keys and the one with the hash keep.
DELETE FROM token
WHERE  user_id = :user_id
AND    key_id IS NULL
AND    hash <> :keep;

-- name: token_list
-- Lists the tokens of user_id that are good at `now`, but those of keys; the last used first.
SELECT   hash, created_at, used_at, expires_at, block
FROM     token
WHERE    user_id = :user_id
AND      key_id IS NULL
AND      expires_at > :now
ORDER BY used_at DESC, created_at DESC;

-- name: token_trim
-- Removes the tokens of user_id but those of keys, the one with the hash keep, and the `most` others that were used last.
DELETE FROM token
WHERE  hash IN (SELECT   hash
                FROM     token
                WHERE    user_id = :user_id
                AND      key_id IS NULL
                AND      hash <> :keep
                ORDER BY used_at DESC, created_at DESC
                LIMIT    1000000 OFFSET :most);

-- name: token_used
-- Notes that the token was used at `now`.
UPDATE token
SET    used_at = :now
WHERE  hash = :hash;

-- name: token_purge
-- Removes at most `most` tokens that have expired by `now`.
DELETE FROM token
WHERE  hash IN (SELECT   hash
                FROM     token
                WHERE    expires_at <= :now
                ORDER BY expires_at
                LIMIT    :most);
