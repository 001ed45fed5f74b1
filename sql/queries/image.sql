-- name: image_after
-- Lists the tasks behind `after` that have images, with these; at most `most`.
SELECT   id, input_file, images
FROM     task
-- sqlite: INDEXED BY task_images
WHERE    (input_file IS NOT NULL OR images IS NOT NULL)
AND      id > :after
ORDER BY id
LIMIT    :most;
