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

TEST(polls_stay_within_their_interval)
{
	EACH(a, ages)
	{
		EACH(d, dice)
		{
			assert_in_range(schedule_poll(&config, ages[a], dice[d]), MIN, MAX);
			for (int64_t failures = 0; failures < 200; failures++)
				assert_in_range(schedule_poll_failed(&config, ages[a], failures, dice[d]),
				                MIN, MAX);
		}
	}
}

TEST(polls_grow_rare_with_age)
{
	for (int64_t age = 0; age < 1000000; age += 500)
		assert_true(schedule_poll(&config, age, 0.5) <= schedule_poll(&config, age + 500, 0.5));
	assert_int_equal(schedule_poll(&config, 0, 0.5), MIN);
	assert_int_equal(schedule_poll(&config, 100000, 0.5), 10000);
	assert_int_equal(schedule_poll(&config, 2 * HOUR, 0.5), MAX);
}

TEST(tasks_made_together_drift_apart)
{
	assert_int_equal(schedule_poll(&config, 100000, 0), 9000);
	assert_int_equal(schedule_poll(&config, 100000, 1), 11000);
}

TEST(failed_polls_back_off)
{
	assert_int_equal(schedule_poll_failed(&config, 0, 1, 0.5), 2 * MIN);
	assert_int_equal(schedule_poll_failed(&config, 0, 3, 0.5), 8 * MIN);
	assert_int_equal(schedule_poll_failed(&config, 0, 10, 0.5), MAX);
	EACH(a, ages)
	for (int64_t failures = 0; failures < 100; failures++)
		assert_true(schedule_poll_failed(&config, ages[a], failures, 0.5) <=
		            schedule_poll_failed(&config, ages[a], failures + 1, 0.5));
}

/* A configuration that contradicts itself still gives a time to wait. */
TEST(swapped_limits_do_not_spin)
{
	const struct config swapped = {.poll_interval_min = MAX, .poll_interval_max = MIN};
	EACH(a, ages)
	{
		assert_true(schedule_poll(&swapped, ages[a], 0.5) >= MIN);
		assert_true(schedule_poll_failed(&swapped, ages[a], 3, 0.5) >= MIN);
	}
}

TEST(late_tasks_are_looked_at_now_and_then)
{
	EACH(a, ages)
	EACH(d, dice)
	assert_in_range(schedule_late(ages[a], dice[d]), 60000, HOUR / 2);
	assert_int_equal(schedule_late(HOUR, 0.5), HOUR / 20);
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
	    cmocka_unit_test(polls_stay_within_their_interval),
	    cmocka_unit_test(polls_grow_rare_with_age),
	    cmocka_unit_test(tasks_made_together_drift_apart),
	    cmocka_unit_test(failed_polls_back_off),
	    cmocka_unit_test(swapped_limits_do_not_spin),
	    cmocka_unit_test(late_tasks_are_looked_at_now_and_then),
	    cmocka_unit_test(nothing_waits_past_its_deadline),
	    cmocka_unit_test(what_may_go_at_once_keeps_its_place_whatever_the_clock),
	    cmocka_unit_test(what_was_queued_for_too_long_is_not_sent),
	};
	return cmocka_run_group_tests_name("domain/task/schedule", tests, NULL, NULL);
}
