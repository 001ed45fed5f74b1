/* Every step of every verb fails once, with each kind of failure; nothing may be left half done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "store/sqlite/db.h"
#include "store/sqlite/fault.h"
#include "support/stores.h"
#include "support/verbs.h"

static const struct {
	int code;
	enum err_code err, at_commit;
} faults[] = {
    {SQLITE_BUSY, ERR_BUSY, ERR_BUSY},
    {SQLITE_BUSY_SNAPSHOT, ERR_BUSY, ERR_BUSY},
    {SQLITE_FULL, ERR_NO_SPACE, ERR_NO_SPACE},
    {SQLITE_NOMEM, ERR_NO_MEMORY, ERR_NO_MEMORY},
    {SQLITE_IOERR_NOMEM, ERR_NO_MEMORY, ERR_NO_MEMORY},
    {SQLITE_CORRUPT, ERR_CORRUPT, ERR_CORRUPT},
    {SQLITE_NOTADB, ERR_CORRUPT, ERR_CORRUPT},
    {SQLITE_IOERR_FSYNC, ERR_INTERNAL, ERR_UNCERTAIN},
    {SQLITE_READONLY, ERR_INTERNAL, ERR_UNCERTAIN},
};

/* Everything that stands in the database. */
static void
dump(struct store *store, struct buf *out)
{
	static const char *const tables[] = {"head",         "user",    "token",   "rate",     "channel",
	                                     "task",         "tally",   "attempt", "api_key",  "channel_key",
	                                     "channel_sent", "archive", "webhook", "delivery", "hearing"};
	buf_clear(out);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		char sql[64];
		sqlite3_stmt *stmt = NULL;
		snprintf(sql, sizeof(sql), "SELECT * FROM %s", tables[i]);
		assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL), SQLITE_OK);
		while (sqlite3_step(stmt) == SQLITE_ROW) {
			for (int c = 0; c < sqlite3_column_count(stmt); c++) {
				buf_add(out, sqlite3_column_blob(stmt, c),
				        (size_t)sqlite3_column_bytes(stmt, c));
				buf_addc(out, '|');
			}
			buf_addc(out, '\n');
		}
		assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	}
	assert_false(out->failed);
}

static bool
same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

/* One use of a verb, as the floors above use it. */
static enum err_code
use(struct ground *g, size_t verb, bool *ret_committing)
{
	struct store *store = g->s->store;
	*ret_committing = false;
	if (!verbs[verb].writes)
		return verbs[verb].fn(g);
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err != ERR_OK)
		return err;
	err = verbs[verb].fn(g);
	if (err != ERR_OK) {
		/* A caller who overlooks the error must not commit a half. */
		assert_int_equal(store_commit(store), err);
		store_rollback(store);
		return err;
	}
	*ret_committing = true;
	return store_commit(store);
}

/* Lets each step of the verb fail in turn, until it has none left, and then makes it. */
static void
torture(struct ground *g, size_t verb, size_t fault)
{
	struct store *store = g->s->store;
	struct buf before, after;
	buf_init(&before, 1 << 20);
	buf_init(&after, 1 << 20);
	dump(store, &before);
	bool uncertain = !verbs[verb].writes;
	for (int64_t nth = 1;; nth++) {
		bool committing;
		/* So that setting the durability is a step each time. */
		assert_int_equal(store_begin(store, STORE_RELAXED), ERR_OK);
		store_rollback(store);
		store_fault_set(store, nth, faults[fault].code);
		enum err_code err = use(g, verb, &committing);
		bool came = !store_fault_pending(store);
		store_fault_set(store, 0, 0);
		/* A commit first writes the revision, which may fail as any statement. */
		bool good = !came        ? err == ERR_OK
		            : committing ? err == faults[fault].at_commit || err == faults[fault].err
		                         : err == faults[fault].err;
		uncertain = uncertain || err == faults[fault].at_commit;
		if (!good)
			fail_msg("%s, step %d, code %d: %s", verbs[verb].name, (int)nth, faults[fault].code,
			         err_word(err));
		dump(store, &after);
		if (!came) {
			assert_true(nth > 1);
			assert_int_equal(!same(&before, &after), verbs[verb].writes);
			assert_true(uncertain);
			break;
		}
		assert_true(same(&before, &after));
		arena_reset(g->s->arena);
	}
	buf_free(&before);
	buf_free(&after);
}

static void
every_step_may_fail(void **state)
{
	(void)state;
	for (size_t verb = 0; verb < verb_count; verb++) {
		for (size_t fault = 0; fault < sizeof(faults) / sizeof(faults[0]); fault++) {
			struct ground g = verbs_ground();
			torture(&g, verb, fault);
			stores_free(g.s);
		}
	}
}

/* The check holds no transaction. */
static void
check_may_fail(void **state)
{
	(void)state;
	struct ground g = verbs_ground();
	const char *why = NULL;
	int64_t steps = 0;
	for (enum err_code err = ERR_NO_MEMORY; err != ERR_OK; steps++) {
		store_fault_set(g.s->store, steps + 1, SQLITE_NOMEM);
		err = store_check(g.s->store, g.s->arena, &why);
		assert_int_equal(err, store_fault_pending(g.s->store) ? ERR_OK : ERR_NO_MEMORY);
	}
	assert_true(steps > 2);
	store_fault_set(g.s->store, 1, SQLITE_CORRUPT);
	assert_int_equal(store_check(g.s->store, g.s->arena, &why), ERR_CORRUPT);
	assert_non_null(why);
	stores_free(g.s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_step_may_fail),
	    cmocka_unit_test(check_may_fail),
	};
	return cmocka_run_group_tests_name("store/fault", tests, NULL, NULL);
}
