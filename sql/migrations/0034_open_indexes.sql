-- The conditions of two indexes, in words that each write of a task evaluates without a table: SQLite makes a temporary one for `IN` with
-- more than two values.

DROP INDEX task_under_way;
CREATE INDEX task_under_way ON task (channel, state) WHERE state = 'sending' OR state = 'unsure' OR state = 'running';

DROP INDEX task_key_open;
CREATE INDEX task_key_open ON task (api_key)
WHERE api_key > 0 AND (state = 'ready' OR state = 'sending' OR state = 'unsure' OR state = 'running');
