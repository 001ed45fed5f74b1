/* A poller that begins when polls were told to wait, and that wait is over: what was due meanwhile. */
#include "base/clock.h"
#include "base/loop.h"
#include "domain/task/open_tasks.h"
#include "domain/task/poll.h"
#include "domain/task/shares.h"
#include "model/channel_health.h"
#include "store/channel.h"
#include "store/store.h"
#include "support/domains.h"
#include "support/test.h"

enum { MINUTE = 60000 };

/* Adds a running task that was taken an hour ago, and was due `ago`. */
static void
running(struct domains *d, int64_t ago)
{
	struct task task = stores_task(d->s->user, "v");
	int64_t now = clock_wall_ms();
	task.state = TASK_STATE_RUNNING;
	task.external_id = "v";
	task.created_at = task.updated_at = task.accepted_at = now - 60 * MINUTE;
	task.deadline_at = now + 60 * MINUTE;
	task.due_at = now - ago;
	stores_add(d->s->store, &task);
}

/* Polls of the channel were to wait until then. */
static void
told_until(struct domains *d, int64_t until)
{
	struct channel_health health;
	assert_int_equal(store_channel_health(d->s->store, "default", &health), ERR_OK);
	health.poll_until = until;
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_end(d->s->store, store_channel_set_health(d->s->store, "default", &health)),
	                 ERR_OK);
}

/* Has a poller begin, and look at what is due. */
static size_t
looks(struct domains *d)
{
	struct shares *shares = shares_new(&d->env, true);
	assert_non_null(shares);
	assert_int_equal(shares_pass(shares), ERR_OK);
	open_tasks_look(shares_tasks(shares), clock_wall_ms(), false);
	while (poll_driver_active(open_tasks_driver(shares_tasks(shares))) > 0)
		loop_once(d->env.loop, MINUTE);
	shares_free(shares);
	return fake_upstream_requests(d->fake);
}

TEST(what_was_due_since_the_wait_was_over_is_looked_at)
{
	static const struct fake_step queued = {
	    FAKE_ANSWER, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"status\":\"queued\"}"};
	/* Due after the wait, or during it: then the next look by the schedule is, which has passed, too. */
	static const int64_t ago[] = {10 * MINUTE, 30 * MINUTE};
	for (size_t i = 0; i < sizeof(ago) / sizeof(ago[0]); i++) {
		struct domains *d = domains_new(&queued, 1);
		d->config.poll_interval_min = d->config.poll_interval_max = 1000;
		running(d, ago[i]);
		told_until(d, clock_wall_ms() - 20 * MINUTE);
		assert_int_equal(looks(d), 1);
		domains_free(d);
	}
}

/* The next look by the schedule lies ahead. */
TEST(what_was_due_during_the_wait_keeps_to_the_schedule)
{
	static const struct fake_step none = {.act = FAKE_ANSWER, .bytes = ""};
	struct domains *d = domains_new(&none, 1);
	d->config.poll_interval_min = d->config.poll_interval_max = 24 * 60 * MINUTE;
	running(d, 30 * MINUTE);
	told_until(d, clock_wall_ms() - 20 * MINUTE);
	assert_int_equal(looks(d), 0);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_due_since_the_wait_was_over_is_looked_at),
	    cmocka_unit_test(what_was_due_during_the_wait_keeps_to_the_schedule),
	};
	return cmocka_run_group_tests_name("task/shares_told", tests, NULL, NULL);
}
