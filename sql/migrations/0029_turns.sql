-- Turns: the tasks that wait for a channel are sent in turns by user.

CREATE TABLE turn (
	-- A user who has tasks in state ready at the channel; or had, and the row goes when it is next looked at.
	channel TEXT    NOT NULL,
	user_id INTEGER NOT NULL,
	-- Where the user stands in the channel's line, the first in front; each turn leads to the end.
	place   INTEGER NOT NULL,
	-- Where it stands in the line of those with one task waiting; 0 = it has several, or none.
	single  INTEGER NOT NULL,
	-- Before that none of its tasks is due; 0 = one may be.
	due_at  INTEGER NOT NULL,
	PRIMARY KEY (channel, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX turn_place  ON turn (channel, place)  WHERE due_at = 0;
CREATE INDEX turn_single ON turn (channel, single) WHERE due_at = 0 AND single > 0;
CREATE INDEX turn_due    ON turn (channel, due_at) WHERE due_at > 0;

-- The tasks that a user has waiting at a channel.
CREATE INDEX task_ready_user ON task (channel, user_id, due_at) WHERE due_at > 0 AND state = 'ready';

-- Turns in a row of users with several tasks waiting, up to two: the next is of one with a single task.
ALTER TABLE channel ADD COLUMN turns INTEGER NOT NULL DEFAULT 0;

INSERT INTO turn (channel, user_id, place, single, due_at)
SELECT   channel, user_id, min(id), CASE count(*) WHEN 1 THEN min(id) ELSE 0 END, 0
FROM     task
WHERE    due_at > 0
AND      state = 'ready'
GROUP BY channel, user_id;
