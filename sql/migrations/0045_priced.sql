-- Whether a task ever had a charge: of all others none is looked for when they are shown.

ALTER TABLE task ADD COLUMN priced INTEGER NOT NULL DEFAULT 0 CHECK (priced IN (0, 1));

UPDATE task SET priced = 1 WHERE id IN (SELECT task_id FROM charge);
