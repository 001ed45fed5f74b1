/* Turns at a channel, by a simulation (support/turn_sim.h): up to a thousand users, and 100 000 tasks. Waits
 * are counted in submissions, and cost in instructions of SQLite's machine. `-v` as the first argument prints
 * the figures. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "domain/channel/rebalance.h"
#include "domain/task/submit_outcome.h"
#include "domain/task/transition.h"
#include "store/channel.h"
#include "store/claim.h"
#include "store/clock.h"
#include "store/store.h"
#include "store/turn.h"
#include "support/raw.h"
#include "support/test.h"
#include "support/turn_sim.h"

enum { QUEUED = 100000 };

static bool verbose;

/* ---- one task behind 100 000 ---- */

static int64_t
single_among(struct sim *sim, int64_t users)
{
	sim_crowd(sim, users, QUEUED / users);
	int64_t stranger = sim_user(2000);
	for (size_t before = 0; before < 12; before++) {
		struct task one = sim_queue(sim, stranger);
		size_t since = sim->sent;
		sim_go_on(sim, 4);
		assert_in_range(sim_wait_of(sim, &one, since), 1, 3);
	}
	/* Several at once take a third of the turns, in the order in which they came. */
	struct task ones[5];
	for (int i = 0; i < 5; i++)
		ones[i] = sim_queue(sim, sim_user(2010 - i));
	size_t since = sim->sent;
	sim_go_on(sim, 16);
	for (size_t i = 0; i < 5; i++)
		assert_in_range(sim_wait_of(sim, &ones[i], since), i + 1, 3 * i + 3);
	sim_claim_one(sim);
	int64_t cost = raw_cost(sim->d->s->store, sim_claim_one, sim), began = clock_mono_ms();
	for (int i = 0; i < 1000; i++)
		sim_claim_one(sim);
	if (verbose)
		printf("%5" PRId64 " users, %d queued: %" PRId64 " instructions, %" PRId64
		       " us a turn with its transaction\n",
		       users, QUEUED, cost, clock_mono_ms() - began);
	return cost;
}

TEST(a_single_task_is_among_the_next_three)
{
	int64_t cost[3];
	static const int64_t users[] = {1, 10, 1000};
	for (int i = 0; i < 3; i++) {
		struct sim *sim = *state;
		cost[i] = single_among(sim, users[i]);
		sim_teardown(state);
		sim_setup(state);
	}
	assert_in_range(cost[1], cost[0] / 2, cost[0] + cost[0] / 10);
	assert_in_range(cost[2], cost[0] / 2, cost[0] + cost[0] / 10);
}

/* ---- many users ---- */

TEST(each_gets_a_turn_before_any_gets_two)
{
	enum { USERS = 1000 };
	struct sim *sim = *state;
	size_t turns[USERS] = {0};
	int64_t last[USERS] = {0};
	sim_crowd(sim, USERS, 5);
	sim_go_on(sim, 3 * USERS);
	for (size_t i = 0; i < 3 * USERS; i++) {
		int64_t who = sim->order[i].user_id - sim_user(0);
		assert_int_equal(++turns[who], i / USERS + 1);
		assert_true(sim->order[i].id > last[who]); /* within a user in order */
		last[who] = sim->order[i].id;
	}
}

/* Users with one task each come in faster than the channel works: those with more get as many turns as each
 * other, and none is left out. */
TEST(those_with_one_task_starve_no_other)
{
	enum { USERS = 20, NEW = 300 };
	struct sim *sim = *state;
	size_t turns[USERS] = {0};
	sim_crowd(sim, USERS, 20);
	for (int i = 0; i < NEW; i++) {
		sim_queue(sim, sim_user(100 + 2 * i));
		sim_queue(sim, sim_user(101 + 2 * i));
		sim_go_on(sim, 1);
	}
	for (size_t i = 0; i < sim->sent; i++)
		if (sim->order[i].user_id < sim_user(USERS))
			turns[sim->order[i].user_id - sim_user(0)]++;
	for (int i = 0; i < USERS; i++)
		assert_in_range(turns[i], turns[USERS - 1], turns[USERS - 1] + 1);
	assert_in_range(turns[USERS - 1], 2, 20);
}

/* Thousands of users come and go, one in ten with a burst, a little faster than the channel works. The first
 * task of each waits for the line that its user found, at most; at the end all have been sent. */
