/* What answers that speak of the operator's account say of it, and for how long. */

#include "domain/channel/account_health.h"
#include "support/test.h"

enum { NOW = 1000000, SECOND = 1000 };

static struct channel_health
refused(struct channel_health before, int64_t task, int64_t sent_at, int64_t retry_after, int64_t now)
{
	const struct account_failure failure = {
	    .task = {.id = task, .sent_at = sent_at}, .retry_after = retry_after, .dice = 0.5};
	return account_health_failed(before, &failure, now);
}

static struct channel_health
taken(struct channel_health before, int64_t task, int64_t sent_at, int64_t now)
{
	return account_health_taken(before, &(struct cooldown_task){.id = task, .sent_at = sent_at}, now);
}

TEST(a_refused_probe_doubles_the_wait_up_to_a_minute)
{
	const int64_t waits[] = {1, 2, 4, 8, 16, 32, 60, 60};
	struct channel_health health = {0};
	int64_t now = NOW;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		int64_t task = 1 + (int64_t)i;
		health = account_health_sent(health, task, now);
		assert_int_equal(health.account_probe, i > 0 ? task : 0);
		health = refused(health, task, now, 0, now + 1);
		assert_int_equal(health.account_until, now + 1 + waits[i] * SECOND);
		assert_int_equal(health.account_failures, i + 1);
		now = health.account_until;
	}
	health = account_health_sent(health, 50, now);
	assert_int_equal(health.account_until, now + COOLDOWN_PROBE);
	health = taken(health, 50, now, now + 5);
	assert_int_equal(health.account_failures, 0);
	assert_int_equal(health.account_until, 0);
}

/* Neither a refusal nor a task that is taken, where it was sent before the trouble was known. */
TEST(what_was_sent_before_changes_nothing)
{
	struct channel_health health = refused((struct channel_health){0}, 1, NOW, 0, NOW + 1);
	for (int64_t now = NOW + 2; now < NOW + 9 * SECOND; now += 4 * SECOND) {
		struct channel_health after = taken(health, 2, NOW, now);
		assert_memory_equal(&after, &health, sizeof(health));
		after = refused(health, 2, NOW, 0, now);
		assert_memory_equal(&after, &health, sizeof(health));
	}
	/* A probe was not, even if another has taken its place since. */
	health = account_health_sent(health, 3, NOW + 2 * SECOND);
	health = account_health_sent(health, 4, health.account_until);
	assert_int_equal(health.account_probe, 4);
	assert_int_equal(taken(health, 3, NOW + 2 * SECOND, NOW + 40 * SECOND).account_failures, 0);
}

/* Whichever task is told it, and whatever is taken meanwhile. */
TEST(a_wait_that_was_asked_for_is_not_cut_short)
{
	struct channel_health health = refused((struct channel_health){0}, 1, NOW, 60 * SECOND, NOW + 1);
	assert_int_equal(health.account_until, NOW + 1 + 60 * SECOND);
	health = taken(health, 2, NOW, NOW + 2);
	assert_int_equal(health.account_until, NOW + 1 + 60 * SECOND);
	/* Another that was sent before is told a longer one, and a shorter. */
	health = refused(health, 3, NOW, 90 * SECOND, NOW + 3);
	health = refused(health, 4, NOW, 5 * SECOND, NOW + 4);
	assert_int_equal(health.account_until, NOW + 3 + 90 * SECOND);
	assert_int_equal(health.account_failures, 1);
	/* While a task probes, and its outcome says nothing, or it is taken. */
	int64_t now = health.account_until;
	health = account_health_sent(health, 5, now);
	health = refused(health, 6, NOW, 70 * SECOND, now + 1);
	assert_int_equal(account_health_over(health, 5, now + 2).account_until, now + 1 + 70 * SECOND);
	health = taken(health, 5, now, now + 3);
	assert_int_equal(health.account_failures, 0);
	assert_int_equal(health.account_until, now + 1 + 70 * SECOND);
	/* It was said of the key. */
	health = account_health_new_key(health);
	assert_int_equal(health.account_until, 0);
	assert_int_equal(refused(health, 7, now, 0, now + 9).account_until, now + 9 + SECOND);
	assert_int_equal(refused(health, 7, now, INT64_MAX, now).account_until, now + LIMIT_RETRY_AFTER);
}

/* A lost connection is probed for by the same means. */
TEST(what_is_lost_is_probed_for_too)
{
	struct channel_health health = {.lost = CHANNEL_LOST_ALLOWED + 1};
	health = account_health_sent(health, 1, NOW);
	assert_int_equal(health.account_probe, 1);
	assert_int_equal(account_health_over(health, 2, NOW + 1).account_probe, 1);
	health = account_health_over(health, 1, NOW + 1);
	assert_int_equal(health.account_probe, 0);
	assert_int_equal(health.account_until, NOW + 1);
	assert_int_equal(account_health_sent((struct channel_health){0}, 1, NOW).account_probe, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_refused_probe_doubles_the_wait_up_to_a_minute),
	    cmocka_unit_test(what_was_sent_before_changes_nothing),
	    cmocka_unit_test(a_wait_that_was_asked_for_is_not_cut_short),
	    cmocka_unit_test(what_is_lost_is_probed_for_too),
	};
	return cmocka_run_group_tests_name("domain/channel/account_health", tests, NULL, NULL);
}
