/* Bringing a database up to date; see migrate.h. */
#include "store/sqlite/migrate.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ids.h"
#include "store/sqlite/db.h"

enum {
	APPLICATION_ID = 0x6c726c31, /* as 0001 sets it */
	WAL_WAIT_MS = 10000,
	WAL_NAP_US = 5000
};

/* The number of the last migration that was applied. ERR_NOT_OURS for an empty file, too: new ones are made
 * whole. */
static enum err_code
read_version(struct store *store, size_t *ret_version)
{
	int64_t version = 0, application = 0;
	enum err_code err = db_number(store, "PRAGMA user_version", &version);
	if (err == ERR_OK)
		err = db_number(store, "PRAGMA application_id", &application);
	if (err != ERR_OK)
		return err;
	if (application != APPLICATION_ID || version <= 0)
		return db_fail(store, ERR_NOT_OURS);
	*ret_version = (size_t)version;
	return ERR_OK;
}

enum err_code
migrate_check(struct store *store)
{
	size_t version = 0;
	enum err_code err = read_version(store, &version);
	if (err == ERR_OK && version > sql_migration_count)
		err = ERR_SCHEMA_TOO_NEW;
	if (err == ERR_OK && version < sql_migration_count)
		err = ERR_SCHEMA_TOO_OLD;
	return err;
}

/* WAL mode is a property of the file; a backup that was put back is without it. SQLite does not wait by
 * itself for others who do the same. */
static enum err_code
set_wal(struct store *store)
{
	int64_t deadline = clock_mono_ms() + WAL_WAIT_MS;
	for (;;) {
		enum err_code err = db_exec(store, "PRAGMA journal_mode = WAL");
		if (err != ERR_BUSY || clock_mono_ms() >= deadline)
			return err;
		usleep(WAL_NAP_US);
	}
}

enum err_code
migrate_draw_epoch(struct store *store)
{
	char epoch[IDS_SHORT_SIZE];
	ids_short(epoch);
	struct query query;
	db_query(store, SQL_HEAD_SET_EPOCH, &query);
	db_text(&query, ":epoch", epoch);
	return db_run(&query);
}

/* One migration inside the open transaction. */
static enum err_code
apply(struct store *store, const struct sql_migration *migration)
{
	char text[64];
	enum err_code err = db_exec(store, migration->text);
	if (err == ERR_OK && migration->version == 1)
		err = migrate_draw_epoch(store);
	snprintf(text, sizeof(text), "PRAGMA user_version = %d", migration->version);
	if (err == ERR_OK)
		err = db_exec(store, text);
	return err;
}

enum err_code
migrate_create(struct store *store)
{
	enum err_code err = store_begin(store, store->durability);
	for (size_t i = 0; i < sql_migration_count && err == ERR_OK; i++)
		err = apply(store, &sql_migrations[i]);
	if (err == ERR_OK)
		err = store_commit(store);
	store_rollback(store);
	return err;
}

/* Applies the next migration, if one is missing, under the write lock: another process may have applied it
 * while we waited for the lock. */
static enum err_code
apply_next(struct store *store, size_t *ret_version)
{
	size_t version = 0;
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err != ERR_OK)
		return err;
	err = read_version(store, &version);
	if (err == ERR_OK && version < sql_migration_count) {
		err = apply(store, &sql_migrations[version]);
		version++;
	}
	if (err == ERR_OK)
		err = store_commit(store);
	else
		store_rollback(store);
	if (err == ERR_OK)
		*ret_version = version;
	return err;
}

enum err_code
migrate_apply(struct store *store)
{
	size_t version = 0;
	enum err_code err = read_version(store, &version);
	if (err == ERR_OK && version <= sql_migration_count)
		err = set_wal(store);
	while (err == ERR_OK && version < sql_migration_count)
		err = apply_next(store, &version);
	if (err == ERR_OK && version > sql_migration_count)
		err = ERR_SCHEMA_TOO_NEW;
	return err;
}
