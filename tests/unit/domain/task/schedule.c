/* The schedule, as what must hold for every age, every number of failures and every throw of the dice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/config.h"
#include "domain/task/schedule.h"

enum { MIN = 2000, MAX = 60000, HOUR = 3600000 };

static const struct config config = {.poll_interval_min = MIN, .poll_interval_max = MAX};
static const int64_t ages[] = {-5000,  0,      1,      999,     20000,
                               100000, 599999, 600000, 7200000, INT64_C(9000000000000)};
static const double dice[] = {0, 0.25, 0.5, 0.75, 0.999999};

#define EACH(name, array) for (size_t name = 0; name < sizeof(array) / sizeof(array[0]); name++)

static void
polls_stay_within_their_interval(void **state)
{
	(void)state;
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

static void
polls_grow_rare_with_age(void **state)
{
	(void)state;
	for (int64_t age = 0; age < 1000000; age += 500)
		assert_true(schedule_poll(&config, age, 0.5) <= schedule_poll(&config, age + 500, 0.5));
	assert_int_equal(schedule_poll(&config, 0, 0.5), MIN);
	assert_int_equal(schedule_poll(&config, 100000, 0.5), 10000);
	assert_int_equal(schedule_poll(&config, 2 * HOUR, 0.5), MAX);
}

static void
tasks_made_together_drift_apart(void **state)
{
	(void)state;
	assert_int_equal(schedule_poll(&config, 100000, 0), 9000);
	assert_int_equal(schedule_poll(&config, 100000, 1), 11000);
}

static void
failed_polls_back_off(void **state)
{
	(void)state;
	assert_int_equal(schedule_poll_failed(&config, 0, 1, 0.5), 2 * MIN);
	assert_int_equal(schedule_poll_failed(&config, 0, 3, 0.5), 8 * MIN);
	assert_int_equal(schedule_poll_failed(&config, 0, 10, 0.5), MAX);
	EACH(a, ages)
	for (int64_t failures = 0; failures < 100; failures++)
		assert_true(schedule_poll_failed(&config, ages[a], failures, 0.5) <=
		            schedule_poll_failed(&config, ages[a], failures + 1, 0.5));
}

/* A configuration that contradicts itself still gives a time to wait. */
static void
swapped_limits_do_not_spin(void **state)
{
	(void)state;
	const struct config swapped = {.poll_interval_min = MAX, .poll_interval_max = MIN};
	EACH(a, ages)
	{
		assert_true(schedule_poll(&swapped, ages[a], 0.5) >= MIN);
		assert_true(schedule_poll_failed(&swapped, ages[a], 3, 0.5) >= MIN);
	}
}

static void
a_channel_rests_longer_with_each_failure(void **state)
{
	(void)state;
	assert_int_equal(schedule_submit(1, 1, 0, 0.5), 1000);
	assert_int_equal(schedule_submit(2, 1, 0, 0.5), 2000);
	assert_int_equal(schedule_submit(4, 1, 0, 0.5), 8000);
	for (int64_t failures = 0; failures < 100; failures++) {
		EACH(d, dice)
		{
			assert_in_range(schedule_submit(failures, 1, 0, dice[d]), 900, 66000);
			assert_true(schedule_submit(failures, 1, 0, dice[d]) <=
			            schedule_submit(failures + 1, 1, 0, dice[d]));
		}
	}
	assert_int_equal(schedule_submit(INT64_C(1) << 40, 1, 0, 0.5), 60000);
}

/* Where polls succeed in between, only the task itself knows how often it was turned away. */
static void
a_task_turned_away_often_waits_but_not_for_long(void **state)
{
	(void)state;
	assert_int_equal(schedule_submit(1, 2, 0, 0.5), 2000);
	assert_int_equal(schedule_submit(1, 4, 0, 0.5), 8000);
	assert_int_equal(schedule_submit(1, 1000, 0, 0.5), 8000);
	assert_int_equal(schedule_submit(6, 2, 0, 0.5), 32000);
}

static void
retry_after_is_obeyed_up_to_an_hour(void **state)
{
	(void)state;
	EACH(d, dice)
	{
		assert_int_equal(schedule_submit(1, 1, 30000, dice[d]), 30000);
		assert_int_equal(schedule_submit(1, 1, INT64_MAX, dice[d]), HOUR);
		assert_in_range(schedule_submit(1, 1, -1, dice[d]), 900, 1100);
		assert_in_range(schedule_submit(7, 1, 1000, dice[d]), 54000, 66000);
	}
}

