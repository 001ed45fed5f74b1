-- Who has cancelled a task; NULL = it is not cancelled, or an earlier version has done so.

ALTER TABLE task ADD COLUMN cancelled_by TEXT CHECK (cancelled_by IN ('user', 'operator', 'upstream'));
