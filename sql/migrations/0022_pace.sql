-- How long models take, and lists by the model that is shown.

-- When the upstream took the attempt; 0 = it has not, or did before this was noted.
ALTER TABLE task ADD COLUMN accepted_at INTEGER NOT NULL DEFAULT 0;

-- The latest videos of a model: how long each took is read from this index alone.
CREATE INDEX task_made ON task (model, completed_at, accepted_at) WHERE state = 'completed' AND accepted_at > 0;

DROP INDEX task_user_model;
CREATE INDEX task_user_model ON task (user_id, (coalesce(upstream_model, model)));
