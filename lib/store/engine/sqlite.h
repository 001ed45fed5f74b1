/* The SQLite engine, for its own files. Outside of this folder only tests that mean SQLite include it. */
#ifndef STORE_ENGINE_SQLITE_H
#define STORE_ENGINE_SQLITE_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

#include "sql_queries.h"
#include "store/engine/engine.h"

enum sqlite_control {
	SQLITE_CONTROL_SNAPSHOT,
	SQLITE_CONTROL_BEGIN,
	SQLITE_CONTROL_COMMIT,
	SQLITE_CONTROL__MAX
};

/* What `db` is to the functions of the table. */
struct sqlite {
	sqlite3 *db;
	struct engine_access access;
	enum engine_transaction durability; /* what the connection is set to */
	int64_t busy_since;                 /* clock_mono_ms() when waiting for others began */
	int64_t busy_most;                  /* ms that may be waited for them; 0 = not at all */
	int64_t log_soft;                   /* bytes of the log above which commits wait (sqlite_pace.c) */
	int64_t owed;                       /* ms that they should have waited, where they may not */
	const char *file;                   /* SQLite's name for it */
	pthread_t restarter;                /* restarts the log for one that may not wait */
	bool restarted;                     /* the thread was started, and is to be joined */
	atomic_bool restarting;             /* … and has not ended */
	int bell;                           /* rung by commits; -1 = not open */
	sqlite3_stmt *control[SQLITE_CONTROL__MAX]; /* prepared when first used */
	char data[];                                /* the directory */
};

enum { SQLITE_PAGE = 4096 /* bytes; SQLite's own choice for new files */ };

/* Notices: see sqlite_listen.c. */
enum err_code sqlite_listen(const char *data, void **ret_listener);
int sqlite_listen_fd(void *listener);
void sqlite_drain(void *listener);
void sqlite_unlisten(void *listener);

/* Returns our error for a result code of SQLite. */
enum err_code sqlite_error(int code);

/* The same for what has just failed on `db`: SQLite knows a full disk (SQLITE_FULL), but neither a quota that
 * is used up nor the log's index that finds no room. */
enum err_code sqlite_failure(sqlite3 *db, int code);

/* Writes DATA/longreel.db for the directory `data` into `ret_path`, of PATH_MAX bytes. False where it does
 * not fit. */
bool sqlite_path(const char *data, char *ret_path);

/* Opens the database file `path` of the directory `data` and sets the connection up. ERR_NOT_FOUND where the
 * file is absent. */
enum err_code sqlite_open_file(const char *path, const char *data, const struct engine_access *access,
                               struct sqlite **ret_sqlite);

/* As in struct engine. */
enum err_code sqlite_open(const char *data, const struct engine_access *access, void **ret_db);
enum err_code sqlite_create(const char *data, enum err_code (*fill)(void *cookie, void *db), void *cookie);
void sqlite_close(void *db);
enum err_code sqlite_version(void *db, int64_t *ret_version);
enum err_code sqlite_set_version(void *db, int version);
enum err_code sqlite_prepare_database(void *db);
enum err_code sqlite_ready(void *db);
enum err_code
sqlite_backup(void *db, const char *path, const char *epoch, bool (*go_on)(void *cookie), void *cookie);

/* Runs a named text of any number of statements, without parameters and results. */
enum err_code sqlite_say(struct sqlite *sqlite, enum sql_query name);

/* Has commits of this connection bring the log into the database, and wait where it has grown for all that.
 */
void sqlite_pace_commits(struct sqlite *sqlite);

/* Ends that, before the connection is closed. */
void sqlite_pace_end(struct sqlite *sqlite);

/* As in struct engine. */
int64_t sqlite_owed(void *db);

/* Returns the ms that a commit waits where the log has `bytes` bytes and should have `soft` at most; 0 to
 * about 1000. */
int64_t sqlite_pace(int64_t bytes, int64_t soft);

/* Notes the machine's start, where the database does not know of it yet, and lets its revisions go on from
 * far ahead. */
enum err_code sqlite_boot_note(struct sqlite *sqlite);

#endif
