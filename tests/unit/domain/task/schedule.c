/* The schedule, as what must hold for every age, every number of failures and every throw of the dice. */

#include "base/config.h"
#include "domain/lease.h"
#include "domain/task/schedule.h"
#include "model/task.h"
#include "support/test.h"

enum { MIN = 2000, MAX = 60000, HOUR = 3600000 };

static const struct config config = {.poll_interval_min = MIN, .poll_interval_max = MAX};
static const int64_t ages[] = {-5000,  0,      1,      999,     20000,
                               100000, 599999, 600000, 7200000, INT64_C(9000000000000)};
static const double dice[] = {0, 0.25, 0.5, 0.75, 0.999999};

#define EACH(name, array) for (size_t name = 0; name < sizeof(array) / sizeof(array[0]); name++)

static const int64_t ids[] = {1, 2, 3, 64, 1000, 123456789, INT64_C(9000000000000000000)};

static struct task
running(int64_t id)
{
	return (struct task){.id = id, .state = TASK_STATE_RUNNING, .created_at = 500, .accepted_at = HOUR};
}

/* Each look is known from the one before, and from any time in between. */
TEST(looks_are_at_fixed_times)
{
	EACH(i, ids)
	{
		struct task task = running(ids[i]);
		int64_t at = schedule_first(&config, &task, HOUR), before = 0;
		assert_in_range(at, HOUR + MIN / 2, HOUR + MIN * 3 / 2);
		for (int n = 0; n < 3000; n++) {
			before = at;
			at = schedule_next(&config, &task, 0, before);
			assert_in_range(at - before, MIN - 1, MAX + 1);
			assert_int_equal(schedule_next(&config, &task, 0, at - 1), at);
			assert_int_equal(schedule_next(&config, &task, 0, before + (at - before) / 2), at);
		}
		assert_in_range(at - before, MAX - 1, MAX + 1);
	}
}

TEST(looks_grow_rare_with_age)
{
	struct task task = running(1);
	for (int64_t age = 0; age < 2 * MAX * 10; age += 4999) {
		int64_t first = schedule_next(&config, &task, 0, HOUR + age);
		int64_t interval = schedule_next(&config, &task, 0, first) - first;
		int64_t tenth = (first - HOUR) / 10;
		tenth = tenth < MIN ? MIN : tenth > MAX ? MAX : tenth;
		assert_in_range(interval, tenth - 1, tenth * 11 / 10 + 1);
	}
}

/* A thousand tasks that are made in one moment, with ids in a row, are spread over each interval. */
TEST(tasks_made_together_are_looked_at_apart)
{
	const int64_t after[] = {HOUR + 3 * MIN, HOUR + 100000, 3 * HOUR};
	EACH(a, after)
	{
		int64_t tenths[10] = {0};
		struct task one = running(7);
		int64_t from = schedule_next(&config, &one, 0, after[a]);
		int64_t interval = schedule_next(&config, &one, 0, from) - from;
		for (int64_t id = 1; id <= 1000; id++) {
			struct task task = running(id);
			int64_t at = schedule_next(&config, &task, 0, after[a]) - after[a];
			tenths[at * 10 / interval < 9 ? at * 10 / interval : 9]++;
		}
		for (int i = 0; i < 9; i++)
			assert_in_range(tenths[i], 60, 140);
	}
}

/* A look that is a little late does not cost the next; one whose answer takes longer than an interval does.
 */
TEST(late_looks_are_not_made_up_for)
{
	struct task task = running(5);
	int64_t at = schedule_next(&config, &task, 0, HOUR + 5000),
	        next = schedule_next(&config, &task, 0, at);
	assert_int_equal(schedule_after(&config, &task, 0, at, at), next);
	assert_int_equal(schedule_after(&config, &task, 0, at + MIN / 2 - 10, at + MIN / 2), next);
	assert_int_equal(schedule_after(&config, &task, 0, at + 10, next - 1), next);
	assert_true(schedule_after(&config, &task, 0, at, next) > next);
}

