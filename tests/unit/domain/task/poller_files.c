/* Pollers that die are followed at once by others of the machine. Several pollers are several `struct shares`
 * on one database; to free one without returning anything is what a kill does. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "domain/task/poller_files.h"
#include "domain/task/shares.h"
#include "store/share.h"
#include "support/domains.h"
#include "support/tmpdir.h"
#include "support/test.h"

static struct shares *
shares_of(struct domains *d, const char *owner)
{
	struct domain_env env = d->env;
	env.owner = owner;
	struct shares *shares = shares_new(&env, true);
	assert_non_null(shares);
	assert_int_equal(shares_pass(shares), ERR_OK);
	return shares;
}

static int
count_of(struct domains *d, const char *owner)
{
	struct share shares[SHARES];
	int count = 0;
	assert_int_equal(store_share_list(d->env.store, d->s->arena, shares), ERR_OK);
	for (int n = 0; n < SHARES; n++)
		count += shares[n].owner != NULL && strcmp(shares[n].owner, owner) == 0;
	return count;
}

static bool
has_file(struct domains *d, const char *name)
{
	char *path = tmpdir_path(d->s->dir, name);
	bool there = access(path, F_OK) == 0;
	free(path);
	return there;
}

TEST(a_poller_lives_as_long_as_its_file_is_locked)
{
	struct domains *d = domains_new(NULL, 0);
	struct dead_poller dead[2];
	int fd = poller_file_hold(d->config.data, "one");
	assert_true(fd >= 0);
	assert_int_equal(poller_file_hold(d->config.data, "one"), -1);
	assert_int_equal(poller_files_dead(d->config.data, "two", dead, 2), 0);
	close(fd);
	assert_int_equal(poller_files_dead(d->config.data, "one", dead, 2), 0);
	assert_int_equal(poller_files_dead(d->config.data, "two", dead, 2), 1);
	assert_string_equal(dead[0].owner, "one");
	/* What one buries no other does. */
	assert_int_equal(poller_files_dead(d->config.data, "three", dead + 1, 1), 0);
	poller_file_bury(d->config.data, dead, false);
	assert_true(has_file(d, "pollers/one"));
	assert_int_equal(poller_files_dead(d->config.data, "two", dead, 2), 1);
	poller_file_bury(d->config.data, dead, true);
	assert_false(has_file(d, "pollers/one"));
	domains_free(d);
}

TEST(shares_of_the_dead_are_taken_over_at_once)
{
	struct domains *d = domains_new(NULL, 0);
	struct shares *dead = shares_of(d, "dead"), *next = shares_of(d, "next");
	assert_int_equal(count_of(d, "dead"), SHARES);
	assert_int_equal(count_of(d, "next"), 0);
	shares_free(next);
	shares_free(dead);
	next = shares_of(d, "other");
	assert_int_equal(count_of(d, "other"), SHARES);
	assert_false(has_file(d, "pollers/dead"));
	assert_false(has_file(d, "pollers/next"));
	shares_free(next);
	domains_free(d);
}

/* As one of another machine: it has no file here. */
TEST(shares_of_the_unseen_are_taken_over_when_their_lease_ends)
{
	struct domains *d = domains_new(NULL, 0);
	d->config.poll_timeout = 100;
	d->config.lease_margin = 200;
	char *path = tmpdir_path(d->s->dir, "pollers/dead");
	int64_t since = clock_wall_ms();
	struct shares *dead = shares_of(d, "dead");
	assert_int_equal(unlink(path), 0);
	shares_free(dead);
	struct shares *next = shares_of(d, "next");
	while (count_of(d, "next") < SHARES) {
		loop_once(d->env.loop, shares_wait(next));
		assert_int_equal(shares_pass(next), ERR_OK);
	}
	assert_true(clock_wall_ms() - since >= 300);
	shares_free(next);
	free(path);
	domains_free(d);
}

TEST(a_poller_that_returns_its_shares_leaves_no_file)
{
	struct domains *d = domains_new(NULL, 0);
	struct shares *one = shares_of(d, "one");
	assert_true(has_file(d, "pollers/one"));
	assert_int_equal(shares_return(one), ERR_OK);
	assert_false(has_file(d, "pollers/one"));
	assert_int_equal(shares_pass(one), ERR_OK);
	assert_int_equal(count_of(d, "one"), SHARES);
	assert_true(has_file(d, "pollers/one"));
	shares_free(one);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_poller_lives_as_long_as_its_file_is_locked),
	    cmocka_unit_test(shares_of_the_dead_are_taken_over_at_once),
	    cmocka_unit_test(shares_of_the_unseen_are_taken_over_when_their_lease_ends),
	    cmocka_unit_test(a_poller_that_returns_its_shares_leaves_no_file),
	};
	return cmocka_run_group_tests_name("domain/task/poller_files", tests, NULL, NULL);
}
