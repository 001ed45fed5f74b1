-- Lists pass over what is deleted and of another model without a look at the rows.

DROP INDEX task_user;
CREATE INDEX task_user ON task (user_id, deleted);
DROP INDEX task_user_model;
CREATE INDEX task_user_model ON task (user_id, deleted, (coalesce(upstream_model, model)));
DROP INDEX task_user_status;
CREATE INDEX task_user_status ON task (user_id, status, deleted, id, (coalesce(upstream_model, model)));
DROP INDEX task_user_rev;
CREATE INDEX task_user_rev ON task (user_id, rev, deleted, (coalesce(upstream_model, model)));
DROP INDEX task_user_status_rev;
CREATE INDEX task_user_status_rev ON task (user_id, status, rev, deleted, (coalesce(upstream_model, model)));
DROP INDEX task_rev;
CREATE INDEX task_rev ON task (rev, user_id, deleted);
DROP INDEX task_external;
CREATE INDEX task_external ON task (external_id, user_id, deleted) WHERE external_id IS NOT NULL;
