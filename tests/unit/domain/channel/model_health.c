/* What submissions that are turned away say of a model, and what of their tasks alone. */

#include "domain/channel/health.h"
#include "domain/channel/model_health.h"
#include "support/test.h"

enum { NOW = 1000000, SECOND = 1000, HOUR = 3600 * SECOND };

/* A task that is turned away for the first time. */
static struct model_failure
told(int64_t task, int64_t retry_after)
{
	return (struct model_failure){.task = {.id = task, .sent_at = NOW},
	                              .created_at = NOW - SECOND,
	                              .retry_after = retry_after,
	                              .throttled = true};
}

static struct model_health
turned_away(struct model_health before, int64_t task, int64_t retry_after, int64_t now)
{
	struct model_failure failure = told(task, retry_after);
	failure.task.sent_at = now;
	return model_health_failed(before, &failure, now);
}

static struct model_health
sent(struct model_health before, int64_t task, int64_t now)
{
	return model_health_sent(before, &(struct cooldown_task){.id = task}, now);
}

/* A task that was sent just now. */
static struct model_health
taken(struct model_health before, int64_t now)
{
	return model_health_taken(before, &(struct cooldown_task){.id = 99, .sent_at = now}, now);
}

/* However often, and whatever it asks for. */
TEST(one_task_alone_holds_no_other_up)
{
	struct model_health health = {0};
	int64_t now = NOW;
	for (int64_t tries = 0; tries < 50; tries++) {
		struct model_failure failure = told(7, 2 * SECOND);
		failure.tries = tries;
		health = sent(health, 7, now);
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
	assert_int_equal(health.until, NOW + 2 * SECOND + LIMIT_RETRY_AFTER);
	health = turned_away(health, 5, -1, NOW + 3 * SECOND);
	assert_int_equal(health.until, NOW + 2 * SECOND + LIMIT_RETRY_AFTER);
}

TEST(a_failing_probe_doubles_the_wait_up_to_a_minute)
{
	const int64_t waits[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
	struct model_health health = turned_away((struct model_health){0}, 1, 0, NOW);
	int64_t now = NOW;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		int64_t task = 2 + (int64_t)i;
		health = sent(health, task, now);
		assert_int_equal(health.probe, i > 0 ? task : 0);
		health = turned_away(health, task, 0, now);
		assert_int_equal(health.probe, 0);
		assert_int_equal(health.until, now + waits[i] * SECOND);
		/* Nothing is sent before. */
		struct model_health early = sent(health, 99, health.until - 1);
		assert_int_equal(early.probe, 0);
		now = health.until;
	}
}

TEST(one_probe_is_under_way_at_a_time)
{
	struct model_health health = turned_away((struct model_health){0}, 1, 0, NOW);
	health = turned_away(health, 2, 0, NOW);
	health = sent(health, 3, NOW + SECOND);
	assert_int_equal(health.probe, 3);
	assert_int_equal(health.until, NOW + SECOND + COOLDOWN_PROBE);
	assert_int_equal(sent(health, 4, NOW + 2 * SECOND).probe, 3);
	/* Where its outcome says nothing, or is never known, another may be. */
	struct model_health over = model_health_over(health, 3, NOW + 3 * SECOND);
	assert_int_equal(over.probe, 0);
	assert_int_equal(over.until, NOW + 3 * SECOND);
	assert_int_equal(sent(over, 5, NOW + 3 * SECOND).probe, 5);
	assert_int_equal(model_health_over(health, 4, NOW + 3 * SECOND).until, health.until);
	assert_int_equal(sent(health, 5, health.until).probe, 5);
}

TEST(a_task_that_is_taken_ends_the_count_but_no_wait_that_was_asked_for)
{
	struct model_health own = turned_away((struct model_health){0}, 1, 0, NOW);
	assert_int_equal(taken(own, NOW).failures, 0);
	own = turned_away(own, 2, 0, NOW);
	assert_int_equal(taken(own, NOW + 1).until, 0);
	struct model_health asked = turned_away((struct model_health){0}, 1, 9 * SECOND, NOW);
	assert_int_equal(taken(asked, NOW + 1).until, 0); /* the first task's */
	asked = turned_away(asked, 2, 9 * SECOND, NOW);
	asked = taken(asked, NOW + 1);
	assert_int_equal(asked.until, NOW + 9 * SECOND);
	assert_int_equal(asked.failures, 0);
	assert_int_equal(sent(asked, 3, NOW + 9 * SECOND).probe, 0);
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
		failure.task.id = 1 + i % 2;
		failure.task.sent_at = NOW + i * 60 * SECOND;
		failure.tries = i / 2;
		health = model_health_failed(health, &failure, NOW + i * 60 * SECOND);
		assert_true(health.until <= NOW + i * 60 * SECOND + SECOND);
	}
	health = taken(health, NOW + HOUR);
	struct model_failure known = told(1, 9 * SECOND);
	known.tries = 8;
	known.task.sent_at = NOW + HOUR + 1;
	health = model_health_failed(health, &known, NOW + HOUR + 1);
	assert_int_equal(health.failures, 0);
	health = turned_away(health, 3, 0, NOW + HOUR + 2);
	assert_int_equal(health.failures, 1);
}

