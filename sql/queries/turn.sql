-- part: turn_last
-- The place that was given last.
(SELECT last FROM line WHERE channel = :channel)

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

-- name: turn_draw
-- Gives a place behind the last at the channel: behind those, too, who are out of its line for a time.
INSERT INTO line (channel, last, turns)
VALUES (:channel, 1, 0)
ON CONFLICT (channel) DO UPDATE SET last = line.last + 1;

-- name: turn_enter
-- Puts the user at the place given last in the channel's line; where the task `id` is all that waits of it there, in the line of single tasks,
-- too. A user who stands in one stays where it is.
INSERT INTO turn (channel, user_id, place, single, due_at)
VALUES (:channel, :user_id,
-- use: turn_last
       , CASE WHEN EXISTS (SELECT 1
-- use: turn_waiting
                           AND w.id <> :id)
              THEN 0
              ELSE
-- use: turn_last
         END, 0)
ON CONFLICT (channel, user_id) DO UPDATE SET single = CASE WHEN excluded.single > 0 AND turn.single > 0
                                                           THEN turn.single
                                                           ELSE excluded.single END,
                                             due_at = 0;

-- name: turn_leave
-- Puts a user of whom one task is left at the channel in its line of single tasks, behind the place given last.
UPDATE turn
SET    single =
-- use: turn_last
                + 1,
       due_at = 0
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

-- name: turn_news
-- Looks at the channel's line at `now`: the place given last, the turns since the last of a single task, whether a user sleeps of whom a task
-- is due, whether users sleep for models, and whether models cool down.
SELECT l.last, l.turns,
       EXISTS (SELECT 1
               FROM   turn AS d
               -- sqlite: INDEXED BY turn_due
               WHERE  d.channel = :channel
               AND    d.due_at > 0
               AND    d.due_at <= :now),
       EXISTS (SELECT 1
               FROM   turn_model AS r
               WHERE  r.channel = :channel),
       EXISTS (SELECT 1
               FROM   channel_model AS m
               WHERE  m.channel = :channel
               AND    m.until > :now)
FROM   line AS l
WHERE  l.channel = :channel;

-- name: turn_due
-- Finds a user at the channel who sleeps and of whom a task is due at `now`.
SELECT   user_id
FROM     turn
-- sqlite: INDEXED BY turn_due
WHERE    channel = :channel
AND      due_at > 0
AND      due_at <= :now
ORDER BY due_at
LIMIT    1;

-- name: turn_wake
-- Lets the user stand in line again.
UPDATE turn
SET    due_at = 0
WHERE  channel = :channel
AND    user_id = :user_id
AND    due_at > 0;

-- name: turn_model_next
-- Finds the first model for which users sleep at the channel, or the next after `model`; until when it cools down at `now`, 0 where it does
-- not, and for whom alone, 0 = for all.
-- options: after
SELECT    r.model, coalesce(m.until, 0), coalesce(m.user_id, 0)
FROM      turn_model    AS r
LEFT JOIN channel_model AS m ON m.channel = r.channel AND m.model = r.model AND m.until > :now
WHERE     r.channel = :channel
-- after: AND       r.model > :model
ORDER BY  r.model
LIMIT     1;

-- name: turn_model_first
-- Finds who sleeps for the model, but for the user `still`, and is first in the channel's line; single: in that of single tasks.
-- options: single
SELECT   user_id
FROM     turn_model
-- sqlite !single: INDEXED BY turn_model_place
-- sqlite single:  INDEXED BY turn_model_single
WHERE    channel = :channel
AND      model = :model
AND      user_id <> :still
-- single: AND      single > 0
-- !single: ORDER BY place
-- single: ORDER BY single
LIMIT    1;

-- name: turn_model_woken
-- Forgets that the user sleeps for the model.
DELETE FROM turn_model
WHERE  channel = :channel
AND    model = :model
AND    user_id = :user_id;

-- name: turn_model_sleep
-- Notes for which models the user sleeps at the channel: all of which it has tasks there, and that cool down at `now`.
INSERT INTO turn_model (channel, model, user_id, place, single)
SELECT m.channel, m.model, t.user_id, t.place, t.single
FROM   channel_model AS m
JOIN   turn          AS t ON t.channel = m.channel
WHERE  m.channel = :channel
AND    m.until > :now
AND    (m.user_id = 0 OR m.user_id = :user_id)
AND    t.user_id = :user_id
AND    EXISTS (SELECT 1
               FROM   task AS w
               -- sqlite: INDEXED BY task_ready_model
               WHERE  w.channel = :channel
               AND    w.user_id = :user_id
               AND    coalesce(w.model, '') = m.model
               AND    w.due_at > 0
               AND    w.state = 'ready')
ON CONFLICT (channel, model, user_id) DO UPDATE SET place  = excluded.place,
                                                    single = excluded.single;

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
-- Finds the task of the user that is due first at the channel. resting: and until when its model cools down there at `now`; 0 = it does not.
-- options: resting
SELECT w.id, w.due_at
-- resting:       , coalesce((SELECT m.until
-- resting:                   FROM   channel_model AS m
-- resting:                   WHERE  m.channel = :channel
-- resting:                   AND    m.model = coalesce(w.model, '')
-- resting:                   AND    (m.user_id = 0 OR m.user_id = :user_id)
-- resting:                   AND    m.until > :now), 0)
-- use: turn_waiting
ORDER BY w.due_at, w.id
LIMIT    1;

-- name: turn_task_model
-- The same of the first of its models, or of the next after `model`, and that model.
-- options: after
SELECT   w.id, w.due_at, coalesce((SELECT m.until
                                   FROM   channel_model AS m
                                   WHERE  m.channel = :channel
                                   AND    m.model = coalesce(w.model, '')
                                   AND    (m.user_id = 0 OR m.user_id = :user_id)
                                   AND    m.until > :now), 0), coalesce(w.model, '')
FROM     task AS w
-- sqlite: INDEXED BY task_ready_model
WHERE    w.channel = :channel
AND      w.user_id = :user_id
-- after: AND      coalesce(w.model, '') > :model
AND      w.due_at > 0
AND      w.state = 'ready'
ORDER BY coalesce(w.model, ''), w.due_at, w.id
LIMIT    1;

-- name: turn_take
-- Puts the user at the place in the channel's line, and out of that of single tasks.
UPDATE turn
SET    single = 0,
       place  = :place
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
-- Notes the place given last in the channel's line, and how many turns it has had since the last of a single task.
UPDATE line
SET    last  = :last,
       turns = :turns
WHERE  channel = :channel;

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

-- name: turn_behind
-- Finds who has the first place at the channel behind (place, user_id), asleep or not.
SELECT   user_id, place
FROM     (SELECT *
          FROM   (SELECT   user_id, place
                  FROM     turn
                  -- sqlite: INDEXED BY turn_place
                  WHERE    channel = :channel
                  AND      due_at = 0
                  AND      (place, user_id) > (:place, :user_id)
                  ORDER BY place, user_id
                  LIMIT    1) AS awake
          UNION ALL
          SELECT *
          FROM   (SELECT   user_id, place
                  FROM     turn
                  -- sqlite: INDEXED BY turn_asleep
                  WHERE    channel = :channel
                  AND      due_at > 0
                  AND      (place, user_id) > (:place, :user_id)
                  ORDER BY place, user_id
                  LIMIT    1) AS sleeper) AS heads
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
