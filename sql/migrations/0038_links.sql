-- Tasks that were made from a video by the upstream's link to it kept that link when the video was deleted.

UPDATE task
-- sqlite: SET    options = json_remove(options, '$.source_url')
WHERE  parent_id IS NOT NULL
AND    state NOT IN ('ready', 'sending', 'unsure')
AND    options LIKE '%"source_url"%'
AND    EXISTS (SELECT 1 FROM task AS source WHERE source.id = task.parent_id AND source.deleted = 1);
