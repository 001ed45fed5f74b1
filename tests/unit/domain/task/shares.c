/* Shares: who looks at which tasks, what is remembered of the looks, and what is written of them. Several
 * pollers are several `struct shares` on one database, each with a store of its own. */

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/loop.h"
#include "domain/lease.h"
#include "domain/task/open_tasks.h"
#include "domain/task/poll.h"
#include "domain/task/schedule.h"
#include "domain/task/shares.h"
#include "store/database.h"
#include "store/fault.h"
#include "store/share.h"
#include "store/store.h"
#include "support/domains.h"
#include "support/test.h"

#define QUEUED "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"status\":\"queued\"}"

static const struct fake_step queued = {FAKE_ANSWER, QUEUED};
static const struct fake_step held = {.act = FAKE_ANSWER, .bytes = QUEUED, .held = true};

/* A poller beside others. */
struct poller {
	struct domain_env env;
	struct shares *shares;
	struct open_tasks *tasks;
};

static struct poller *
poller_new(struct domains *d, const char *name)
{
	struct poller *poller = calloc(1, sizeof(*poller));
	assert_non_null(poller);
	poller->env = d->env;
	poller->env.owner = name;
	assert_int_equal(store_open(d->s->dir, STORE_WRITE, &poller->env.store), ERR_OK);
	poller->shares = shares_new(&poller->env, strcmp(name, "brief") != 0);
	assert_non_null(poller->shares);
	poller->tasks = shares_tasks(poller->shares);
	return poller;
}

/* Ends it as a kill would: nothing is returned. */
static void
poller_kill(struct poller *poller)
{
	shares_free(poller->shares);
	store_close(poller->env.store);
	free(poller);
}

static void
pass(const struct poller *poller)
{
	assert_int_equal(shares_pass(poller->shares), ERR_OK);
}

static void
run(struct domains *d, const struct poller *poller)
{
	while (poll_driver_active(open_tasks_driver(poller->tasks)) > 0)
		loop_once(d->env.loop, 60000);
}

/* Has the poller look at what is due, and waits for the answers. */
static void
look(struct domains *d, const struct poller *poller)
{
	open_tasks_look(poller->tasks, clock_wall_ms(), false);
	run(d, poller);
}

static int64_t
count_of(struct domains *d, const char *owner)
{
	struct share shares[SHARES];
	int64_t count = 0;
	assert_int_equal(store_share_list(d->s->store, d->s->arena, shares), ERR_OK);
	for (int n = 0; n < SHARES; n++)
		count += owner == NULL ? shares[n].owner == NULL
		                       : shares[n].owner != NULL && strcmp(shares[n].owner, owner) == 0;
	return count;
}

/* Adds a running task, due in so many ms. */
static struct task
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
	return stores_get(d->s, name);
}

static void
running_many(struct domains *d, int count, int64_t due_in)
{
	for (int i = 0; i < count; i++)
		running(d, arena_printf(d->s->arena, "r%d", i), due_in);
}

/* The leases of all pollers but `owner` run out. */
static void
end_leases(struct domains *d, const char *owner)
{
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_poller_extend(d->s->store, owner, clock_wall_ms() + 99999999, true), ERR_OK);
	assert_int_equal(store_poller_purge(d->s->store, clock_wall_ms() + 9999999), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
}

/* The next extension comes with the next pass. */
static void
make_time_pass(struct domains *d)
{
	int64_t since = clock_mono_ms();
	while (clock_mono_ms() - since <= lease_poll(&d->config) / 3)
		loop_once(d->env.loop, 1);
}

/* ---- who looks ---- */

TEST(pollers_have_equal_parts)
{
	struct domains *d = domains_new(&queued, 1);
	d->config.poll_timeout = 2000; /* extended after 700 ms */
	d->config.lease_margin = 100;
	struct poller *one = poller_new(d, "one");
	running_many(d, 130, 3600000);
	pass(one);
	assert_int_equal(count_of(d, "one"), SHARES);
	assert_int_equal(open_tasks_count(one->tasks), 130);
	struct poller *two = poller_new(d, "two");
	pass(two);
	assert_int_equal(count_of(d, "two"), 0);
	make_time_pass(d);
	pass(one);
	assert_int_equal(count_of(d, "one"), SHARES / 2);
	make_time_pass(d);
	pass(two);
	assert_int_equal(count_of(d, "two"), SHARES / 2);
	assert_int_equal(open_tasks_count(one->tasks) + open_tasks_count(two->tasks), 130);
	assert_in_range(open_tasks_count(one->tasks), 60, 70);
	/* One that does not stay takes nothing from them. */
	struct poller *brief = poller_new(d, "brief");
	pass(brief);
	make_time_pass(d);
	pass(one);
	pass(two);
	assert_int_equal(count_of(d, "one"), SHARES / 2);
	poller_kill(brief);
	/* What one returns the other takes, with what is known of the looks. */
	assert_int_equal(shares_return(two->shares), ERR_OK);
	assert_int_equal(count_of(d, NULL), SHARES / 2);
	poller_kill(two);
	make_time_pass(d);
	pass(one);
	assert_int_equal(count_of(d, "one"), SHARES);
	assert_int_equal(open_tasks_count(one->tasks), 130);
	poller_kill(one);
	domains_free(d);
}

