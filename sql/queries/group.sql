-- part: group_row
SELECT   id, name, multiplier_ppm, models, max_open, rate, budget_day, budget_week, budget_month, created_at
FROM     user_group

-- name: group_add
-- Adds a group. All columns but the id.
INSERT INTO user_group (name, multiplier_ppm, models, max_open, rate, budget_day, budget_week, budget_month, created_at, since)
VALUES                 (:name, :multiplier_ppm, :models, :max_open, :rate, :budget_day, :budget_week, :budget_month, :created_at,
                        coalesce((SELECT max(id) FROM charge), 0))
RETURNING id;

-- name: group_set
-- Replaces all of the group `id` but its name.
UPDATE user_group
SET    multiplier_ppm = :multiplier_ppm,
       models = :models,
       max_open = :max_open,
       rate = :rate,
       budget_day = :budget_day,
       budget_week = :budget_week,
       budget_month = :budget_month,
       since = coalesce((SELECT max(id) FROM charge), 0)
WHERE  id = :id;

-- name: group_by_name
-- Finds a group. name: ASCII case does not matter.
-- use: group_row
WHERE    name = :name;

-- name: group_get
-- Finds the group `id`.
-- use: group_row
WHERE    id = :id;

-- name: group_list
-- Lists all groups by name, for the operator.
-- use: group_row
ORDER BY name;

-- name: group_users
-- Counts the users of the group `id`.
SELECT count(*)
FROM   "user"
WHERE  group_id = :id;

-- name: group_remove
-- Removes the group `id`, which has no users.
DELETE FROM user_group
WHERE  id = :id;
