-- Several upstreams at once. A row of the table channel that has a base is a channel of the operator's; "default" is in the configuration.

-- Where it is, and what it speaks. NULL = it is none of the operator's, or no longer.
ALTER TABLE channel ADD COLUMN base        TEXT;
ALTER TABLE channel ADD COLUMN dialect     TEXT;

-- The models that it makes, "ours=theirs other"; '' = any.
ALTER TABLE channel ADD COLUMN models      TEXT    NOT NULL DEFAULT '';

-- Which of those that make a model is taken: the highest priority, within it by weight.
ALTER TABLE channel ADD COLUMN priority    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channel ADD COLUMN weight      INTEGER NOT NULL DEFAULT 1 CHECK (weight > 0);

-- Jobs under way at a time, and submissions within any minute; 0 = any number.
ALTER TABLE channel ADD COLUMN concurrency INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channel ADD COLUMN rate        INTEGER NOT NULL DEFAULT 0;

-- Whether it knows repetitions by their key, and whether its links may lead to private addresses.
ALTER TABLE channel ADD COLUMN idempotency INTEGER NOT NULL DEFAULT 0 CHECK (idempotency IN (0, 1));
ALTER TABLE channel ADD COLUMN private     INTEGER NOT NULL DEFAULT 0 CHECK (private IN (0, 1));

-- Whether it gets new work.
ALTER TABLE channel ADD COLUMN enabled     INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1));

-- Where the secret of its webhooks is, "file:/path" or "env:NAME"; never the secret itself.
ALTER TABLE channel ADD COLUMN webhook     TEXT;

CREATE TABLE channel_key (
	channel TEXT    NOT NULL REFERENCES channel (name),
	-- The later one is for new work; earlier ones are for what they have made.
	n       INTEGER NOT NULL,
	-- Where the key is, "file:/path" or "env:NAME"; never the key itself.
	source  TEXT    NOT NULL,
	PRIMARY KEY (channel, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE channel_sent (
	-- The submissions of the last minute to a channel that has a rate.
	channel TEXT    NOT NULL REFERENCES channel (name),
	at      INTEGER NOT NULL,
	task_id INTEGER NOT NULL,
	PRIMARY KEY (channel, at, task_id)
) STRICT, WITHOUT ROWID;

-- Grows with each change of the channels, so that programs notice.
ALTER TABLE head ADD COLUMN channels INTEGER NOT NULL DEFAULT 0;

-- By which key of its channel the task was sent, or is to be: a short digest. NULL = any.
ALTER TABLE task ADD COLUMN key_id TEXT;

-- An attempt may be made by another channel than the one before. NULL = as the task.
ALTER TABLE attempt ADD COLUMN channel TEXT REFERENCES channel (name);

-- Jobs under way; among them, submissions that are not settled.
DROP INDEX task_unsettled;
CREATE INDEX task_under_way ON task (channel, state) WHERE state IN ('sending', 'unsure', 'running');
