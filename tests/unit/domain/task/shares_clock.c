/* A poller passes in the moment after the clock was set, before any has moved the times in the database: the
 * leases of the others seem to be over, and are not. */
#include "base/clock.h"
#include "domain/lease.h"
#include "domain/task/open_tasks.h"
#include "domain/task/poll.h"
#include "domain/task/shares.h"
#include "store/share.h"
#include "store/store.h"
#include "support/domains.h"
#include "support/raw.h"
#include "support/test.h"

enum { HOUR = 3600 * 1000 };

/* The clock was set an hour forward since a poller took all shares. */
static void
set_forward(struct domains *d)
{
	int64_t before = clock_wall_ms() - HOUR;
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_poller_extend(d->s->store, "other", before + lease_poll(&d->config), true),
	                 ERR_OK);
	for (int n = 0; n < SHARES; n++)
		assert_int_equal(store_share_set(d->s->store, n, "other", before), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	domains_clock_set(d);
}

static int64_t
held_by_other(struct domains *d)
{
	return raw_number(d->s->store, "SELECT count(*) FROM share WHERE owner = 'other'");
}

TEST(leases_are_not_over_because_the_clock_was_set)
{
	struct domains *d = domains_new(NULL, 0);
	set_forward(d);
	struct shares *shares = shares_new(&d->env, true);
	assert_non_null(shares);
	assert_int_equal(shares_pass(shares), ERR_OK);
	assert_int_equal(held_by_other(d), SHARES);
	domains_clock_move(d);
	shares_forget(shares);
	assert_int_equal(shares_pass(shares), ERR_OK);
	assert_int_equal(held_by_other(d), SHARES);
	/* It asks for its part from now on. */
	assert_int_equal(raw_number(d->s->store, "SELECT count(*) FROM poller"), 2);
	shares_free(shares);
	domains_free(d);
}

/* As it is written by a poller that ends in that moment: else what is accepted later would wait as long. */
TEST(no_look_was_made_later_than_now)
{
	struct domains *d = domains_new(NULL, 0);
	int64_t now = clock_wall_ms();
	struct task task = stores_task(d->s->user, "v");
	task.state = TASK_STATE_RUNNING;
	task.external_id = "v";
	task.created_at = task.updated_at = task.accepted_at = now;
	task.due_at = now + 1;
	task.deadline_at = now + 2 * HOUR;
	stores_add(d->s->store, &task);
	raw_run(d->s->store, "UPDATE share SET looked_until = (SELECT due_at FROM task) + 3600000");
	struct shares *shares = shares_new(&d->env, true);
	assert_non_null(shares);
	assert_int_equal(shares_pass(shares), ERR_OK);
	assert_true(open_tasks_busy_until(shares_tasks(shares), now + HOUR / 2));
	shares_free(shares);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(leases_are_not_over_because_the_clock_was_set),
	    cmocka_unit_test(no_look_was_made_later_than_now),
	};
	return cmocka_run_group_tests_name("domain/task/shares_clock", tests, NULL, NULL);
}
