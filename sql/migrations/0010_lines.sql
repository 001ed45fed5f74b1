-- What is due, channel by channel: what waits for one that is slow costs nobody else a look.
DROP INDEX task_due;
CREATE INDEX task_due ON task (channel, due_at) WHERE due_at > 0 AND state <> 'ready';
