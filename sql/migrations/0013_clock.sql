-- What the clock said when it was last looked at, so that a step of it can be told from time that has passed.
-- The machine's start since which that holds; '' = it never was.
ALTER TABLE head ADD COLUMN clock_boot   TEXT    NOT NULL DEFAULT '';
-- Wall clock time minus the time since that start, in milliseconds.
ALTER TABLE head ADD COLUMN clock_offset INTEGER NOT NULL DEFAULT 0;