TEST(none_is_starved)
{
	enum { USERS = 2500, TASKS = 4000, BURST = 20 };
	struct sim *sim = *state;
	static size_t since[TASKS], line[TASKS], at[SENT_MOST * 2];
	static int64_t ids[TASKS];
	size_t count = 0, longest = 0, sum = 0, firsts = 0;
	while (count < TASKS) {
		size_t burst = crypto_dice() < 0.1 ? BURST : 1;
		int64_t who = sim_user((int64_t)(crypto_dice() * USERS));
		for (size_t i = 0; i < burst && count < TASKS; i++, count++) {
			line[count] = i > 0
			                  ? 0
			                  : (size_t)raw_number(sim->d->s->store,
			                                       "SELECT count(*) FROM turn WHERE due_at = 0");
			since[count] = sim->sent;
			ids[count] = sim_queue(sim, who).id;
			if (i == 0 &&
			    raw_number(sim->d->s->store,
			               "SELECT count(*) FROM task WHERE state = 'ready' AND user_id = "
			               "(SELECT user_id FROM task ORDER BY id DESC LIMIT 1)") > 1)
				line[count] = 0; /* not the first that it has waiting */
			else if (i == 0)
				line[count]++;
		}
		sim_go_on(sim, burst == 1 ? 2 : BURST / 2);
	}
	sim_go_on(sim, SENT_MOST);
	assert_int_equal(sim->sent, TASKS);
	for (size_t i = 0; i < sim->sent; i++)
		at[sim->order[i].id] = i + 1;
	for (size_t i = 0; i < TASKS; i++) {
		size_t wait = at[ids[i]] - since[i];
		if (line[i] == 0)
			continue;
		/* A third of the turns may go to single tasks that have come since. */
		assert_in_range(wait, 1, line[i] * 3 / 2 + 3);
		longest = wait > longest ? wait : longest;
		sum += wait;
		firsts++;
	}
	if (verbose)
		printf("%d users: the first task of each waits for %.1f submissions, %zu at most\n", USERS,
		       (double)sum / (double)firsts, longest);
}

/* ---- what is not due, is put off, or is returned ---- */

TEST(those_with_nothing_due_cost_nothing)
{
	struct sim *sim = *state;
	char sql[128];
	sim_crowd(sim, 10, 10);
	sim_claim_one(sim);
	int64_t few = raw_cost(sim->d->s->store, sim_claim_one, sim);
	sim_go_on(sim, 100);
	sim_crowd(sim, 2000, 1);
	snprintf(sql, sizeof(sql), "UPDATE task SET due_at = %" PRId64 " WHERE state = 'ready'",
	         clock_wall_ms() + DAY);
	raw_run(sim->d->s->store, sql);
	struct task one = sim_queue(sim, sim_user(2999));
	size_t since = sim->sent;
	sim_go_on(sim, 1);
	assert_int_equal(sim_wait_of(sim, &one, since), 1);
	sim_queue(sim, sim_user(2999));
	sim_claim_one(sim);
	assert_in_range(raw_cost(sim->d->s->store, sim_claim_one, sim), 1, few + few / 10);
	/* The clock is set back, by which all is due. */
	sim_begin(sim);
	int64_t now = clock_wall_ms() - 10;
	assert_int_equal(store_clock_back(sim->d->s->store, now, now + DAY, now + DAY, false), ERR_OK);
	sim_commit(sim);
	since = sim->sent;
	sim_go_on(sim, 2001);
	assert_int_equal(sim->sent - since, 2001);
}