static void
late_tasks_are_looked_at_now_and_then(void **state)
{
	(void)state;
	EACH(a, ages)
	EACH(d, dice)
	assert_in_range(schedule_late(ages[a], dice[d]), 60000, HOUR / 2);
	assert_int_equal(schedule_late(HOUR, 0.5), HOUR / 20);
}

static void
the_third_failure_in_a_row_has_a_channel_rest(void **state)
{
	(void)state;
	const int64_t rests[] = {0, 0, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};
	struct channel_health health = {0};
	int64_t now = 1000000;
	EACH(i, rests)
	{
		health = schedule_channel(health, 0, now);
		assert_int_equal(health.failures, i + 1);
		assert_int_equal(health.cooldown_until, rests[i] > 0 ? now + rests[i] : 0);
		now += rests[i] + 1;
	}
}

static void
failures_while_it_rests_count_once(void **state)
{
	(void)state;
	struct channel_health resting = {.failures = 3, .cooldown_until = 5000};
	struct channel_health after = schedule_channel(resting, 0, 4999);
	assert_int_equal(after.failures, 3);
	assert_int_equal(schedule_channel(resting, 0, 5000).failures, 4);
}

static void
a_rest_is_never_cut_short(void **state)
{
	(void)state;
	struct channel_health resting = {.failures = 1, .cooldown_until = 90000};
	assert_int_equal(schedule_channel(resting, 1000, 10000).cooldown_until, 90000);
	assert_int_equal(schedule_channel(resting, 100000, 10000).cooldown_until, 110000);
	assert_int_equal(schedule_channel(resting, INT64_MAX, 10000).cooldown_until, 10000 + HOUR);
	assert_int_equal(schedule_channel_works(resting).cooldown_until, 90000);
	assert_int_equal(schedule_channel_works(resting).failures, 0);
}

static void
webhooks_are_tried_ten_times_over_three_days(void **state)
{
	static const int64_t seconds[] = {5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400};
	int64_t least = 0;
	(void)state;
	EACH(f, seconds)
	{
		EACH(d, dice)
		{
			int64_t wait = schedule_delivery((int64_t)f + 1, 0, dice[d]);
			assert_in_range(wait, seconds[f] * 900, seconds[f] * 1100);
			assert_in_range(schedule_delivery((int64_t)f + 1, 2 * HOUR, dice[d]), 2 * HOUR,
			                27 * HOUR);
			assert_true(schedule_delivery((int64_t)f + 1, INT64_MAX, dice[d]) <= 27 * HOUR);
			assert_int_equal(schedule_delivery((int64_t)f + 1, INT64_MIN, dice[d]), wait);
		}
		least += schedule_delivery((int64_t)f + 1, 0, 0.5);
	}
	assert_int_equal(least, (75 * 3600 + 35 * 60 + 5) * INT64_C(1000));
	assert_int_equal(schedule_delivery(10, 0, 0.5), -1);
	assert_int_equal(schedule_delivery(INT64_MAX, HOUR, 0.5), -1);
	assert_in_range(schedule_delivery(0, 0, 0.5), 4500, 5500);
	assert_true(schedule_delivery(1, 0, 0) != schedule_delivery(1, 0, 0.999));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(webhooks_are_tried_ten_times_over_three_days),
	    cmocka_unit_test(polls_stay_within_their_interval),
	    cmocka_unit_test(polls_grow_rare_with_age),
	    cmocka_unit_test(tasks_made_together_drift_apart),
	    cmocka_unit_test(failed_polls_back_off),
	    cmocka_unit_test(swapped_limits_do_not_spin),
	    cmocka_unit_test(a_channel_rests_longer_with_each_failure),
	    cmocka_unit_test(a_task_turned_away_often_waits_but_not_for_long),
	    cmocka_unit_test(retry_after_is_obeyed_up_to_an_hour),
	    cmocka_unit_test(late_tasks_are_looked_at_now_and_then),
	    cmocka_unit_test(the_third_failure_in_a_row_has_a_channel_rest),
	    cmocka_unit_test(failures_while_it_rests_count_once),
	    cmocka_unit_test(a_rest_is_never_cut_short),
	};
	return cmocka_run_group_tests_name("domain/schedule", tests, NULL, NULL);
}
