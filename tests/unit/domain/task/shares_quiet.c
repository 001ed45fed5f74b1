/* What polls without news wait for: not for the disk, nor does the extension of the lease beside them. The
 * calls that wait for it are counted here, whoever makes them. */
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "domain/lease.h"
#include "domain/task/open_tasks.h"
#include "domain/task/poll.h"
#include "domain/task/shares.h"
#include "store/store.h"
#include "support/domains.h"
#include "support/test.h"

enum { TASKS = 10, POLLS = 60 };

static int syncs;

int fsync(int fd);
int fdatasync(int fd);

int
fsync(int fd)
{
	syncs++;
	return (int)syscall(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	syncs++;
	return (int)syscall(SYS_fdatasync, fd);
}

/* Returns how often the disk was waited for, from the first poll on, over so many, and an extension of the
 * lease. */
static int
syncs_of(const struct fake_step *step, size_t polls)
{
	struct domains *d = domains_new(step, 1);
	d->config.poll_interval_min = d->config.poll_interval_max = 20;
	d->config.poll_timeout = 300;
	d->config.lease_margin = 100;
	domains_running(d, TASKS);
	struct shares *shares = shares_new(&d->env, true);
	assert_non_null(shares);
	assert_int_equal(shares_pass(shares), ERR_OK);
	syncs = 0;
	int64_t since = clock_mono_ms();
	while (fake_upstream_requests(d->fake) < polls ||
	       clock_mono_ms() - since <= lease_poll(&d->config) / 3 ||
	       poll_driver_active(open_tasks_driver(shares_tasks(shares))) > 0) {
		open_tasks_look(shares_tasks(shares), clock_wall_ms(), false);
		loop_once(d->env.loop, 1);
		assert_int_equal(shares_pass(shares), ERR_OK);
	}
	int count = syncs;
	shares_free(shares);
	domains_free(d);
	return count;
}

TEST(polls_without_news_wait_for_no_disk)
{
	static const struct fake_step queued = {
	    FAKE_ANSWER, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"status\":\"queued\"}"};
	assert_int_equal(syncs_of(&queued, POLLS), 0);
}

/* Else none would be counted above, either. */
TEST(a_verdict_does)
{
	static const struct fake_step failed = {
	    FAKE_ANSWER, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"status\":\"failed\"}"};
	assert_true(syncs_of(&failed, TASKS) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(polls_without_news_wait_for_no_disk),
	    cmocka_unit_test(a_verdict_does),
	};
	return cmocka_run_group_tests_name("task/shares_quiet", tests, NULL, NULL);
}
