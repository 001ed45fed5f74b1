/* Turns at a channel, by a simulation: an upstream that makes two jobs at a time, up to a thousand users
 * before it, and 100 000 tasks. Its clock is its own; waits are counted in submissions, and cost in
 * instructions of SQLite's machine. `-v` as the first argument prints the figures. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "domain/channel/channels.h"
#include "domain/channel/rebalance.h"
#include "domain/task/submit_outcome.h"
#include "domain/task/transition.h"
#include "store/channel.h"
#include "store/claim.h"
#include "store/clock.h"
#include "store/store.h"
#include "store/turn.h"
#include "support/domains.h"
#include "support/raw.h"
#include "support/test.h"

enum { CONCURRENCY = 2, QUEUED = 100000, SENT_MOST = 8192, DAY = 24 * 3600 * 1000 };

static bool verbose;

/* ---- a channel with limits, and what it is sent ---- */

struct sim {
	struct domains *d;
	int64_t created;               /* tasks */
	size_t sent;                   /* submissions */
	struct task order[SENT_MOST];  /* … of these */
	struct task jobs[CONCURRENCY]; /* under way; id 0 = none */
};

static void
begin(struct sim *sim)
{
	assert_int_equal(store_begin(sim->d->s->store, STORE_RELAXED), ERR_OK);
}

static void
commit(struct sim *sim)
{
	assert_int_equal(store_commit(sim->d->s->store), ERR_OK);
}

static void
put_channel(struct sim *sim, const char *name, int64_t concurrency)
{
	const struct channel_row row = {.name = name,
	                                .base = "http://127.0.0.1:1",
	                                .dialect = "sora",
	                                .models = "",
	                                .weight = 1,
	                                .concurrency = concurrency,
	                                .enabled = true};
	begin(sim);
	assert_int_equal(store_channel_put(sim->d->s->store, &row), ERR_OK);
	commit(sim);
	channels_refresh(sim->d->channels, sim->d->s->store);
}

/* Nothing goes to the channel. */
static void
rest(struct sim *sim, const char *name)
{
	const struct channel_health health = {.failures = 1, .cooldown_until = clock_wall_ms() + DAY};
	begin(sim);
	assert_int_equal(store_channel_set_health(sim->d->s->store, name, &health), ERR_OK);
	commit(sim);
}

static int
setup(void **state)
{
	struct sim *sim = calloc(1, sizeof(*sim));
	assert_non_null(sim);
	sim->d = domains_new(NULL, 0);
	put_channel(sim, "c", CONCURRENCY);
	rest(sim, "default");
	raw_run(sim->d->s->store,
	        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
	        "INSERT INTO user (id, username, password_hash, admin, disabled, created_at) "
	        "SELECT 1000 + i, 'u' || i, '', 0, 0, 1 FROM n");
	*state = sim;
	return 0;
}

static int
teardown(void **state)
{
	struct sim *sim = *state;
	domains_free(sim->d);
	free(sim);
	return 0;
}

/* The number of a user, from 0. */
static int64_t
user(int64_t i)
{
	return 1001 + i;
}

/* Adds a waiting task of the user, as old as those before it. */
static struct task
queue(struct sim *sim, int64_t user_id)
{
	char name[32];
	int64_t rev;
	snprintf(name, sizeof(name), "v%" PRId64, ++sim->created);
	struct task task = stores_task(user_id, name);
	task.channel = "c";
	task.created_at = task.due_at = 1000;
	task.deadline_at = clock_wall_ms() + DAY;
	begin(sim);
	assert_int_equal(store_task_add(sim->d->s->store, &task, &task.id, &rev), ERR_OK);
	commit(sim);
	task.video_id = NULL;
	return task;
}

