/* Polls that wait for a connection while their channel asks for a rest: they wait on, though it may have been
 * asked for by the answer that frees the connection, and whether or not that can be written. */
#include "base/clock.h"
#include "base/loop.h"
#include "domain/task/open_tasks.h"
#include "domain/task/poll.h"
#include "domain/task/shares.h"
#include "model/channel_health.h"
#include "store/channel.h"
#include "store/fault.h"
#include "store/store.h"
#include "support/domains.h"
#include "support/test.h"

enum { TASKS = 5, MINUTE = 60000 };

static const struct fake_step steps[] = {
    {.act = FAKE_ANSWER,
     .bytes = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 60\r\nConnection: close\r\n\r\n",
     .held = true},
    {FAKE_ANSWER, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"status\":\"queued\"}"},
};

/* Starts all polls over one connection: the first is on the wire, and the others wait. */
static struct shares *
start(struct domains *d)
{
	domains_queues(d, 1);
	domains_running(d, TASKS);
	struct shares *shares = shares_new(&d->env, true);
	assert_non_null(shares);
	assert_int_equal(shares_pass(shares), ERR_OK);
	open_tasks_look(shares_tasks(shares), clock_wall_ms(), false);
	while (fake_upstream_requests(d->fake) == 0)
		loop_once(d->env.loop, MINUTE);
	return shares;
}

static void
finish(struct domains *d, struct shares *shares)
{
	fake_upstream_release(d->fake);
	while (poll_driver_active(open_tasks_driver(shares_tasks(shares))) > 0)
		loop_once(d->env.loop, MINUTE);
}

TEST(the_answer_that_frees_the_connection_asks_for_a_rest)
{
	struct domains *d = domains_new(steps, 2);
	struct shares *shares = start(d);
	finish(d, shares);
	assert_int_equal(fake_upstream_requests(d->fake), 1);
	shares_free(shares);
	domains_free(d);
}

TEST(and_cannot_be_written)
{
	struct domains *d = domains_new(steps, 2);
	struct shares *shares = start(d);
	store_fault_set(d->env.store, 1, ERR_NO_SPACE);
	finish(d, shares);
	open_tasks_look(shares_tasks(shares), clock_wall_ms() + MINUTE / 2, false);
	finish(d, shares);
	assert_int_equal(fake_upstream_requests(d->fake), 1);
	shares_free(shares);
	domains_free(d);
}

TEST(another_process_was_asked_for_it)
{
	static const struct fake_step queued[] = {
	    {.act = FAKE_ANSWER,
	     .bytes = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"status\":\"queued\"}",
	     .held = true}};
	struct domains *d = domains_new(queued, 1);
	struct shares *shares = start(d);
	struct channel_health health;
	assert_int_equal(store_channel_health(d->s->store, "default", &health), ERR_OK);
	health.poll_until = clock_wall_ms() + MINUTE;
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_end(d->s->store, store_channel_set_health(d->s->store, "default", &health)),
	                 ERR_OK);
	assert_int_equal(shares_pass(shares), ERR_OK); /* as the bell has rung */
	finish(d, shares);
	assert_int_equal(fake_upstream_requests(d->fake), 1);
	shares_free(shares);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_answer_that_frees_the_connection_asks_for_a_rest),
	    cmocka_unit_test(and_cannot_be_written),
	    cmocka_unit_test(another_process_was_asked_for_it),
	};
	return cmocka_run_group_tests_name("domain/task/poll_queued", tests, NULL, NULL);
}
