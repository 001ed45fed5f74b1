-- What the SQLite engine says to SQLite alone.

-- name: sqlite_settings
-- Of each connection. The cache is small because each thread has one; the system's page cache stands behind it.
-- sqlite: PRAGMA foreign_keys = ON;
-- sqlite: PRAGMA trusted_schema = OFF;
-- sqlite: PRAGMA cell_size_check = ON;
-- sqlite: PRAGMA cache_size = -1000;
-- sqlite: PRAGMA temp_store = MEMORY;
-- sqlite: PRAGMA journal_size_limit = 16777216;
-- sqlite: PRAGMA synchronous = FULL;

-- name: sqlite_settings_reader
-- Of one that only reads. There are many of them, one a thread, and the system's cache serves them all: each needs little of its own.
-- sqlite: PRAGMA query_only = ON;
-- sqlite: PRAGMA cache_size = -256;

-- name: sqlite_settings_new
-- Of the one that fills a new file: neither sync nor journal what is not visible yet.
-- sqlite: PRAGMA journal_mode = MEMORY;
-- sqlite: PRAGMA synchronous = OFF;

-- name: sqlite_durable
-- Commits survive a power cut, and with them the relaxed ones before.
-- sqlite: PRAGMA synchronous = FULL;

-- name: sqlite_relaxed
-- Commits survive a crash of any program.
-- sqlite: PRAGMA synchronous = NORMAL;

-- name: sqlite_log
-- The file has a write-ahead log.
-- sqlite: PRAGMA journal_mode = WAL;

-- name: sqlite_no_log
-- It is whole without one.
-- sqlite: PRAGMA journal_mode = DELETE;

-- name: sqlite_application
-- Whose file it is, as 0001 sets it.
-- sqlite: PRAGMA application_id;

-- name: sqlite_version
-- The number of the last migration that was applied.
-- sqlite: PRAGMA user_version;

-- name: sqlite_set_version
-- Notes it. SQLite takes no parameter here: the number is appended.
-- sqlite: PRAGMA user_version =

-- name: sqlite_is_boot
-- A row where the database was last opened since the machine's start `boot`.
SELECT 1
FROM   head
WHERE  boot = :boot;

-- name: sqlite_booted
-- Notes another start. Unless it is the first that is known of, `skipped` revisions are never given out.
UPDATE head
SET    rev  = rev + CASE boot WHEN '' THEN 0 ELSE :skipped END,
       boot = :boot;
