-- What was created with the same content is looked for among the latest only, however often a user asks for the same.
DROP INDEX task_content;
CREATE INDEX task_content ON task (user_id, fingerprint, created_at) WHERE client_request_id IS NULL;
