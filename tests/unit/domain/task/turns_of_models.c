/* Turns while models cool down, by the simulation of support/turn_sim.h: who waits for such a model keeps its
 * place, holds no other up, and costs nothing. `-v` as the first argument prints the figures. */

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

static bool verbose;

/* Users of a model that cools down for a while, and as many who come meanwhile and after it as are served:
 * the first keep their places. */
TEST(who_waits_for_a_model_is_not_overtaken)
{
	enum { OLD = 10, TURNS = 60 };
	struct sim *sim = *state;
	size_t turns[OLD] = {0}, since = 0;
	for (int i = 0; i < OLD * 8; i++)
		sim_queue_of(sim, sim_user(i % OLD), "slow");
	sim_go_on(sim, OLD); /* places grow */
	sim_cool(sim, "slow", true);
	sim_go_on(sim, 1);
	assert_int_equal(sim_in_line(sim), 0);
	for (int i = 0; i < 2 * TURNS; i++) {
		if (i == TURNS) {
			sim_cool(sim, "slow", false);
			since = sim->sent;
		}
		sim_queue_of(sim, sim_user(100 + i), "quick"); /* two each, so that none is single */
		sim_queue_of(sim, sim_user(100 + i), "quick");
		sim_go_on(sim, 1);
	}
	for (size_t i = since; i < since + OLD * 3 / 2 + 3; i++)
		if (sim->order[i].user_id < sim_user(OLD))
			turns[sim->order[i].user_id - sim_user(0)]++;
	for (int i = 0; i < OLD; i++)
		assert_in_range(turns[i], 1, 2);
}

/* The first of a crowd that comes back are in front, in both lines. */
TEST(a_single_task_is_among_the_next_three_after_a_cooldown)
{
	struct sim *sim = *state;
	sim_cool(sim, "slow", true);
	for (int i = 0; i < 1200; i++)
		sim_queue_of(sim, sim_user(i % 600), "slow");
	struct task one = sim_queue_of(sim, sim_user(2000), "slow");
	sim_go_on(sim, 1);
	assert_int_equal(sim_in_line(sim), 0);
	sim_cool(sim, "slow", false);
	sim_go_on(sim, 3);
	assert_in_range(sim_wait_of(sim, &one, 0), 1, 3);
	for (size_t i = 0, place = 0; i < 3; i++)
		if (sim->order[i].id != one.id)
			assert_int_equal(sim->order[i].user_id, sim_user((int64_t)place++));
}

static void
claim_any(void *cookie)
{
	struct sim *sim = cookie;
	struct task *tasks;
	size_t count;
	const struct task_claim claim = {
	    .owner = sim->d->env.owner, .now = clock_wall_ms(), .until = clock_wall_ms() + DAY, .limit = 1};
	sim_begin(sim);
	assert_int_equal(store_task_claim(sim->d->s->store, sim->d->s->arena, &claim, &tasks, &count),
	                 ERR_OK);
	sim_commit(sim);
}

/* However many wait for a model, a claim costs no more than a bound: while it begins to cool down, while a
 * task probes, and when it is over. */
TEST(a_crowd_that_waits_for_a_model_costs_a_claim_little)
{
	enum { USERS = 2500, PASSED = 256, EACH = 400 };
	struct sim *sim = *state;
	struct store *store = sim->d->s->store;
	sim_crowd(sim, USERS, 2);
	raw_run(store, "UPDATE task SET model = 'slow'");
	sim_cool(sim, "slow", true);
	assert_in_range(raw_cost(store, claim_any, sim), 1, PASSED * EACH);
	assert_int_equal(sim_in_line(sim), USERS - PASSED);
	for (int i = 0; i < USERS / PASSED + 1; i++)
		claim_any(sim);
	assert_int_equal(sim_in_line(sim), 0);
	assert_in_range(raw_cost(store, claim_any, sim), 1, 2 * EACH);
	for (int i = 0; i < 20; i++) { /* one probes after another */
		sim_cool(sim, "slow", false);
		assert_in_range(raw_cost(store, claim_any, sim), 1, 3 * EACH);
		sim_cool(sim, "slow", true);
		assert_in_range(raw_cost(store, claim_any, sim), 1, 3 * EACH);
		assert_int_equal(sim_in_line(sim), 0);
	}
	int64_t next;
	assert_int_equal(store_task_next_due(store, &next), ERR_OK);
	assert_true(next > clock_wall_ms() + DAY / 2); /* nothing is looked at before */
	sim_cool(sim, "slow", false);
	assert_int_equal(store_task_next_due(store, &next), ERR_OK);
	assert_true(next <= clock_wall_ms());
}