TEST(a_share_is_not_given_away_under_a_poll)
{
	struct domains *d = domains_new(&held, 1);
	d->config.poll_timeout = 2000;
	d->config.lease_margin = 100;
	struct poller *one = poller_new(d, "one"), *two;
	struct task task = running(d, "held", 0);
	pass(one);
	open_tasks_look(one->tasks, clock_wall_ms(), false);
	while (fake_upstream_requests(d->fake) == 0)
		loop_once(d->env.loop, 10);
	two = poller_new(d, "two");
	pass(two);
	make_time_pass(d);
	pass(one);
	assert_int_equal(count_of(d, "one"), SHARES / 2);
	struct share shares[SHARES];
	assert_int_equal(store_share_list(d->s->store, d->s->arena, shares), ERR_OK);
	assert_string_equal(shares[task.id % SHARES].owner, "one");
	fake_upstream_release(d->fake);
	run(d, one);
	poller_kill(one);
	poller_kill(two);
	domains_free(d);
}

/* Where each share has a poll under way, one that comes later has its part all the same. */
TEST(a_busy_poller_gives_shares_away)
{
	struct domains *d = domains_new(&held, 1);
	d->config.poll_timeout = 2000;
	d->config.lease_margin = 100;
	d->config.channel_connections = SHARES;
	struct poller *one = poller_new(d, "one"), *two = poller_new(d, "two");
	running_many(d, SHARES, -1);
	pass(one);
	open_tasks_look(one->tasks, clock_wall_ms(), false);
	assert_int_equal(poll_driver_active(open_tasks_driver(one->tasks)), SHARES);
	pass(two);
	make_time_pass(d);
	pass(one);
	/* Those that are too many have no new polls, but are not given away under the ones under way. */
	assert_int_equal(open_tasks_count(one->tasks), SHARES / 2);
	assert_int_equal(count_of(d, "one"), SHARES);
	poll_driver_abandon(open_tasks_driver(one->tasks));
	fake_upstream_release(d->fake);
	run(d, one);
	make_time_pass(d);
	pass(one);
	assert_int_equal(count_of(d, "one"), SHARES / 2);
	make_time_pass(d);
	pass(two);
	assert_int_equal(open_tasks_count(two->tasks), SHARES / 2);
	assert_true(open_tasks_busy_until(two->tasks, clock_wall_ms()));
	poller_kill(one);
	poller_kill(two);
	domains_free(d);
}

/* It sleeps while it asks; its answer comes, and another has the share by then: nothing is written, nothing
 * more is asked, until it has shares again. */
TEST(a_poller_that_slept_changes_nothing)
{
	const struct fake_step done = {
	    .act = FAKE_ANSWER,
	    .bytes = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"status\":\"failed\"}",
	    .held = true};
	struct domains *d = domains_new(&done, 1);
	struct poller *sleeper = poller_new(d, "sleeper");
	running(d, "v", 0);
	running(d, "w", 3600000);
	pass(sleeper);
	open_tasks_look(sleeper->tasks, clock_wall_ms(), false);
	while (fake_upstream_requests(d->fake) == 0)
		loop_once(d->env.loop, 10);
	end_leases(d, "other");
	fake_upstream_release(d->fake);
	run(d, sleeper);
	assert_int_equal(stores_get(d->s, "v").state, TASK_STATE_RUNNING);
	assert_int_equal(stores_get(d->s, "v").tries, 0);
	poller_kill(sleeper);
	domains_free(d);
}

/* ---- what is remembered ---- */

TEST(looks_go_on_where_they_were)
{
	struct domains *d = domains_new(&queued, 1);
	d->config.poll_interval_min = d->config.poll_interval_max = 3600000;
	struct poller *one = poller_new(d, "one");
	running_many(d, 20, 0);
	pass(one);
	look(d, one);
	assert_int_equal(fake_upstream_requests(d->fake), 20);
	assert_int_equal(shares_return(one->shares), ERR_OK);
	poller_kill(one);
	/* Nothing of that stands in the tasks' rows; but another begins where it ended. */
	for (int i = 0; i < 20; i++)
		assert_true(stores_get(d->s, arena_printf(d->s->arena, "r%d", i)).due_at <= clock_wall_ms());
	struct poller *two = poller_new(d, "brief");
	pass(two);
	assert_int_equal(open_tasks_count(two->tasks), 20);
	look(d, two);
	assert_int_equal(fake_upstream_requests(d->fake), 20);
	/* What is new since is due. */
	running(d, "new", -1);
	pass(two);
	look(d, two);
	assert_int_equal(fake_upstream_requests(d->fake), 21);
	assert_int_equal(shares_return(two->shares), ERR_OK);
	poller_kill(two);
	domains_free(d);
}

