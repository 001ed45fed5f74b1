/* Deadlines while the clock is set: what a copy says of one is old, and what the row says may be, too. */
#include "domain/task/deadline.h"

#include "base/clock.h"
#include "base/loop.h"
#include "domain/task/poll.h"
#include "store/clock.h"
#include "store/store.h"
#include "support/domains.h"
#include "support/raw.h"
#include "support/test.h"

enum { HOUR = 3600 * 1000 };

#define RUNNING "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"status\":\"in_progress\",\"progress\":30}"

TEST(the_row_says_when_it_is)
{
	struct domains *d = domains_new(NULL, 0);
	struct task task = domains_task(d, "v", TASK_STATE_RUNNING), copy;
	const int64_t now = clock_wall_ms();
	domains_deadline(d, &task, now + HOUR);
	assert_false(deadline_passed(d->s->store, &task, now));
	copy = task;
	copy.deadline_at = now - 1; /* as it was before the row was moved */
	assert_false(deadline_passed(d->s->store, &copy, now));
	assert_int_equal(copy.deadline_at, now + HOUR);
	domains_deadline(d, &task, now);
	assert_true(deadline_passed(d->s->store, &task, now));
	task.id = -1;
	assert_false(deadline_passed(d->s->store, &task, now));
	domains_free(d);
}

TEST(a_step_that_is_not_noted_yet_counts)
{
	struct domains *d = domains_new(NULL, 0);
	struct task task = domains_task(d, "v", TASK_STATE_RUNNING);
	const int64_t now = clock_wall_ms();
	domains_deadline(d, &task, now - HOUR / 2);
	assert_true(deadline_passed(d->s->store, &task, now));
	domains_clock_set(d);
	assert_false(deadline_passed(d->s->store, &task, now));
	assert_in_range(task.deadline_at, now + HOUR / 2 - CLOCK_STEP_MS, now + HOUR / 2 + CLOCK_STEP_MS);
	domains_free(d);
}

static bool
may(void *cookie)
{
	(void)cookie;
	return true;
}

static void
done(void *cookie, void *of, const struct task *task, enum poll_end end, int64_t next)
{
	(void)cookie, (void)of, (void)task, (void)end, (void)next;
}

/* The clock is set while the upstream is asked. */
TEST(a_poll_under_way_times_no_task_out)
{
	const struct fake_step step = {FAKE_ANSWER, RUNNING};
	const struct poll_user user = {.may_ask = may, .may_write = may, .done = done};
	for (int noticed = 0; noticed < 2; noticed++) {
		struct domains *d = domains_new(&step, 1);
		struct task task = domains_task(d, "v", TASK_STATE_RUNNING);
		domains_deadline(d, &task, clock_wall_ms() - HOUR / 2);
		if (noticed)
			domains_deadline(d, &(struct task){.id = task.id}, clock_wall_ms() + HOUR / 2);
		else
			domains_clock_set(d);
		struct poll_driver *driver = poll_driver_new(&d->env, &user);
		assert_true(poll_driver_start(driver, &task, clock_wall_ms(), NULL));
		while (poll_driver_active(driver) > 0)
			loop_once(d->env.loop, 60000);
		poll_driver_free(driver);
		assert_int_equal(stores_get(d->s, "v").state, TASK_STATE_RUNNING);
		domains_free(d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_row_says_when_it_is),
	    cmocka_unit_test(a_step_that_is_not_noted_yet_counts),
	    cmocka_unit_test(a_poll_under_way_times_no_task_out),
	};
	return cmocka_run_group_tests_name("domain/task/deadline", tests, NULL, NULL);
}
