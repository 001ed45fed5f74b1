/* The driver: what the store needs of a database engine, as a table of functions. The verbs of lib/store are
 * written once, over db.h, which is written over this table; each engine is one `const struct engine`, and
 * only the opening of a store chooses one.
 *
 * - `db` is an open connection and `stmt` a prepared statement, of the engine's own making; they belong to
 * one thread at a time.
 * - Errors are ours: ERR_CONFLICT (a unique constraint), ERR_NOT_FOUND (a reference to nothing), ERR_BUSY,
 * ERR_NO_SPACE, ERR_NO_MEMORY, ERR_CORRUPT, and ERR_INTERNAL for all else. What a constraint refuses has no
 * effect, and the transaction goes on.
 * - SQL comes from sql/ alone: `queries` and `migrations` are made for the engine by sql/embed.awk. */
#ifndef STORE_ENGINE_ENGINE_H
#define STORE_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct engine_access {
	bool serves;  /* opened by the program that brings the database up to date and serves it */
	bool writes;  /* else a write through the connection fails */
	bool patient; /* waits for other writers for at most 10 s; else ERR_BUSY at once */
	bool defers;  /* commits do not sleep, whatever they should wait for: see owed() */
};

enum engine_transaction {
	ENGINE_SNAPSHOT, /* reads alone, which see one state of the database */
	ENGINE_RELAXED,  /* what it commits survives a crash of any program, perhaps not a power cut */
	ENGINE_DURABLE   /* … survives a power cut, and with it all that was committed before */
};

struct sql_migration {
	int version;      /* 1, 2, 3, … */
	const char *name; /* "0001_first" */
	const char *text;
};

struct engine {
	const char *const *queries; /* by enum sql_query; read with sql_text() */
	const struct sql_migration *migrations;

	/* ---- connections ---- */

	/* Connects to the database of the directory `data`; the schema may be any. ERR_NOT_FOUND where there
	 * is none, ERR_NOT_OURS where what is there is no database. */
	enum err_code (*open)(const char *data, const struct engine_access *access, void **ret_db);

	/* Makes the database, which others see only when it is whole: after fill(). Nothing happens
	 * where another process has made it meanwhile. ERR_DATABASE_MISSING where the directory has what
	 * belongs to one that is gone; ERR_NOT_OURS where something else bears its name. */
	enum err_code (*create)(const char *data, enum err_code (*fill)(void *cookie, void *db),
	                        void *cookie);

	/* Closes the connection, after its statements are finalized. */
	void (*close)(void *db);

	/* Returns the engine's message for the last error, good until the next call. */
	const char *(*message)(void *db);

	/* ---- the schema ---- */

	/* Reads the number of the last migration. ERR_NOT_OURS where the database is empty, as new
	 * ones are made whole, or another program's. */
	enum err_code (*version)(void *db, int64_t *ret_version);

	/* Notes that number, inside the open transaction. */
	enum err_code (*set_version)(void *db, int version);

	/* Sets what is a property of the database and not of the connection, before it is migrated. Any
	 * number of processes may do so at once. */
	enum err_code (*prepare_database)(void *db);

	/* Makes the connection ready for work, once the schema is as it should be. */
	enum err_code (*ready)(void *db);

	/* ---- statements ---- */

	/* Runs a text of any number of statements, without parameters and results. */
	enum err_code (*run)(void *db, const char *text);

	/* Prepares one statement, to be used many times. */
	enum err_code (*prepare)(void *db, const char *text, void **ret_stmt);

	/* NULL is fine. */
	void (*finalize)(void *stmt);

	/* True where the statement writes, or may. */
	bool (*writes)(void *stmt);

	/* Returns the number of its parameters. */
	int (*parameters)(void *stmt);

	/* Bind a value to the parameter `name` (":rev"); ERR_INTERNAL where there is none of that name. Text
	 * and bytes stay the caller's, until reset(); NULL binds NULL. */
	enum err_code (*bind_int)(void *stmt, const char *name, int64_t value);
	enum err_code (*bind_text)(void *stmt, const char *name, const char *value);
	enum err_code (*bind_blob)(void *stmt, const char *name, const void *value, size_t size);

	/* Goes to the next row; *ret_row is false at the end. */
	enum err_code (*step)(void *stmt, bool *ret_row);

	/* Values of the row, by column from 0. Of NULL: 0, and NULL. Text and bytes are good until the next
	 * step() or reset(); reading them is false when memory is short. */
	bool (*column_null)(void *stmt, int column);
	int64_t (*column_int)(void *stmt, int column);
	bool (*column_text)(void *stmt, int column, const char **ret_text, size_t *ret_size);
	bool (*column_blob)(void *stmt, int column, const void **ret_bytes, size_t *ret_size);

	/* Makes it ready for another use, with all parameters NULL. */
	void (*reset)(void *stmt);

	/* Returns the number of rows that the last writing statement has written. */
	int64_t (*changes)(void *db);

	/* Returns the id of the row that the last INSERT has added. */
	int64_t (*inserted)(void *db);

	/* ---- transactions ---- */

	/* Begins; all but a snapshot is a writer from the start, so that it need not become one later. */
	enum err_code (*begin)(void *db, enum engine_transaction kind);

	/* Commits; `tell` wakes listeners afterwards. After ERR_INTERNAL it cannot be
	 * known whether it happened. */
	enum err_code (*commit)(void *db, bool tell);

	/* Returns the ms that commits of a connection that defers should have waited since the last call, so
	 * that the database is not outrun: a bound of its own, about 10 s, holds for all of them. */
	int64_t (*owed)(void *db);

	/* Ends a transaction without a trace, if one is open. */
	void (*rollback)(void *db);

	/* True where one is open: an engine may have rolled back by itself. */
	bool (*in_transaction)(void *db);

	/* ---- notices ---- */

	/* Listens for what commit() tells, from any process; the descriptor is readable after it, until
	 * drain(). */
	enum err_code (*listen)(const char *data, void **ret_listener);
	int (*listen_fd)(void *listener);
	void (*drain)(void *listener);
	void (*unlisten)(void *listener);

	/* ---- backup ---- */

	/* Writes a copy of the snapshot that the connection is in, with this epoch, to the new file `path`,
	 * while others work. ERR_STOPPING once `go_on` (NULL = always) is false. */
	enum err_code (*backup)(void *db, const char *path, const char *epoch, bool (*go_on)(void *cookie),
	                        void *cookie);
};

/* One file, DATA/longreel.db, beside DATA/bell. */
extern const struct engine engine_sqlite;
extern const struct sql_migration sql_sqlite_migrations[];

#endif
