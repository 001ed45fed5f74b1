/* What submissions that are turned away say of a model, and what of their tasks alone. */

#include "domain/channel/health.h"
#include "domain/channel/model_health.h"
#include "support/test.h"

enum { NOW = 1000000, SECOND = 1000, HOUR = 3600 * SECOND };

/* A task that is turned away for the first time. */
static struct model_failure
told(int64_t task, int64_t retry_after)
{
	return (struct model_failure){
	    .task = task, .created_at = NOW - SECOND, .retry_after = retry_after, .throttled = true};
}

static struct model_health
turned_away(struct model_health before, int64_t task, int64_t retry_after, int64_t now)
{
	const struct model_failure failure = told(task, retry_after);
	return model_health_failed(before, &failure, now);
}

/* However often, and whatever it asks for. */
TEST(one_task_alone_holds_no_other_up)
{
	struct model_health health = {0};
	int64_t now = NOW;
	for (int64_t tries = 0; tries < 50; tries++) {
		struct model_failure failure = told(7, 2 * SECOND);
		failure.tries = tries;
		health = model_health_sent(health, 7, now);
		assert_int_equal(health.probe, 0);
		health = model_health_failed(health, &failure, now);
		assert_int_equal(health.failures, 1);
		assert_int_equal(health.until, 0);
		now += health_task_wait(tries + 1, 2 * SECOND, 0.5);
	}
}

/* The wait that the first was told holds for the model, once the second proves that it was meant. */
TEST(the_second_task_proves_the_wait)
{
	struct model_health health = turned_away((struct model_health){0}, 1, 30 * SECOND, NOW);
	assert_int_equal(health.until, 0);
	health = turned_away(health, 2, 2 * SECOND, NOW + SECOND);
	assert_int_equal(health.failures, 2);
	assert_int_equal(health.until, NOW + 30 * SECOND);
	/* What was sent before counts no more, but may ask for longer. */
	health = turned_away(health, 3, 40 * SECOND, NOW + 2 * SECOND);
	assert_int_equal(health.failures, 2);
	assert_int_equal(health.until, NOW + 42 * SECOND);
	health = turned_away(health, 4, INT64_MAX, NOW + 2 * SECOND);
	assert_int_equal(health.until, NOW + 2 * SECOND + HOUR);
	health = turned_away(health, 5, -1, NOW + 3 * SECOND);
	assert_int_equal(health.until, NOW + 2 * SECOND + HOUR);
}

TEST(a_failing_probe_doubles_the_wait_up_to_a_minute)
{
	const int64_t waits[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
	struct model_health health = turned_away((struct model_health){0}, 1, 0, NOW);
	int64_t now = NOW;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		int64_t task = 2 + (int64_t)i;
		health = model_health_sent(health, task, now);
		assert_int_equal(health.probe, i > 0 ? task : 0);
		health = turned_away(health, task, 0, now);
		assert_int_equal(health.probe, 0);
		assert_int_equal(health.until, now + waits[i] * SECOND);
		/* Nothing is sent before. */
		struct model_health early = model_health_sent(health, 99, health.until - 1);
		assert_int_equal(early.probe, 0);
		now = health.until;
	}
}

TEST(one_probe_is_under_way_at_a_time)
{
	struct model_health health = turned_away((struct model_health){0}, 1, 0, NOW);
	health = turned_away(health, 2, 0, NOW);
	health = model_health_sent(health, 3, NOW + SECOND);
	assert_int_equal(health.probe, 3);
	assert_int_equal(health.until, NOW + SECOND + HEALTH_PROBE);
	assert_int_equal(model_health_sent(health, 4, NOW + 2 * SECOND).probe, 3);
	/* Where its outcome says nothing, or is never known, another may be. */
	struct model_health over = model_health_over(health, 3, NOW + 3 * SECOND);
	assert_int_equal(over.probe, 0);
	assert_int_equal(over.until, NOW + 3 * SECOND);
	assert_int_equal(model_health_sent(over, 5, NOW + 3 * SECOND).probe, 5);
	assert_int_equal(model_health_over(health, 4, NOW + 3 * SECOND).until, health.until);
	assert_int_equal(model_health_sent(health, 5, health.until).probe, 5);
}

TEST(a_task_that_is_taken_ends_the_count_but_no_wait_that_was_asked_for)
{
	struct model_health own = turned_away((struct model_health){0}, 1, 0, NOW);
	assert_int_equal(model_health_taken(own, NOW).failures, 0);
	own = turned_away(own, 2, 0, NOW);
	assert_int_equal(model_health_taken(own, NOW + 1).until, 0);
	struct model_health asked = turned_away((struct model_health){0}, 1, 9 * SECOND, NOW);
	assert_int_equal(model_health_taken(asked, NOW + 1).until, 0); /* the first task's */
	asked = turned_away(asked, 2, 9 * SECOND, NOW);
	asked = model_health_taken(asked, NOW + 1);
	assert_int_equal(asked.until, NOW + 9 * SECOND);
	assert_int_equal(asked.failures, 0);
	assert_int_equal(model_health_sent(asked, 3, NOW + 9 * SECOND).probe, 0);
	/* From here on it is as if nothing had been. */
	asked = turned_away(asked, 4, 0, NOW + 10 * SECOND);
	assert_int_equal(asked.failures, 1);
}

/* Two tasks that are always turned away do not add up, nor do they count once others were taken. */
TEST(known_tasks_do_not_add_up)
{
	struct model_health health = {0};
	for (int64_t i = 0; i < 40; i++) {
		struct model_failure failure = told(i % 2, 0);
		failure.task = 1 + i % 2;
		failure.tries = i / 2;
		health = model_health_failed(health, &failure, NOW + i * 60 * SECOND);
		assert_true(health.until <= NOW + i * 60 * SECOND + SECOND);
	}
	health = model_health_taken(health, NOW + HOUR);
	struct model_failure known = told(1, 9 * SECOND);
	known.tries = 8;
	health = model_health_failed(health, &known, NOW + HOUR + 1);
	assert_int_equal(health.failures, 0);
	health = turned_away(health, 3, 0, NOW + HOUR + 2);
	assert_int_equal(health.failures, 1);
}

TEST(what_fails_otherwise_is_proved_by_the_third)
{
	struct model_health health = {0};
	for (int64_t i = 1; i <= 4; i++) {
		struct model_failure failure = told(i, 0);
		failure.throttled = false;
		health = model_health_failed(health, &failure, NOW);
		assert_int_equal(health.until, i < 3 ? 0 : NOW + SECOND);
		assert_false(health.throttled);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_task_alone_holds_no_other_up),
	    cmocka_unit_test(the_second_task_proves_the_wait),
	    cmocka_unit_test(a_failing_probe_doubles_the_wait_up_to_a_minute),
	    cmocka_unit_test(one_probe_is_under_way_at_a_time),
	    cmocka_unit_test(a_task_that_is_taken_ends_the_count_but_no_wait_that_was_asked_for),
	    cmocka_unit_test(known_tasks_do_not_add_up),
	    cmocka_unit_test(what_fails_otherwise_is_proved_by_the_third),
	};
	return cmocka_run_group_tests_name("domain/channel/model_health", tests, NULL, NULL);
}
