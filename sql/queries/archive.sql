-- name: archive_due
-- The video to be fetched at `now`: its task, and how often it failed. Of those that failed least the one that fell due last, not the first:
-- behind a backlog, whose links are dead or dying, a new video would wait until its own is dead too.
SELECT   task_id, tries
FROM     archive
-- sqlite: INDEXED BY archive_due
WHERE    due_at > 0
AND      due_at <= :now
ORDER BY tries, due_at DESC
LIMIT    1;

-- name: archive_take
-- Takes the lease: owner holds it until due_at.
UPDATE archive
SET    owner  = :owner,
       due_at = :due_at
WHERE  task_id = :id;

-- name: archive_next
-- When a video falls due next; NULL = none will.
SELECT min(due_at)
FROM   archive
-- sqlite: INDEXED BY archive_due
WHERE  due_at > 0;

-- name: archive_keep
-- Its file is there, and came after all others, whatever the clock says: else the oldest that makes room would be itself. id, owner: as the
-- row must be.
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

-- name: archive_return
-- It was not to be had: it is tried again at due_at, or, where that is 0, given up. id, owner: as the row must be.
UPDATE archive
SET    state  = CASE :due_at WHEN 0 THEN 'gone' ELSE state END,
       due_at = :due_at,
       owner  = NULL,
       tries  = tries + :failed
WHERE  task_id = :id
AND    owner = :owner
AND    state = 'wanted';

-- name: archive_get
-- The file of a task, where it is kept.
SELECT task_id, NULL, type, size, kept_at, state, due_at, tries
FROM   archive
WHERE  task_id = :id
AND    state = 'kept';

-- name: archive_look
-- What has become of a task's video, whatever it is.
SELECT task_id, NULL, type, size, kept_at, state, due_at, tries
FROM   archive
WHERE  task_id = :id;

-- name: archive_total
-- How many files there are, and the bytes of all.
SELECT count(*), coalesce(sum(size), 0)
FROM   archive
-- sqlite: INDEXED BY archive_kept
WHERE  state = 'kept';

-- name: archive_oldest
-- The file that has been kept the longest, with its video id.
SELECT   a.task_id, t.video_id, a.type, a.size, a.kept_at, a.state, a.due_at, a.tries
FROM     archive AS a
-- sqlite: INDEXED BY archive_kept
JOIN     task    AS t ON t.id = a.task_id
WHERE    a.state = 'kept'
ORDER BY a.kept_at
LIMIT    1;

-- name: archive_drop
-- Its file is not kept any longer, or no longer wanted.
UPDATE archive
SET    state  = 'gone',
       due_at = 0,
       owner  = NULL
WHERE  task_id = :id;

-- name: archive_after
-- The file that came next after `kept_at`, with its video id.
SELECT   a.task_id, t.video_id, a.type, a.size, a.kept_at, a.state, a.due_at, a.tries
FROM     archive AS a
-- sqlite: INDEXED BY archive_kept
JOIN     task    AS t ON t.id = a.task_id
WHERE    a.state = 'kept'
AND      a.kept_at > :kept_at
ORDER BY a.kept_at
LIMIT    1;

-- name: archive_want
-- Its file has got lost: it is to be fetched anew.
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
-- The size of the file that is kept of the task with this video id, -1 where none is but may be: no row where the task is deleted or its
-- video given up.
SELECT    CASE a.state WHEN 'kept' THEN a.size ELSE -1 END
FROM      task    AS t
LEFT JOIN archive AS a ON a.task_id = t.id
WHERE     t.video_id = :video_id
AND       t.deleted = 0
-- sqlite: AND       a.state IS NOT 'gone';

-- name: archive_hurry
-- After the clock was set back: what is due after `now` is due at `now`; what is under a lease at `lease` at the latest.
UPDATE archive
-- sqlite: INDEXED BY archive_due
-- sqlite: SET    due_at = CASE WHEN owner IS NULL THEN :now ELSE min(due_at, :lease) END
WHERE  due_at > 0
AND    due_at > :now;
