-- What the archive holds of each user, so that room is made by those who keep most.

-- Whose video it is: never changes.
ALTER TABLE archive ADD COLUMN user_id INTEGER NOT NULL DEFAULT 0;
UPDATE archive
SET    user_id = (SELECT user_id FROM task WHERE id = archive.task_id);

CREATE TABLE held (
	-- 0 = all users together.
	user_id INTEGER NOT NULL PRIMARY KEY,
	-- The kept files, and their bytes: written with each row that comes to be kept, or no longer is.
	files   INTEGER NOT NULL,
	bytes   INTEGER NOT NULL
) STRICT;

CREATE INDEX held_bytes ON held (bytes) WHERE user_id > 0;

INSERT INTO held (user_id, files, bytes)
SELECT 0, count(*), coalesce(sum(size), 0) FROM archive WHERE state = 'kept'
UNION ALL
SELECT user_id, count(*), sum(size) FROM archive WHERE state = 'kept' GROUP BY user_id;

-- The order in which a user's videos make room.
CREATE INDEX archive_user ON archive (user_id, kept_at) WHERE state = 'kept';
