/* Running statements: prepared once and kept, parameters bound by name, errors turned into ours in one place.
 * Whatever fails inside a transaction poisons it, so that no half of a verb can be committed by mistake. */
#include "store/db.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "store/fault.h"
#include "store/sql_text.h"

enum err_code
db_fail(struct store *store, enum err_code err)
{
	/* A constraint undoes its own statement and nothing else; that is an answer. */
	if (err != ERR_CONFLICT && err != ERR_NOT_FOUND && store->open && store->poison == ERR_OK)
		store->poison = err;
	return err;
}

void
store_fault_set(struct store *store, int64_t nth, enum err_code err)
{
	store->fault_in = nth;
	store->fault = err;
}

bool
store_fault_pending(const struct store *store)
{
	return store->fault_in > 0;
}

bool
store_fault_due(struct store *store)
{
	return store->fault_in > 0 && --store->fault_in == 0;
}

static void
query_fail(struct query *query, enum err_code err)
{
	if (query->err == ERR_OK)
		query->err = db_fail(query->store, err);
}

/* Prepares the statement, where it is not there yet. */
static enum err_code
prepare(struct store *store, enum sql_query name)
{
	const char *const *queries = store->engine->queries;
	struct buf room;
	if (store->statements[name] != NULL)
		return ERR_OK;
	if (queries[name] == NULL)
		return ERR_INTERNAL;
	buf_init(&room, LIMIT_SQL);
	const char *text = sql_text(queries, name, &room);
	enum err_code err =
	    text != NULL ? store->engine->prepare(store->db, text, &store->statements[name]) : ERR_NO_MEMORY;
	buf_free(&room);
	return err;
}

struct query
db_query(struct store *store, enum sql_query name)
{
	const struct engine *engine = store->engine;
	struct query query = {.store = store, .engine = engine};
	enum err_code err = prepare(store, name);
	if (err != ERR_OK) {
		query_fail(&query, err);
		return query;
	}
	query.stmt = store->statements[name];
	/* The engine may have rolled back by itself; then a write would be committed at once. */
	if (engine->writes(query.stmt) && !engine->in_transaction(store->db))
		query_fail(&query, store->poison != ERR_OK ? store->poison : ERR_INTERNAL);
	return query;
}

/* Counts a parameter as bound; false where the query has failed. */
static bool
binding(struct query *query)
{
	if (query->err != ERR_OK)
		return false;
	query->bound++;
	return true;
}

static void
bound(struct query *query, enum err_code err)
{
	if (err != ERR_OK)
		query_fail(query, err);
}

void
db_int(struct query *query, const char *name, int64_t value)
{
	if (binding(query))
		bound(query, query->engine->bind_int(query->stmt, name, value));
}

void
db_text(struct query *query, const char *name, const char *value)
{
	if (binding(query))
		bound(query, query->engine->bind_text(query->stmt, name, value));
}

void
db_natural(struct query *query, const char *name, int64_t value)
{
	if (value >= 0)
		db_int(query, name, value);
	else
		db_text(query, name, NULL);
}

void
db_blob(struct query *query, const char *name, const void *bytes, size_t size)
{
	if (binding(query))
		bound(query, query->engine->bind_blob(query->stmt, name, bytes, size));
}

void
db_hash(struct query *query, const char *name, const uint8_t value[CRYPTO_HASH_SIZE])
{
	db_blob(query, name, value, CRYPTO_HASH_SIZE);
}

bool
db_step(struct query *query)
{
	query->row = false;
	if (query->err == ERR_OK && query->bound != query->engine->parameters(query->stmt))
		query_fail(query, ERR_INTERNAL);
	if (query->err != ERR_OK || query->done)
		return false;

	struct store *store = query->store;
	enum err_code err =
	    store_fault_due(store) ? store->fault : query->engine->step(query->stmt, &query->row);
	query->done = err == ERR_OK && !query->row;
	if (err != ERR_OK)
		query_fail(query, err);
	return query->row;
}

const char *
db_column_text(struct query *query, int column)
{
	const char *text = NULL;
	size_t size;
	if (!query->engine->column_text(query->stmt, column, &text, &size))
		query_fail(query, ERR_NO_MEMORY);
	return text;
}

const char *
db_column_copy(struct query *query, struct arena *arena, int column)
{
	const char *text = NULL;
	size_t size;
	if (!query->engine->column_text(query->stmt, column, &text, &size)) {
		query_fail(query, ERR_NO_MEMORY);
		return NULL;
	}
	if (text == NULL)
		return NULL;
	text = arena_strndup(arena, text, size);
	if (text == NULL)
		query_fail(query, ERR_NO_MEMORY);
	return text;
}

const uint8_t *
db_column_blob(struct query *query, int column, size_t *ret_size)
{
	const void *bytes = NULL;
	*ret_size = 0;
	if (!query->engine->column_blob(query->stmt, column, &bytes, ret_size))
		query_fail(query, ERR_NO_MEMORY);
	return bytes;
}

