-- What has ended, by when: the statistics of a user are read from this index alone.
CREATE INDEX task_ended ON task (user_id, completed_at, state, created_at) WHERE completed_at > 0 AND deleted = 0;
