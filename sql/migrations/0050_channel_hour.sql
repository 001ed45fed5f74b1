-- What became of tasks at a channel in an hour.

CREATE TABLE channel_hour (
	channel   TEXT    NOT NULL,
	-- Hours since 1970.
	hour      INTEGER NOT NULL,
	-- Submissions: the upstream has taken them, refused them, told them to come later, or it is not known.
	accepted  INTEGER NOT NULL,
	refused   INTEGER NOT NULL,
	postponed INTEGER NOT NULL,
	unknown   INTEGER NOT NULL,
	-- The jobs that it had taken.
	completed INTEGER NOT NULL,
	failed    INTEGER NOT NULL,
	PRIMARY KEY (channel, hour)
) STRICT, WITHOUT ROWID;

-- By which what is old is found, also of channels that were removed.
CREATE INDEX channel_hour_hour ON channel_hour (hour);
