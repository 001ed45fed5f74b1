/* Running statements: prepared once and kept, parameters bound by name, errors turned into ours in one place.
 * Whatever fails inside a transaction poisons it, so that no half of a verb can be committed by mistake. */
#include "store/sqlite/db.h"

#include <string.h>

#include "base/arena.h"
#include "store/sqlite/fault.h"

enum err_code
db_error(int code)
{
	switch (code) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
		return ERR_CONFLICT;
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return ERR_NOT_FOUND;
	case SQLITE_IOERR_NOMEM:
		return ERR_NO_MEMORY;
	default:
		break;
	}
	switch (code & 0xff) {
	case SQLITE_OK:
		return ERR_OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_FULL:
		return ERR_NO_SPACE;
	case SQLITE_NOMEM:
		return ERR_NO_MEMORY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_CORRUPT;
	default:
		return ERR_INTERNAL;
	}
}

enum err_code
db_fail(struct store *store, enum err_code err)
{
	/* A constraint undoes its own statement and nothing else; that is an answer. */
	if (err != ERR_CONFLICT && err != ERR_NOT_FOUND && store->open && store->poison == ERR_OK)
		store->poison = err;
	return err;
}

void
store_fault_set(struct store *store, int64_t nth, int sqlite_code)
{
	store->fault_in = nth;
	store->fault_code = sqlite_code;
}

bool
store_fault_pending(const struct store *store)
{
	return store->fault_in > 0;
}

/* True where this step is the one that was ordered to fail. */
static bool
fault_due(struct store *store)
{
	return store->fault_in > 0 && --store->fault_in == 0;
}

static void
query_fail(struct query *query, enum err_code err)
{
	if (query->err == ERR_OK)
		query->err = db_fail(query->store, err);
}

void
db_query_text(struct store *store, sqlite3_stmt **cache, const char *text, struct query *ret_query)
{
	*ret_query = (struct query){.store = store};
	if (text == NULL && *cache == NULL) {
		query_fail(ret_query, ERR_NO_MEMORY);
		return;
	}
	if (*cache == NULL) {
		int code = sqlite3_prepare_v3(store->db, text, -1, SQLITE_PREPARE_PERSISTENT, cache, NULL);
		if (code != SQLITE_OK) {
			query_fail(ret_query, db_error(code));
			return;
		}
	}
	ret_query->stmt = *cache;
	/* SQLite may have rolled back by itself; then a write would be committed at once. */
	if (!sqlite3_stmt_readonly(*cache) && sqlite3_get_autocommit(store->db))
		query_fail(ret_query, store->poison != ERR_OK ? store->poison : ERR_INTERNAL);
}

void
db_query(struct store *store, enum sql_query name, struct query *ret_query)
{
	db_query_text(store, &store->statements[name], sql_text[name], ret_query);
}

/* The number of a parameter, or 0 where the query has failed. */
static int
parameter(struct query *query, const char *name)
{
	if (query->err != ERR_OK)
		return 0;
	int index = sqlite3_bind_parameter_index(query->stmt, name);
	if (index == 0)
		query_fail(query, ERR_INTERNAL);
	query->bound++;
	return index;
}

static void
bound(struct query *query, int code)
{
	if (code != SQLITE_OK)
		query_fail(query, db_error(code));
}

void
db_int(struct query *query, const char *name, int64_t value)
{
	int index = parameter(query, name);
	if (index != 0)
		bound(query, sqlite3_bind_int64(query->stmt, index, value));
}

void
db_natural(struct query *query, const char *name, int64_t value)
{
	int index = parameter(query, name);
	if (index != 0 && value >= 0)
		bound(query, sqlite3_bind_int64(query->stmt, index, value));
}

void
db_text(struct query *query, const char *name, const char *value)
{
	int index = parameter(query, name);
	if (index != 0 && value != NULL)
		bound(query, sqlite3_bind_text(query->stmt, index, value, -1, SQLITE_STATIC));
}