TEST(what_is_returned_unsent_is_next)
{
	struct sim *sim = *state;
	struct store *store = sim->d->s->store;
	struct task *tasks;
	size_t count;
	sim_crowd(sim, 10, 10);
	const struct task_claim claim = {
	    .owner = sim->d->env.owner, .now = clock_wall_ms(), .until = clock_wall_ms() + DAY, .limit = 100};
	sim_begin(sim);
	assert_int_equal(store_task_claim(store, sim->d->s->arena, &claim, &tasks, &count), ERR_OK);
	assert_int_equal(count, CONCURRENCY);
	/* The channel is full by the time that they are to be sent. */
	raw_run(store, "UPDATE task SET state = 'running' WHERE id IN (90, 91)");
	for (size_t i = 0; i < count; i++) {
		tasks[i].owner = sim->d->env.owner;
		bool back = false;
		submit_claim_turn(&sim->d->env, sim->d->s->arena, claim.until, &tasks[i], &back);
		assert_true(back);
	}
	for (size_t i = count; i > 0; i--)
		assert_int_equal(store_turn_give_back(store, &tasks[i - 1]), ERR_OK);
	sim_commit(sim);
	raw_run(store, "UPDATE task SET state = 'failed', due_at = 0 WHERE state = 'running'");
	sim_go_on(sim, 2);
	assert_true(sim->order[0].id == 1 && sim->order[1].id == 2);
}

TEST(one_that_is_left_counts_as_single)
{
	struct sim *sim = *state;
	sim_crowd(sim, 1000, 10);
	sim_go_on(sim, 2);
	struct task first = sim_queue(sim, sim_user(2000)), second = sim_queue(sim, sim_user(2000));
	const struct transition change = {.now = 2000, .completed_at = 2000};
	first.video_id = "";
	sim_begin(sim);
	assert_int_equal(transition(sim->d->s->store, STATE_EDGE_CANCEL_READY, &change, &first), ERR_OK);
	sim_commit(sim);
	size_t since = sim->sent;
	sim_go_on(sim, 3);
	assert_in_range(sim_wait_of(sim, &second, since), 1, 3);
}

/* ---- how many are ahead ---- */

TEST(the_count_of_those_ahead_is_by_turns)
{
	struct sim *sim = *state;
	int64_t ahead;
	struct task tasks[12];
	sim_crowd(sim, 5, 20);
	sim_go_on(sim, 7);
	for (int i = 0; i < 12; i++)
		tasks[i] = sim_queue(sim, sim_user(i < 6 ? 100 : i < 11 ? 101 : 102));
	size_t since = sim->sent, most[12];
	for (int i = 0; i < 12; i++) {
		assert_int_equal(store_turn_ahead(sim->d->s->store, &tasks[i], 1000, &ahead), ERR_OK);
		most[i] = (size_t)ahead;
		assert_int_equal(store_turn_ahead(sim->d->s->store, &tasks[i], 3, &ahead), ERR_OK);
		assert_int_equal(ahead, most[i] < 3 ? most[i] : 3);
	}
	assert_int_equal(most[11], 2); /* a single task */
	sim_go_on(sim, 80);
	for (int i = 0; i < 12; i++) {
		size_t before = sim_wait_of(sim, &tasks[i], since) - 1;
		/* It is a bound, but for single tasks that go before their turn. */
		assert_in_range(before, i == 0 || i == 6 ? most[i] - 1 : 0, most[i] + 2);
		assert_in_range(most[i], before - (before > 0), before + 20);
	}
}

static void
count_ahead(void *cookie)
{
	struct sim *sim = cookie;
	int64_t ahead;
	struct task last = {.id = sim->created, .user_id = sim_user(2999), .channel = "c", .due_at = 1000};
	assert_int_equal(store_turn_ahead(sim->d->s->store, &last, 1000, &ahead), ERR_OK);
	assert_int_equal(ahead, 1000);
}

/* Whatever waits, no more is looked at than is counted. */
TEST(the_count_of_those_ahead_costs_no_more_than_its_bound)
{
	struct sim *sim = *state;
	sim_crowd(sim, 3000, 3);
	count_ahead(sim);
	int64_t cost = raw_cost(sim->d->s->store, count_ahead, sim);
	sim_crowd(sim, 3000, 17);
	assert_in_range(raw_cost(sim->d->s->store, count_ahead, sim), 1, cost + cost / 10);
	if (verbose)
		printf("1000 ahead: %" PRId64 " instructions\n", cost);
	assert_in_range(cost, 1, 28000);
}

