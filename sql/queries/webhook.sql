-- name: webhook_add
-- Adds an endpoint. key_id: the API key that adds it; NULL = none.
INSERT INTO webhook (user_id, url, completed, failed, secret, enabled, created_at, key_id, key_name)
VALUES              (:user_id, :url, :completed, :failed, :secret, 1, :created_at, :key_id, (SELECT name FROM api_key WHERE id = :key_id));

-- name: webhook_list
-- Lists the endpoints of user_id, the newest first.
SELECT   id, url, completed, failed, enabled, note, failing_since, created_at, secret, old_until, key_id, key_name
FROM     webhook
-- sqlite: INDEXED BY webhook_user
WHERE    user_id = :user_id
AND      deleted = 0
ORDER BY id DESC;

-- name: webhook_get
-- Finds the endpoint `id` of user_id.
SELECT id, url, completed, failed, enabled, note, failing_since, created_at, secret, old_until, key_id, key_name
FROM   webhook
WHERE  id = :id
AND    user_id = :user_id
AND    deleted = 0;

-- name: webhook_set
-- Replaces the user's settings, and clears the failures noted before.
UPDATE webhook
SET    url           = :url,
       completed     = :completed,
       failed        = :failed,
       enabled       = :enabled,
       note          = NULL,
       failing_since = 0,
       key_id        = :key_id,
       key_name      = (SELECT name FROM api_key WHERE id = :key_id)
WHERE  id = :id
AND    deleted = 0;

-- name: webhook_rotate
-- Sets a new secret; the present one becomes the old one until old_until.
UPDATE webhook
SET    old_secret = secret,
       old_until  = :old_until,
       secret     = :secret,
       key_id     = :key_id,
       key_name   = (SELECT name FROM api_key WHERE id = :key_id)
WHERE  id = :id
AND    deleted = 0;

-- name: webhook_delete
-- Deletes an endpoint: address and secrets are cleared, the row stays until its last delivery is gone.
UPDATE webhook
SET    deleted    = 1,
       enabled    = 0,
       url        = '',
       secret     = '',
       old_secret = NULL
WHERE  id = :id
AND    deleted = 0;

-- name: webhook_works
-- Notes that a delivery was accepted.
UPDATE webhook
SET    failing_since = 0
WHERE  id = :id
AND    failing_since <> 0;

-- name: webhook_fails
-- Notes that a delivery to `url` failed at `now`; returns since when they fail. Writes nothing where the endpoint has another url by now.
UPDATE webhook
SET    failing_since = CASE failing_since WHEN 0 THEN :now ELSE failing_since END
WHERE  id = :id
AND    url = :url
RETURNING failing_since;

-- name: webhook_disable
-- Disables an endpoint, with the reason in `note`.
UPDATE webhook
SET    enabled = 0,
       note    = :note
WHERE  id = :id
AND    enabled = 1;

-- name: webhook_end_key
-- Disables the endpoints of the API key `id`, which is revoked or disabled.
UPDATE webhook
SET    enabled = 0,
       note    = 'key_revoked'
WHERE  key_id = :id
AND    enabled = 1;

-- name: webhook_end_expired
-- Disables the endpoints of API keys that have expired by `now` and still have a token.
UPDATE webhook
SET    enabled = 0,
       note    = 'key_expired'
WHERE  enabled = 1
AND    key_id IN (SELECT key_id
                  FROM   token
                  WHERE  expires_at <= :now
                  AND    key_id IS NOT NULL);

-- name: webhook_purge
-- Removes deleted endpoints that have no delivery left; at most `most`.
DELETE FROM webhook
WHERE  id IN (SELECT id
              FROM   webhook AS w
              -- sqlite: INDEXED BY webhook_deleted
              WHERE  w.deleted = 1
              AND    w.id > 0
              AND    NOT EXISTS (SELECT 1 FROM delivery AS d WHERE d.webhook_id = w.id)
              LIMIT  :most);
