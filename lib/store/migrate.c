/* Brings a database up to date; see migrate.h. */
#include "store/migrate.h"

#include "base/ids.h"
#include "sql_migrations.h"
#include "store/db.h"

/* Reads the number of the last migration. */
static enum err_code
read_version(struct store *store, size_t *ret_version)
{
	int64_t version;
	enum err_code err = store->engine->version(store->db, &version);
	if (err != ERR_OK)
		return db_fail(store, err);
	*ret_version = (size_t)version;
	return ERR_OK;
}

enum err_code
migrate_check(struct store *store)
{
	size_t version = 0;
	enum err_code err = read_version(store, &version);
	if (err == ERR_OK && version > SQL_MIGRATIONS)
		err = ERR_SCHEMA_TOO_NEW;
	if (err == ERR_OK && version < SQL_MIGRATIONS)
		err = ERR_SCHEMA_TOO_OLD;
	return err;
}

/* Gives the new database its epoch, by which its cursors are recognised. */
static enum err_code
draw_epoch(struct store *store)
{
	char epoch[IDS_SHORT_SIZE];
	ids_short(epoch);
	struct query query = db_query(store, SQL_DATABASE_SET_EPOCH);
	db_text(&query, ":epoch", epoch);
	return db_run(&query);
}

/* Applies one migration inside the open transaction. */
static enum err_code
apply(struct store *store, const struct sql_migration *migration)
{
	enum err_code err = store->engine->run(store->db, migration->text);
	if (err == ERR_OK && migration->version == 1)
		err = draw_epoch(store);
	if (err == ERR_OK)
		err = store->engine->set_version(store->db, migration->version);
	return err;
}

enum err_code
migrate_fill(void *cookie, void *db)
{
	struct store *store = cookie;
	store->db = db;
	enum err_code err = store_begin(store, STORE_DURABLE);
	for (size_t i = 0; i < SQL_MIGRATIONS && err == ERR_OK; i++)
		err = apply(store, &store->engine->migrations[i]);
	err = store_end(store, err);
	db_finalize(store);
	store->db = NULL;
	return err;
}

/* Applies all that is missing, under the write lock: another process may have done so while we waited for it.
 * One transaction: whatever stops it, a full disk or a power cut, leaves what the older program can go on
 * with. */
static enum err_code
apply_missing(struct store *store)
{
	size_t version = 0;
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err != ERR_OK)
		return err;
	err = read_version(store, &version);
	for (; err == ERR_OK && version < SQL_MIGRATIONS; version++)
		err = apply(store, &store->engine->migrations[version]);
	return store_end(store, err);
}

enum err_code
migrate_apply(struct store *store)
{
	size_t version = 0;
	enum err_code err = read_version(store, &version);
	if (err == ERR_OK && version > SQL_MIGRATIONS)
		err = ERR_SCHEMA_TOO_NEW;
	if (err == ERR_OK)
		err = store->engine->prepare_database(store->db);
	if (err == ERR_OK && version < SQL_MIGRATIONS)
		err = apply_missing(store);
	return err;
}