void
db_column_hash(struct query *query, int column, uint8_t ret_hash[CRYPTO_HASH_SIZE])
{
	size_t size;
	const uint8_t *hash = db_column_blob(query, column, &size);
	if (query->err == ERR_OK && size != CRYPTO_HASH_SIZE)
		query_fail(query, ERR_CORRUPT);
	else if (query->err == ERR_OK)
		memcpy(ret_hash, hash, CRYPTO_HASH_SIZE);
}

int64_t
db_changes(struct store *store)
{
	return store->engine->changes(store->db);
}

int64_t
db_inserted(struct store *store)
{
	return store->engine->inserted(store->db);
}

void
db_revise(struct query *query)
{
	struct store *store = query->store;
	if (store->rev < 0 && query->err == ERR_OK) {
		struct query head = db_query(store, SQL_DATABASE_HEAD);
		int64_t rev = db_step(&head) ? db_column_int(&head, 1) : -1;
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
	if (err == ERR_OK && db_changes(store) == 0)
		return otherwise;
	if (err != ERR_OK)
		return err;
	store->advanced = true;
	store->moved = true;
	*ret_rev = ++store->rev;
	return ERR_OK;
}

void *
db_append(struct query *query, struct arena *arena, struct db_list *list, size_t size)
{
	if (list->count == list->cap) {
		size_t more = list->cap == 0 ? 16 : 2 * list->cap;
		void *moved = arena_alloc(arena, more * size);
		if (moved == NULL) {
			query_fail(query, ERR_NO_MEMORY);
			return NULL;
		}
		if (list->count > 0)
			memcpy(moved, list->items, list->count * size);
		list->items = moved;
		list->cap = more;
	}
	return (char *)list->items + list->count++ * size;
}

void *
db_next(struct query *query, struct arena *arena, struct db_list *list, size_t size)
{
	return db_step(query) ? db_append(query, arena, list, size) : NULL;
}

enum err_code
db_end(struct query *query)
{
	if (query->stmt == NULL)
		return query->err;
	/* Constraints are checked where a statement ends. */
	while (query->row && query->engine->writes(query->stmt))
		db_step(query);
	query->engine->reset(query->stmt);
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
db_run_id(struct store *store, enum sql_query name, int64_t id)
{
	struct query query = db_query(store, name);
	db_int(&query, ":id", id);
	return db_run(&query);
}

enum err_code
db_take_lease(struct store *store, enum sql_query name, int64_t id, const char *owner, int64_t due_at)
{
	struct query query = db_query(store, name);
	db_int(&query, ":id", id);
	db_text(&query, ":owner", owner);
	db_int(&query, ":due_at", due_at);
	return db_run(&query);
}

enum err_code
db_run_one(struct query *query, enum err_code otherwise)
{
	enum err_code err = db_run(query);
	return err == ERR_OK && db_changes(query->store) == 0 ? otherwise : err;
}

enum err_code
db_end_found(struct query *query, bool found)
{
	enum err_code err = db_end(query);
	return err == ERR_OK && !found ? ERR_NOT_FOUND : err;
}

enum err_code
db_end_known(struct query *query, bool *ret_known)
{
	bool known = db_step(query);
	enum err_code err = db_end(query);
	if (err == ERR_OK)
		*ret_known = known;
	return err;
}

enum err_code
db_end_list(struct query *query, struct arena *arena, db_read *read, size_t size, void *ret_rows,
            size_t *ret_count)
{
	struct db_list list = {0};
	void *row;
	while ((row = db_next(query, arena, &list, size)) != NULL)
		read(query, arena, row);
	enum err_code err = db_end(query);
	if (err != ERR_OK)
		return err;
	memcpy(ret_rows, &list.items, sizeof(list.items));
	*ret_count = list.count;
	return ERR_OK;
}

enum err_code
db_end_one(struct query *query, struct arena *arena, db_read *read, size_t size, void *ret_row)
{
	bool found = db_step(query);
	void *row = found ? arena_alloc(arena, size) : NULL;
	if (row != NULL)
		read(query, arena, row);
	else if (found)
		query_fail(query, ERR_NO_MEMORY);
	enum err_code err = db_end_found(query, found);
	if (err == ERR_OK)
		memcpy(ret_row, row, size);
	return err;
}

enum err_code
db_end_number(struct query *query, int64_t otherwise, int64_t *ret_number)
{
	int64_t number = otherwise;
	if (db_step(query) && !db_column_null(query, 0))
		number = db_column_int(query, 0);
	enum err_code err = db_end(query);
	if (err == ERR_OK)
		*ret_number = number;
	return err;
}

enum err_code
db_purge(struct store *store, enum sql_query name, int64_t now, int64_t most, int64_t *ret_count)
{
	struct query query = db_query(store, name);
	db_int(&query, ":now", now);
	db_int(&query, ":most", most);
	enum err_code err = db_run(&query);
	if (err == ERR_OK)
		*ret_count = db_changes(store);
	return err;
}
