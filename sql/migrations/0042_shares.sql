-- Running tasks are looked at without a lease of their own: a poller holds shares of them, and remembers what is due.

CREATE TABLE poller (
	-- The name by which it holds leases.
	owner TEXT    NOT NULL PRIMARY KEY,
	-- Until then it holds its shares.
	until INTEGER NOT NULL,
	-- 1 = it runs on, and takes its part of all shares; 0 = it takes what is free.
	stays INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE share (
	-- The running tasks whose id has this remainder by 64, and those that have timed out and are still looked at.
	n            INTEGER PRIMARY KEY,
	-- The poller that looks at them.
	owner        TEXT,
	-- All looks that were due until then have been made.
	looked_until INTEGER NOT NULL
) STRICT;

WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 63)
INSERT INTO share (n, looked_until)
SELECT n, 0
FROM   numbers;

-- They have no place in the line of what is due.
DROP INDEX task_due;
CREATE INDEX task_due ON task (channel, due_at) WHERE due_at > 0 AND state <> 'ready' AND state <> 'running' AND state <> 'failed';

CREATE INDEX task_late ON task (channel, due_at) WHERE due_at > 0 AND state = 'failed';

-- What a webhook has told of: its due_at is 1.
CREATE INDEX task_asked ON task (due_at) WHERE due_at = 1;

-- Pollers of earlier versions held a lease on each.
UPDATE task
SET    owner = NULL
WHERE  owner IS NOT NULL
AND    (state = 'running' OR state = 'failed');