/* What was due and has not been looked at is due for the next. */
TEST(what_was_not_looked_at_is_not_forgotten)
{
	struct domains *d = domains_new(&queued, 1);
	struct poller *one = poller_new(d, "one"), *two;
	running_many(d, 5, -1);
	pass(one);
	assert_int_equal(shares_return(one->shares), ERR_OK);
	poller_kill(one);
	two = poller_new(d, "two");
	pass(two);
	look(d, two);
	assert_int_equal(fake_upstream_requests(d->fake), 5);
	poller_kill(two);
	domains_free(d);
}

/* By their times they would be looked at in the order that is the reverse of that of their rows. */
TEST(what_was_due_before_the_poller_is_looked_at_in_order_of_rows)
{
	enum { MANY = 20 };
	struct domains *d = domains_new(&queued, 1);
	int descents = 0, before = -1, row;
	domains_queues(d, 1);
	for (int i = 0; i < MANY; i++)
		running(d, arena_printf(d->s->arena, "r%d", i), -1000 - i);
	struct poller *one = poller_new(d, "one");
	pass(one);
	look(d, one);
	assert_int_equal(fake_upstream_requests(d->fake), MANY);
	for (size_t i = 0; i < MANY; i++, before = row) {
		row = atoi(strstr(fake_upstream_request(d->fake, i), "/r") + 2);
		descents += row < before;
	}
	assert_true(descents <= 1); /* it begins somewhere */
	poller_kill(one);
	domains_free(d);
}

TEST(polls_without_news_write_nothing)
{
	struct domains *d = domains_new(&queued, 1);
	struct poller *one = poller_new(d, "one");
	int64_t before, after;
	d->config.poll_interval_min = d->config.poll_interval_max = 20;
	running_many(d, 10, 0);
	pass(one);
	look(d, one);
	assert_int_equal(store_data_version(d->s->store, &before), ERR_OK);
	for (size_t want = 60; fake_upstream_requests(d->fake) < want;) {
		loop_once(d->env.loop, 1);
		look(d, one);
		pass(one);
	}
	assert_int_equal(store_data_version(d->s->store, &after), ERR_OK);
	assert_int_equal(after, before);
	poller_kill(one);
	domains_free(d);
}

/* A few tasks are looked at as they become due, and not when the poller next passes. */
TEST(looks_go_on_by_themselves)
{
	struct domains *d = domains_new(&queued, 1);
	struct poller *one = poller_new(d, "one");
	d->config.poll_interval_min = d->config.poll_interval_max = 20;
	running(d, "v", 0);
	pass(one);
	int64_t since = clock_mono_ms();
	open_tasks_look(one->tasks, clock_wall_ms(), true);
	while (fake_upstream_requests(d->fake) < 10)
		loop_once(d->env.loop, 60000);
	assert_in_range(clock_mono_ms() - since, 100, 30000);
	open_tasks_look(one->tasks, 0, false);
	run(d, one);
	assert_int_equal(fake_upstream_requests(d->fake), 10);
	poller_kill(one);
	domains_free(d);
}

/* ---- what changes ---- */

TEST(changes_by_others_are_seen)
{
	struct domains *d = domains_new(&queued, 1);
	struct poller *one = poller_new(d, "one");
	pass(one);
	assert_int_equal(open_tasks_count(one->tasks), 0);
	struct task task = running(d, "v", 3600000);
	pass(one);
	assert_int_equal(open_tasks_count(one->tasks), 1);
	assert_int_equal(open_tasks_rev(one->tasks, task.id), task.rev);
	look(d, one);
	assert_int_equal(fake_upstream_requests(d->fake), 0);
	/* News by a webhook. */
	const struct task_return asked = {
	    .id = task.id, .attempt = 1, .state = TASK_STATE_RUNNING, .due_at = TASK_LOOK_NOW};
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_end(d->s->store, store_lease_return(d->s->store, &asked)), ERR_OK);
	pass(one);
	look(d, one);
	assert_int_equal(fake_upstream_requests(d->fake), 1);
	assert_true(stores_get(d->s, "v").due_at > TASK_LOOK_NOW);
	pass(one);
	look(d, one);
	assert_int_equal(fake_upstream_requests(d->fake), 1);
	/* Its user cancels it. */
	struct task_move cancel = stores_move(task.id, TASK_STATE_RUNNING, TASK_STATE_CANCELLED);
	stores_make(d->s->store, &cancel);
	pass(one);
	assert_int_equal(open_tasks_count(one->tasks), 0);
	poller_kill(one);
	domains_free(d);
}

