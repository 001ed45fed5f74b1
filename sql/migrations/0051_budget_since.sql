-- By which a check of the accounts tells a budget that was lowered from one that was not kept to.

-- The latest charge when the budget was set: those after it had to keep to it.
ALTER TABLE budget ADD COLUMN since INTEGER NOT NULL DEFAULT 0;

UPDATE budget SET since = coalesce((SELECT max(id) FROM charge), 0);
