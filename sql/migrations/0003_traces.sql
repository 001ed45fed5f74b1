-- Tasks are found by the traces that they leave, too.

-- Whether the attempt is sent under a key by which the upstream knows a repetition.
ALTER TABLE task ADD COLUMN keyed   INTEGER NOT NULL DEFAULT 0 CHECK (keyed IN (0, 1));

-- How often its client has repeated the request by itself.
ALTER TABLE task ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;

-- The upstream's id: a job in its list is known where a task, or an earlier attempt of one, bears it.
CREATE INDEX task_external    ON task (external_id)    WHERE external_id IS NOT NULL;
CREATE INDEX attempt_external ON attempt (external_id) WHERE external_id IS NOT NULL;

-- Submissions that are not settled; there are few at a time.
CREATE INDEX task_unsettled ON task (channel) WHERE state IN ('sending', 'unsure');

-- What has ended without an upstream id: it may have a job all the same, of which nobody knows.
CREATE INDEX task_given_up    ON task (channel, completed_at) WHERE external_id IS NULL AND state IN ('failed', 'cancelled');
CREATE INDEX attempt_given_up ON attempt (ended_at)           WHERE external_id IS NULL;

-- Those that wait to be sent, by when they give up.
CREATE INDEX task_ready_deadline ON task (deadline_at) WHERE due_at > 0 AND state = 'ready';

-- The content of creations that came without an id of the client's own: some clients repeat one by themselves.
CREATE INDEX task_content ON task (user_id, fingerprint) WHERE client_request_id IS NULL;

-- The start of the machine since which the database was last opened to be served.
ALTER TABLE head ADD COLUMN boot TEXT NOT NULL DEFAULT '';