/* Adds `each` waiting tasks of each of the first `users`, past the verbs, which would take long. */
static void
crowd(struct sim *sim, int64_t users, int64_t each)
{
	char sql[1024];
	snprintf(
	    sql, sizeof(sql),
	    "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %" PRId64 ") "
	    "INSERT INTO task (user_id, video_id, fingerprint, channel, state, progress, prompt, seconds, "
	    "media_type, options, metadata, attempt, created_at, updated_at, completed_at, deadline_at, "
	    "rev, due_at, polls, misses) SELECT 1001 + i %% %" PRId64 ", 'v' || (i + %" PRId64
	    "), zeroblob(32), 'c', 'ready', 0, '', 0, 'VIDEO', '{}', '{}', 1, 1000, 1, 0, %" PRId64
	    ", 1, 1000, 0, 0 FROM n",
	    users * each - 1, users, sim->created + 1, clock_wall_ms() + DAY);
	sim->created += users * each;
	raw_run(sim->d->s->store, sql);
	raw_run(sim->d->s->store,
	        "INSERT INTO turn SELECT channel, user_id, min(id), CASE count(*) WHEN 1 THEN min(id) ELSE 0 "
	        "END, 0 FROM task WHERE state = 'ready' AND due_at > 0 GROUP BY channel, user_id "
	        "ON CONFLICT DO NOTHING");
}

/* Claims what the channel takes, and sends it. */
static void
send_all(struct sim *sim)
{
	struct domains *d = sim->d;
	struct task *tasks;
	size_t count, slot = 0;
	const struct task_claim claim = {
	    .owner = d->env.owner, .now = clock_wall_ms(), .until = clock_wall_ms() + DAY, .limit = 100};
	begin(sim);
	assert_int_equal(store_task_claim(d->s->store, d->s->arena, &claim, &tasks, &count), ERR_OK);
	for (size_t i = 0; i < count; i++) {
		tasks[i].owner = d->env.owner;
		assert_int_equal(submit_claim(&d->env, d->s->arena, claim.until, &tasks[i]), ERR_OK);
		assert_int_equal(tasks[i].state, TASK_STATE_SENDING);
		while (sim->jobs[slot].id != 0)
			assert_true(++slot < CONCURRENCY);
		sim->jobs[slot] = tasks[i];
		assert_true(sim->sent < SENT_MOST);
		sim->order[sim->sent++] = tasks[i];
	}
	commit(sim);
	arena_reset(d->s->arena);
}

/* Ends one of the jobs under way. */
static void
end_one(struct sim *sim)
{
	size_t slot = crypto_dice() < 0.5;
	struct task *job = &sim->jobs[sim->jobs[slot].id != 0 ? slot : 1 - slot];
	if (job->id == 0)
		return;
	const struct transition change = {.now = 2000, .completed_at = 2000, .error_code = "refused"};
	begin(sim);
	assert_int_equal(transition(sim->d->s->store, STATE_EDGE_REFUSE, &change, job), ERR_OK);
	commit(sim);
	job->id = 0;
}

/* Goes on until so many submissions more, or until there is nothing to do. */
static void
go_on(struct sim *sim, size_t submissions)
{
	for (size_t end = sim->sent + submissions; sim->sent < end; end_one(sim)) {
		size_t before = sim->sent;
		send_all(sim);
		if (sim->sent == before && sim->jobs[0].id == 0 && sim->jobs[1].id == 0)
			return;
	}
}

/* How many submissions it took until the task was sent, counted from `since`; 0 = it was not. */
static size_t
wait_of(struct sim *sim, const struct task *task, size_t since)
{
	for (size_t i = since; i < sim->sent; i++)
		if (sim->order[i].id == task->id)
			return i - since + 1;
	return 0;
}

static void
claim_one(void *cookie)
{
	struct sim *sim = cookie;
	struct store *store = sim->d->s->store;
	struct turn_line line = {.channel = "c", .now = clock_wall_ms(), .turns = 0};
	int64_t id = 0;
	assert_int_equal(store_begin(store, STORE_RELAXED), ERR_OK);
	assert_int_equal(turn_wake(store, &line), ERR_OK);
	assert_int_equal(turn_next(store, &line, &id), ERR_OK);
	assert_int_equal(turn_count(store, &line), ERR_OK);
	assert_true(id > 0);
	store_rollback(store);
}

/* ---- one task behind 100 000 ---- */

