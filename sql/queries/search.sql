-- The index of prompts: sql/migrations/0030_search.sql says what it holds.

-- name: search_upstream
-- Finds tasks with the upstream's id, deleted ones among them; of a user the youngest that are not, however many others have the same id.
-- options: user
SELECT
-- use: task_shown
FROM     task
-- sqlite: INDEXED BY task_external
WHERE    external_id = :external_id
-- user: AND user_id = :user_id
-- user: AND deleted = 0
-- user: ORDER BY id DESC
LIMIT    :limit;

-- name: search_blocks
-- Lists the user's blocks with a task before `after`, the youngest first; ascending: with a task behind it, the oldest first.
-- options: ascending
SELECT   first_id, ids
FROM     search_block
-- sqlite: INDEXED BY search_block_user
WHERE    user_id = :user_id
-- !ascending: AND first_id < :after
-- ascending:  AND first_id >= coalesce((SELECT max(first_id) FROM search_block WHERE user_id = :user_id AND first_id <= :after), 0)
-- !ascending: ORDER BY first_id DESC
-- ascending:  ORDER BY first_id ASC
;

-- name: search_part
-- Reads a part of a block.
SELECT bits
FROM   search_part
WHERE  id = :id;

-- name: search_last
-- Finds the user's block that begins with `id` or, of those before it, last.
SELECT   first_id, ids
FROM     search_block
-- sqlite: INDEXED BY search_block_user
WHERE    user_id = :user_id
AND      first_id <= :id
ORDER BY first_id DESC
LIMIT    1;

-- name: search_prompts
-- Lists the user's tasks behind `after`, the oldest first; at most `limit`.
SELECT   id, prompt
FROM     task
-- sqlite: INDEXED BY task_user
WHERE    user_id = :user_id
AND      deleted = 0
AND      id > :after
ORDER BY id
LIMIT    :limit;

-- name: search_nth
-- Tells whether the user has more than `count` tasks behind `after`.
SELECT   1
FROM     task
-- sqlite: INDEXED BY task_user
WHERE    user_id = :user_id
AND      deleted = 0
AND      id > :after
ORDER BY id
LIMIT    1
OFFSET   :count;

-- name: search_owner
-- Finds the user of a task.
SELECT user_id
FROM   task
WHERE  id = :id;

-- name: search_block_add
-- Adds a block.
INSERT INTO search_block (first_id, user_id, ids)
VALUES                   (:first_id, :user_id, :ids);

-- name: search_part_set
-- Adds a part of a block, or replaces it.
INSERT INTO search_part (id, bits)
VALUES                  (:id, :bits)
ON CONFLICT (id) DO UPDATE SET bits = excluded.bits;

-- name: search_part_drop
-- Removes a part of a block.
DELETE FROM search_part
WHERE  id = :id;

-- name: search_blocks_drop
-- Removes all blocks.
DELETE FROM search_block;

-- name: search_parts_drop
-- Removes all their parts.
DELETE FROM search_part;

-- name: search_changed
-- Lists whose tasks have changed, and when, behind the revision `after`.
SELECT   rev, user_id
FROM     task
-- sqlite: INDEXED BY task_rev
WHERE    rev > :after
ORDER BY rev
LIMIT    :limit;

-- name: search_head
-- Reads the revision up to which tasks were looked at.
SELECT rev
FROM   search_head;

-- name: search_set_head
-- Notes it.
UPDATE search_head
SET    rev = :rev;

-- name: search_next_block
-- Finds the block that begins behind the task `after`, whosever it is.
SELECT   first_id, user_id
FROM     search_block
WHERE    first_id > :after
ORDER BY first_id
LIMIT    1;

-- name: search_newest
-- Finds where the youngest block begins.
SELECT max(first_id)
FROM   search_block;
