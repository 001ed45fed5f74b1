-- How many charges have ended, and how: for metrics, which go through no charges.

CREATE TABLE charge_tally (
	state   TEXT    NOT NULL CHECK (state = 'settled' OR state = 'released'),
	reason  TEXT    NOT NULL,
	n       INTEGER NOT NULL CHECK (n >= 0),
	-- What was charged by all of them.
	charged INTEGER NOT NULL CHECK (charged >= 0),
	PRIMARY KEY (state, reason)
) STRICT, WITHOUT ROWID;

INSERT INTO charge_tally (state, reason, n, charged)
SELECT state, reason, count(*), sum(charged)
FROM   charge
WHERE  state <> 'held'
GROUP BY state, reason;
