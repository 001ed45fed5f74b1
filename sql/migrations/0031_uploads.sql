-- The space that reference images take, and when they go.

-- The bytes of the task's images, as they count; 0 = there are none, or they are from before this was counted.
ALTER TABLE task ADD COLUMN input_bytes INTEGER NOT NULL DEFAULT 0;

-- Whether the images have been removed, as the task ended long ago.
ALTER TABLE task ADD COLUMN input_gone  INTEGER NOT NULL DEFAULT 0;

-- Those that may go, by when their task ended.
CREATE INDEX task_images_ended ON task (completed_at) WHERE completed_at > 0 AND (input_file IS NOT NULL OR images IS NOT NULL);

-- The block that the account was registered from, as place.block; NULL = by the operator, or it is not known.
ALTER TABLE user ADD COLUMN block TEXT;

CREATE TABLE uploaded (
	-- A user's id, or a block: a number is none.
	owner TEXT    NOT NULL PRIMARY KEY,
	-- The bytes of the images of that user, or of all users of that block: written with the rows that they belong to.
	bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
