-- Money: accounts and the transfers between them, tariffs, charges, budgets, codes. Amounts are in millionths of the currency, at most
-- 1000000000000000 each. What is written with each move of a task compares words one by one: a set of more than two would be a
-- temporary table for each row.

CREATE TABLE account (
	id          INTEGER PRIMARY KEY,
	kind        TEXT    NOT NULL CHECK (kind IN ('available', 'held', 'funding', 'revenue', 'adjust')),
	-- 0 = the house: its balances are sums of transfers, not kept here, where each settlement would have to lock them.
	user_id     INTEGER NOT NULL,
	-- Credits less debits.
	balance     INTEGER NOT NULL DEFAULT 0 CHECK (balance <= 1000000000000000),
	-- How far below 0 the balance may go.
	credit_line INTEGER NOT NULL DEFAULT 0 CHECK (credit_line BETWEEN 0 AND 1000000000000000),
	UNIQUE (user_id, kind),
	CHECK (CASE kind WHEN 'available' THEN user_id > 0 AND balance >= -credit_line
	                 WHEN 'held'      THEN user_id > 0 AND balance >= 0 AND credit_line = 0
	                 ELSE                  user_id = 0 AND balance = 0 AND credit_line = 0 END)
) STRICT;

INSERT INTO account (id, kind, user_id) VALUES (1, 'funding', 0), (2, 'revenue', 0), (3, 'adjust', 0);

CREATE TABLE tariff (
	-- Of a new price there is a new row; nothing but `valid_until` is ever changed.
	id              INTEGER PRIMARY KEY AUTOINCREMENT,
	-- What users pay, or what a channel costs.
	side            TEXT    NOT NULL CHECK (side IN ('price', 'cost')),
	-- '' for prices.
	channel         TEXT    NOT NULL CHECK ((channel = '') = (side = 'price')),
	-- A name, or its beginning and *; '' = none is named.
	model           TEXT    NOT NULL,
	job             TEXT    NOT NULL CHECK (job IN ('any', 'create', 'remix', 'edit', 'extend')),
	-- any, 720p (by the shorter side), or 1280x720.
	size            TEXT    NOT NULL,
	-- With a reference image or without, with sound or without.
	image           TEXT    NOT NULL CHECK (image IN ('any', 'yes', 'no')),
	audio           TEXT    NOT NULL CHECK (audio IN ('any', 'yes', 'no')),
	-- For at least so many images of reference; 0 = any number.
	images          INTEGER NOT NULL CHECK (images >= 0),
	-- The price: of a video, and of each second.
	flat            INTEGER NOT NULL CHECK (flat BETWEEN 0 AND 1000000000000000),
	per_second      INTEGER NOT NULL CHECK (per_second BETWEEN 0 AND 1000000000000000),
	-- The least seconds that are paid for, and those that they are rounded up to.
	min_seconds     INTEGER NOT NULL CHECK (min_seconds >= 0),
	step_seconds    INTEGER NOT NULL CHECK (step_seconds >= 1),
	-- What is asked for where the client names nothing; 0, '' = nothing is.
	default_seconds INTEGER NOT NULL CHECK (default_seconds >= 0),
	default_size    TEXT    NOT NULL,
	-- More are refused; 0 = none are.
	max_seconds     INTEGER NOT NULL CHECK (max_seconds >= 0),
	-- Paid for is what was asked for, or what the upstream says that it has made.
	settle          TEXT    NOT NULL CHECK (settle IN ('asked', 'delivered')),
	-- From when on it counts, and until when: another of its kind follows then, or none.
	valid_from      INTEGER NOT NULL,
	valid_until     INTEGER NOT NULL DEFAULT 9223372036854775807,
	created_at      INTEGER NOT NULL,
	created_by      TEXT    NOT NULL,
	UNIQUE (side, channel, model, job, size, image, audio, images, valid_from)
) STRICT;

CREATE INDEX tariff_valid ON tariff (side, channel, valid_until);

