/* Notices of what other connections commit. */

#include <poll.h>

#include "model/channel_health.h"
#include "store/channel.h"
#include "store/listen.h"
#include "store/store.h"
#include "store/task.h"
#include "support/stores.h"
#include "support/test.h"

static int
setup(void **state)
{
	*state = stores_new();
	return 0;
}

static int
teardown(void **state)
{
	stores_free(*state);
	return 0;
}

static bool
rung(struct store_listener *listener)
{
	struct pollfd fd = {.fd = store_listener_fd(listener), .events = POLLIN};
	bool webhook = poll(&fd, 1, 0) == 1;
	store_listener_drain(listener);
	return webhook;
}

TEST(notices_tell_of_what_was_committed)
{
	struct stores *s = *state;
	struct store_listener *listener = store_listen(s->dir);
	assert_non_null(listener);
	store_listener_drain(listener);

	struct task task = stores_task(s->user, "video_1");
	int64_t id, rev;
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_task_add(s->store, &task, &id, &rev), ERR_OK);
	assert_false(rung(listener));
	store_rollback(s->store);
	assert_false(rung(listener));

	id = stores_add(s->store, &task);
	assert_true(rung(listener));

	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(
	    store_lease_return(s->store, &(struct task_return){id, 1, TASK_STATE_READY, NULL, 5000, 1, 0}),
	    ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_false(rung(listener));

	struct task_move move = stores_move(id, TASK_STATE_READY, TASK_STATE_SENDING);
	stores_make(s->store, &move);
	assert_true(rung(listener));

	/* What a channel has asked for is kept to by other processes, too. */
	struct channel_health health;
	assert_int_equal(store_channel_health(s->store, "default", &health), ERR_OK);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_channel_set_health(s->store, "default", &health), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_true(rung(listener));

	stores_user(s->store, "bea");
	assert_false(rung(listener));
	store_listener_free(listener);
}

TEST(nowhere_is_nothing_heard)
{
	assert_null(store_listen("/nonexistent/longreel"));
	assert_int_equal(store_listener_fd(NULL), -1);
	store_listener_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(notices_tell_of_what_was_committed, setup, teardown),
	    cmocka_unit_test(nowhere_is_nothing_heard),
	};
	return cmocka_run_group_tests_name("store/listen", tests, NULL, NULL);
}
