-- name: archive_due
-- Finds the video that is due last, not first, of those that failed `tries` times and are due after `after` and before `before`: behind a
-- backlog of dead or dying links, a new video would wait until its own link is dead, too.
SELECT   task_id, due_at
FROM     archive
-- sqlite: INDEXED BY archive_tries
WHERE    tries = :tries
AND      due_at > 0
AND      due_at > :after
AND      due_at < :before
ORDER BY due_at DESC
LIMIT    1;

-- name: archive_take
-- Takes the video's lease: owner holds it until due_at.
UPDATE archive
SET    owner  = :owner,
       due_at = :due_at
WHERE  task_id = :id;

-- name: archive_next
-- Reads when the next video is due; NULL = none is.
SELECT min(due_at)
FROM   archive
-- sqlite: INDEXED BY archive_due
WHERE  due_at > 0;

-- name: archive_keep
-- Notes that the file is there, as the newest of all, whatever the clock says: else it might be the oldest, and be dropped to make room.
-- id, owner: as the row must be.
UPDATE archive
SET    state   = 'kept',
       type    = :type,
       size    = :size,
       -- sqlite: kept_at = max(:now, 1 + ifnull((SELECT max(kept_at) FROM archive INDEXED BY archive_kept WHERE state = 'kept'), 0)),
       due_at  = 0,
       owner   = NULL
WHERE  task_id = :id
AND    owner = :owner
AND    state = 'wanted';

-- name: archive_lasts
-- Forgets when the upstream's file goes, where that is known.
UPDATE task
SET    expires_at = 0,
       -- sqlite: updated_at = max(updated_at, :now),
       rev        = :rev
WHERE  id = :id
AND    expires_at > 0;

-- name: archive_return
-- Returns the lease: the video is due again at due_at, or, where that is 0, given up. id, owner: as the row must be.
UPDATE archive
SET    state  = CASE :due_at WHEN 0 THEN 'gone' ELSE state END,
       due_at = :due_at,
       owner  = NULL,
       tries  = tries + :failed
WHERE  task_id = :id
AND    owner = :owner
AND    state = 'wanted';

-- name: archive_get
-- Finds the file of a task, where it is kept.
SELECT task_id, NULL, type, size, kept_at, state, due_at, tries
FROM   archive
WHERE  task_id = :id
AND    state = 'kept';

-- name: archive_look
-- Finds the entry of a task, in any state.
SELECT task_id, NULL, type, size, kept_at, state, due_at, tries
FROM   archive
WHERE  task_id = :id;

-- name: archive_count
-- Adds `by` times the file of the task, which must be kept, to what is held of user_id, the task's or 0.
INSERT INTO held (user_id, files, bytes)
SELECT CASE :all WHEN 1 THEN 0 ELSE user_id END, :by, :by * size
FROM   archive
WHERE  task_id = :id
AND    state = 'kept'
ON CONFLICT (user_id) DO UPDATE SET files = held.files + excluded.files, bytes = held.bytes + excluded.bytes;

-- name: archive_total
-- Reads how many files are kept, and their bytes.
SELECT files, bytes
FROM   held
WHERE  user_id = 0;

-- name: archive_oldest
-- Finds the file that has been kept the longest, with its video id.
SELECT   a.task_id, t.video_id, a.type, a.size, a.kept_at, a.state, a.due_at, a.tries
FROM     archive AS a
-- sqlite: INDEXED BY archive_kept
JOIN     task    AS t ON t.id = a.task_id
WHERE    a.state = 'kept'
ORDER BY a.kept_at
LIMIT    1;

-- name: archive_victim
-- Finds the file that makes room, with its video id: of the user who keeps most bytes the one that has been kept the longest. What is to
-- go later than that is one more column of the index, before kept_at.
SELECT   a.task_id, t.video_id, a.type, a.size, a.kept_at, a.state, a.due_at, a.tries
FROM     archive AS a
-- sqlite: INDEXED BY archive_user
JOIN     task    AS t ON t.id = a.task_id
WHERE    a.state = 'kept'
AND      a.user_id = (SELECT   user_id
                      FROM     held
                      -- sqlite: INDEXED BY held_bytes
                      WHERE    user_id > 0
                      ORDER BY bytes DESC
                      LIMIT    1)
ORDER BY a.kept_at
LIMIT    1;

-- name: archive_drop
-- Notes that a video is no longer kept or wanted.
UPDATE archive
SET    state  = 'gone',
       due_at = 0,
       owner  = NULL
WHERE  task_id = :id;

-- name: archive_after
-- Finds the file that came next after `kept_at`, with its video id.
SELECT   a.task_id, t.video_id, a.type, a.size, a.kept_at, a.state, a.due_at, a.tries
FROM     archive AS a
-- sqlite: INDEXED BY archive_kept
JOIN     task    AS t ON t.id = a.task_id
WHERE    a.state = 'kept'
AND      a.kept_at > :kept_at
ORDER BY a.kept_at
LIMIT    1;

-- name: archive_want
-- Makes a video whose file is lost due at `now`.
UPDATE archive
SET    state   = 'wanted',
       type    = NULL,
       size    = 0,
       kept_at = 0,
       due_at  = :now,
       tries   = 0
WHERE  task_id = :id
AND    state = 'kept';

-- name: archive_known
-- Finds the size of the file with this video id, -1 where none is kept but one may come: no row where the task is deleted or its
-- video given up.
SELECT    CASE a.state WHEN 'kept' THEN a.size ELSE -1 END
FROM      task    AS t
LEFT JOIN archive AS a ON a.task_id = t.id
WHERE     t.video_id = :video_id
AND       t.deleted = 0
-- sqlite: AND       a.state IS NOT 'gone';

-- name: archive_hurry
-- Makes all videos due at `now` at the latest, after the clock was set back; those under a lease at `lease` at the latest.
UPDATE archive
-- sqlite: INDEXED BY archive_due
-- sqlite: SET    due_at = CASE WHEN owner IS NULL THEN :now ELSE min(due_at, :lease) END
WHERE  due_at > 0
AND    due_at > :now;
