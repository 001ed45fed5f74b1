-- Statements of the SQLite engine alone.

-- name: sqlite_settings
-- Settings of each connection. The cache is small because each thread has one; the system's page cache stands behind it.
-- sqlite: PRAGMA foreign_keys = ON;
-- sqlite: PRAGMA trusted_schema = OFF;
-- sqlite: PRAGMA cell_size_check = ON;
-- sqlite: PRAGMA cache_size = -1000;
-- sqlite: PRAGMA temp_store = MEMORY;
-- sqlite: PRAGMA journal_size_limit = 16777216;
-- sqlite: PRAGMA synchronous = FULL;

-- name: sqlite_settings_reader
-- Settings of a connection that only reads. There are many, one a thread, and the system's cache serves all: each needs a small one.
-- sqlite: PRAGMA query_only = ON;
-- sqlite: PRAGMA cache_size = -256;

-- name: sqlite_settings_new
-- Settings of the connection that fills a new file: neither sync nor journal what is not visible yet.
-- sqlite: PRAGMA journal_mode = MEMORY;
-- sqlite: PRAGMA synchronous = OFF;

-- name: sqlite_durable
-- Makes commits survive a power cut, and with them the relaxed ones before.
-- sqlite: PRAGMA synchronous = FULL;

-- name: sqlite_relaxed
-- Makes commits survive a crash of any program.
-- sqlite: PRAGMA synchronous = NORMAL;

-- name: sqlite_log
-- Gives the file a write-ahead log.
-- sqlite: PRAGMA journal_mode = WAL;

-- name: sqlite_no_log
-- Removes the log: the file is whole without one.
-- sqlite: PRAGMA journal_mode = DELETE;

-- name: sqlite_application
-- Reads the application that the file belongs to, as 0001 sets it.
-- sqlite: PRAGMA application_id;

-- name: sqlite_version
-- Reads the number of the last migration.
-- sqlite: PRAGMA user_version;

-- name: sqlite_set_version
-- Sets that number. SQLite takes no parameter here: it is appended.
-- sqlite: PRAGMA user_version =

-- name: sqlite_is_boot
-- Finds a row where the database was last opened since the machine's start `boot`.
SELECT 1
FROM   head
WHERE  boot = :boot;

-- name: sqlite_booted
-- Notes another start, where another process has not; unless it is the first known one, skips `skipped` revisions.
UPDATE head
SET    rev  = rev + CASE boot WHEN '' THEN 0 ELSE :skipped END,
       boot = :boot
WHERE  boot <> :boot;
