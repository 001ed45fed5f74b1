-- Tasks are found by the traces that they leave, too.

-- The upstream's id: a job in its list is known where a task, or an earlier attempt of one, bears it.
CREATE INDEX task_external    ON task (external_id)    WHERE external_id IS NOT NULL;
CREATE INDEX attempt_external ON attempt (external_id) WHERE external_id IS NOT NULL;

-- Submissions that are not settled; there are few at a time.
CREATE INDEX task_unsettled ON task (channel) WHERE state IN ('sending', 'unsure');

-- The content of creations that came without an id of the client's own: some clients repeat one by themselves.
CREATE INDEX task_content ON task (user_id, fingerprint) WHERE client_request_id IS NULL;