void
db_hash(struct query *query, const char *name, const uint8_t value[CRYPTO_HASH_SIZE])
{
	int index = parameter(query, name);
	if (index != 0)
		bound(query, sqlite3_bind_blob(query->stmt, index, value, CRYPTO_HASH_SIZE, SQLITE_STATIC));
}

bool
db_step(struct query *query)
{
	query->row = false;
	if (query->err == ERR_OK && query->bound != sqlite3_bind_parameter_count(query->stmt))
		query_fail(query, ERR_INTERNAL);
	if (query->err != ERR_OK || query->done)
		return false;

	int code = fault_due(query->store) ? query->store->fault_code : sqlite3_step(query->stmt);
	query->row = code == SQLITE_ROW;
	query->done = code == SQLITE_DONE;
	if (!query->row && !query->done)
		query_fail(query, db_error(code));
	return query->row;
}

const char *
db_column(struct query *query, struct arena *arena, int column)
{
	const char *text = (const char *)sqlite3_column_text(query->stmt, column);
	if (text == NULL && sqlite3_column_type(query->stmt, column) == SQLITE_NULL)
		return NULL;
	if (text != NULL)
		text = arena_strndup(arena, text, (size_t)sqlite3_column_bytes(query->stmt, column));
	if (text == NULL)
		query_fail(query, ERR_NO_MEMORY);
	return text;
}

void
db_revise(struct query *query)
{
	struct store *store = query->store;
	if (store->rev < 0 && query->err == ERR_OK) {
		struct query head;
		db_query(store, SQL_HEAD_GET, &head);
		int64_t rev = db_step(&head) ? sqlite3_column_int64(head.stmt, 1) : -1;
		enum err_code err = db_end(&head);
		if (err != ERR_OK || rev < 0)
			query_fail(query, err != ERR_OK ? err : ERR_CORRUPT);
		store->rev = rev;
	}
	db_int(query, ":rev", store->rev + 1);
}

enum err_code
db_end_revised(struct query *query, enum err_code otherwise, int64_t *ret_rev)
{
	struct store *store = query->store;
	enum err_code err = db_run(query);
	if (err == ERR_OK && sqlite3_changes(store->db) == 0)
		return otherwise;
	if (err != ERR_OK)
		return err;
	store->advanced = true;
	store->moved = true;
	*ret_rev = ++store->rev;
	return ERR_OK;
}

void *
db_grow(struct query *query, struct arena *arena, void **items, size_t *cap, size_t count, size_t size)
{
	if (count == *cap) {
		size_t more = *cap == 0 ? 16 : 2 * *cap;
		void *moved = arena_alloc(arena, more * size);
		if (moved == NULL) {
			query_fail(query, ERR_NO_MEMORY);
			return NULL;
		}
		if (count > 0)
			memcpy(moved, *items, count * size);
		*items = moved;
		*cap = more;
	}
	return (char *)*items + count * size;
}

enum err_code
db_end(struct query *query)
{
	if (query->stmt == NULL)
		return query->err;
	/* Constraints are checked where a statement ends. */
	while (query->row && !sqlite3_stmt_readonly(query->stmt))
		db_step(query);
	sqlite3_reset(query->stmt);
	sqlite3_clear_bindings(query->stmt);
	return query->err;
}

enum err_code
db_run(struct query *query)
{
	while (db_step(query))
		;
	return db_end(query);
}

enum err_code
db_exec(struct store *store, const char *text)
{
	int code = fault_due(store) ? store->fault_code : sqlite3_exec(store->db, text, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		return ERR_OK;
	return db_fail(store, db_error(code));
}

enum err_code
db_number(struct store *store, const char *text, int64_t *ret_number)
{
	struct query query;
	sqlite3_stmt *stmt = NULL;
	int64_t number = 0;
	db_query_text(store, &stmt, text, &query);
	if (db_step(&query))
		number = sqlite3_column_int64(query.stmt, 0);
	enum err_code err = db_end(&query);
	sqlite3_finalize(stmt);
	if (err == ERR_OK)
		*ret_number = number;
	return err;
}
