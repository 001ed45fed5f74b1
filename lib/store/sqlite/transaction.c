/* Transactions: one writer at a time, known as a writer from the start, durable where the caller says so. */
#include "base/bell.h"
#include "store/sqlite/db.h"

enum err_code
store_snapshot(struct store *store)
{
	struct query query;
	if (store->open || store->snapshot)
		return ERR_INTERNAL;
	db_query(store, SQL_SNAPSHOT_BEGIN, &query);
	enum err_code err = db_run(&query);
	store->snapshot = err == ERR_OK;
	return err;
}

void
store_snapshot_end(struct store *store)
{
	struct query query;
	if (!store->snapshot)
		return;
	store->snapshot = false;
	db_query(store, SQL_SNAPSHOT_END, &query);
	if (db_run(&query) != ERR_OK && !sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

enum err_code
store_begin(struct store *store, enum store_durability durability)
{
	if (store->open)
		return ERR_INTERNAL;
	store_snapshot_end(store);
	/* SQLite takes this setting only between transactions. A durable commit syncs the relaxed ones before
	 * it. */
	if (durability != store->durability) {
		enum err_code err =
		    db_exec(store, durability == STORE_DURABLE ? "PRAGMA synchronous = FULL"
		                                               : "PRAGMA synchronous = NORMAL");
		if (err != ERR_OK)
			return err;
		store->durability = durability;
	}
	enum err_code err = db_exec(store, "BEGIN IMMEDIATE");
	if (err != ERR_OK)
		return err;
	store->open = true;
	store->moved = false;
	store->advanced = false;
	store->rev = -1;
	store->poison = ERR_OK;
	return ERR_OK;
}

void
store_rollback(struct store *store)
{
	/* SQLite may have rolled back by itself, after a full disk for example. */
	if (store->open && !sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	store->open = false;
	store->poison = ERR_OK;
}

static enum err_code
write_rev(struct store *store)
{
	struct query query;
	db_query(store, SQL_HEAD_SET_REV, &query);
	db_int(&query, ":rev", store->rev);
	return db_run(&query);
}

enum err_code
store_commit(struct store *store)
{
	if (!store->open)
		return ERR_INTERNAL;
	enum err_code err = store->poison;
	if (err == ERR_OK && sqlite3_get_autocommit(store->db))
		err = ERR_INTERNAL;
	if (err == ERR_OK && store->advanced)
		err = write_rev(store);
	if (err == ERR_OK) {
		err = db_exec(store, "COMMIT");
		/* The commit may stand in the WAL although writing or syncing it failed. */
		if (err == ERR_INTERNAL)
			err = ERR_UNCERTAIN;
	}
	if (err != ERR_OK) {
		store_rollback(store);
		return err;
	}
	store->open = false;
	if (store->moved)
		bell_ring(store->bell);
	return ERR_OK;
}

enum err_code
store_data_version(struct store *store, int64_t *ret_version)
{
	struct query query;
	int64_t version = 0;
	db_query(store, SQL_HEAD_DATA_VERSION, &query);
	if (db_step(&query))
		version = sqlite3_column_int64(query.stmt, 0);
	enum err_code err = db_end(&query);
	if (err == ERR_OK)
		*ret_version = version;
	return err;
}
