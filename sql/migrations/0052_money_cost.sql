-- What a creation writes for money, with less work: the tables of 0044_money.sql are made anew. Of what they checked nothing is left out.
--
-- An account's number follows from its kind and its user, so that none has to be looked up for a transfer. Charges and transfers are never
-- removed, so that their numbers only grow without AUTOINCREMENT, which reads and writes another table for each row. What goes with what
-- is one CHECK, which ends with the first that fits. Sums by day are two rows a charge in place of three, and found by numbers.

CREATE TABLE new_account (
	id          INTEGER PRIMARY KEY,
	kind        TEXT    NOT NULL CHECK (kind IN ('available', 'held', 'funding', 'revenue', 'adjust')),
	-- 0 = the house: its balances are sums of transfers, not kept here, where each settlement would have to lock them.
	user_id     INTEGER NOT NULL,
	-- Credits less debits.
	balance     INTEGER NOT NULL DEFAULT 0 CHECK (balance <= 1000000000000000),
	-- How far below 0 the balance may go.
	credit_line INTEGER NOT NULL DEFAULT 0 CHECK (credit_line BETWEEN 0 AND 1000000000000000),
	UNIQUE (user_id, kind),
	CHECK (id = CASE kind WHEN 'available' THEN 2 * user_id + 2
	                      WHEN 'held'      THEN 2 * user_id + 3
	                      WHEN 'funding'   THEN 1
	                      WHEN 'revenue'   THEN 2
	                      ELSE                  3 END),
	CHECK (CASE kind WHEN 'available' THEN user_id > 0 AND balance >= -credit_line
	                 WHEN 'held'      THEN user_id > 0 AND balance >= 0 AND credit_line = 0
	                 ELSE                  user_id = 0 AND balance = 0 AND credit_line = 0 END)
) STRICT;

INSERT INTO new_account (id, kind, user_id, balance, credit_line)
SELECT CASE kind WHEN 'available' THEN 2 * user_id + 2 WHEN 'held' THEN 2 * user_id + 3 ELSE id END, kind, user_id, balance, credit_line
FROM   account;

CREATE TABLE new_charge (
	-- Rows are added, and never removed.
	id             INTEGER PRIMARY KEY,
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
	cancel         TEXT    NOT NULL CHECK (cancel = 'never' OR cancel = 'sent'),
	late_hold      INTEGER NOT NULL,
	reserved       INTEGER NOT NULL CHECK (reserved BETWEEN 0 AND 1000000000000000),
	charged        INTEGER NOT NULL DEFAULT 0 CHECK (charged BETWEEN 0 AND reserved),
	-- What it costs the operator; NULL = it is not known.
	cost           INTEGER,
	cost_from      TEXT    CHECK (cost_from IN ('tariff', 'upstream')),
	state          TEXT    NOT NULL DEFAULT 'held',
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
	CHECK ((state = 'held'     AND ended_at =  0 AND reason IS NULL     AND charged = 0)
	    OR (state = 'settled'  AND ended_at <> 0 AND reason IS NOT NULL AND linger_until IS NULL)
	    OR (state = 'released' AND ended_at <> 0 AND reason IS NOT NULL AND linger_until IS NULL AND charged = 0)),
	CHECK ((linger_until IS NULL) = (linger_to IS NULL)),
	CHECK ((cost IS NULL) = (cost_from IS NULL))
) STRICT;

INSERT INTO new_charge (id, task_id, attempt, user_id, api_key, group_id, model, channel, job, size, seconds, tariff_id, multiplier_ppm,
                        cancel, late_hold, reserved, charged, cost, cost_from, state, reason, outcome, linger_until, linger_to, day,
                        created_at, ended_at, refunded)
SELECT id, task_id, attempt, user_id, api_key, group_id, model, channel, job, size, seconds, tariff_id, multiplier_ppm,
       cancel, late_hold, reserved, charged, cost, cost_from, state, reason, outcome, linger_until, linger_to, day,
       created_at, ended_at, refunded
FROM   charge
ORDER BY id;

