-- What becomes of a completed video: it is fetched from the upstream and kept, as the upstream's links expire.

CREATE TABLE archive (
	task_id INTEGER PRIMARY KEY REFERENCES task (id),
	-- wanted: to be fetched; kept: its file is there, whole; gone: given up, removed, or deleted by its owner.
	state   TEXT    NOT NULL CHECK (state IN ('wanted', 'kept', 'gone')),
	-- Media type and bytes of the file.
	type    TEXT,
	size    INTEGER NOT NULL DEFAULT 0,
	kept_at INTEGER NOT NULL DEFAULT 0,
	-- When somebody should fetch it, also when the lease of who does ends; 0 = never.
	due_at  INTEGER NOT NULL,
	-- Who holds that lease.
	owner   TEXT,
	-- Failures so far.
	tries   INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX archive_due  ON archive (due_at, tries) WHERE due_at > 0;
CREATE INDEX archive_kept ON archive (kept_at, size) WHERE state = 'kept';

-- In the transaction that completes the task, so that no video is forgotten.
CREATE TRIGGER archive_wanted AFTER UPDATE OF state ON task
WHEN NEW.state = 'completed' AND OLD.state <> 'completed' AND NEW.deleted = 0
BEGIN
	INSERT INTO archive (task_id, state, due_at)
	VALUES              (NEW.id, 'wanted', NEW.completed_at)
	ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER archive_hide AFTER UPDATE OF deleted ON task WHEN NEW.deleted = 1
BEGIN
	UPDATE archive
	SET    state = 'gone', due_at = 0, owner = NULL
	WHERE  task_id = NEW.id;
END;

-- What was completed lately can still be had.
INSERT INTO archive (task_id, state, due_at)
SELECT id, 'wanted', completed_at
FROM   task
WHERE  state = 'completed'
AND    deleted = 0
AND    completed_at > (unixepoch() - 86400) * 1000;
