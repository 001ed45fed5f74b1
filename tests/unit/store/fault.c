/* Every step of every verb fails once, with each kind of failure; nothing may be left half done. */

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "store/database.h"
#include "store/store.h"
#include "store/fault.h"
#include "support/raw.h"
#include "support/stores.h"
#include "support/verbs.h"
#include "support/test.h"

static const struct {
	enum err_code err, at_commit;
} faults[] = {
    {ERR_BUSY, ERR_BUSY},       {ERR_NO_SPACE, ERR_NO_SPACE},  {ERR_NO_MEMORY, ERR_NO_MEMORY},
    {ERR_CORRUPT, ERR_CORRUPT}, {ERR_INTERNAL, ERR_UNCERTAIN},
};

/* Everything that stands in the database. */
static void
dump(struct store *store, struct buf *out)
{
	static const char *const tables[] = {
	    "head",        "user",          "token",   "rate",        "channel",      "task",
	    "tally",       "attempt",       "api_key", "channel_key", "channel_sent", "archive",
	    "webhook",     "delivery",      "hearing", "place",       "search_block", "search_part",
	    "search_head", "channel_model", "share",   "poller"};
	buf_clear(out);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		char sql[64];
		snprintf(sql, sizeof(sql), "SELECT * FROM %s", tables[i]);
		raw_rows(store, sql, out);
	}
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
		/* A caller that overlooks the error must not commit a half. */
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
		store_fault_set(store, nth, faults[fault].err);
		enum err_code err = use(g, verb, &committing);
		bool came = !store_fault_pending(store);
		store_fault_set(store, 0, ERR_OK);
		/* A commit first writes the revision, which may fail as any statement. */
		bool good = !came        ? err == ERR_OK
		            : committing ? err == faults[fault].at_commit || err == faults[fault].err
		                         : err == faults[fault].err;
		uncertain = uncertain || err == faults[fault].at_commit;
		if (!good)
			fail_msg("%s, step %d, %s: %s", verbs[verb].name, (int)nth,
			         err_word(faults[fault].err), err_word(err));
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

TEST(every_step_may_fail)
{
	for (size_t verb = 0; verb < verb_count; verb++) {
		for (size_t fault = 0; fault < sizeof(faults) / sizeof(faults[0]); fault++) {
			struct ground g = verbs_ground();
			torture(&g, verb, fault);
			stores_free(g.s);
		}
	}
}

/* The check holds no transaction. */
TEST(check_may_fail)
{
	struct ground g = verbs_ground();
	const char *why = NULL;
	int64_t steps = 0;
	for (enum err_code err = ERR_NO_MEMORY; err != ERR_OK; steps++) {
		store_fault_set(g.s->store, steps + 1, ERR_NO_MEMORY);
		err = store_check(g.s->store, g.s->arena, &why);
		assert_int_equal(err, store_fault_pending(g.s->store) ? ERR_OK : ERR_NO_MEMORY);
	}
	assert_true(steps > 2);
	store_fault_set(g.s->store, 1, ERR_CORRUPT);
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
