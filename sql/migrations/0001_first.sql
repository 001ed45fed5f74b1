-- The first schema. The comments inside the tables stay in the database: `.schema` in the sqlite3 shell shows them.
-- Times are milliseconds since the Unix epoch. Words are those of the contract (status) and of state.def (state).

PRAGMA application_id = 0x6c726c31; -- "lrl1"

CREATE TABLE head (
	-- One row: what this database is, and how far it has come.
	one   INTEGER PRIMARY KEY CHECK (one = 1),
	-- Drawn anew for each database and each backup, so that cursors of another one are recognised.
	epoch TEXT    NOT NULL,
	-- The revision of the latest visible change of any task. It grows inside the transaction that makes the
	-- change; as there is one writer at a time, the order of revisions is the order of commits.
	rev   INTEGER NOT NULL
) STRICT;

INSERT INTO head (one, epoch, rev) VALUES (1, '', 0);

CREATE TABLE user (
	id            INTEGER PRIMARY KEY AUTOINCREMENT,
	-- The name to sign in with; no two differ by nothing but ASCII case.
	username      TEXT    NOT NULL COLLATE NOCASE UNIQUE,
	-- Where to write to, if it was given.
	email         TEXT,
	-- argon2id, with its salt and its parameters.
	password_hash TEXT    NOT NULL,
	-- Whether the user sees everybody's tasks.
	admin         INTEGER NOT NULL CHECK (admin IN (0, 1)),
	-- Whether the user is kept out.
	disabled      INTEGER NOT NULL CHECK (disabled IN (0, 1)),
	created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE token (
	-- SHA-256 of the token; whoever reads the database cannot use it.
	hash       BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
	user_id    INTEGER NOT NULL REFERENCES user (id),
	created_at INTEGER NOT NULL,
	-- From this time on it is worth nothing.
	expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX token_user    ON token (user_id);
CREATE INDEX token_expires ON token (expires_at);

CREATE TABLE rate (
	-- What is limited and for whom, as lib/domain names it.
	bucket TEXT    NOT NULL PRIMARY KEY,
	-- The theoretical arrival time of the generic cell rate algorithm, in microseconds since the epoch.
	tat    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX rate_tat ON rate (tat);

CREATE TABLE channel (
	-- The name in the configuration; a row exists as soon as a task names it.
	name           TEXT    NOT NULL PRIMARY KEY,
	-- Failed calls in a row.
	failures       INTEGER NOT NULL DEFAULT 0,
	-- Nothing new is sent before this time; 0 = now.
	cooldown_until INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE task (
	-- Grows in order of creation and is never used twice, so that an old lease cannot hit a newer task.
	id                INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id           INTEGER NOT NULL REFERENCES user (id),
	-- Our id, as clients know it.
	video_id          TEXT    NOT NULL UNIQUE,
	-- The upstream's id, once it is known.
	external_id       TEXT,
	-- The client's own id, if it sent one.
	client_request_id TEXT,
	-- SHA-256 of the request's content, to tell a repetition from another use of the client's id.
	fingerprint       BLOB    NOT NULL CHECK (length(fingerprint) = 32),
	-- The upstream that makes it; it stays there.
	channel           TEXT    NOT NULL REFERENCES channel (name),
	-- What we know; the words of state.def.
	state             TEXT    NOT NULL CHECK (state IN ('ready', 'sending', 'unsure', 'running', 'completed',
	                                                    'failed', 'cancelled')),
	-- Per cent; never goes back.
	progress          INTEGER NOT NULL CHECK (progress BETWEEN 0 AND 100),
	prompt            TEXT    NOT NULL,
	-- As asked for; NULL or 0 = the upstream's own choice.
	model             TEXT,
	size              TEXT,
	seconds           INTEGER NOT NULL,
	aspect_ratio      TEXT,
	media_type        TEXT    NOT NULL,
	-- JSON object: further wishes for the upstream.
	options           TEXT    NOT NULL,
	-- The reference image: a file name in DATA/uploads, and its media type.
	input_file        TEXT,
	input_type        TEXT,
	-- Where the upstream keeps what it made.
	video_url         TEXT,
	image_url         TEXT,
	-- Why it failed.
	error_code        TEXT    CHECK (error_code    IS NULL OR state = 'failed'),
	error_message     TEXT    CHECK (error_message IS NULL OR state = 'failed'),
	-- JSON object: the client's members and our lineage.
	metadata          TEXT    NOT NULL,
	-- 1, and one more for each retry.
	attempt           INTEGER NOT NULL,
	created_at        INTEGER NOT NULL,
	-- The time of the last visible change.
	updated_at        INTEGER NOT NULL,
	-- When it ended, however it ended; 0 = it has not.
	completed_at      INTEGER NOT NULL,
	-- After this it fails.
	deadline_at       INTEGER NOT NULL,
	-- The revision of the last visible change.
	rev               INTEGER NOT NULL,
	-- When somebody should look at it, also when its lease ends; 0 = never.
	due_at            INTEGER NOT NULL,
	-- Who holds its lease.
	owner             TEXT,
	-- Looks at the upstream so far, and failed submissions before that.
	polls             INTEGER NOT NULL,
	-- Answers 404 in a row.
	misses            INTEGER NOT NULL,
	-- What a client sees of the state.
	status            TEXT    GENERATED ALWAYS AS (CASE state WHEN 'running'   THEN 'PROCESSING'
	                                                          WHEN 'completed' THEN 'COMPLETED'
	                                                          WHEN 'failed'    THEN 'FAILED'
	                                                          WHEN 'cancelled' THEN 'CANCELLED'
	                                                          ELSE 'QUEUED' END) VIRTUAL
) STRICT;

-- The same request of the same client is one task.
CREATE UNIQUE INDEX task_request ON task (user_id, client_request_id) WHERE client_request_id IS NOT NULL;

-- Lists in order of creation: the id stands at the end of every index.
CREATE INDEX task_user        ON task (user_id);
CREATE INDEX task_user_status ON task (user_id, status);
CREATE INDEX task_user_model  ON task (user_id, model);
CREATE INDEX task_status      ON task (status);

-- Lists in order of change, and the feed.
CREATE INDEX task_user_rev        ON task (user_id, rev);
CREATE INDEX task_user_status_rev ON task (user_id, status, rev);
CREATE INDEX task_rev             ON task (rev, user_id);

-- What is to be done. READY tasks stand apart by channel, so that a backlog behind a resting channel costs
-- nothing.
CREATE INDEX task_due   ON task (due_at)          WHERE due_at > 0 AND state <> 'ready';
CREATE INDEX task_ready ON task (channel, due_at) WHERE due_at > 0 AND state = 'ready';

CREATE TABLE tally (
	-- How many tasks there are of each kind, kept by the triggers below: a total costs the same for any number.
	user_id    INTEGER NOT NULL,
	-- '' where the task names none.
	model      TEXT    NOT NULL,
	media_type TEXT    NOT NULL,
	status     TEXT    NOT NULL,
	n          INTEGER NOT NULL,
	PRIMARY KEY (user_id, model, media_type, status)
) STRICT, WITHOUT ROWID;

-- User, model and media type of a task never change; only its status does.
CREATE TRIGGER tally_insert AFTER INSERT ON task
BEGIN
	INSERT INTO tally (user_id, model, media_type, status, n)
	VALUES            (NEW.user_id, ifnull(NEW.model, ''), NEW.media_type, NEW.status, 1)
	ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER tally_update AFTER UPDATE OF state ON task WHEN OLD.status <> NEW.status
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

CREATE TRIGGER tally_delete AFTER DELETE ON task
BEGIN
	UPDATE tally
	SET    n = n - 1
	WHERE  user_id = OLD.user_id
	AND    model = ifnull(OLD.model, '')
	AND    media_type = OLD.media_type
	AND    status = OLD.status;
END;