/* The row of a user who has cancelled all stays until it is looked at, while the channel is full. */
TEST(what_is_cancelled_is_not_ahead)
{
	struct sim *sim = *state;
	int64_t ahead;
	for (int i = 0; i < CONCURRENCY; i++)
		sim_queue(sim, sim_user(i));
	sim_go_on(sim, CONCURRENCY);
	for (int i = 0; i < 10; i++) {
		struct task task = sim_queue(sim, sim_user(100 + i));
		const struct transition change = {.now = 2000, .completed_at = 2000};
		task.video_id = "";
		sim_begin(sim);
		assert_int_equal(transition(sim->d->s->store, STATE_EDGE_CANCEL_READY, &change, &task),
		                 ERR_OK);
		sim_commit(sim);
	}
	sim_queue(sim, sim_user(200));
	struct task one = sim_queue(sim, sim_user(201));
	assert_int_equal(store_turn_ahead(sim->d->s->store, &one, 1000, &ahead), ERR_OK);
	assert_int_equal(ahead, 1);
}

/* ---- other channels ---- */

TEST(what_another_channel_takes_it_takes_in_turns)
{
	enum { USERS = 10 };
	struct sim *sim = *state;
	struct rebalance_cursor *cursor = rebalance_cursor_new();
	sim_rest(sim, "c");
	for (int i = 0; i < 300; i++) /* one user's are the oldest */
		sim_queue(sim, sim_user(0));
	for (int i = 1; i < USERS; i++)
		sim_queue(sim, sim_user(i));
	sim_channel(sim, "other", USERS);
	assert_int_equal(rebalance(&sim->d->env, cursor), ERR_OK);
	assert_int_equal(raw_number(sim->d->s->store, "SELECT count(*) FROM task WHERE channel = 'other'"),
	                 USERS);
	assert_int_equal(
	    raw_number(sim->d->s->store, "SELECT count(DISTINCT user_id) FROM task WHERE channel = 'other'"),
	    USERS);
	rebalance_cursor_free(cursor);
}

TEST(one_that_another_channel_leaves_counts_as_single)
{
	struct sim *sim = *state;
	struct rebalance_cursor *cursor = rebalance_cursor_new();
	sim_crowd(sim, 10, 10);
	struct task ones[] = {sim_queue(sim, sim_user(2000)), sim_queue(sim, sim_user(2000))};
	sim_rest(sim, "c");
	sim_channel(sim, "other", 11);
	assert_int_equal(rebalance(&sim->d->env, cursor), ERR_OK);
	assert_int_equal(raw_number(sim->d->s->store, "SELECT count(*) FROM task WHERE channel = 'other'"),
	                 11);
	rebalance_cursor_free(cursor);
	raw_run(sim->d->s->store, "UPDATE task SET state = 'failed', due_at = 0 WHERE channel = 'other'");
	raw_run(sim->d->s->store, "UPDATE channel SET cooldown_until = 0 WHERE name = 'c'");
	sim_go_on(sim, 3);
	assert_in_range(sim_wait_of(sim, &ones[1], 0), 1, 3);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_single_task_is_among_the_next_three, sim_setup, sim_teardown),
	    cmocka_unit_test_setup_teardown(each_gets_a_turn_before_any_gets_two, sim_setup, sim_teardown),
	    cmocka_unit_test_setup_teardown(those_with_one_task_starve_no_other, sim_setup, sim_teardown),
	    cmocka_unit_test_setup_teardown(none_is_starved, sim_setup, sim_teardown),
	    cmocka_unit_test_setup_teardown(those_with_nothing_due_cost_nothing, sim_setup, sim_teardown),
	    cmocka_unit_test_setup_teardown(what_is_returned_unsent_is_next, sim_setup, sim_teardown),
	    cmocka_unit_test_setup_teardown(one_that_is_left_counts_as_single, sim_setup, sim_teardown),
	    cmocka_unit_test_setup_teardown(the_count_of_those_ahead_is_by_turns, sim_setup, sim_teardown),
	    cmocka_unit_test_setup_teardown(the_count_of_those_ahead_costs_no_more_than_its_bound, sim_setup,
	                                    sim_teardown),
	    cmocka_unit_test_setup_teardown(what_is_cancelled_is_not_ahead, sim_setup, sim_teardown),
	    cmocka_unit_test_setup_teardown(what_another_channel_takes_it_takes_in_turns, sim_setup,
	                                    sim_teardown),
	    cmocka_unit_test_setup_teardown(one_that_another_channel_leaves_counts_as_single, sim_setup,
	                                    sim_teardown),
	};
	verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	return cmocka_run_group_tests_name("domain/task/turns", tests, NULL, NULL);
}
