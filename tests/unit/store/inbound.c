/* Inbound webhooks of upstreams. */
#include <string.h>

#include "store/inbound.h"
#include "store/store.h"
#include "store/task.h"
#include "support/stores.h"
#include "support/test.h"

static enum err_code
tell(struct stores *s, const char *id, const char *channel, const char *external_id, int64_t now)
{
	const struct inbound inbound = {id, now + 600, channel, external_id, now};
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	return store_end(s->store, store_inbound_add(s->store, &inbound));
}

TEST(news_of_an_upstream_count_once_and_only_hurry)
{
	struct stores *s = stores_new();
	struct task task = stores_task(s->user, "video_1"), before, after;
	task.state = TASK_STATE_RUNNING;
	task.external_id = "job";
	task.due_at = 9000;
	stores_add(s->store, &task);
	before = stores_get(s, "video_1");
	assert_int_equal(tell(s, "other 1", "other", "job", 5000), ERR_OK);
	assert_int_equal(tell(s, "default 0", "default", "jobs", 5000), ERR_OK);
	assert_int_equal(stores_get(s, "video_1").due_at, 9000);
	assert_int_equal(tell(s, "default 1", "default", "job", 5000), ERR_OK);
	after = stores_get(s, "video_1");
	assert_int_equal(after.due_at, TASK_LOOK_NOW);
	assert_int_equal(after.rev, before.rev);
	assert_int_equal(after.state, before.state);
	assert_int_equal(tell(s, "default 1", "default", "job", 5100), ERR_CONFLICT);
	assert_int_equal(tell(s, "default 1", "default", "job", 5599), ERR_CONFLICT);
	/* The look that it asked for may be under way: each is told from those before. */
	for (int64_t due = TASK_LOOK_NOW + 1; due <= TASK_LOOK_NOW_LAST; due++) {
		assert_int_equal(tell(s, NULL, "default", "job", 5200), ERR_OK);
		assert_int_equal(stores_get(s, "video_1").due_at, due);
		assert_true(task_looks_now(due));
	}
	/* So many that they cannot be counted: what is new comes again, and is not noted. */
	assert_int_equal(tell(s, "default 2", "default", "job", 5200), ERR_BUSY);
	assert_int_equal(tell(s, NULL, "default", "job", 5200), ERR_BUSY);
	assert_int_equal(stores_get(s, "video_1").due_at, TASK_LOOK_NOW_LAST);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	const struct task_return looked = {
	    .id = after.id, .attempt = after.attempt, .state = TASK_STATE_RUNNING, .due_at = 9000};
	assert_int_equal(store_end(s->store, store_lease_return(s->store, &looked)), ERR_OK);
	assert_int_equal(tell(s, "default 2", "default", "job", 5300), ERR_OK);
	assert_int_equal(stores_get(s, "video_1").due_at, TASK_LOOK_NOW);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_end(s->store, store_lease_return(s->store, &looked)), ERR_OK);
	/* When its signature is too old anyway it may be forgotten. */
	assert_int_equal(tell(s, "default 1", "default", "job", 5600), ERR_OK);
	stores_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(news_of_an_upstream_count_once_and_only_hurry),
	};
	return cmocka_run_group_tests_name("store/inbound", tests, NULL, NULL);
}
