-- A cooldown is as narrow as its reason: of a model, of a key, of polls, of all that goes to a channel.

-- Models that a channel turned tasks of away, lately: at most a hundred of each channel, whatever names clients send.
CREATE TABLE channel_model (
	channel     TEXT    NOT NULL,
	-- '' = that of tasks which name none.
	model       TEXT    NOT NULL,
	-- Tasks in a row that were turned away, each counted once.
	failures    INTEGER NOT NULL,
	-- Nothing new is sent before.
	until       INTEGER NOT NULL,
	-- The latest end of a wait that the upstream asked for.
	asked_until INTEGER NOT NULL,
	-- The task that was turned away last; 0 = none since one was taken.
	task_id     INTEGER NOT NULL,
	-- The task that is sent to see whether it is over; 0 = none.
	probe       INTEGER NOT NULL,
	-- When a task last ended the count; 0 = none has.
	accepted_at INTEGER NOT NULL,
	-- Whether it began because the upstream asked for fewer requests.
	throttled   INTEGER NOT NULL,
	-- When a task was last turned away.
	failed_at   INTEGER NOT NULL,
	PRIMARY KEY (channel, model)
) STRICT, WITHOUT ROWID;

-- The key that trouble of the account was found with, as in task.key_id; '' = it is not known.
ALTER TABLE channel ADD COLUMN account_key   TEXT    NOT NULL DEFAULT '';

-- Submissions in a row that had no answer, whatever polls had, and the task of the last; 0 = one was taken since. After several new work is
-- probed for.
ALTER TABLE channel ADD COLUMN lost          INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channel ADD COLUMN lost_task     INTEGER NOT NULL DEFAULT 0;

-- Polls alone: answers in a row that say nothing, and the time before which none is sent.
ALTER TABLE channel ADD COLUMN poll_failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channel ADD COLUMN poll_until    INTEGER NOT NULL DEFAULT 0;

ALTER TABLE channel DROP COLUMN throttled;
