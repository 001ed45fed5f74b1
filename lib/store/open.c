/* Opening and closing a store, over the engine that keeps it. */
#include <stdlib.h>

#include "store/store.h"
#include "store/db.h"
#include "store/migrate.h"

const struct engine *
db_engine(const char *data)
{
	(void)data;
	return &engine_sqlite;
}

enum err_code
db_open(const char *data, enum store_mode mode, struct store **ret_store)
{
	const struct engine_access access = {
	    .serves = mode == STORE_MIGRATE,
	    .writes = mode != STORE_READ,
	    .patient = mode != STORE_WRITE_NOWAIT,
	    .defers = mode == STORE_WRITE_LOOP || mode == STORE_WRITE_NOWAIT,
	};
	struct store *store = calloc(1, sizeof(*store));
	if (store == NULL)
		return ERR_NO_MEMORY;
	store->engine = db_engine(data);
	enum err_code err = store->engine->open(data, &access, &store->db);
	if (err == ERR_NOT_FOUND && mode == STORE_MIGRATE) {
		err = store->engine->create(data, migrate_fill, store);
		if (err == ERR_OK)
			err = store->engine->open(data, &access, &store->db);
	}
	if (err != ERR_OK) {
		free(store);
		return err;
	}
	*ret_store = store;
	return ERR_OK;
}

enum err_code
store_open(const char *data, enum store_mode mode, struct store **ret_store)
{
	struct store *store = NULL;
	enum err_code err = db_open(data, mode, &store);
	if (err != ERR_OK)
		return err;
	err = mode == STORE_MIGRATE ? migrate_apply(store) : migrate_check(store);
	if (err == ERR_OK)
		err = store->engine->ready(store->db);
	if (err != ERR_OK) {
		store_close(store);
		return err;
	}
	*ret_store = store;
	return ERR_OK;
}

void
db_finalize(struct store *store)
{
	for (int i = 0; i < SQL__MAX; i++) {
		store->engine->finalize(store->statements[i]);
		store->statements[i] = NULL;
	}
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	store_rollback(store);
	db_finalize(store);
	store->engine->close(store->db);
	free(store->medians);
	free(store);
}
