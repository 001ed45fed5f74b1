/* Webhooks of upstreams that come at whatever time of a look: none is lost, and each leads to one look at the
 * most. */
#include "base/clock.h"
#include "base/loop.h"
#include "domain/task/open_tasks.h"
#include "domain/task/poll.h"
#include "domain/task/shares.h"
#include "store/inbound.h"
#include "store/store.h"
#include "support/domains.h"
#include "support/test.h"

#define QUEUED "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"status\":\"queued\"}"

static const struct fake_step queued = {FAKE_ANSWER, QUEUED};
static const struct fake_step held = {.act = FAKE_ANSWER, .bytes = QUEUED, .held = true};

static void
run(struct domains *d, const struct shares *shares)
{
	while (poll_driver_active(open_tasks_driver(shares_tasks(shares))) > 0)
		loop_once(d->env.loop, 60000);
}

/* Adds a running task, due in so many ms. */
static void
running(struct domains *d, const char *name, int64_t due_in)
{
	struct task task = stores_task(d->s->user, name);
	int64_t now = clock_wall_ms();
	task.state = TASK_STATE_RUNNING;
	task.external_id = name;
	task.created_at = task.updated_at = task.accepted_at = now;
	task.deadline_at = now + 3600000;
	task.due_at = now + due_in;
	stores_add(d->s->store, &task);
}

/* A webhook from the upstream. */
static void
tell(struct domains *d, const char *job)
{
	const struct inbound inbound = {.channel = "default", .external_id = job, .now = clock_wall_ms()};
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_end(d->s->store, store_inbound_add(d->s->store, &inbound)), ERR_OK);
}

/* A webhook that comes during a look leads to another, whether the poller hears of it then or later, and
 * whatever the look writes; one that came before leads to none. */
TEST(each_webhook_is_followed_by_a_look)
{
	static const struct fake_step failed = {
	    .act = FAKE_ANSWER, .bytes = "HTTP/1.1 500 No\r\nConnection: close\r\n\r\n", .held = true};
	static const struct fake_step news = {.act = FAKE_ANSWER,
	                                      .bytes = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
	                                               "{\"status\":\"running\",\"progress\":50}",
	                                      .held = true};
	static const struct fake_step *const first[] = {&held, &failed, &news};
	/* How often it is told before the look, and during it; and how often it hears of that meanwhile. */
	for (int n = 0; n < 3 * 2 * 3 * 3; n++) {
		int before = n / 3 % 2, during = n / 6 % 3, heard = n / 18;
		const struct fake_step steps[] = {*first[n % 3], queued};
		struct domains *d = domains_new(steps, 2);
		d->config.poll_interval_min = d->config.poll_interval_max = 3600000;
		struct shares *shares = shares_new(&d->env, true);
		assert_non_null(shares);
		running(d, "v", before == 0 ? 0 : 3600000);
		for (int i = 0; i < before; i++)
			tell(d, "v");
		assert_int_equal(shares_pass(shares), ERR_OK);
		open_tasks_look(shares_tasks(shares), clock_wall_ms(), false);
		while (fake_upstream_requests(d->fake) == 0)
			loop_once(d->env.loop, 10);
		for (int i = 0; i < during; i++) {
			tell(d, "v");
			if (i < heard)
				assert_int_equal(shares_pass(shares), ERR_OK);
		}
		fake_upstream_release(d->fake);
		run(d, shares);
		for (int i = 0; i < 3; i++) {
			assert_int_equal(shares_pass(shares), ERR_OK);
			open_tasks_look(shares_tasks(shares), clock_wall_ms(), false);
			run(d, shares);
		}
		size_t looks = fake_upstream_requests(d->fake);
		assert_in_range(looks, during > 0 ? 2 : 1, 1 + during);
		assert_false(task_looks_now(stores_get(d->s, "v").due_at));
		shares_free(shares);
		domains_free(d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_webhook_is_followed_by_a_look),
	};
	return cmocka_run_group_tests_name("task/shares_asked", tests, NULL, NULL);
}
