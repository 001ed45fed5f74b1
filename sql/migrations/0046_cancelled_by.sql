-- Who has cancelled a task; NULL = it is not cancelled, or an earlier version has done so. Compared one by one: a set of three would be
-- a temporary table for each row that is written.

ALTER TABLE task ADD COLUMN cancelled_by TEXT
    CHECK (cancelled_by = 'user' OR cancelled_by = 'operator' OR cancelled_by = 'upstream');
