/* The base of the store, for the files of this folder only: the open store, and one way to run a named
 * statement, over any engine. A query is used like this; errors stick to it, so that one look at
 * the end suffices:
 *
 *	struct query q = db_query(store, SQL_USER_BY_NAME);
 *	db_text(&q, ":username", username);
 *	if (db_step(&q)) … db_column_int(&q, n) …
 *	return db_end(&q); */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "sql_queries.h"
#include "store/engine/engine.h"
#include "store/store.h"

struct arena;
struct medians;

struct store {
	const struct engine *engine;
	void *db;                   /* the engine's connection */
	bool open;                  /* between store_begin() and its end */
	bool snapshot;              /* reads see one state of the database */
	bool moved;                 /* the transaction has added or moved a task */
	bool advanced;              /* … and given it a new revision */
	int64_t rev;                /* the latest, in a transaction; -1 = not read yet */
	enum err_code poison;       /* the failure after which it can only be rolled back */
	int64_t fault_in;           /* steps until one fails, as fault.h has set; 0 = none does */
	enum err_code fault;        /* … with this */
	void *statements[SQL__MAX]; /* prepared when first used */
	struct medians *medians;    /* what stats.c remembers; NULL = nothing yet */
};

struct query {
	struct store *store;
	const struct engine *engine;
	void *stmt;
	int bound;         /* parameters bound so far */
	bool row;          /* stands on a row */
	bool done;         /* has run to its end */
	enum err_code err; /* the first thing that went wrong */
};

/* Returns `err`, having noted that an open transaction can no longer be committed. */
enum err_code db_fail(struct store *store, enum err_code err);

/* Chooses the engine for the database of the directory `data`; nothing else does. */
const struct engine *db_engine(const char *data);

/* Opens the database in the directory `data`, with any schema; not yet ready for the verbs. With
 * STORE_MIGRATE it is made where there is none. */
enum err_code db_open(const char *data, enum store_mode mode, struct store **ret_store);

/* Finalizes all prepared statements. */
void db_finalize(struct store *store);

/* ---- one statement ---- */

/* Starts the named statement. Outside a transaction a statement that writes fails with ERR_INTERNAL. */
struct query db_query(struct store *store, enum sql_query name);

/* Binds a number to the parameter `name` (":rev"). A name that the statement does not have is an error, and
 * so is, at the first step, a parameter that was not bound. */
void db_int(struct query *query, const char *name, int64_t value);

/* Binds a string, or NULL. It must stay until db_end(). */
void db_text(struct query *query, const char *name, const char *value);

/* Binds NULL where `value` is negative, else the number. */
void db_natural(struct query *query, const char *name, int64_t value);

/* Binds a hash. It must stay until db_end(). */
void db_hash(struct query *query, const char *name, const uint8_t value[CRYPTO_HASH_SIZE]);

/* Binds bytes. They must stay until db_end(). */
void db_blob(struct query *query, const char *name, const void *bytes, size_t size);

/* Goes to the next row. False at the end and after an error. */
bool db_step(struct query *query);

/* True where a column of the row, counted from 0, is NULL. */
static inline bool
db_column_null(struct query *query, int column)
{
	return query->engine->column_null(query->stmt, column);
}

/* Reads a number of the row; 0 for NULL. */
static inline int64_t
db_column_int(struct query *query, int column)
{
	return query->engine->column_int(query->stmt, column);
}

/* Reads a number of the row as a boolean. */
static inline bool
db_column_bool(struct query *query, int column)
{
	return query->engine->column_int(query->stmt, column) != 0;
}

/* Reads a text of the row, good until the next step; NULL for NULL, and when memory is short: then the query
 * fails. */
const char *db_column_text(struct query *query, int column);

/* Copies a text of the row into `arena`; NULL for NULL, and when memory is short: then the query fails. */
const char *db_column_copy(struct query *query, struct arena *arena, int column);

/* Reads a hash of the row. The query fails with ERR_CORRUPT where it is none. */
void db_column_hash(struct query *query, int column, uint8_t ret_hash[CRYPTO_HASH_SIZE]);

/* Reads bytes of the row, good until the next step, and their number; NULL for NULL, for none, and when
 * memory is short: then the query fails. */
const uint8_t *db_column_blob(struct query *query, int column, size_t *ret_size);

/* Ends a query: a statement that writes is run to its end. Returns what went wrong first. */
enum err_code db_end(struct query *query);

/* Runs a statement without results. */
enum err_code db_run(struct query *query);

/* Runs a statement whose only parameter is ":id". */
enum err_code db_run_id(struct store *store, enum sql_query name, int64_t id);

/* Runs a statement that gives the lease of the row ":id" to ":owner", until ":due_at". */
enum err_code
db_take_lease(struct store *store, enum sql_query name, int64_t id, const char *owner, int64_t due_at);

/* Runs a statement that writes one row; `otherwise` where it met none. */
enum err_code db_run_one(struct query *query, enum err_code otherwise);

/* Ends a query that has `found` its row, or ERR_NOT_FOUND. */
enum err_code db_end_found(struct query *query, bool found);

/* Ends a query for whether there is a row. */
enum err_code db_end_known(struct query *query, bool *ret_known);

/* Ends a query for one number: that of its first row, `otherwise` where it has none or that is NULL. */
enum err_code db_end_number(struct query *query, int64_t otherwise, int64_t *ret_number);

/* Runs a statement that deletes at most `most` rows that have expired by `now`, and returns their number. */
enum err_code
db_purge(struct store *store, enum sql_query name, int64_t now, int64_t most, int64_t *ret_count);

/* Return the number of rows that the last writing statement has written, and the id of the row that the last
 * INSERT has added. */
int64_t db_changes(struct store *store);
int64_t db_inserted(struct store *store);

/* ---- revisions ---- */

/* Binds the revision after the latest to ":rev". As there is one writer at a time, revisions are counted in
 * memory and the latest is written once, by the commit. */
void db_revise(struct query *query);

/* Runs a statement that gives this revision to one row; `otherwise` where it met none. Listeners are
 * told after the commit. */
enum err_code db_end_revised(struct query *query, enum err_code otherwise, int64_t *ret_rev);

/* ---- lists ---- */

/* An array in an arena that grows row by row; zeroes at first. */
struct db_list {
	void *items;
	size_t count, cap;
};

/* Makes a place of `size` bytes at the end of the list, which may move for it. NULL, and the query has
 * failed, when memory is short. */
void *db_append(struct query *query, struct arena *arena, struct db_list *list, size_t size);

/* Goes to the next row and makes a place of `size` bytes for it, as above. NULL at the end and after an
 * error. */
void *db_next(struct query *query, struct arena *arena, struct db_list *list, size_t size);

/* Reads the row that the query stands on into the struct at `ret_row`. Failures stick to the query. */
typedef void db_read(struct query *query, struct arena *arena, void *ret_row);

/* Ends a query whose rows are each a struct of `size` bytes: an array in `arena`, which goes to the pointer
 * at `ret_rows`. */
enum err_code db_end_list(struct query *query, struct arena *arena, db_read *read, size_t size,
                          void *ret_rows, size_t *ret_count);

/* Ends a query that finds one row, a struct of `size` bytes, or none: ERR_NOT_FOUND. */
enum err_code db_end_one(struct query *query, struct arena *arena, db_read *read, size_t size, void *ret_row);

#endif