/* Whatever they are told, and however many: tasks of one user say nothing of another's. */
TEST(a_cooldown_is_of_one_user_until_a_task_of_another_proves_it)
{
	struct model_health health = {0};
	for (int64_t task = 1; task <= 4; task++) {
		struct model_failure failure = told(task, 30 * SECOND);
		failure.task.user = 7;
		failure.task.sent_at = NOW + task;
		health = model_health_failed(health, &failure, NOW + task);
	}
	assert_int_equal(model_health_until(&health, 7), NOW + 4 + 30 * SECOND);
	assert_int_equal(model_health_until(&health, 8), 0);
	/* Another's is sent, and is no probe: it locks none out. */
	const struct cooldown_task other = {.id = 5, .user = 8, .sent_at = NOW + 5};
	assert_int_equal(model_health_sent(health, &other, NOW + 5).probe, 0);
	/* It is taken: so the wait was those tasks' own, and lasts; but what is turned away next is the
	 * first. */
	struct model_health works = model_health_taken(health, &other, NOW + 6);
	assert_int_equal(model_health_until(&works, 7), NOW + 4 + 30 * SECOND);
	assert_int_equal(works.failures, 0);
	struct model_failure first = told(6, 0);
	first.task.user = 9;
	first.task.sent_at = NOW + 7;
	works = model_health_failed(works, &first, NOW + 8);
	assert_int_equal(works.failures, 1);
	assert_int_equal(model_health_until(&works, 9), 0);
	first.task.id = 7;
	works = model_health_failed(works, &first, NOW + 9);
	assert_int_equal(model_health_until(&works, 9), NOW + 9 + SECOND);
	assert_int_equal(model_health_until(&works, 8), 0);
	/* It is turned away: then all wait, as long as any was told, and the count begins anew. */
	struct model_failure second = told(5, 0);
	second.task = other;
	health = model_health_failed(health, &second, NOW + 6);
	assert_int_equal(model_health_until(&health, 8), NOW + 4 + 30 * SECOND);
	assert_int_equal(model_health_until(&health, 9), NOW + 4 + 30 * SECOND);
	assert_int_equal(health.failures, 2);
	/* What else fails of others is the third task's to prove, too. */
	health = (struct model_health){.failures = 1, .user = 7, .task = 1, .failed_at = NOW};
	second.throttled = false;
	health = model_health_failed(health, &second, NOW + 6);
	assert_int_equal(model_health_until(&health, 9), 0);
	second.task.id = 6;
	second.task.user = 7;
	health = model_health_failed(health, &second, NOW + 7);
	assert_int_equal(model_health_until(&health, 9), NOW + 7 + SECOND);
}

/* The last that was turned away probes, and is told to come later: all do. */
TEST(a_wait_that_the_probe_is_told_holds)
{
	struct model_health health = turned_away((struct model_health){0}, 1, 0, NOW);
	health = turned_away(health, 2, 0, NOW);
	health = sent(health, 2, NOW + SECOND);
	assert_int_equal(health.probe, 2);
	health = turned_away(health, 2, 30 * SECOND, NOW + 2 * SECOND);
	assert_int_equal(health.probe, 0);
	assert_int_equal(health.until, NOW + 32 * SECOND);
	/* So does one that another is told while a task probes. */
	health = sent(health, 3, NOW + 32 * SECOND);
	struct model_failure late = told(4, 50 * SECOND);
	health = model_health_failed(health, &late, NOW + 33 * SECOND);
	health = model_health_over(health, 3, NOW + 34 * SECOND);
	assert_int_equal(health.until, NOW + 83 * SECOND);
}

/* What was sent before a cooldown is answered after it. */
TEST(what_was_sent_before_says_nothing)
{
	struct model_health health = turned_away((struct model_health){0}, 1, 0, NOW);
	health = turned_away(health, 2, 0, NOW + 1);
	const struct cooldown_task early = {.id = 9, .sent_at = NOW - 5 * SECOND};
	for (int64_t at = NOW + 2; at < NOW + 9 * SECOND; at += 4 * SECOND) {
		struct model_health after = model_health_taken(health, &early, at);
		assert_memory_equal(&after, &health, sizeof(health));
		struct model_failure failure = told(9, 0);
		failure.task = early;
		after = model_health_failed(health, &failure, at);
		assert_int_equal(after.failures, 2);
		assert_int_equal(after.until, health.until);
	}
	/* A probe was not, even if another has taken its place. */
	health = sent(health, 3, NOW + SECOND + 1);
	health = sent(health, 4, health.until);
	const struct cooldown_task slow = {.id = 3, .sent_at = NOW + SECOND + 1};
	assert_int_equal(model_health_taken(health, &slow, NOW + 30 * SECOND).failures, 0);
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
	    cmocka_unit_test(a_cooldown_is_of_one_user_until_a_task_of_another_proves_it),
	    cmocka_unit_test(a_wait_that_the_probe_is_told_holds),
	    cmocka_unit_test(what_was_sent_before_says_nothing),
	};
	return cmocka_run_group_tests_name("domain/channel/model_health", tests, NULL, NULL);
}
