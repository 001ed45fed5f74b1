-- part: turn_last_place
-- The place behind the last in the channel's line.
                coalesce((SELECT   l.place
                          FROM     turn AS l
                          -- sqlite: INDEXED BY turn_place
                          WHERE    l.channel = :channel
                          AND      l.due_at = 0
                          ORDER BY l.place DESC
                          LIMIT    1), 0) + 1

-- part: turn_last_single
-- The place behind the last in its line of single tasks.
                coalesce((SELECT   l.single
                          FROM     turn AS l
                          -- sqlite: INDEXED BY turn_single
                          WHERE    l.channel = :channel
                          AND      l.due_at = 0
                          AND      l.single > 0
                          ORDER BY l.single DESC
                          LIMIT    1), 0) + 1

-- part: turn_waiting
-- The tasks that the user has waiting at the channel.
        FROM   task AS w
        -- sqlite: INDEXED BY task_ready_user
        WHERE  w.channel = :channel
        AND    w.user_id = :user_id
        AND    w.due_at > 0
        AND    w.state = 'ready'

-- name: turn_of
-- Reads whose turn the task `id` waits for, and where.
SELECT channel, user_id, state
FROM   task
WHERE  id = :id;

-- name: turn_enter
-- Puts the user at the end of the channel's line; where the task `id` is all that waits of it there, in the line of single tasks, too. A
-- user who stands in one stays where it is.
INSERT INTO turn (channel, user_id, place, single, due_at)
VALUES (:channel, :user_id,
-- use: turn_last_place
       , CASE WHEN EXISTS (SELECT 1
-- use: turn_waiting
                           AND w.id <> :id)
              THEN 0
              ELSE
-- use: turn_last_single
         END, 0)
ON CONFLICT (channel, user_id) DO UPDATE SET single = CASE WHEN excluded.single > 0 AND turn.single > 0
                                                           THEN turn.single
                                                           ELSE excluded.single END,
                                             due_at = 0;

-- name: turn_leave
-- Puts a user of whom one task is left at the channel in its line of single tasks.
UPDATE turn
SET    single =
-- use: turn_last_single
WHERE  channel = :channel
AND    user_id = :user_id
AND    single = 0
AND    (SELECT count(*) FROM (SELECT 1
-- use: turn_waiting
                              LIMIT 2) AS few) = 1;

-- name: turn_give_back
-- Puts the user first in the channel's line.
UPDATE turn
SET    place = coalesce((SELECT   f.place
                         FROM     turn AS f
                         -- sqlite: INDEXED BY turn_place
                         WHERE    f.channel = :channel
                         AND      f.due_at = 0
                         ORDER BY f.place
                         LIMIT    1), 1) - 1
WHERE  channel = :channel
AND    user_id = :user_id;

-- name: turn_wake
-- Lets those stand in line again of whom a task is due at `now`.
UPDATE turn
-- sqlite: INDEXED BY turn_due
SET    due_at = 0
WHERE  channel = :channel
AND    due_at > 0
AND    due_at <= :now;

-- name: turn_first
-- Finds the user who is first in the channel's line.
SELECT   user_id, single
FROM     turn
-- sqlite: INDEXED BY turn_place
WHERE    channel = :channel
AND      due_at = 0
ORDER BY place
LIMIT    1;

-- name: turn_first_single
-- Finds the user who is first in its line of single tasks.
SELECT   user_id, single
FROM     turn
-- sqlite: INDEXED BY turn_single
WHERE    channel = :channel
AND      due_at = 0
AND      single > 0
ORDER BY single
LIMIT    1;

-- name: turn_task
-- Finds the task of the user that is due first at the channel.
SELECT w.id, w.due_at
-- use: turn_waiting
ORDER BY w.due_at, w.id
LIMIT    1;

-- name: turn_task_awake
-- The same where models of the channel cool down at `now`: as if their tasks were due at the end of that, or at `look` where a task probes.
-- Looks at a hundred of the user's tasks.
SELECT   id, CASE WHEN until > due_at THEN until ELSE due_at END AS at
FROM     (SELECT f.id, f.due_at,
                 coalesce((SELECT CASE WHEN m.probe <> 0 AND m.until > :look THEN :look ELSE m.until END
                           FROM   channel_model AS m
                           WHERE  m.channel = :channel
                           AND    m.model = coalesce(f.model, '')
                           AND    (m.user_id = 0 OR m.user_id = :user_id)
                           AND    m.until > :now), 0) AS until
          FROM   (SELECT w.id, w.due_at, w.model
-- use: turn_waiting
                  ORDER BY w.due_at, w.id
                  LIMIT    100) AS f) AS first
ORDER BY at, id
LIMIT    1;

-- name: turn_resting
-- Finds that a model of the channel cools down at `now`.
SELECT 1
FROM   channel_model
WHERE  channel = :channel
AND    until > :now
LIMIT  1;

-- name: turn_take
-- Puts the user at the end of the channel's line, and out of that of single tasks.
UPDATE turn
SET    single = 0,
       place  =
-- use: turn_last_place
WHERE  channel = :channel
AND    user_id = :user_id;

-- name: turn_sleep
-- Takes the user out of both lines until due_at.
UPDATE turn
SET    due_at = :due_at
WHERE  channel = :channel
AND    user_id = :user_id;

-- name: turn_end
-- Removes the row of a user who has nothing waiting at the channel.
DELETE FROM turn
WHERE  channel = :channel
AND    user_id = :user_id;

-- name: turn_count
-- Notes how many turns the channel's line has had since the last of a single task.
UPDATE channel
SET    turns = :turns
WHERE  name = :channel;

-- name: turn_hurry
-- Lets all stand in line who would wait longer than until `now`.
UPDATE turn
-- sqlite: INDEXED BY turn_due
SET    due_at = 0
WHERE  channel IN (SELECT name FROM channel)
AND    due_at > :now
AND    due_at > 0;

-- name: turn_own
-- Counts the user's tasks at the channel that are due before the one that is due at due_at and has this id, up to `most`.
SELECT count(*)
FROM   (SELECT 1
-- use: turn_waiting
        AND w.due_at <= :due_at
        AND (w.due_at < :due_at OR w.id < :id)
        LIMIT :most) AS ahead;

-- name: turn_place
-- Reads where the user stands in both lines.
SELECT place, single
FROM   turn
WHERE  channel = :channel
AND    user_id = :user_id;

-- name: turn_line
-- Finds who stands in the channel's line behind (place, user_id).
SELECT   user_id, place
FROM     turn
-- sqlite: INDEXED BY turn_place
WHERE    channel = :channel
AND      due_at = 0
AND      (place, user_id) > (:place, :user_id)
ORDER BY place, user_id
LIMIT    1;

-- name: turn_before
-- Counts those in the channel's line before the place, up to `most`.
SELECT count(*)
FROM   (SELECT 1
        FROM   turn
        -- sqlite: INDEXED BY turn_place
        WHERE  channel = :channel
        AND    due_at = 0
        AND    place < :place
        LIMIT  :most) AS few;

-- name: turn_singles
-- The same in its line of single tasks.
SELECT count(*)
FROM   (SELECT 1
        FROM   turn
        -- sqlite: INDEXED BY turn_single
        WHERE  channel = :channel
        AND    due_at = 0
        AND    single > 0
        AND    single < :place
        LIMIT  :most) AS few;
