/* Numbers: within their range, of their user, by nearest rank, and with an end. */

#include <stdio.h>

#include "support/stores.h"
#include "store/channel.h"
#include "store/stats.h"
#include "store/store.h"
#include "store/task.h"
#include "support/test.h"

static int64_t
ended(struct stores *s, int64_t user, enum task_state to, int64_t at)
{
	static int n;
	char name[32];
	snprintf(name, sizeof(name), "video_%d", n++);
	struct task task = stores_task(user, name);
	task.state = TASK_STATE_RUNNING;
	int64_t id = stores_add(s->store, &task);
	struct task_move move = stores_move(id, TASK_STATE_RUNNING, to);
	move.now = move.completed_at = at;
	stores_make(s->store, &move);
	return id;
}

static struct stats
stats_of(struct stores *s, int64_t user, int64_t since, int64_t until, int64_t most)
{
	struct stats stats;
	const struct stats_range range = {user, since, until, most};
	assert_int_equal(store_stats(s->store, s->arena, &range, &stats), ERR_OK);
	return stats;
}

TEST(what_ended_is_counted_and_timed)
{
	struct stores *s = stores_new();
	int64_t bea = stores_user(s->store, "bea"), rev;
	struct stats stats = stats_of(s, s->user, 0, INT64_MAX, 100);
	assert_int_equal(stats.counts[TASK_COMPLETED], 0);
	assert_int_equal(stats.median_ms, -1);
	assert_int_equal(stats.p95_ms, -1);
	/* Made at 1000, as all are: they took 100, 200, … 2000. */
	for (int i = 20; i > 0; i--)
		ended(s, s->user, TASK_STATE_COMPLETED, 1000 + 100 * i);
	ended(s, s->user, TASK_STATE_FAILED, 9000);
	ended(s, s->user, TASK_STATE_FAILED, 9001);
	ended(s, s->user, TASK_STATE_CANCELLED, 9002);
	ended(s, bea, TASK_STATE_COMPLETED, 1500);
	struct task open = stores_task(s->user, "video_open");
	stores_add(s->store, &open);
	stats = stats_of(s, s->user, 0, INT64_MAX, 100);
	assert_int_equal(stats.counts[TASK_COMPLETED], 20);
	assert_int_equal(stats.counts[TASK_FAILED], 2);
	assert_int_equal(stats.counts[TASK_CANCELLED], 1);
	assert_int_equal(stats.counts[TASK_QUEUED], 0);
	assert_int_equal(stats.median_ms, 1000);
	assert_int_equal(stats.p95_ms, 1900);
	assert_false(stats.truncated);
	/* From 1200 on, before 1400. */
	stats = stats_of(s, s->user, 1200, 1400, 100);
	assert_int_equal(stats.counts[TASK_COMPLETED], 2);
	assert_int_equal(stats.median_ms, 200);
	assert_int_equal(stats.p95_ms, 300);
	/* The latest of more than there is room for. */
	stats = stats_of(s, s->user, 0, INT64_MAX, 4);
	assert_true(stats.truncated);
	assert_int_equal(stats.counts[TASK_CANCELLED], 1);
	assert_int_equal(stats.counts[TASK_FAILED], 2);
	assert_int_equal(stats.counts[TASK_COMPLETED], 1);
	assert_int_equal(stats.median_ms, 2000);
	assert_false(stats_of(s, s->user, 0, INT64_MAX, 23).truncated);
	/* What was deleted counts no more, and neither does what is tried again. */
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	int64_t hidden = stores_get(s, "video_0").id;
	assert_int_equal(store_task_delete(s->store, hidden, 9500, &rev), ERR_OK);
	const struct task_retry again = {
	    .id = stores_get(s, "video_20").id, .from = TASK_STATE_FAILED, .to = TASK_STATE_READY};
	assert_int_equal(store_task_retry(s->store, &again, &rev), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	stats = stats_of(s, s->user, 0, INT64_MAX, 100);
	assert_int_equal(stats.counts[TASK_COMPLETED], 19);
	assert_int_equal(stats.counts[TASK_FAILED], 1);
	stores_free(s);
}

/* A video of a model that took so long upstream. */
static void
made(struct stores *s, const char *model, int64_t ms)
{
	static int n;
	char name[32];
	snprintf(name, sizeof(name), "made_%d", n++);
	struct task task = stores_task(s->user, name);
	task.model = model;
	task.state = TASK_STATE_SENDING;
	struct task_move move =
	    stores_move(stores_add(s->store, &task), TASK_STATE_SENDING, TASK_STATE_RUNNING);
	move.accepted_at = 5000;
	stores_make(s->store, &move);
	move = stores_move(move.id, TASK_STATE_RUNNING, TASK_STATE_COMPLETED);
	move.facts.model = "renamed";
	move.now = move.completed_at = 5000 + ms;
	stores_make(s->store, &move);
}

static int64_t
median_of(struct stores *s, const char *model)
{
	int64_t ms = 0;
	assert_int_equal(store_stats_median(s->store, model, &ms), ERR_OK);
	return ms;
}

TEST(the_time_of_a_model_is_that_of_its_latest_videos)
{
	struct stores *s = stores_new();
	assert_int_equal(median_of(s, "m"), -1);
	ended(s, s->user, TASK_STATE_COMPLETED, 9000); /* nobody noted when it was taken */
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(median_of(s, "m"), -1);
		made(s, "m", i * 100);
		made(s, NULL, 7);
		made(s, "other", 9999);
	}
	assert_int_equal(median_of(s, "m"), 200);
	assert_int_equal(median_of(s, NULL), 7);
	assert_int_equal(median_of(s, "renamed"), -1);
	for (int i = 0; i < STATS_MADE_MOST; i++)
		made(s, "m", 1000000); /* the first three no longer count */
	assert_int_equal(median_of(s, "m"), 1000000);
	made(s, "back", -5), made(s, "back", -5), made(s, "back", -5);
	assert_int_equal(median_of(s, "back"), 0);
	stores_free(s);
}

