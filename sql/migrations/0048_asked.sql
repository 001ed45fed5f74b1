-- A webhook that comes while its task is looked at is told from the one before: each makes due_at one more, up to 100.

DROP INDEX task_asked;
CREATE INDEX task_asked ON task (id) WHERE due_at > 0 AND due_at <= 100;
