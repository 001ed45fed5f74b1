-- By which a check of the accounts tells which charges had to keep to which budget of a week and of a group.

-- Whether weeks began on Sunday when it was made; NULL = it is not known.
ALTER TABLE charge ADD COLUMN sunday INTEGER CHECK (sunday = 0 OR sunday = 1);

-- The latest charge when the group's budgets were set.
ALTER TABLE user_group ADD COLUMN since INTEGER NOT NULL DEFAULT 0;

UPDATE user_group SET since = coalesce((SELECT max(id) FROM charge), 0);

-- The latest charge when a budget of the user's own was removed: those after it had to keep to the group's.
ALTER TABLE "user" ADD COLUMN budget_since INTEGER NOT NULL DEFAULT 0;

UPDATE "user" SET budget_since = coalesce((SELECT max(id) FROM charge), 0);
