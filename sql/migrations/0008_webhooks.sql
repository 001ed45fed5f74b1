-- Webhooks: users are told at their own address when a video has ended; upstreams tell us.

CREATE TABLE webhook (
	-- An endpoint of a user.
	id            INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id       INTEGER NOT NULL REFERENCES user (id),
	url           TEXT    NOT NULL,
	-- The events that it wants.
	completed     INTEGER NOT NULL CHECK (completed IN (0, 1)),
	failed        INTEGER NOT NULL CHECK (failed    IN (0, 1)),
	-- What is signed with. It has to be known to sign: this file is for its owner's eyes only.
	secret        TEXT    NOT NULL,
	-- The secret before that, with which is signed as well until old_until.
	old_secret    TEXT,
	old_until     INTEGER NOT NULL DEFAULT 0,
	enabled       INTEGER NOT NULL CHECK (enabled IN (0, 1)),
	-- Why it was disabled by ourselves: gone, failing.
	note          TEXT,
	-- Since when nothing has been taken; 0 = the last delivery was.
	failing_since INTEGER NOT NULL DEFAULT 0,
	-- The user has deleted it; the row goes with its last delivery.
	deleted       INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
	created_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX webhook_user    ON webhook (user_id);
CREATE INDEX webhook_deleted ON webhook (id) WHERE deleted = 1;

CREATE TABLE delivery (
	-- An event that an endpoint is told of. What is sent is made from this row and from what never changes of the task.
	id           INTEGER PRIMARY KEY AUTOINCREMENT,
	webhook_id   INTEGER NOT NULL REFERENCES webhook (id),
	-- Not a reference: each new task would cost a look in here, and no row of a task ever goes.
	task_id      INTEGER NOT NULL,
	-- The task's attempt that has ended, and how: each is told once.
	attempt      INTEGER NOT NULL,
	event        TEXT    NOT NULL CHECK (event IN ('video.completed', 'video.failed')),
	created_at   INTEGER NOT NULL,
	-- When it is to be sent, also when its lease ends; 0 = never again.
	due_at       INTEGER NOT NULL,
	-- Who holds its lease.
	owner        TEXT,
	-- How often it was sent, when last, and what came of that: an HTTP status (0 = no answer), or why there was none.
	tries        INTEGER NOT NULL DEFAULT 0,
	tried_at     INTEGER NOT NULL DEFAULT 0,
	status       INTEGER NOT NULL DEFAULT 0,
	error        TEXT,
	-- When it was taken; 0 = it was not.
	delivered_at INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX delivery_event ON delivery (webhook_id, task_id, attempt, event);
CREATE INDEX delivery_log     ON delivery (webhook_id);
CREATE INDEX delivery_due     ON delivery (webhook_id, due_at) WHERE due_at > 0;
CREATE INDEX delivery_held    ON delivery (webhook_id, due_at) WHERE owner IS NOT NULL;
CREATE INDEX delivery_created ON delivery (created_at)         WHERE due_at = 0;

-- The transaction that ends a task writes down whom to tell: no event is lost, whatever is killed when. A user without
-- endpoints costs one look into an index. What was cancelled counts as failed, as it does for OpenAI's clients.
CREATE TRIGGER delivery_add AFTER UPDATE OF state ON task
WHEN NEW.state IN ('completed', 'failed', 'cancelled')
AND  OLD.state <> NEW.state
AND  EXISTS (SELECT 1 FROM webhook WHERE user_id = NEW.user_id AND deleted = 0)
BEGIN
	INSERT INTO delivery (webhook_id, task_id, attempt, event, created_at, due_at)
	SELECT id, NEW.id, NEW.attempt, CASE NEW.state WHEN 'completed' THEN 'video.completed' ELSE 'video.failed' END,
	       NEW.updated_at, max(NEW.updated_at, 1)
	FROM   webhook
	WHERE  user_id = NEW.user_id
	AND    deleted = 0
	AND    enabled = 1
	AND    CASE NEW.state WHEN 'completed' THEN completed ELSE failed END = 1
	ON CONFLICT DO NOTHING;
END;

CREATE TABLE hearing (
	-- Webhooks of upstreams that were taken lately, so that one that is played back is not taken again.
	id         TEXT    NOT NULL PRIMARY KEY,
	-- From this time on its signature is too old anyway.
	expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX hearing_expires ON hearing (expires_at);
