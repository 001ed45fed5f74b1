/* The ground of the SQLite store, for the files of this folder only: the open database, and one way to run a
 * named statement. A query is used like this; errors stick to it, so that one look at the end suffices:
 *
 *	struct query q;
 *	db_query(store, SQL_USER_BY_NAME, &q);
 *	db_text(&q, ":username", username);
 *	if (db_step(&q)) … sqlite3_column_…(q.stmt, n) …
 *	return db_end(&q); */
#ifndef STORE_SQLITE_DB_H
#define STORE_SQLITE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "sql_queries.h"
#include "store/store.h"

/* The statements that list.c composes: one for each combination of what a filter and a page may ask for. */
enum { DB_LISTS = 128, DB_COUNTS = 16 };

struct store {
	sqlite3 *db;
	int bell;
	enum store_durability durability; /* what the connection is set to */
	bool open;                        /* between store_begin() and its end */
	bool snapshot;                    /* reads see one state of the database */
	bool moved;                       /* the transaction has added or moved a task */
	bool advanced;                    /* … and given it a new revision */
	int64_t rev;                      /* the latest, in a transaction; -1 = not read yet */
	enum err_code poison;             /* the failure after which it can only be rolled back */
	int64_t busy_since;               /* clock_mono_ms() when waiting for another writer began */
	int64_t fault_in;                 /* steps until one fails by order of fault.h; 0 = none will */
	int fault_code;
	sqlite3_stmt *statements[SQL__MAX]; /* prepared when first used, as are those below */
	sqlite3_stmt *lists[DB_LISTS];
	sqlite3_stmt *counts[DB_COUNTS];
};

struct query {
	struct store *store;
	sqlite3_stmt *stmt;
	int bound;         /* parameters bound so far */
	bool row;          /* stands on a row */
	bool done;         /* has run to its end */
	enum err_code err; /* the first thing that went wrong */
};

/* Our error for an SQLite result code. */
enum err_code db_error(int code);

/* Returns `err`, having noted that an open transaction can no longer be committed. */
enum err_code db_fail(struct store *store, enum err_code err);

/* Starts the named statement. Outside a transaction a statement that writes fails with ERR_INTERNAL. */
void db_query(struct store *store, enum sql_query name, struct query *ret_query);

/* As db_query() for a text that is not named; `cache` is where its statement stays. `text` NULL is a shortage
 * of memory. */
void db_query_text(struct store *store, sqlite3_stmt **cache, const char *text, struct query *ret_query);

/* Binds a number to the parameter `name` (":rev"). A name that the statement does not have is an error, and
 * so is, at the first step, a parameter that was not bound. */
void db_int(struct query *query, const char *name, int64_t value);

/* Binds a string, or NULL. It must stay until db_end(). */
void db_text(struct query *query, const char *name, const char *value);

/* Binds NULL where `value` is negative, else the number. */
void db_natural(struct query *query, const char *name, int64_t value);

/* Binds a hash. It must stay until db_end(). */
void db_hash(struct query *query, const char *name, const uint8_t value[CRYPTO_HASH_SIZE]);

/* Goes to the next row. False at the end and after an error. */
bool db_step(struct query *query);

/* The text of a column of the row, copied into `arena`; NULL for NULL, and when memory is short. */
const char *db_column(struct query *query, struct arena *arena, int column);

/* Ends a query: a statement that writes is run to its end. Returns what went wrong first. */
enum err_code db_end(struct query *query);

/* Runs a statement without results. */
enum err_code db_run(struct query *query);

/* Binds the revision after the latest to ":rev". As there is one writer at a time, revisions are counted in
 * memory and the latest is written once, by the commit. */
void db_revise(struct query *query);

/* Runs a statement that gives this revision to one row; `otherwise` where it met none. Whoever waits for
 * changes is told after the commit. */
enum err_code db_end_revised(struct query *query, enum err_code otherwise, int64_t *ret_rev);

/* Runs fixed SQL text, statement by statement. */
enum err_code db_exec(struct store *store, const char *text);

/* Runs fixed SQL text that answers with one number. */
enum err_code db_number(struct store *store, const char *text, int64_t *ret_number);

/* A place for one more item of `size` bytes behind `count` items in the arena, which may move for it; `cap`
 * is theirs to keep, 0 at first. NULL, and the query has failed, when memory is short. */
void *db_grow(struct query *query, struct arena *arena, void **items, size_t *cap, size_t count, size_t size);

/* Opens the file `path` and sets the connection up; the schema may be any. ERR_NOT_FOUND where it is absent.
 */
enum err_code db_open(const char *path, enum store_mode mode, struct store **ret_store);

#endif