static void
find_due(void *cookie)
{
	struct sim *sim = cookie;
	bool due = false;
	assert_int_equal(store_channel_due(sim->d->s->store, "c", clock_wall_ms(), &due), ERR_OK);
	assert_true(due);
}

/* A user's ten thousand of one model do not hide the one of another. */
TEST(many_of_a_model_hide_no_other)
{
	struct sim *sim = *state;
	bool due = true;
	sim_crowd(sim, 1, 10000);
	raw_run(sim->d->s->store, "UPDATE task SET model = 'slow'");
	sim_cool(sim, "slow", true);
	assert_int_equal(store_channel_due(sim->d->s->store, "c", clock_wall_ms(), &due), ERR_OK);
	assert_false(due);
	struct task one = sim_queue_of(sim, sim_user(0), "quick"), two = sim_queue_of(sim, sim_user(0), NULL);
	find_due(sim);
	assert_in_range(raw_cost(sim->d->s->store, find_due, sim), 1, 200);
	sim_claim_one(sim);
	assert_in_range(raw_cost(sim->d->s->store, sim_claim_one, sim), 1, 500);
	sim_go_on(sim, 2);
	assert_int_equal(sim_wait_of(sim, &one, 0), 1);
	assert_int_equal(sim_wait_of(sim, &two, 0), 2);
	assert_int_equal(store_channel_due(sim->d->s->store, "c", clock_wall_ms(), &due), ERR_OK);
	assert_false(due);
}

/* Models cool down by chance, one or several; users of one model or of two keep coming back. Whoever has a
 * task that may go waits for one turn of each other, and the single tasks among them, at most. */
TEST(cooldowns_starve_none)
{
	enum { USERS = 90, MODELS = 3, ROUNDS = 3000 };
	static const char *const models[MODELS] = {"a", "b", "c"};
	struct sim *sim = *state;
	bool cools[MODELS] = {false};
	static int64_t waiting[USERS][MODELS];
	size_t since[USERS] = {0}, longest = 0;
	memset(waiting, 0, sizeof(waiting));
	for (int round = 0; round < ROUNDS; round++) {
		if (crypto_dice() < 0.05) {
			int m = (int)(crypto_dice() * MODELS);
			cools[m] = !cools[m];
			sim_cool(sim, models[m], cools[m]);
		}
		for (int64_t u = 0; u < USERS; u++) {
			int64_t first = u % MODELS, second = u % 2 == 0 ? first : (first + 1) % MODELS;
			int64_t m = crypto_dice() < 0.5 ? first : second;
			if (waiting[u][0] + waiting[u][1] + waiting[u][2] > 2 || crypto_dice() < 0.9)
				continue;
			sim_queue_of(sim, sim_user(u), models[m]);
			waiting[u][m]++;
		}
		size_t sent = sim->sent;
		for (int i = 0; i < 3 && sim->sent == sent; i++)
			sim_go_on(sim, 1);
		for (; sent < sim->sent; sent++) {
			int64_t who = sim->order[sent].user_id - sim_user(0);
			int model = sim->models[sent] - 'a';
			waiting[who][model]--;
			assert_false(cools[model]);
			for (int64_t u = 0; u < USERS; u++) {
				bool may = false;
				for (int m = 0; m < MODELS; m++)
					may = may || (waiting[u][m] > 0 && !cools[m]);
				since[u] = may && u != who ? since[u] + 1 : 0;
				longest = since[u] > longest ? since[u] : longest;
			}
		}
	}
	if (verbose)
		printf("%d users, %zu submissions: who may have a turn waits for %zu at most\n", USERS,
		       sim->sent, longest);
	assert_in_range(longest, 1, USERS * 3 / 2 + 3);
	assert_true(sim->sent > ROUNDS / 2);
}

