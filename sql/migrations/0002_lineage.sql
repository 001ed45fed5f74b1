-- Remixes know what they are remixes of; tasks can be deleted, and tried again.

-- The task that this is a remix of, and the first of all its ancestors. The rows stay when those are deleted.
ALTER TABLE task ADD COLUMN parent_id INTEGER REFERENCES task (id);
ALTER TABLE task ADD COLUMN root_id   INTEGER REFERENCES task (id);

-- The upstream's id of what this is a remix of, as the submission needs it.
ALTER TABLE task ADD COLUMN source_external_id TEXT;

-- Hidden from everybody. The row stays for the feed, for its remixes, and so that a repeated request finds it.
ALTER TABLE task ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1));

CREATE INDEX task_parent ON task (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX task_root   ON task (root_id)   WHERE root_id   IS NOT NULL;

CREATE TABLE attempt (
	-- What became of earlier attempts of a task that was tried again: no job of the upstream is forgotten.
	task_id     INTEGER NOT NULL REFERENCES task (id),
	-- 1 for the first.
	n           INTEGER NOT NULL,
	-- The upstream's id, where it gave one.
	external_id TEXT,
	-- How it ended: the words of state.def.
	state       TEXT    NOT NULL,
	error_code  TEXT,
	ended_at    INTEGER NOT NULL,
	PRIMARY KEY (task_id, n)
) STRICT, WITHOUT ROWID;

-- A deleted task no longer counts.
DROP TRIGGER tally_update;
DROP TRIGGER tally_delete;

CREATE TRIGGER tally_update AFTER UPDATE OF state ON task WHEN OLD.status <> NEW.status AND NEW.deleted = 0
BEGIN
	UPDATE tally
	SET    n = n - 1
	WHERE  user_id = OLD.user_id
	AND    model = ifnull(OLD.model, '')
	AND    media_type = OLD.media_type
	AND    status = OLD.status;
	INSERT INTO tally (user_id, model, media_type, status, n)
	VALUES            (NEW.user_id, ifnull(NEW.model, ''), NEW.media_type, NEW.status, 1)
	ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER tally_hide AFTER UPDATE OF deleted ON task WHEN OLD.deleted = 0 AND NEW.deleted = 1
BEGIN
	UPDATE tally
	SET    n = n - 1
	WHERE  user_id = OLD.user_id
	AND    model = ifnull(OLD.model, '')
	AND    media_type = OLD.media_type
	AND    status = OLD.status;
END;

CREATE TRIGGER tally_delete AFTER DELETE ON task WHEN OLD.deleted = 0
BEGIN
	UPDATE tally
	SET    n = n - 1
	WHERE  user_id = OLD.user_id
	AND    model = ifnull(OLD.model, '')
	AND    media_type = OLD.media_type
	AND    status = OLD.status;
END;
