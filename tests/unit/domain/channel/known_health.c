/* When polls wait for a channel's cooldown, and when one is sent all the same. */
#include "domain/channel/known_health.h"
#include "support/test.h"

static bool
cools(struct known_health *health, int64_t until, bool told, int64_t now)
{
	int64_t wait = 0;
	health->health =
	    (struct poll_health){.until = until > now ? until : 0, .told_until = told ? until : 0};
	bool result = known_health_cools(health, now, now, &wait);
	assert_int_equal(wait, result ? until : 0);
	return result;
}

TEST(polls_wait_for_the_end_of_a_cooldown)
{
	struct known_health health = {0};
	assert_false(cools(&health, 0, false, 1000));
	assert_true(cools(&health, 2000, false, 1000));
	assert_true(cools(&health, 2000, false, 1999));
	assert_false(cools(&health, 2000, false, 2000));
	assert_false(cools(&health, 0, false, 2001));
}

/* The submission that probes may fail just before the polls are looked at. */
TEST(a_cooldown_that_is_renewed_at_its_end_lets_one_poll_through)
{
	struct known_health health = {0};
	int64_t now = 1000;
	for (int64_t wait = 1000; wait < 64000; wait *= 2) {
		assert_true(cools(&health, now + wait, false, now));
		assert_true(cools(&health, now + wait, false, now));
		now += wait;
		assert_false(cools(&health, now + 2 * wait, false, now));
		assert_true(cools(&health, now + 2 * wait, false, now));
		health.waited_until = 0;
	}
}

TEST(each_end_is_one_polls_also_where_the_cooldowns_follow_each_other)
{
	struct known_health health = {0};
	assert_true(cools(&health, 2000, false, 1000));
	assert_false(cools(&health, 4000, false, 2001));
	assert_true(cools(&health, 4000, false, 2001));
	assert_true(
	    cools(&health, 8000, false, 3000)); /* renewed before its end: the end that is waited for stays */
	assert_false(cools(&health, 8000, false, 4000));
	assert_true(cools(&health, 8000, false, 4000));
	assert_false(cools(&health, 9000, false, 8000));
}

TEST(what_polls_were_told_is_waited_for)
{
	struct known_health health = {0};
	assert_true(cools(&health, 2000, true, 1000));
	assert_true(cools(&health, 60000, true, 2000));
	assert_true(cools(&health, 60000, true, 59999));
	assert_false(cools(&health, 60000, true, 60000));
}

/* A process that was not there meanwhile, as a run from cron, does as one that was. */
TEST(what_was_due_during_a_wait_is_not_made_up_for_when_that_is_over)
{
	struct known_health health = {.health = {.told_until = 2000}};
	int64_t until = 0;
	assert_true(known_health_cools(&health, 1999, 5000, &until));
	assert_int_equal(until, 2000);
	assert_false(known_health_cools(&health, 2000, 5000, &until));
	health.health = (struct poll_health){.until = 6000, .told_until = 2000};
	assert_true(known_health_cools(&health, 3000, 5000, &until));
	assert_int_equal(until, 6000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(polls_wait_for_the_end_of_a_cooldown),
	    cmocka_unit_test(a_cooldown_that_is_renewed_at_its_end_lets_one_poll_through),
	    cmocka_unit_test(each_end_is_one_polls_also_where_the_cooldowns_follow_each_other),
	    cmocka_unit_test(what_polls_were_told_is_waited_for),
	    cmocka_unit_test(what_was_due_during_a_wait_is_not_made_up_for_when_that_is_over),
	};
	return cmocka_run_group_tests_name("domain/channel/known_health", tests, NULL, NULL);
}
