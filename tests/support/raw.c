/* See raw.h. */
#include "support/raw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "store/db.h"
#include "store/engine/sqlite.h"

static sqlite3 *
handle(struct store *store)
{
	struct sqlite *sqlite = store->db;
	return sqlite->db;
}

void
raw_run(struct store *store, const char *sql)
{
	assert_int_equal(store->engine->run(store->db, sql), ERR_OK);
}

int64_t
raw_number(struct store *store, const char *sql)
{
	void *stmt = NULL;
	bool row = false;
	assert_int_equal(store->engine->prepare(store->db, sql, &stmt), ERR_OK);
	assert_int_equal(store->engine->step(stmt, &row), ERR_OK);
	assert_true(row);
	int64_t number = store->engine->column_int(stmt, 0);
	store->engine->finalize(stmt);
	return number;
}

void
raw_rows(struct store *store, const char *sql, struct buf *out)
{
	sqlite3_stmt *stmt = NULL;
	assert_int_equal(sqlite3_prepare_v2(handle(store), sql, -1, &stmt, NULL), SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		for (int c = 0; c < sqlite3_column_count(stmt); c++) {
			buf_add(out, sqlite3_column_blob(stmt, c), (size_t)sqlite3_column_bytes(stmt, c));
			buf_addc(out, '|');
		}
		buf_addc(out, '\n');
	}
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	assert_false(out->failed);
}

static int
count_instruction(void *cookie)
{
	++*(int64_t *)cookie;
	return 0;
}

int64_t
raw_cost(struct store *store, void (*fn)(void *cookie), void *cookie)
{
	int64_t instructions = 0;
	sqlite3_progress_handler(handle(store), 1, count_instruction, &instructions);
	fn(cookie);
	sqlite3_progress_handler(handle(store), 0, NULL, NULL);
	return instructions;
}

static int64_t
take_pages(struct store *store)
{
	static const int kinds[] = {SQLITE_DBSTATUS_CACHE_HIT, SQLITE_DBSTATUS_CACHE_MISS};
	int now, highest;
	int64_t pages = 0;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(sqlite3_db_status(handle(store), kinds[i], &now, &highest, 1), SQLITE_OK);
		pages += now;
	}
	return pages;
}

void
raw_costs(struct store *store, void (*fn)(void *cookie), void *cookie, int64_t *ret_instructions,
          int64_t *ret_pages)
{
	take_pages(store);
	*ret_instructions = raw_cost(store, fn, cookie);
	*ret_pages = take_pages(store);
}

struct amid {
	void (*what)(void *cookie);
	void *cookie;
};

static int
run_once(void *cookie)
{
	struct amid *amid = cookie;
	if (amid->what != NULL)
		amid->what(amid->cookie);
	amid->what = NULL;
	return 0;
}

void
raw_amid(struct store *store, int instructions, void (*what)(void *cookie), void (*fn)(void *cookie),
         void *cookie)
{
	struct amid amid = {what, cookie};
	sqlite3_progress_handler(handle(store), instructions, run_once, &amid);
	fn(cookie);
	sqlite3_progress_handler(handle(store), 0, NULL, NULL);
}
