/* Pollers that are frozen one after the other: what the first of them had is polled on when its lease ends,
 * though the second still has its own, and a part of what is free would be its, too. */
#include <string.h>

#include "base/clock.h"
#include "base/loop.h"
#include "domain/lease.h"
#include "domain/task/shares.h"
#include "store/share.h"
#include "store/store.h"
#include "support/domains.h"
#include "support/test.h"

enum { FIRST = 44 }; /* shares of the first; the second has the rest */

/* Notes a poller with a lease that lasts so long, and its shares. */
static void
hold(struct domains *d, const char *owner, int64_t lasts, int from, int to)
{
	struct store *store = d->s->store;
	assert_int_equal(store_begin(store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_poller_extend(store, owner, clock_wall_ms() + lasts, true), ERR_OK);
	for (int n = from; n < to; n++)
		assert_int_equal(store_share_set(store, n, owner, 0), ERR_OK);
	assert_int_equal(store_commit(store), ERR_OK);
}

static int
count_ours(struct domains *d)
{
	struct share rows[SHARES];
	int count = 0;
	assert_int_equal(store_share_list(d->s->store, d->s->arena, rows), ERR_OK);
	for (int n = 0; n < SHARES; n++)
		count += rows[n].owner != NULL && strcmp(rows[n].owner, d->env.owner) == 0;
	return count;
}

/* Has the poller pass until it has so many shares. */
static void
pass_until(struct domains *d, struct shares *shares, int count)
{
	do {
		loop_once(d->env.loop, 1);
		assert_int_equal(shares_pass(shares), ERR_OK);
	} while (count_ours(d) != count);
}

TEST(what_a_poller_had_is_not_left_to_one_that_is_frozen)
{
	struct domains *d = domains_new(NULL, 0);
	int64_t began = clock_mono_ms();
	d->config.poll_timeout = 2000;
	d->config.lease_margin = 1000;
	hold(d, "first", -1, 0, FIRST);
	hold(d, "second", 3600000, FIRST, SHARES);
	struct shares *shares = shares_new(&d->env, true);
	assert_non_null(shares);
	pass_until(d, shares, SHARES / 2);
	/* The second has time to take the rest, and does not. */
	pass_until(d, shares, FIRST);
	assert_true(clock_mono_ms() - began >= 2000);
	/* When its lease would be over, it would have its part again. */
	pass_until(d, shares, SHARES / 2);
	assert_true(clock_mono_ms() - began >= 2000 + lease_poll(&d->config));
	shares_free(shares);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_a_poller_had_is_not_left_to_one_that_is_frozen),
	};
	return cmocka_run_group_tests_name("domain/task/shares_frozen", tests, NULL, NULL);
}
