/* Opens and closes the database: one file, DATA/longreel.db, in WAL mode, private to its user. The schema's
 * version is SQLite's user_version: the number of the last migration that was applied. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/clock.h"
#include "store/engine/sqlite.h"

static const char file_name[] = "longreel.db";

enum {
	APPLICATION_ID = 0x6c726c31, /* as 0001 sets it */
	BUSY_MS = 10000,
	BUSY_NAP_MAX_US = 5000,
	LOG_SOFT = 32 * 1024 * 1024, /* twice what a log is cut to when it begins anew */
	WAL_WAIT_MS = 10000,
	WAL_NAP_US = 5000
};

/* ---- the connection ---- */

static void
configure(void)
{
	/* Without its global counters SQLite needs no lock that all threads share. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	/* One thread has a connection at a time; so the values of its rows need no protection either. */
	sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
}

/* Waits for others, as SQLite's own handler does, but with naps that stay short: there is no queue,
 * and a sleep of 100 ms starves under writers that come back at once. */
static int
wait_for_others(void *cookie, int naps)
{
	struct sqlite *sqlite = cookie;
	int64_t now = clock_mono_ms();
	if (naps == 0)
		sqlite->busy_since = now;
	if (now - sqlite->busy_since >= sqlite->busy_most)
		return 0;
	useconds_t nap = (useconds_t)(naps + 1) * 250;
	usleep(nap < BUSY_NAP_MAX_US ? nap : BUSY_NAP_MAX_US);
	return 1;
}

static enum err_code
set_up(struct sqlite *sqlite)
{
	sqlite->busy_most = sqlite->access.patient ? BUSY_MS : 0;
	enum err_code err = sqlite_error(sqlite3_busy_handler(sqlite->db, wait_for_others, sqlite));
	if (err == ERR_OK)
		err = sqlite_error(sqlite3_db_config(sqlite->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL));
	if (err == ERR_OK)
		err = sqlite_say(sqlite, SQL_SQLITE_SETTINGS);
	/* A reader opens the file for writing too, as the WAL's index is shared memory; it is held back here.
	 */
	if (err == ERR_OK && sqlite->access.writes)
		sqlite_pace_commits(sqlite);
	if (err == ERR_OK && !sqlite->access.writes)
		err = sqlite_say(sqlite, SQL_SQLITE_SETTINGS_READER);
	return err;
}

enum err_code
sqlite_open_file(const char *path, const char *data, const struct engine_access *how,
                 struct sqlite **ret_sqlite)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, configure);
	if (access(path, F_OK) != 0)
		return errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_INTERNAL;

	size_t size = strlen(data) + 1;
	struct sqlite *sqlite = calloc(1, sizeof(*sqlite) + size);
	if (sqlite == NULL)
		return ERR_NO_MEMORY;
	memcpy(sqlite->data, data, size);
	sqlite->access = *how;
	sqlite->durability = ENGINE_DURABLE;
	sqlite->bell = -1;
	sqlite->log_soft = LOG_SOFT;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	enum err_code err = sqlite_error(sqlite3_open_v2(path, &sqlite->db, flags, NULL));
	if (err == ERR_OK)
		err = set_up(sqlite);
	if (err == ERR_CORRUPT && (sqlite3_errcode(sqlite->db) & 0xff) == SQLITE_NOTADB)
		err = ERR_NOT_OURS;
	if (err != ERR_OK) {
		sqlite_close(sqlite);
		return err;
	}
	*ret_sqlite = sqlite;
	return ERR_OK;
}

void
sqlite_close(void *db)
{
	struct sqlite *sqlite = db;
	sqlite_pace_end(sqlite);
	for (int i = 0; i < SQLITE_CONTROL__MAX; i++)
		sqlite3_finalize(sqlite->control[i]);
	sqlite3_close(sqlite->db);
	if (sqlite->bell >= 0)
		close(sqlite->bell);
	free(sqlite);
}

/* ---- the file ---- */

bool
sqlite_path(const char *data, char *ret_path)
{
	return snprintf(ret_path, PATH_MAX, "%s/%s", data, file_name) < PATH_MAX;
}

enum err_code
sqlite_open(const char *data, const struct engine_access *how, void **ret_db)
{
	char path[PATH_MAX];
	struct sqlite *sqlite = NULL;
	if (!sqlite_path(data, path))
		return ERR_INTERNAL;
	enum err_code err = sqlite_open_file(path, data, how, &sqlite);
	if (err == ERR_OK)
		*ret_db = sqlite;
	return err;
}

enum err_code
sqlite_ready(void *db)
{
	struct sqlite *sqlite = db;
	enum err_code err = sqlite->access.serves ? sqlite_boot_note(sqlite) : ERR_OK;
	if (err == ERR_OK && sqlite->access.writes) {
		sqlite->bell = bell_open(sqlite->data);
		if (sqlite->bell < 0)
			err = ERR_INTERNAL;
	}
	return err;
}

/* ---- the schema's version ---- */

static enum err_code
read_number(struct sqlite *sqlite, enum sql_query name, int64_t *ret_number)
{
	void *stmt = NULL;
	bool row;
	enum err_code err = engine_sqlite.prepare(sqlite, sql_sqlite_queries[name], &stmt);
	if (err == ERR_OK)
		err = engine_sqlite.step(stmt, &row);
	if (err == ERR_OK)
		*ret_number = engine_sqlite.column_int(stmt, 0);
	engine_sqlite.finalize(stmt);
	return err;
}

enum err_code
sqlite_version(void *db, int64_t *ret_version)
{
	int64_t version = 0, application = 0;
	enum err_code err = read_number(db, SQL_SQLITE_VERSION, &version);
	if (err == ERR_OK)
		err = read_number(db, SQL_SQLITE_APPLICATION, &application);
	if (err != ERR_OK)
		return err;
	if (application != APPLICATION_ID || version <= 0)
		return ERR_NOT_OURS;
	*ret_version = version;
	return ERR_OK;
}

enum err_code
sqlite_set_version(void *db, int version)
{
	char text[64];
	snprintf(text, sizeof(text), "%s%d", sql_sqlite_queries[SQL_SQLITE_SET_VERSION], version);
	return engine_sqlite.run(db, text);
}

/* WAL mode is a property of the file; a backup that was put back is without it. SQLite does not wait by
 * itself for others that do the same. */
enum err_code
sqlite_prepare_database(void *db)
{
	int64_t deadline = clock_mono_ms() + WAL_WAIT_MS;
	for (;;) {
		enum err_code err = sqlite_say(db, SQL_SQLITE_LOG);
		if (err != ERR_BUSY || clock_mono_ms() >= deadline)
			return err;
		usleep(WAL_NAP_US);
	}
}
