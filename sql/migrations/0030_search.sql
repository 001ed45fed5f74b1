-- What search goes by. The prompts of a user's tasks are indexed by blocks of up to 64, in order of creation and without gaps; those that are
-- younger than the last block are looked at one by one.

CREATE TABLE search_block (
	-- The id of its first task.
	first_id INTEGER PRIMARY KEY,
	user_id  INTEGER NOT NULL,
	-- The ids of all its tasks, 8 bytes each, the least byte first.
	ids      BLOB    NOT NULL
) STRICT;

CREATE INDEX search_block_user ON search_block (user_id);

CREATE TABLE search_part (
	-- 64 times the block's first_id, and the number of the part: so a part is found by one short way, as rows of this size make a
	-- tree with longer keys high.
	id   INTEGER PRIMARY KEY,
	-- Which of the block's tasks have which pieces of text: lib/store/gram.h. A part without any has no row.
	bits BLOB    NOT NULL
) STRICT;

CREATE TABLE search_head (
	-- One row: the revision up to which tasks were looked at for the index.
	one INTEGER PRIMARY KEY CHECK (one = 1),
	rev INTEGER NOT NULL
) STRICT;

INSERT INTO search_head (one, rev) VALUES (1, 0);
