-- name: user_add
-- Adds a user. All columns but the id.
INSERT INTO "user" (username, shape, email, password_hash, admin, disabled, created_at)
VALUES             (:username, :shape, :email, :password_hash, :admin, :disabled, :created_at)
RETURNING id;

-- name: user_by_name
-- Finds a user, with the password hash. username: ASCII case does not matter.
SELECT id, username, email, admin, disabled, created_at, password_hash
FROM   "user"
WHERE  username = :username;

-- name: user_by_id
-- Finds a user.
SELECT id, username, email, admin, disabled, created_at
FROM   "user"
WHERE  id = :id;

-- name: user_by_token
-- Finds the user of the token with this hash that is good at `now`, with the key that it is and its last use.
SELECT u.id, u.username, u.email, u.admin, u.disabled, u.created_at, t.key_id, t.used_at
FROM   token AS t
JOIN   "user"  AS u ON u.id = t.user_id
WHERE  t.hash = :hash
AND    t.expires_at > :now
AND    u.disabled = 0;

-- name: user_key
-- Reads what the key `id` is good for, unless it is disabled.
SELECT scope, addresses
FROM   api_key
WHERE  id = :id
AND    disabled = 0;

-- name: user_enabled
-- Finds a row where the user `id` is enabled.
SELECT 1
FROM   "user"
WHERE  id = :id
AND    disabled = 0;

-- name: user_list
-- Lists all users by name, for the operator.
SELECT   id, username, email, admin, disabled, created_at
FROM     "user"
ORDER BY username;

-- name: user_set_password
-- Replaces the password hash of the user `id`.
UPDATE "user"
SET    password_hash = :password_hash
WHERE  id = :id;

-- name: user_set_disabled
-- Disables the user `id` (1), or enables it (0).
UPDATE "user"
SET    disabled = :disabled
WHERE  id = :id;

-- name: user_set_block
-- Notes the block that the account was registered from.
UPDATE "user"
SET    block = :block
WHERE  id = :id;

-- name: user_settings
-- Reads what the operator has set for the user `id`.
SELECT group_id, max_open, rate, note
FROM   "user"
WHERE  id = :id;

-- name: user_set
-- Replaces all of that.
UPDATE "user"
SET    group_id = :group_id,
       max_open = :max_open,
       rate = :rate,
       note = :note
WHERE  id = :id;

-- name: user_limits
-- Reads what limits the user, its own limits or else its group's, and what limits the key.
SELECT    coalesce(u.max_open, g.max_open), coalesce(u.rate, g.rate), g.models, k.max_open, k.rate, k.models
FROM      "user"     AS u
LEFT JOIN user_group AS g ON g.id = u.group_id
LEFT JOIN api_key    AS k ON k.id = :key_id
WHERE     u.id = :user_id;

-- name: user_open
-- Counts the user's open tasks, up to `most`.
SELECT count(*)
FROM   (SELECT 1
        FROM   task
        -- sqlite: INDEXED BY task_user_status
        WHERE  user_id = :id
        AND    status = 'QUEUED'
        UNION ALL
        SELECT 1
        FROM   task
        -- sqlite: INDEXED BY task_user_status
        WHERE  user_id = :id
        AND    status = 'PROCESSING'
        LIMIT  :most) AS few;