TEST(a_clock_that_was_set_back_makes_no_negative_time)
{
	struct stores *s = stores_new();
	ended(s, s->user, TASK_STATE_COMPLETED, 10);
	struct stats stats = stats_of(s, s->user, 0, INT64_MAX, 100);
	assert_int_equal(stats.median_ms, 0);
	stores_free(s);
}

TEST(the_tally_and_the_channels_are_told)
{
	struct stores *s = stores_new();
	int64_t bea = stores_user(s->store, "bea"), counts[TASK_STATUS__MAX];
	struct channel_doing *channels;
	size_t count;
	ended(s, s->user, TASK_STATE_COMPLETED, 2000);
	ended(s, bea, TASK_STATE_COMPLETED, 2000);
	struct task open = stores_task(s->user, "video_open");
	stores_add(s->store, &open);
	assert_int_equal(store_stats_tally(s->store, counts), ERR_OK);
	assert_int_equal(counts[TASK_COMPLETED], 2);
	assert_int_equal(counts[TASK_QUEUED], 1);
	assert_int_equal(counts[TASK_PROCESSING], 0);
	const struct channel_health health = {.failures = 7, .cooldown_until = 42};
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_channel_set_health(s->store, "default", &health), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(store_stats_channels(s->store, s->arena, &channels, &count), ERR_OK);
	assert_int_equal(count, 1);
	assert_string_equal(channels[0].name, "default");
	assert_int_equal(channels[0].health.failures, 7);
	assert_int_equal(channels[0].health.cooldown_until, 42);
	stores_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_ended_is_counted_and_timed),
	    cmocka_unit_test(the_time_of_a_model_is_that_of_its_latest_videos),
	    cmocka_unit_test(a_clock_that_was_set_back_makes_no_negative_time),
	    cmocka_unit_test(the_tally_and_the_channels_are_told),
	};
	return cmocka_run_group_tests_name("store/stats", tests, NULL, NULL);
}