TEST(failed_polls_back_off)
{
	struct task task = running(3);
	EACH(a, ages)
	{
		int64_t now = HOUR + ages[a], before = now;
		for (int64_t failures = 1; failures < 200; failures++) {
			int64_t at = schedule_failed(&config, &task, 0, failures, now);
			assert_true(at >= before);
			assert_in_range(at - now, 1, MAX + 1);
			before = at;
		}
		assert_true(before - now > MAX - MAX / 5 || ages[a] > 10 * MAX);
	}
	assert_int_equal(schedule_poll_failed(&config, 0, 1, 0.5), 2 * MIN);
	assert_int_equal(schedule_poll_failed(&config, 0, 3, 0.5), 8 * MIN);
	assert_int_equal(schedule_poll_failed(&config, 0, 10, 0.5), MAX);
	EACH(a, ages)
	EACH(d, dice)
	assert_in_range(schedule_poll_failed(&config, ages[a], 3, dice[d]), MIN, MAX);
}

TEST(an_upstream_may_want_fewer)
{
	struct task task = running(3);
	int64_t at = schedule_next(&config, &task, 2 * MAX, HOUR + 5);
	assert_in_range(schedule_next(&config, &task, 2 * MAX, at) - at, 2 * MAX - 1, 2 * MAX + 1);
	assert_int_equal(schedule_next(&config, &task, 1, HOUR + 5),
	                 schedule_next(&config, &task, 0, HOUR + 5));
}

/* Whatever the clock and the configuration say, the next look is in the future and comes. */
TEST(odd_clocks_and_swapped_limits_do_not_spin)
{
	const struct config swapped = {.poll_interval_min = MAX, .poll_interval_max = MIN};
	const struct config *configs[] = {&config, &swapped};
	EACH(c, configs)
	EACH(i, ids)
	EACH(a, ages)
	{
		struct task task = running(ids[i]);
		int64_t now = HOUR + ages[a];
		assert_in_range(schedule_next(configs[c], &task, 0, now) - now, 1, MAX + 1);
		task.state = TASK_STATE_FAILED;
		assert_in_range(schedule_next(configs[c], &task, 0, now) - now, 1, HOUR / 2 + 1);
	}
}

TEST(late_tasks_are_looked_at_now_and_then)
{
	struct task task = {.id = 9, .state = TASK_STATE_FAILED, .deadline_at = 1000, .accepted_at = 1};
	int64_t at = schedule_next(&config, &task, 0, 1000), day = 1000 + 24 * (int64_t)HOUR, count = 0;
	assert_in_range(at, 1001, 61000);
	for (; at < day; count++) {
		int64_t next = schedule_next(&config, &task, 0, at);
		assert_in_range(next - at, 60000 - 1, HOUR / 2 + 1);
		at = next;
	}
	assert_in_range(count, 60, 120);
}

TEST(nothing_waits_past_its_deadline)
{
	const struct task task = {.deadline_at = 1000};
	assert_int_equal(schedule_by_deadline(&task, 999), 999);
	assert_int_equal(schedule_by_deadline(&task, 1001), 1000);
}

TEST(what_may_go_at_once_keeps_its_place_whatever_the_clock)
{
	const struct task task = {.created_at = 1000};
	assert_int_equal(schedule_at_once(&task, 2000), 1000);
	assert_int_equal(schedule_at_once(&task, 500), 500);
}

/* Half of the margin is left for the answer; and a clock that was set back tells nothing. */
TEST(what_was_queued_for_too_long_is_not_sent)
{
	const struct config margin = {.lease_margin = 100};
	assert_false(lease_is_stale(&margin, 1000, 1000));
	assert_false(lease_is_stale(&margin, 1000, 1050));
	assert_true(lease_is_stale(&margin, 1000, 1051));
	assert_true(lease_is_stale(&margin, 1000, 999));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(looks_are_at_fixed_times),
	    cmocka_unit_test(looks_grow_rare_with_age),
	    cmocka_unit_test(tasks_made_together_are_looked_at_apart),
	    cmocka_unit_test(late_looks_are_not_made_up_for),
	    cmocka_unit_test(failed_polls_back_off),
	    cmocka_unit_test(an_upstream_may_want_fewer),
	    cmocka_unit_test(odd_clocks_and_swapped_limits_do_not_spin),
	    cmocka_unit_test(late_tasks_are_looked_at_now_and_then),
	    cmocka_unit_test(nothing_waits_past_its_deadline),
	    cmocka_unit_test(what_may_go_at_once_keeps_its_place_whatever_the_clock),
	    cmocka_unit_test(what_was_queued_for_too_long_is_not_sent),
	};
	return cmocka_run_group_tests_name("domain/task/schedule", tests, NULL, NULL);
}
