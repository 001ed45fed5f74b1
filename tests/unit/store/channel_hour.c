/* Counts by channel and hour. */
#include "store/channel_hour.h"

#include "base/arena.h"
#include "model/task.h"
#include "store/channel.h"
#include "store/store.h"
#include "support/stores.h"
#include "support/test.h"

enum { HOUR = 60 * 60 * 1000 };

static struct stores *s;

static void
count(const char *channel, enum task_state from, enum task_state to, int64_t now)
{
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_channel_count(s->store, channel, from, to, now), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
}

static void
assert_counts(const struct channel_hour *hour, const int64_t wanted[6])
{
	const int64_t found[] = {hour->accepted, hour->refused,   hour->postponed,
	                         hour->unknown,  hour->completed, hour->failed};
	for (int i = 0; i < 6; i++)
		assert_int_equal(found[i], wanted[i]);
}

TEST(each_move_counts_once_for_what_it_says)
{
	struct channel_hour *hours;
	size_t n;
	s = stores_new();
	for (enum task_state from = 0; from < TASK_STATE__MAX; from++)
		for (enum task_state to = 0; to < TASK_STATE__MAX; to++)
			if (from != to)
				count("a", from, to, 7 * (int64_t)HOUR);
	assert_int_equal(
	    store_channel_hours(s->store, s->arena, NULL, (struct channel_hour_span){0, 9}, &hours, &n),
	    ERR_OK);
	assert_int_equal(n, 1);
	/* From each other state to RUNNING and to COMPLETED, and one way each. */
	assert_counts(hours, (const int64_t[]){6, 1, 1, 1, 6, 1});
	stores_free(s);
}

TEST(hours_are_listed_summed_and_forgotten)
{
	struct channel_hour *hours;
	size_t n;
	s = stores_new();
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_channel_know(s->store, "a"), ERR_OK);
	assert_int_equal(store_channel_know(s->store, "b"), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	count("b", TASK_STATE_SENDING, TASK_STATE_RUNNING, 10 * (int64_t)HOUR);
	count("a", TASK_STATE_SENDING, TASK_STATE_RUNNING, 10 * (int64_t)HOUR);
	count("a", TASK_STATE_SENDING, TASK_STATE_FAILED, 11 * (int64_t)HOUR - 1);
	count("a", TASK_STATE_RUNNING, TASK_STATE_FAILED, 11 * (int64_t)HOUR);
	assert_int_equal(
	    store_channel_hours(s->store, s->arena, "a", (struct channel_hour_span){10, 11}, &hours, &n),
	    ERR_OK);
	assert_int_equal(n, 2);
	assert_int_equal(hours[0].hour, 10);
	assert_counts(&hours[0], (const int64_t[]){1, 1, 0, 0, 0, 0});
	assert_int_equal(hours[1].hour, 11);
	assert_counts(&hours[1], (const int64_t[]){0, 0, 0, 0, 0, 1});
	assert_int_equal(
	    store_channel_hours(s->store, s->arena, NULL, (struct channel_hour_span){10, 11}, &hours, &n),
	    ERR_OK);
	assert_int_equal(n, 2);
	assert_string_equal(hours[0].channel, "a");
	assert_counts(&hours[0], (const int64_t[]){1, 1, 0, 0, 0, 1});
	assert_counts(&hours[1], (const int64_t[]){1, 0, 0, 0, 0, 0});
	assert_int_equal(
	    store_channel_hours(s->store, s->arena, NULL, (struct channel_hour_span){12, 99}, &hours, &n),
	    ERR_OK);
	assert_int_equal(n, 0);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_channel_hours_purge(s->store, 11 * (int64_t)HOUR), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(
	    store_channel_hours(s->store, s->arena, NULL, (struct channel_hour_span){0, 99}, &hours, &n),
	    ERR_OK);
	assert_int_equal(n, 1);
	assert_counts(hours, (const int64_t[]){0, 0, 0, 0, 0, 1});
	stores_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_move_counts_once_for_what_it_says),
	    cmocka_unit_test(hours_are_listed_summed_and_forgotten),
	};
	return cmocka_run_group_tests_name("store/channel_hour", tests, NULL, NULL);
}