CREATE TABLE new_transfer (
	-- Rows are added, and never changed.
	id        INTEGER PRIMARY KEY,
	at        INTEGER NOT NULL,
	kind      TEXT    NOT NULL,
	user_id   INTEGER NOT NULL REFERENCES "user" (id),
	debit     INTEGER NOT NULL REFERENCES new_account (id),
	credit    INTEGER NOT NULL REFERENCES new_account (id),
	amount    INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 1000000000000000),
	-- What the user has available after it.
	balance   INTEGER NOT NULL,
	charge_id INTEGER REFERENCES new_charge (id),
	code_id   INTEGER,
	-- The name under which a shop knows it.
	reference TEXT,
	note      TEXT,
	-- Who made it, 'longreel' where it follows from a task's move.
	actor     TEXT    NOT NULL,
	CHECK (debit <> credit),
	CHECK ((charge_id IS NOT NULL AND code_id IS NULL     AND (kind = 'reserve' OR kind = 'settle' OR kind = 'release' OR kind = 'refund'))
	    OR (charge_id IS NULL     AND code_id IS NULL     AND (kind = 'grant' OR kind = 'take'))
	    OR (charge_id IS NULL     AND code_id IS NOT NULL AND kind = 'redeem'))
) STRICT;

INSERT INTO new_transfer (id, at, kind, user_id, debit, credit, amount, balance, charge_id, code_id, reference, note, actor)
SELECT t.id, t.at, t.kind, t.user_id,
       CASE d.kind WHEN 'available' THEN 2 * d.user_id + 2 WHEN 'held' THEN 2 * d.user_id + 3 ELSE d.id END,
       CASE c.kind WHEN 'available' THEN 2 * c.user_id + 2 WHEN 'held' THEN 2 * c.user_id + 3 ELSE c.id END,
       t.amount, t.balance, t.charge_id, t.code_id, t.reference, t.note, t.actor
FROM   transfer AS t
LEFT JOIN account AS d ON d.id = t.debit
LEFT JOIN account AS c ON c.id = t.credit
ORDER BY t.id;

DROP TABLE transfer;
DROP TABLE charge;
DROP TABLE account;
ALTER TABLE new_account  RENAME TO account;
ALTER TABLE new_charge   RENAME TO charge;
ALTER TABLE new_transfer RENAME TO transfer;

CREATE INDEX charge_user     ON charge (user_id);
CREATE INDEX charge_linger   ON charge (linger_until) WHERE linger_until IS NOT NULL;
CREATE INDEX charge_held     ON charge (user_id) WHERE state = 'held';
CREATE INDEX charge_refunded ON charge (refunded) WHERE refunded > 0;

CREATE UNIQUE INDEX transfer_charge    ON transfer (charge_id, kind) WHERE charge_id IS NOT NULL;
CREATE UNIQUE INDEX transfer_reference ON transfer (reference)       WHERE reference IS NOT NULL;
CREATE INDEX        transfer_user      ON transfer (user_id);

DROP TABLE spend_day;

CREATE TABLE spend_day (
	-- What is held and settled of a user's charges, by the day that they count for, and by the key that they were made with; 0 = by a login.
	user_id INTEGER NOT NULL,
	day     INTEGER NOT NULL,
	api_key INTEGER NOT NULL,
	amount  INTEGER NOT NULL CHECK (amount >= 0),
	PRIMARY KEY (user_id, day, api_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX spend_day_key ON spend_day (api_key, day);

CREATE TABLE spend_channel (
	-- The same of a channel.
	channel TEXT    NOT NULL,
	day     INTEGER NOT NULL,
	amount  INTEGER NOT NULL CHECK (amount >= 0),
	PRIMARY KEY (channel, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX spend_channel_day ON spend_channel (day);

INSERT INTO spend_day (user_id, day, api_key, amount)
SELECT user_id, day, api_key, sum(CASE state WHEN 'held' THEN reserved ELSE charged END)
FROM   charge
GROUP BY user_id, day, api_key;

INSERT INTO spend_channel (channel, day, amount)
SELECT channel, day, sum(CASE state WHEN 'held' THEN reserved ELSE charged END)
FROM   charge
GROUP BY channel, day;