static int64_t
single_among(struct sim *sim, int64_t users)
{
	crowd(sim, users, QUEUED / users);
	int64_t stranger = user(2000);
	for (size_t before = 0; before < 12; before++) {
		struct task one = queue(sim, stranger);
		size_t since = sim->sent;
		go_on(sim, 4);
		assert_in_range(wait_of(sim, &one, since), 1, 3);
	}
	/* Several at once take a third of the turns, in the order in which they came. */
	struct task ones[5];
	for (int i = 0; i < 5; i++)
		ones[i] = queue(sim, user(2010 - i));
	size_t since = sim->sent;
	go_on(sim, 16);
	for (size_t i = 0; i < 5; i++)
		assert_in_range(wait_of(sim, &ones[i], since), i + 1, 3 * i + 3);
	claim_one(sim);
	int64_t cost = raw_cost(sim->d->s->store, claim_one, sim), began = clock_mono_ms();
	for (int i = 0; i < 1000; i++)
		claim_one(sim);
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
		teardown(state);
		setup(state);
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
	crowd(sim, USERS, 5);
	go_on(sim, 3 * USERS);
	for (size_t i = 0; i < 3 * USERS; i++) {
		int64_t who = sim->order[i].user_id - user(0);
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
	crowd(sim, USERS, 20);
	for (int i = 0; i < NEW; i++) {
		queue(sim, user(100 + 2 * i));
		queue(sim, user(101 + 2 * i));
		go_on(sim, 1);
	}
	for (size_t i = 0; i < sim->sent; i++)
		if (sim->order[i].user_id < user(USERS))
			turns[sim->order[i].user_id - user(0)]++;
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
		int64_t who = user((int64_t)(crypto_dice() * USERS));
		for (size_t i = 0; i < burst && count < TASKS; i++, count++) {
			line[count] = i > 0
			                  ? 0
			                  : (size_t)raw_number(sim->d->s->store,
			                                       "SELECT count(*) FROM turn WHERE due_at = 0");
			since[count] = sim->sent;
			ids[count] = queue(sim, who).id;
			if (i == 0 &&
			    raw_number(sim->d->s->store,
			               "SELECT count(*) FROM task WHERE state = 'ready' AND user_id = "
			               "(SELECT user_id FROM task ORDER BY id DESC LIMIT 1)") > 1)
				line[count] = 0; /* not the first that it has waiting */
			else if (i == 0)
				line[count]++;
		}
		go_on(sim, burst == 1 ? 2 : BURST / 2);
	}
	go_on(sim, SENT_MOST);
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
	crowd(sim, 10, 10);
	claim_one(sim);
	int64_t few = raw_cost(sim->d->s->store, claim_one, sim);
	go_on(sim, 100);
	crowd(sim, 2000, 1);
	snprintf(sql, sizeof(sql), "UPDATE task SET due_at = %" PRId64 " WHERE state = 'ready'",
	         clock_wall_ms() + DAY);
	raw_run(sim->d->s->store, sql);
	struct task one = queue(sim, user(2999));
	size_t since = sim->sent;
	go_on(sim, 1);
	assert_int_equal(wait_of(sim, &one, since), 1);
	queue(sim, user(2999));
	claim_one(sim);
	assert_in_range(raw_cost(sim->d->s->store, claim_one, sim), 1, few + few / 10);
	/* The clock is set back, by which all is due. */
	begin(sim);
	int64_t now = clock_wall_ms() - 10;
	assert_int_equal(store_clock_back(sim->d->s->store, now, now + DAY, now + DAY, false), ERR_OK);
	commit(sim);
	since = sim->sent;
	go_on(sim, 2001);
	assert_int_equal(sim->sent - since, 2001);
}

TEST(what_is_returned_unsent_is_next)
{
	struct sim *sim = *state;
	struct store *store = sim->d->s->store;
	struct task *tasks;
	size_t count;
	crowd(sim, 10, 10);
	const struct task_claim claim = {
	    .owner = sim->d->env.owner, .now = clock_wall_ms(), .until = clock_wall_ms() + DAY, .limit = 100};
	begin(sim);
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
	commit(sim);
	raw_run(store, "UPDATE task SET state = 'failed', due_at = 0 WHERE state = 'running'");
	go_on(sim, 2);
	assert_true(sim->order[0].id == 1 && sim->order[1].id == 2);
}

