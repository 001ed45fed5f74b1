/* When a channel cools down, as what must hold for every number of failures and every throw of the dice. */

#include "base/limits.h"
#include "domain/channel/health.h"
#include "support/test.h"

static const double dice[] = {0, 0.25, 0.5, 0.75, 0.999999};

#define EACH(name, array) for (size_t name = 0; name < sizeof(array) / sizeof(array[0]); name++)

TEST(a_cooldown_grows_with_each_failure)
{
	assert_int_equal(health_cooldown(1, 1, 0.5), 1000);
	assert_int_equal(health_cooldown(2, 1, 0.5), 2000);
	assert_int_equal(health_cooldown(4, 1, 0.5), 8000);
	for (int64_t failures = 0; failures < 100; failures++) {
		EACH(d, dice)
		{
			assert_in_range(health_cooldown(failures, 1, dice[d]), 900, 66000);
			assert_true(health_cooldown(failures, 1, dice[d]) <=
			            health_cooldown(failures + 1, 1, dice[d]));
		}
	}
	assert_int_equal(health_cooldown(INT64_C(1) << 40, 1, 0.5), 60000);
}

/* Where polls succeed in between, only the task itself knows how often it was turned away. */
TEST(a_task_turned_away_often_waits_but_not_for_long)
{
	assert_int_equal(health_cooldown(1, 2, 0.5), 2000);
	assert_int_equal(health_cooldown(1, 4, 0.5), 8000);
	assert_int_equal(health_cooldown(1, 1000, 0.5), 8000);
	assert_int_equal(health_cooldown(6, 2, 0.5), 32000);
}

TEST(a_task_that_is_turned_away_waits_as_it_is_told)
{
	EACH(d, dice)
	{
		assert_int_equal(health_task_wait(1, 30000, dice[d]), 30000);
		assert_int_equal(health_task_wait(1, INT64_MAX, dice[d]), LIMIT_RETRY_AFTER);
		assert_in_range(health_task_wait(1, -1, dice[d]), 1000, 1200);
		assert_in_range(health_task_wait(3, 1000, dice[d]), 4000, 4800);
		assert_in_range(health_task_wait(INT64_C(1) << 40, 0, dice[d]), 60000, 72000);
	}
}

TEST(the_third_failure_in_a_row_begins_a_cooldown)
{
	const int64_t cooldowns[] = {0, 0, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};
	struct channel_health health = {0};
	int64_t now = 1000000;
	EACH(i, cooldowns)
	{
		health = health_failed(health, 0, now);
		assert_int_equal(health.failures, i + 1);
		assert_int_equal(health.cooldown_until, cooldowns[i] > 0 ? now + cooldowns[i] : 0);
		assert_int_equal(health.lost, cooldowns[i] > 0 ? 3 : 0); /* new work is probed for */
		now += cooldowns[i] + 1;
	}
}

TEST(failures_during_a_cooldown_count_once)
{
	struct channel_health cooling = {.failures = 3, .cooldown_until = 5000};
	struct channel_health after = health_failed(cooling, 0, 4999);
	assert_int_equal(after.failures, 3);
	assert_int_equal(health_failed(cooling, 0, 5000).failures, 4);
}

TEST(a_cooldown_is_never_cut_short)
{
	struct channel_health cooling = {.failures = 1, .cooldown_until = 90000};
	assert_int_equal(health_failed(cooling, 1000, 10000).cooldown_until, 90000);
	assert_int_equal(health_failed(cooling, 100000, 10000).cooldown_until, 110000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_cooldown_grows_with_each_failure),
	    cmocka_unit_test(a_task_turned_away_often_waits_but_not_for_long),
	    cmocka_unit_test(a_task_that_is_turned_away_waits_as_it_is_told),
	    cmocka_unit_test(the_third_failure_in_a_row_begins_a_cooldown),
	    cmocka_unit_test(failures_during_a_cooldown_count_once),
	    cmocka_unit_test(a_cooldown_is_never_cut_short),
	};
	return cmocka_run_group_tests_name("domain/channel/health", tests, NULL, NULL);
}
