-- name: image_after
-- Lists the tasks behind `after` that have images, with these; at most `most`.
SELECT   id, input_file, images
FROM     task
-- sqlite: INDEXED BY task_images
WHERE    (input_file IS NOT NULL OR images IS NOT NULL)
AND      id > :after
ORDER BY id
LIMIT    :most;

-- name: image_note
-- Notes the bytes of a new task's images.
UPDATE task
SET    input_bytes = :bytes
WHERE  id = :id;

-- name: image_count
-- Adds `by` times the bytes of the task's images to what its user has uploaded (block: 0), or all users of that one's block (1).
INSERT INTO uploaded (owner, bytes)
SELECT CASE :block WHEN 1 THEN u.block ELSE CAST(u.id AS TEXT) END, :by * t.input_bytes
FROM   task   AS t
JOIN   "user" AS u ON u.id = t.user_id
WHERE  t.id = :id
AND    t.input_bytes > 0
AND    (:block = 0 OR u.block IS NOT NULL)
ON CONFLICT (owner) DO UPDATE SET bytes = uploaded.bytes + excluded.bytes;

-- name: image_held
-- Reads how many bytes the user has uploaded, and how many all users of that one's block.
SELECT coalesce((SELECT bytes FROM uploaded WHERE owner = CAST(u.id AS TEXT)), 0),
       coalesce((SELECT bytes FROM uploaded WHERE owner = u.block), 0)
FROM   "user" AS u
WHERE  u.id = :user_id;

-- name: image_sharers
-- Counts the users of the block of user_id that have uploaded something, this one included; at most `most`.
SELECT count(*)
FROM   (SELECT 1
        FROM   "user"   AS own
        JOIN   "user"   AS u ON u.block = own.block
        LEFT JOIN uploaded AS x ON x.owner = CAST(u.id AS TEXT)
        WHERE  own.id = :user_id
        AND    (x.bytes > 0 OR u.id = own.id)
        LIMIT  :most) AS some;

-- name: image_old
-- Lists the tasks that ended before `before` and have images, the first to end first; at most `most`.
SELECT   id, input_file, images
FROM     task
-- sqlite: INDEXED BY task_images_ended
WHERE    completed_at > 0
AND      (input_file IS NOT NULL OR images IS NOT NULL)
AND      completed_at < :before
ORDER BY completed_at
LIMIT    :most;

-- name: image_forget
-- Forgets the images of a task, so that their files may go. Clients see it.
UPDATE task
SET    input_file = NULL,
       input_type = NULL,
       images     = NULL,
       input_gone = 1,
       -- sqlite: updated_at = max(updated_at, :now),
       rev        = :rev
WHERE  id = :id;

-- name: image_gone
-- Reads whether the images of a task were forgotten.
SELECT input_gone
FROM   task
WHERE  id = :id;
