-- Trouble of the operator's account at a provider, its key or its balance: the channel gets no new work, and goes on with what it has.

-- How often in a row it was found; 0 = there is none.
ALTER TABLE channel ADD COLUMN account_failures INTEGER NOT NULL DEFAULT 0;

-- Nothing new is sent before.
ALTER TABLE channel ADD COLUMN account_until    INTEGER NOT NULL DEFAULT 0;

-- The task that is sent to see whether it is over; 0 = none.
ALTER TABLE channel ADD COLUMN account_probe    INTEGER NOT NULL DEFAULT 0;

-- When the channel last took a task, to a minute.
ALTER TABLE channel ADD COLUMN accepted_at      INTEGER NOT NULL DEFAULT 0;
