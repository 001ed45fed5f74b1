/* A channel whose budget has no room for a task is not chosen for it, but to say so; a task counts for its
 * own channel already. */

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "domain/channel/channels.h"
#include "domain/channel/route.h"
#include "domain/task/create.h"
#include "store/budget.h"
#include "store/channel.h"
#include "store/store.h"
#include "support/domains.h"
#include "support/money.h"
#include "support/raw.h"
#include "support/test.h"

/* Adds a channel that makes "m", or gives it another priority. */
static void
put(struct domains *d, const char *name, int64_t priority)
{
	const struct channel_row row = {.name = name,
	                                .base = "http://127.0.0.1:1",
	                                .dialect = "sora",
	                                .models = "m",
	                                .priority = priority,
	                                .weight = 1,
	                                .enabled = true};
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_channel_put(d->s->store, &row), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	channels_refresh(d->channels, d->s->store);
}

static void
budget(struct domains *d, const char *name, enum window_kind window, int64_t amount)
{
	const struct budget_row row = {BUDGET_CHANNEL, name, window, amount};
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_budget_set(d->s->store, &row), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
}

static void
assert_choice(struct domains *d, int64_t amount, const char *name, bool open)
{
	const struct task task = {.video_id = "v", .model = "m", .attempt = 1};
	struct route_choice choice;
	assert_int_equal(route_choose(&d->env, &task, amount, &choice), ERR_OK);
	assert_string_equal(choice.channel->name, name);
	assert_int_equal(choice.open, open);
	channel_release(choice.channel);
}

TEST(one_with_room_is_chosen_and_only_without_any_one_that_has_none)
{
	struct domains *d = money_domains();
	put(d, "b", 5);
	put(d, "c", 1);
	assert_choice(d, MONEY_PRICE, "b", true);
	for (enum window_kind window = WINDOW_DAY; window < WINDOW__MAX; window++) {
		budget(d, "b", window, MONEY_PRICE - 1);
		assert_choice(d, MONEY_PRICE, "c", true);
		assert_choice(d, MONEY_PRICE - 1, "b", true);
		assert_choice(d, 0, "b", true);
		budget(d, "b", window, window == WINDOW_TOTAL ? 0 : -1);
	}
	budget(d, "c", WINDOW_DAY, MONEY_PRICE);
	assert_choice(d, MONEY_PRICE, "c", true);
	assert_choice(d, 2 * (int64_t)MONEY_PRICE, "b", false);
	domains_free(d);
}

/* Has the task moved, as far as that is for budgets to say: it must be at `name` then. */
static void
assert_moves(struct domains *d, struct task *task, bool expected, const char *name)
{
	bool moved;
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(route_reassign(&d->env, d->s->arena, task, &moved), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	assert_int_equal(moved, expected);
	assert_string_equal(task->channel, name);
	money_check(d);
}

static void
assert_other(struct domains *d, const struct task *task, const char *expected)
{
	const char *name;
	assert_int_equal(route_other_with_model(&d->env, d->s->arena, task, &name), ERR_OK);
	if (expected == NULL)
		assert_null(name);
	else
		assert_string_equal(name, expected);
}

static struct task
make(struct domains *d)
{
	const struct create_input input = {
	    .user_id = d->s->user, .prompt = "a cat", .model = "m", .options = "{}", .metadata = "{}"};
	return domains_create(d, &input, ERR_OK).task;
}

/* Makes a task that waits at its channel. */
static struct task
make_waiting(struct domains *d)
{
	struct task made = make(d);
	raw_run(d->s->store, "UPDATE task SET state = 'ready', owner = NULL");
	return made;
}

TEST(what_is_held_moves_only_to_where_there_is_room_for_it)
{
	struct domains *d = money_domains();
	put(d, "b", 5);
	const struct task made = make_waiting(d);
	struct task task = stores_get(d->s, made.video_id);
	assert_string_equal(task.channel, "b");
	put(d, "c", 1);
	put(d, "e", 0);
	budget(d, "b", WINDOW_TOTAL, MONEY_PRICE);
	budget(d, "c", WINDOW_TOTAL, MONEY_PRICE - 1);
	assert_other(d, &task, "e");
	budget(d, "e", WINDOW_DAY, 0);
	assert_other(d, &task, NULL);
	assert_moves(d, &task, false, "b");

	const struct channel_health health = {.failures = 1, .cooldown_until = clock_wall_ms() + 60000};
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_channel_set_health(d->s->store, "b", &health), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	assert_moves(d, &task, false, "b");
	budget(d, "c", WINDOW_TOTAL, MONEY_PRICE);
	assert_other(d, &task, "c");
	assert_moves(d, &task, true, "c");
	/* It fills that one, which is its own now; the one before has its room back. */
	assert_choice(d, MONEY_PRICE, "b", false);
	domains_free(d);
}

TEST(what_moves_counts_for_the_day_of_its_creation)
{
	struct domains *d = money_domains();
	put(d, "b", 5);
	const struct task made = make_waiting(d);
	raw_run(d->s->store, "UPDATE charge SET created_at = created_at - 172800000, day = day - 2");
	raw_run(d->s->store, "UPDATE spend_channel SET day = day - 2");
	put(d, "c", 9);
	budget(d, "c", WINDOW_DAY, MONEY_PRICE);
	assert_string_equal(make(d).channel, "c");
	struct task task = stores_get(d->s, made.video_id);
	assert_other(d, &task, "c"); /* whose day is full today, but was not then */
	raw_run(d->s->store, "UPDATE charge SET created_at = created_at - 172800000, day = day - 2 WHERE "
	                     "channel = 'c'");
	raw_run(d->s->store, "UPDATE spend_channel SET day = day - 2 WHERE channel = 'c'");
	assert_other(d, &task, NULL); /* now the other way round */
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_with_room_is_chosen_and_only_without_any_one_that_has_none),
	    cmocka_unit_test(what_moves_counts_for_the_day_of_its_creation),
	    cmocka_unit_test(what_is_held_moves_only_to_where_there_is_room_for_it),
	};
	return cmocka_run_group_tests_name("domain/channel/route_budgets", tests, NULL, NULL);
}
