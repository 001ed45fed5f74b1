-- The tasks with images, so that a file of an image without a task can be told.
CREATE INDEX task_images ON task (id) WHERE input_file IS NOT NULL OR images IS NOT NULL;
