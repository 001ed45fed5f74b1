/* Opening and closing: one file, DATA/longreel.db, in WAL mode, private to its user. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/clock.h"
#include "store/sqlite/boot.h"
#include "store/sqlite/db.h"
#include "store/sqlite/migrate.h"
#include "store/sqlite/new_file.h"

static const char file_name[] = "longreel.db";

/* The cache is small because each thread has one; the system's page cache stands behind it. */
static const char settings[] = "PRAGMA foreign_keys = ON;"
                               "PRAGMA trusted_schema = OFF;"
                               "PRAGMA cell_size_check = ON;"
                               "PRAGMA cache_size = -1000;"
                               "PRAGMA temp_store = MEMORY;"
                               "PRAGMA journal_size_limit = 16777216;"
                               "PRAGMA synchronous = FULL;";

enum { BUSY_MS = 10000, BUSY_NAP_MAX_US = 5000 };

static void
configure(void)
{
	/* Without its global counters SQLite needs no lock that all threads share. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* Waits for another writer, as SQLite's own handler does, but with naps that stay short: there is no queue,
 * and who sleeps for 100 ms starves under writers that come back at once. */
static int
wait_for_writer(void *cookie, int naps)
{
	struct store *store = cookie;
	int64_t now = clock_mono_ms();
	if (naps == 0)
		store->busy_since = now;
	if (now - store->busy_since >= BUSY_MS)
		return 0;
	useconds_t nap = (useconds_t)(naps + 1) * 250;
	usleep(nap < BUSY_NAP_MAX_US ? nap : BUSY_NAP_MAX_US);
	return 1;
}

enum err_code
db_open(const char *path, enum store_mode mode, struct store **ret_store)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, configure);
	if (access(path, F_OK) != 0)
		return errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_INTERNAL;

	struct store *store = calloc(1, sizeof(*store));
	if (store == NULL)
		return ERR_NO_MEMORY;
	store->bell = -1;
	store->durability = STORE_DURABLE;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	enum err_code err = db_error(sqlite3_open_v2(path, &store->db, flags, NULL));
	if (err == ERR_OK && mode != STORE_HASTY)
		err = db_error(sqlite3_busy_handler(store->db, wait_for_writer, store));
	if (err == ERR_OK)
		err = db_error(sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL));
	if (err == ERR_OK)
		err = db_exec(store, settings);
	/* A reader opens the file for writing too, as the WAL's index is shared memory; it is held back here.
	 * There are many of them, one a thread, and the system's cache serves them all: each needs little of
	 * its own. */
	if (err == ERR_OK && mode == STORE_READ)
		err = db_exec(store, "PRAGMA query_only = ON; PRAGMA cache_size = -256;");
	if (err == ERR_CORRUPT && (sqlite3_errcode(store->db) & 0xff) == SQLITE_NOTADB)
		err = ERR_NOT_OURS;
	if (err != ERR_OK) {
		store_close(store);
		return err;
	}
	*ret_store = store;
	return ERR_OK;
}

enum err_code
store_open(const char *data, enum store_mode mode, struct store **ret_store)
{
	char path[PATH_MAX];
	if (snprintf(path, sizeof(path), "%s/%s", data, file_name) >= (int)sizeof(path))
		return ERR_INTERNAL;
	struct store *store = NULL;
	enum err_code err = db_open(path, mode, &store);
	if (err == ERR_NOT_FOUND && mode == STORE_MIGRATE) {
		err = new_file_make(data, path);
		if (err == ERR_OK)
			err = db_open(path, mode, &store);
	}
	if (err != ERR_OK)
		return err;

	err = mode == STORE_MIGRATE ? migrate_apply(store) : migrate_check(store);
	if (err == ERR_OK && mode == STORE_MIGRATE)
		err = boot_note(store);
	if (err == ERR_OK && mode != STORE_READ) {
		store->bell = bell_open(data);
		if (store->bell < 0)
			err = ERR_INTERNAL;
	}
	if (err != ERR_OK) {
		store_close(store);
		return err;
	}
	*ret_store = store;
	return ERR_OK;
}

static void
finalize(sqlite3_stmt **statements, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sqlite3_finalize(statements[i]);
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	store_rollback(store);
	finalize(store->statements, SQL__MAX);
	finalize(store->lists, DB_LISTS);
	finalize(store->counts, DB_COUNTS);
	sqlite3_close(store->db);
	if (store->bell >= 0)
		close(store->bell);
	free(store);
}
