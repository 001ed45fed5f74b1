-- name: snapshot_begin
-- From here on reads see one state of the database.
BEGIN;

-- name: snapshot_end
-- And no more.
COMMIT;
