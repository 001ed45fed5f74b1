-- name: lineage
-- The task id with its ancestors up to the root and all below it, in order of creation; at most `most`. Deleted ones are among them, as
-- they hold the tree together.
WITH RECURSIVE
     up (id, parent_id) AS (SELECT id, parent_id
                            FROM   task
                            WHERE  id = :id
                            UNION  ALL
                            SELECT t.id, t.parent_id
                            FROM   up
                            JOIN   task AS t ON t.id = up.parent_id),
     down (id)          AS (SELECT :id
                            UNION  ALL
                            SELECT t.id
                            FROM   down
                            JOIN   task AS t INDEXED BY task_parent ON t.parent_id = down.id)
SELECT   *
FROM     task
WHERE    id IN (SELECT id FROM up UNION SELECT id FROM down)
ORDER BY id
LIMIT    :most;
