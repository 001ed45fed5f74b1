-- Who comes later stands behind all who wait, those included who are out of the line for a time; and who they are is found by model.

CREATE TABLE line (
	channel TEXT    NOT NULL PRIMARY KEY,
	-- The place that was given last: who enters, and who has had a turn, gets the next.
	last    INTEGER NOT NULL,
	-- Turns in a row of users with several tasks waiting, up to two: the next is of one with a single task.
	turns   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO line (channel, last, turns)
SELECT   channel, max(CASE WHEN place > single THEN place ELSE single END), 0
FROM     turn
GROUP BY channel;

ALTER TABLE channel DROP COLUMN turns;

-- Those who are out of the line, by their places.
CREATE INDEX turn_asleep ON turn (channel, place) WHERE due_at > 0;

CREATE TABLE turn_model (
	-- A user who is out of the channel's line as what it has waiting there is of models that cool down: a row for each of them. It goes some
	-- time after that cooldown is over.
	channel TEXT    NOT NULL,
	-- '' = that of tasks which name none.
	model   TEXT    NOT NULL,
	user_id INTEGER NOT NULL,
	-- As in the user's row of the table turn: nothing moves one who is out of the line.
	place   INTEGER NOT NULL,
	single  INTEGER NOT NULL,
	PRIMARY KEY (channel, model, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX turn_model_place  ON turn_model (channel, model, place);
CREATE INDEX turn_model_single ON turn_model (channel, model, single) WHERE single > 0;

-- The tasks that a user has waiting at a channel, by their models: the first of each is found whatever waits of the others.
CREATE INDEX task_ready_model ON task (channel, user_id, coalesce(model, ''), due_at) WHERE due_at > 0 AND state = 'ready';

-- The same of all users, without those that were turned away by themselves.
CREATE INDEX task_ready_fresh ON task (channel, coalesce(model, ''), due_at)
WHERE due_at > 0 AND state = 'ready' AND NOT (polls > 0 AND due_at > created_at);