/* For one user alone: whoever slept, as it cooled down for all, comes back, and that user does not. */
TEST(a_cooldown_of_one_user_holds_no_other_up)
{
	struct sim *sim = *state;
	bool due = false;
	for (int i = 0; i < 300; i++)
		sim_queue_of(sim, sim_user(0), "slow");
	sim_queue_of(sim, sim_user(1), "slow");
	sim_cool(sim, "slow", true);
	sim_go_on(sim, 1);
	assert_int_equal(sim_in_line(sim), 0);
	sim_cool_for(sim, "slow", sim_user(0));
	int64_t next;
	assert_int_equal(store_task_next_due(sim->d->s->store, &next), ERR_OK);
	assert_true(next <= clock_wall_ms());
	sim_go_on(sim, 2);
	assert_int_equal(sim->sent, 1);
	assert_int_equal(sim->order[0].user_id, sim_user(1));
	assert_int_equal(store_task_next_due(sim->d->s->store, &next), ERR_OK);
	assert_true(next > clock_wall_ms());
	assert_int_equal(store_channel_due(sim->d->s->store, "c", clock_wall_ms(), &due), ERR_OK);
	assert_false(due);
	sim_queue_of(sim, sim_user(2), "slow");
	sim_cool_for(sim, "slow", sim_user(2));
	assert_int_equal(store_channel_due(sim->d->s->store, "c", clock_wall_ms(), &due), ERR_OK);
	assert_true(due);
	sim_go_on(sim, 3);
	assert_int_equal(sim->sent, 4);
	for (size_t i = 1; i < sim->sent; i++)
		assert_int_equal(sim->order[i].user_id, sim_user(0));
}

/* Those who sleep are given away in turns, too, whatever they have of other models. */
TEST(what_another_channel_takes_of_a_model_it_takes_in_turns)
{
	enum { USERS = 10 };
	struct sim *sim = *state;
	struct rebalance_cursor *cursor = rebalance_cursor_new();
	sim_cool(sim, "slow", true);
	for (int i = 0; i < 300; i++) /* one user's are the oldest */
		sim_queue_of(sim, sim_user(0), "slow");
	for (int i = 1; i < USERS; i++)
		sim_queue_of(sim, sim_user(i), "slow");
	sim_go_on(sim, 1);
	assert_int_equal(sim_in_line(sim), 0);
	sim_channel(sim, "other", USERS);
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
	    cmocka_unit_test_setup_teardown(who_waits_for_a_model_is_not_overtaken, sim_setup, sim_teardown),
	    cmocka_unit_test_setup_teardown(a_single_task_is_among_the_next_three_after_a_cooldown, sim_setup,
	                                    sim_teardown),
	    cmocka_unit_test_setup_teardown(a_crowd_that_waits_for_a_model_costs_a_claim_little, sim_setup,
	                                    sim_teardown),
	    cmocka_unit_test_setup_teardown(many_of_a_model_hide_no_other, sim_setup, sim_teardown),
	    cmocka_unit_test_setup_teardown(a_cooldown_of_one_user_holds_no_other_up, sim_setup,
	                                    sim_teardown),
	    cmocka_unit_test_setup_teardown(cooldowns_starve_none, sim_setup, sim_teardown),
	    cmocka_unit_test_setup_teardown(what_another_channel_takes_of_a_model_it_takes_in_turns,
	                                    sim_setup, sim_teardown),
	};
	verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	return cmocka_run_group_tests_name("domain/task/turns_of_models", tests, NULL, NULL);
}