CREATE TABLE charge (
	id             INTEGER PRIMARY KEY AUTOINCREMENT,
	task_id        INTEGER NOT NULL REFERENCES task (id),
	attempt        INTEGER NOT NULL,
	user_id        INTEGER NOT NULL REFERENCES "user" (id),
	-- 0 = by a login; no group.
	api_key        INTEGER NOT NULL,
	group_id       INTEGER NOT NULL,
	-- '' = none was named.
	model          TEXT    NOT NULL,
	channel        TEXT    NOT NULL,
	job            TEXT    NOT NULL CHECK (job = 'create' OR job = 'remix' OR job = 'edit' OR job = 'extend'),
	-- '' = none was named.
	size           TEXT    NOT NULL,
	seconds        INTEGER NOT NULL,
	-- What it was priced by.
	tariff_id      INTEGER NOT NULL REFERENCES tariff (id),
	multiplier_ppm INTEGER NOT NULL,
	-- The terms of the time when it was made: cancel_charge, and late_hold in ms.
	cancel         TEXT    NOT NULL CHECK (cancel IN ('never', 'sent')),
	late_hold      INTEGER NOT NULL,
	reserved       INTEGER NOT NULL CHECK (reserved BETWEEN 0 AND 1000000000000000),
	charged        INTEGER NOT NULL DEFAULT 0 CHECK (charged BETWEEN 0 AND reserved),
	-- What it costs the operator; NULL = it is not known.
	cost           INTEGER,
	cost_from      TEXT    CHECK (cost_from IN ('tariff', 'upstream')),
	state          TEXT    NOT NULL DEFAULT 'held' CHECK (state = 'held' OR state = 'settled' OR state = 'released'),
	-- The edge or the event of state.def that has ended it; NULL while it is held.
	reason         TEXT,
	-- How the attempt stood then.
	outcome        TEXT    CHECK (outcome = 'completed' OR outcome = 'failed' OR outcome = 'cancelled'),
	-- While it lingers: until when, and how it ends then.
	linger_until   INTEGER,
	linger_to      TEXT    CHECK (linger_to IN ('settled', 'released')),
	-- The day that it counts for, by the time zone of the time when it was made: days since 1970-01-01.
	day            INTEGER NOT NULL,
	created_at     INTEGER NOT NULL,
	-- 0 = it is held.
	ended_at       INTEGER NOT NULL DEFAULT 0,
	-- What was given back after it was settled.
	refunded       INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND charged),
	UNIQUE (task_id, attempt),
	CHECK ((state = 'held') = (ended_at = 0)),
	CHECK ((state = 'held') = (reason IS NULL)),
	CHECK (state = 'settled' OR charged = 0),
	CHECK ((linger_until IS NULL) = (linger_to IS NULL)),
	CHECK (linger_until IS NULL OR state = 'held'),
	CHECK ((cost IS NULL) = (cost_from IS NULL))
) STRICT;

CREATE INDEX charge_user     ON charge (user_id, id);
CREATE INDEX charge_linger   ON charge (linger_until) WHERE linger_until IS NOT NULL;
CREATE INDEX charge_held     ON charge (user_id) WHERE state = 'held';
CREATE INDEX charge_refunded ON charge (refunded) WHERE refunded > 0;

CREATE TABLE transfer (
	-- Rows are added, and never changed.
	id        INTEGER PRIMARY KEY AUTOINCREMENT,
	at        INTEGER NOT NULL,
	kind      TEXT    NOT NULL CHECK (kind = 'grant' OR kind = 'redeem' OR kind = 'reserve' OR kind = 'settle' OR kind = 'release' OR
	                                  kind = 'refund' OR kind = 'take'),
	user_id   INTEGER NOT NULL REFERENCES "user" (id),
	debit     INTEGER NOT NULL REFERENCES account (id),
	credit    INTEGER NOT NULL REFERENCES account (id),
	amount    INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 1000000000000000),
	-- What the user has available after it.
	balance   INTEGER NOT NULL,
	charge_id INTEGER REFERENCES charge (id),
	code_id   INTEGER,
	-- The name under which a shop knows it.
	reference TEXT,
	note      TEXT,
	-- Who made it, 'longreel' where it follows from a task's move.
	actor     TEXT    NOT NULL,
	CHECK (debit <> credit),
	CHECK ((charge_id IS NOT NULL) = (kind = 'reserve' OR kind = 'settle' OR kind = 'release' OR kind = 'refund')),
	CHECK ((code_id IS NOT NULL) = (kind = 'redeem'))
) STRICT;

