-- name: database_begin
-- Starts a write transaction: the one writer from here on.
-- sqlite: BEGIN IMMEDIATE;

-- name: database_snapshot
-- Starts a snapshot: reads see one state of the database.
-- sqlite: BEGIN;

-- name: database_commit
-- Ends a write transaction or a snapshot.
COMMIT;

-- name: database_rollback
-- Ends a write transaction without a trace.
ROLLBACK;

-- name: database_head
-- Reads the epoch of this database and its latest revision.
SELECT epoch, rev
FROM   head;

-- name: database_set_rev
-- Notes the latest revision that a task has been given.
UPDATE head
SET    rev = :rev;

-- name: database_set_epoch
-- Replaces the epoch: cursors of the old one are recognised as foreign.
UPDATE head
SET    epoch = :epoch;

-- name: database_data_version
-- Reads a number that changes when another connection commits.
-- sqlite: PRAGMA data_version;

-- name: database_check_pages
-- Finds the first fault in the structure of the file. (A number between the parentheses
-- would be a table's name to SQLite 3.46.)
-- sqlite: SELECT integrity_check
-- sqlite: FROM   pragma_integrity_check
-- sqlite: WHERE  integrity_check <> 'ok'
-- sqlite: LIMIT  1;

-- name: database_check_references
-- Finds the first row that refers to a missing row, in words.
-- sqlite: SELECT 'a row of ' || "table" || ' refers to a row of ' || parent || ' that is not there'
-- sqlite: FROM   pragma_foreign_key_check
-- sqlite: LIMIT  1;

-- name: database_counts_match
-- Compares the counts with the tasks: 1 where each is right and their sum is the number of tasks. Uses no memory that grows with them.
SELECT NOT EXISTS (SELECT 1
                   FROM   tally AS c
                   WHERE  c.n <> (SELECT count(*)
                                  FROM   task AS t
                                  -- sqlite: INDEXED BY task_user_status
                                  WHERE  t.user_id = c.user_id
                                  AND    t.status = c.status
                                  AND    t.media_type = c.media_type
                                  AND    coalesce(t.upstream_model, t.model, '') = c.model
                                  AND    t.deleted = 0))
       AND (SELECT coalesce(sum(n), 0) FROM tally) = (SELECT count(*) FROM task WHERE deleted = 0);

-- name: database_counts_clear
-- Removes all counts.
DELETE FROM tally;

-- name: database_counts_fill
-- Counts all tasks anew.
INSERT INTO tally (user_id, model, media_type, status, n)
SELECT user_id, coalesce(upstream_model, model, ''), media_type, status, 1
FROM   task
WHERE  deleted = 0
ON CONFLICT (user_id, model, media_type, status) DO UPDATE SET n = tally.n + 1;