TEST(a_task_that_changes_while_it_is_polled_is_polled_by_one)
{
	struct domains *d = domains_new(&held, 1);
	struct poller *one = poller_new(d, "one");
	struct task task = running(d, "v", 0);
	pass(one);
	open_tasks_look(one->tasks, clock_wall_ms(), false);
	while (fake_upstream_requests(d->fake) == 0)
		loop_once(d->env.loop, 10);
	struct task row = stores_get(d->s, "v");
	row.rev++;
	open_tasks_put(one->tasks, &row, 0);
	open_tasks_look(one->tasks, clock_wall_ms(), false);
	assert_int_equal(poll_driver_active(open_tasks_driver(one->tasks)), 1);
	/* News meanwhile may be newer than what the poll sees. */
	open_tasks_ask(one->tasks, task.id, TASK_LOOK_NOW);
	fake_upstream_release(d->fake);
	run(d, one);
	assert_int_equal(fake_upstream_requests(d->fake), 2);
	look(d, one);
	assert_int_equal(fake_upstream_requests(d->fake), 2);
	/* It goes while it is polled. */
	open_tasks_ask(one->tasks, task.id, TASK_LOOK_NOW);
	open_tasks_look(one->tasks, clock_wall_ms(), false);
	open_tasks_drop(one->tasks, task.id);
	run(d, one);
	assert_int_equal(open_tasks_count(one->tasks), 0);
	poller_kill(one);
	domains_free(d);
}

/* Whatever step fails, the next pass makes up for it. */
TEST(no_task_is_lost_by_faults)
{
	bool failed = true;
	for (int64_t nth = 1; failed; nth++) {
		struct domains *d = domains_new(&queued, 1);
		d->config.poll_timeout = d->config.lease_margin = 30;
		struct poller *one = poller_new(d, "one");
		running_many(d, 3, -1);
		store_fault_set(one->env.store, nth, ERR_NO_SPACE);
		failed = shares_pass(one->shares) != ERR_OK;
		store_fault_set(one->env.store, 0, 0);
		for (int i = 0; i < 3 && open_tasks_count(one->tasks) < 3; i++) {
			make_time_pass(d);
			pass(one);
		}
		assert_int_equal(open_tasks_count(one->tasks), 3);
		assert_int_equal(count_of(d, "one"), SHARES);
		poller_kill(one);
		domains_free(d);
	}
}

TEST(an_open_task_costs_less_than_a_kilobyte)
{
	enum { MANY = 20000 };
	struct domains *d = domains_new(&queued, 1);
	struct poller *one = poller_new(d, "one");
	struct task task = running(d, "v", 3600000);
	task.prompt = "a long prompt that a poll does not need, and that is not kept";
	task.external_id = "task_0123456789abcdef0123456789abcdef";
	task.job =
	    "{\"poll_url\":\"https://queue.example.com/requests/0123456789abcdef0123456789abcdef/status\"}";
	size_t before = mallinfo2().uordblks + mallinfo2().hblkhd; /* 0 under a sanitizer */
	for (int i = 0; i < MANY; i++) {
		task.id = i + 1;
		open_tasks_put(one->tasks, &task, 0);
	}
	size_t each = (mallinfo2().uordblks + mallinfo2().hblkhd - before) / MANY;
	assert_int_equal(open_tasks_count(one->tasks), MANY);
	if (before > 0)
		assert_in_range(each, 300, 1000);
	poller_kill(one);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pollers_have_equal_parts),
	    cmocka_unit_test(a_share_is_not_given_away_under_a_poll),
	    cmocka_unit_test(a_busy_poller_gives_shares_away),
	    cmocka_unit_test(a_poller_that_slept_changes_nothing),
	    cmocka_unit_test(looks_go_on_where_they_were),
	    cmocka_unit_test(what_was_not_looked_at_is_not_forgotten),
	    cmocka_unit_test(what_was_due_before_the_poller_is_looked_at_in_order_of_rows),
	    cmocka_unit_test(polls_without_news_write_nothing),
	    cmocka_unit_test(looks_go_on_by_themselves),
	    cmocka_unit_test(changes_by_others_are_seen),
	    cmocka_unit_test(a_task_that_changes_while_it_is_polled_is_polled_by_one),
	    cmocka_unit_test(no_task_is_lost_by_faults),
	    cmocka_unit_test(an_open_task_costs_less_than_a_kilobyte),
	};
	return cmocka_run_group_tests_name("domain/task/shares", tests, NULL, NULL);
}
