/* The database as a whole: changes by others, checks, and the backup. */
#include "store/database.h"

#include "base/arena.h"
#include "base/ids.h"
#include "store/db.h"

enum err_code
store_data_version(struct store *store, int64_t *ret_version)
{
	struct query query = db_query(store, SQL_DATABASE_DATA_VERSION);
	return db_end_number(&query, 0, ret_version);
}

/* Runs a check: *ret_fault is its first fault in words, or NULL. */
static enum err_code
first_fault(struct store *store, struct arena *arena, enum sql_query name, const char **ret_fault)
{
	const char *fault = NULL;
	struct query query = db_query(store, name);
	if (db_step(&query))
		fault = db_column_copy(&query, arena, 0);
	enum err_code err = db_end(&query);
	if (err == ERR_OK)
		*ret_fault = fault;
	return err;
}

enum err_code
store_check(struct store *store, struct arena *arena, const char **ret_why)
{
	static const enum sql_query checks[] = {SQL_DATABASE_CHECK_PAGES, SQL_DATABASE_CHECK_REFERENCES};
	const char *fault = NULL;
	enum err_code err = ERR_OK;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && err == ERR_OK && fault == NULL; i++)
		err = first_fault(store, arena, checks[i], &fault);
	/* Damage may keep the check itself from running. */
	if (err == ERR_CORRUPT)
		fault = arena_strdup(arena, store->engine->message(store->db));
	if (fault == NULL)
		return err;
	*ret_why = fault;
	return ERR_CORRUPT;
}

enum err_code
store_counts_check(struct store *store, bool *ret_match)
{
	int64_t match = 0;
	struct query query = db_query(store, SQL_DATABASE_COUNTS_MATCH);
	enum err_code err = db_end_number(&query, 0, &match);
	if (err == ERR_OK)
		*ret_match = match != 0;
	return err;
}

enum err_code
store_counts_mend(struct store *store)
{
	struct query query = db_query(store, SQL_DATABASE_COUNTS_CLEAR);
	enum err_code err = db_run(&query);
	if (err != ERR_OK)
		return err;
	query = db_query(store, SQL_DATABASE_COUNTS_FILL);
	return db_run(&query);
}

enum err_code
store_backup(struct store *store, const char *path, bool (*go_on)(void *cookie), void *cookie)
{
	char epoch[IDS_SHORT_SIZE];
	bool own = !store->snapshot;
	if (store->open)
		return ERR_INTERNAL;
	enum err_code err = own ? store_snapshot(store) : ERR_OK;
	if (err != ERR_OK)
		return err;
	/* A snapshot begins with the first statement that reads. */
	struct query head = db_query(store, SQL_DATABASE_HEAD);
	db_step(&head);
	err = db_end(&head);
	ids_short(epoch);
	if (err == ERR_OK)
		err = store->engine->backup(store->db, path, epoch, go_on, cookie);
	if (own)
		store_snapshot_end(store);
	return err;
}