CREATE UNIQUE INDEX transfer_charge    ON transfer (charge_id, kind) WHERE charge_id IS NOT NULL;
CREATE UNIQUE INDEX transfer_reference ON transfer (reference)       WHERE reference IS NOT NULL;
CREATE INDEX        transfer_user      ON transfer (user_id, id);

CREATE TABLE spend_day (
	-- What is held and settled of a user, of a key, of a channel, by the day that it counts for.
	subject TEXT    NOT NULL CHECK (subject = 'user' OR subject = 'key' OR subject = 'channel'),
	-- The user's or the key's number, the channel's name.
	who     TEXT    NOT NULL,
	day     INTEGER NOT NULL,
	amount  INTEGER NOT NULL CHECK (amount >= 0),
	PRIMARY KEY (subject, who, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX spend_day_channel ON spend_day (day) WHERE subject = 'channel';

CREATE TABLE usage_day (
	-- Charges that have ended, by the day that they count for.
	user_id   INTEGER NOT NULL,
	day       INTEGER NOT NULL,
	model     TEXT    NOT NULL,
	api_key   INTEGER NOT NULL,
	channel   TEXT    NOT NULL,
	group_id  INTEGER NOT NULL,
	completed INTEGER NOT NULL,
	failed    INTEGER NOT NULL,
	cancelled INTEGER NOT NULL,
	-- Of the completed ones.
	seconds   INTEGER NOT NULL,
	charged   INTEGER NOT NULL,
	-- As far as it is known, and of how many it is not.
	cost      INTEGER NOT NULL,
	unknown   INTEGER NOT NULL,
	PRIMARY KEY (user_id, day, model, api_key, channel, group_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX usage_day_day ON usage_day (day);

CREATE TABLE budget (
	subject TEXT    NOT NULL CHECK (subject IN ('user', 'key', 'all', 'channel')),
	-- As in spend_day; '' for all.
	who     TEXT    NOT NULL CHECK ((who = '') = (subject = 'all')),
	-- What is called a window elsewhere, which SQL has another meaning for.
	period  TEXT    NOT NULL CHECK (period IN ('day', 'week', 'month', 'total')),
	amount  INTEGER NOT NULL CHECK (amount BETWEEN 0 AND 1000000000000000),
	PRIMARY KEY (subject, who, period)
) STRICT, WITHOUT ROWID;

CREATE TABLE code (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	batch      TEXT    NOT NULL,
	-- SHA-256 of the code; the code itself is known to those alone who have it.
	hash       BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
	-- Its beginning, to tell codes apart by.
	hint       TEXT    NOT NULL,
	kind       TEXT    NOT NULL CHECK (kind IN ('credit', 'invite')),
	amount     INTEGER NOT NULL CHECK (amount BETWEEN 0 AND 1000000000000000),
	-- The group of those who register with it; NULL = none.
	group_id   INTEGER,
	uses_max   INTEGER NOT NULL CHECK (uses_max >= 1),
	uses       INTEGER NOT NULL DEFAULT 0 CHECK (uses BETWEEN 0 AND uses_max),
	-- 0 = never.
	expires_at INTEGER NOT NULL,
	disabled   INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
	created_at INTEGER NOT NULL,
	created_by TEXT    NOT NULL
) STRICT;

CREATE INDEX code_batch ON code (batch);

CREATE TABLE redemption (
	code_id INTEGER NOT NULL REFERENCES code (id),
	user_id INTEGER NOT NULL REFERENCES "user" (id),
	at      INTEGER NOT NULL,
	PRIMARY KEY (code_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX redemption_user ON redemption (user_id);

CREATE TABLE audit (
	-- Rows are added, and go when they are old.
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	at         INTEGER NOT NULL,
	-- A user's name, or that of the command line.
	actor      TEXT    NOT NULL,
	address    TEXT    NOT NULL,
	-- A word such as credit.add, and what it was done to.
	action     TEXT    NOT NULL,
	subject    TEXT    NOT NULL,
	-- JSON object.
	detail     TEXT    NOT NULL,
	request_id TEXT    NOT NULL
) STRICT;

CREATE INDEX audit_at ON audit (at);
