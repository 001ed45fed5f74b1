-- What was sent, and when: only that can have a job at the upstream which nobody knows.

-- When the attempt was first sent; 0 = it was not, or the upstream has surely not accepted it.
ALTER TABLE task    ADD COLUMN sent_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempt ADD COLUMN sent_at INTEGER NOT NULL DEFAULT 0;

-- Where the attempt was sent, as key_place of a task; NULL = it is not known.
ALTER TABLE attempt ADD COLUMN key_place TEXT;

-- Of what is older all may have been sent.
UPDATE task
SET    sent_at = max(created_at, 1)
WHERE  external_id IS NULL
AND    state IN ('sending', 'unsure', 'failed', 'cancelled');

UPDATE attempt
SET    sent_at = 1
WHERE  external_id IS NULL;

DROP INDEX task_given_up;
DROP INDEX attempt_given_up;
CREATE INDEX task_given_up    ON task (channel, completed_at) WHERE external_id IS NULL AND sent_at > 0 AND state IN ('failed', 'cancelled');
CREATE INDEX attempt_given_up ON attempt (ended_at)           WHERE external_id IS NULL AND sent_at > 0;

-- The hashes of prompts of deleted tasks, by when they may be forgotten.
CREATE INDEX task_prompt_hash ON task (completed_at) WHERE prompt_hash IS NOT NULL;
