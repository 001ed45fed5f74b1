-- name: head_get
-- The epoch of this database and its latest revision.
SELECT epoch, rev
FROM   head;

-- name: head_set_rev
-- Notes the latest revision that has been given to a task. rev.
UPDATE head
SET    rev = :rev;

-- name: head_set_epoch
-- Makes this another database in the eyes of its cursors. epoch: the new name.
UPDATE head
SET    epoch = :epoch;

-- name: head_is_boot
-- A row where the database was last opened since the machine's start `boot`.
SELECT 1
FROM   head
WHERE  boot = :boot;

-- name: head_booted
-- Notes another start. Unless it is the first that is known of, `skipped` revisions are never given out.
UPDATE head
SET    rev  = rev + CASE boot WHEN '' THEN 0 ELSE :skipped END,
       boot = :boot;

-- name: head_data_version
-- A number that changes when another connection has committed.
PRAGMA data_version;

-- name: check_pages
-- The first fault in the file's structure; no row where there is none.
SELECT integrity_check
FROM   pragma_integrity_check(1)
WHERE  integrity_check <> 'ok';

-- name: check_references
-- The first row that refers to a row that is not there, in words.
SELECT 'a row of ' || "table" || ' refers to a row of ' || parent || ' that is not there'
FROM   pragma_foreign_key_check
LIMIT  1;
