/* The pace of old videos, by a clock of the test. */

#include <stdio.h>

#include "domain/video/backlog.h"
#include "support/test.h"

enum { SECOND = 1000, HOUR = 3600 * SECOND };

/* How many are fetched until `until`, each of which takes so long. */
static int64_t
fetched(struct backlog *backlog, int64_t from, int64_t until, int64_t takes)
{
	int64_t count = 0;
	for (int64_t now = from; now < until; now += 100)
		if (backlog_may(backlog, now)) {
			backlog_spend(backlog, now, now + takes);
			now += takes;
			count++;
		}
	return count;
}

TEST(a_few_at_once_then_one_after_the_other)
{
	struct backlog backlog = {0};
	assert_in_range(fetched(&backlog, HOUR, HOUR + 800, 0), 7, 8);
	assert_in_range(fetched(&backlog, HOUR + 800, HOUR + 100 * SECOND, 0), 95, 101);
	/* After some quiet a few may come at once again. */
	assert_in_range(fetched(&backlog, 2 * HOUR, 2 * HOUR + 800, 0), 7, 8);
}

TEST(long_ones_take_a_fifth_of_the_time)
{
	struct backlog backlog = {0};
	assert_in_range(fetched(&backlog, HOUR, 2 * HOUR, 10 * SECOND), 70, 90);
}

TEST(a_host_that_fails_is_left_alone_longer_and_longer)
{
	struct backlog backlog = {0};
	int64_t now = HOUR, rests[] = {10, 20, 40, 80, 160, 320, 600, 600};
	for (size_t i = 0; i < sizeof(rests) / sizeof(rests[0]); i++) {
		backlog_note(&backlog, "dead.example", false, now);
		assert_true(backlog_rests(&backlog, "dead.example", now + rests[i] * SECOND - 1));
		assert_false(backlog_rests(&backlog, "dead.example", now + rests[i] * SECOND));
		assert_false(backlog_rests(&backlog, "alive.example", now));
		now += rests[i] * SECOND;
	}
	backlog_note(&backlog, "dead.example", true, now);
	backlog_note(&backlog, "dead.example", false, now);
	assert_false(backlog_rests(&backlog, "dead.example", now + 10 * SECOND));
}

/* Of very many hosts those are forgotten whose rest ends first. */
TEST(many_hosts_fit)
{
	struct backlog backlog = {0};
	char host[200];
	for (int i = 0; i < 100; i++) {
		snprintf(host, sizeof(host), "%0120d.example", i);
		backlog_note(&backlog, host, false, HOUR + i);
	}
	assert_true(backlog_rests(&backlog, host, HOUR + 100));
}

TEST(failures_are_told_once_a_minute)
{
	struct backlog backlog = {0};
	assert_int_equal(backlog_tell(&backlog, HOUR), 0);
	for (int i = 0; i < 90; i++)
		backlog_note(&backlog, "dead.example", false, HOUR);
	assert_int_equal(backlog_tell(&backlog, HOUR), 90);
	backlog_note(&backlog, "dead.example", false, HOUR);
	assert_int_equal(backlog_tell(&backlog, HOUR + 59 * SECOND), 0);
	assert_int_equal(backlog_tell(&backlog, HOUR + 60 * SECOND), 1);
	assert_int_equal(backlog_tell(&backlog, HOUR + 600 * SECOND), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_few_at_once_then_one_after_the_other),
	    cmocka_unit_test(long_ones_take_a_fifth_of_the_time),
	    cmocka_unit_test(a_host_that_fails_is_left_alone_longer_and_longer),
	    cmocka_unit_test(many_hosts_fit),
	    cmocka_unit_test(failures_are_told_once_a_minute),
	};
	return cmocka_run_group_tests_name("domain/video/backlog", tests, NULL, NULL);
}