TEST(one_that_is_left_counts_as_single)
{
	struct sim *sim = *state;
	crowd(sim, 1000, 10);
	go_on(sim, 2);
	struct task first = queue(sim, user(2000)), second = queue(sim, user(2000));
	const struct transition change = {.now = 2000, .completed_at = 2000};
	first.video_id = "";
	begin(sim);
	assert_int_equal(transition(sim->d->s->store, STATE_EDGE_CANCEL_READY, &change, &first), ERR_OK);
	commit(sim);
	size_t since = sim->sent;
	go_on(sim, 3);
	assert_in_range(wait_of(sim, &second, since), 1, 3);
}

/* ---- how many are ahead ---- */

TEST(the_count_of_those_ahead_is_by_turns)
{
	struct sim *sim = *state;
	int64_t ahead;
	struct task tasks[12];
	crowd(sim, 5, 20);
	go_on(sim, 7);
	for (int i = 0; i < 12; i++)
		tasks[i] = queue(sim, user(i < 6 ? 100 : i < 11 ? 101 : 102));
	size_t since = sim->sent, most[12];
	for (int i = 0; i < 12; i++) {
		assert_int_equal(store_turn_ahead(sim->d->s->store, &tasks[i], 1000, &ahead), ERR_OK);
		most[i] = (size_t)ahead;
		assert_int_equal(store_turn_ahead(sim->d->s->store, &tasks[i], 3, &ahead), ERR_OK);
		assert_int_equal(ahead, most[i] < 3 ? most[i] : 3);
	}
	assert_int_equal(most[11], 2); /* a single task */
	go_on(sim, 80);
	for (int i = 0; i < 12; i++) {
		size_t before = wait_of(sim, &tasks[i], since) - 1;
		/* It is a bound, but for single tasks that go before their turn. */
		assert_in_range(before, i == 0 || i == 6 ? most[i] - 1 : 0, most[i] + 2);
		assert_in_range(most[i], before - (before > 0), before + 20);
	}
}

/* ---- other channels ---- */

TEST(what_another_channel_takes_it_takes_in_turns)
{
	enum { USERS = 10 };
	struct sim *sim = *state;
	struct rebalance_cursor *cursor = rebalance_cursor_new();
	rest(sim, "c");
	for (int i = 0; i < 300; i++) /* one user's are the oldest */
		queue(sim, user(0));
	for (int i = 1; i < USERS; i++)
		queue(sim, user(i));
	put_channel(sim, "other", USERS);
	assert_int_equal(rebalance(&sim->d->env, cursor), ERR_OK);
	assert_int_equal(raw_number(sim->d->s->store, "SELECT count(*) FROM task WHERE channel = 'other'"),
	                 USERS);
	assert_int_equal(
	    raw_number(sim->d->s->store, "SELECT count(DISTINCT user_id) FROM task WHERE channel = 'other'"),
	    USERS);
	rebalance_cursor_free(cursor);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_single_task_is_among_the_next_three, setup, teardown),
	    cmocka_unit_test_setup_teardown(each_gets_a_turn_before_any_gets_two, setup, teardown),
	    cmocka_unit_test_setup_teardown(those_with_one_task_starve_no_other, setup, teardown),
	    cmocka_unit_test_setup_teardown(none_is_starved, setup, teardown),
	    cmocka_unit_test_setup_teardown(those_with_nothing_due_cost_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_is_returned_unsent_is_next, setup, teardown),
	    cmocka_unit_test_setup_teardown(one_that_is_left_counts_as_single, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_count_of_those_ahead_is_by_turns, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_another_channel_takes_it_takes_in_turns, setup, teardown),
	};
	verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	return cmocka_run_group_tests_name("domain/task/turns", tests, NULL, NULL);
}
