-- The audit log.

-- name: audit_add
-- Adds a row.
INSERT INTO audit (at, actor, address, action, subject, detail, request_id)
VALUES            (:at, :actor, :address, :action, :subject, :detail, :request_id);

-- name: audit_list
-- Lists rows, latest first, with ids below `before`.
SELECT   id, at, actor, address, action, subject, detail, request_id
FROM     audit
WHERE    id < :before
ORDER BY id DESC
LIMIT    :most;

-- name: audit_purge
-- Removes at most `most` rows from before `now`.
DELETE FROM audit
WHERE  id IN (SELECT   id
              FROM     audit
              WHERE    at < :now
              ORDER BY at
              LIMIT    :most);
