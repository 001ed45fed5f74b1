/* Transactions: one writer at a time, known as a writer from the start, durable where the caller says so. */
#include "store/store.h"
#include "store/db.h"
#include "store/fault.h"

static enum err_code
begin(struct store *store, enum engine_transaction kind)
{
	return store_fault_due(store) ? store->fault : store->engine->begin(store->db, kind);
}

static enum err_code
commit(struct store *store)
{
	return store_fault_due(store) ? store->fault : store->engine->commit(store->db, store->moved);
}

enum err_code
store_snapshot(struct store *store)
{
	if (store->open || store->snapshot)
		return ERR_INTERNAL;
	enum err_code err = begin(store, ENGINE_SNAPSHOT);
	store->snapshot = err == ERR_OK;
	store->moved = false;
	return err;
}

void
store_snapshot_end(struct store *store)
{
	if (!store->snapshot)
		return;
	store->snapshot = false;
	if (commit(store) != ERR_OK)
		store->engine->rollback(store->db);
}

enum err_code
store_begin(struct store *store, enum store_durability durability)
{
	if (store->open)
		return ERR_INTERNAL;
	store_snapshot_end(store);
	enum err_code err = begin(store, durability == STORE_DURABLE ? ENGINE_DURABLE : ENGINE_RELAXED);
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
	if (store->open)
		store->engine->rollback(store->db);
	store->open = false;
	store->poison = ERR_OK;
}

static enum err_code
write_rev(struct store *store)
{
	struct query query = db_query(store, SQL_DATABASE_SET_REV);
	db_int(&query, ":rev", store->rev);
	return db_run(&query);
}

enum err_code
store_commit(struct store *store)
{
	if (!store->open)
		return ERR_INTERNAL;
	enum err_code err = store->poison;
	if (err == ERR_OK && !store->engine->in_transaction(store->db))
		err = ERR_INTERNAL;
	if (err == ERR_OK && store->advanced)
		err = write_rev(store);
	if (err == ERR_OK) {
		err = commit(store);
		/* The commit may stand although writing or syncing it failed. */
		if (err == ERR_INTERNAL)
			err = ERR_UNCERTAIN;
	}
	if (err != ERR_OK) {
		store_rollback(store);
		return err;
	}
	store->open = false;
	return ERR_OK;
}

int64_t
store_owed(struct store *store)
{
	return store->engine->owed(store->db);
}

enum err_code
store_end(struct store *store, enum err_code err)
{
	if (err == ERR_OK)
		return store_commit(store);
	store_rollback(store);
	return err;
}
