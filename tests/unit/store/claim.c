/* Claiming what is due. */

#include <stdio.h>
#include <string.h>

#include "store/channel.h"
#include "store/claim.h"
#include "store/clock.h"
#include "store/store.h"
#include "store/task.h"
#include "support/raw.h"
#include "support/stores.h"
#include "support/test.h"

static int
setup(void **state)
{
	*state = stores_new();
	return 0;
}

static int
teardown(void **state)
{
	stores_free(*state);
	return 0;
}

static size_t
claim(struct stores *s, struct store *store, const char *owner, int64_t now, int64_t limit,
      struct task **ret_tasks)
{
	size_t count = 0;
	assert_int_equal(store_begin(store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_task_claim(store, s->arena,
	                                  &(struct task_claim){
	                                      .owner = owner, .now = now, .until = now + 500, .limit = limit},
	                                  ret_tasks, &count),
	                 ERR_OK);
	assert_int_equal(store_commit(store), ERR_OK);
	return count;
}

static int64_t
next_due(struct stores *s)
{
	int64_t due = -1;
	assert_int_equal(store_task_next_due(s->store, &due), ERR_OK);
	return due;
}

static int64_t
add(struct stores *s, enum task_state state, const char *channel, int64_t due_at)
{
	static const char *const words[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
	static size_t next;
	struct task task = stores_task(s->user, words[next++ % 12]);
	task.state = state;
	task.channel = channel;
	task.due_at = due_at;
	return stores_add(s->store, &task);
}

TEST(due_tasks_are_handed_out_in_turn)
{
	struct stores *s = *state;
	struct task *tasks;
	assert_int_equal(next_due(s), INT64_MAX);
	int64_t late = add(s, TASK_STATE_READY, "x", 3000);
	int64_t early = add(s, TASK_STATE_READY, "y", 1500);
	int64_t running = add(s, TASK_STATE_UNSURE, "x", 2500);
	int64_t unsure = add(s, TASK_STATE_UNSURE, "x", 2000);
	add(s, TASK_STATE_COMPLETED, "x", 0);
	int64_t future = add(s, TASK_STATE_UNSURE, "x", 3001);
	assert_int_equal(next_due(s), 1500);

	assert_int_equal(claim(s, s->store, "p1", 3000, 10, &tasks), 4);
	const int64_t turn[] = {unsure, running, late, early};
	for (int i = 0; i < 4; i++) {
		assert_int_equal(tasks[i].id, turn[i]);
		assert_null(tasks[i].owner);
	}
	assert_int_equal(tasks[0].due_at, 2000);
	assert_int_equal(tasks[2].state, TASK_STATE_READY);
	assert_int_equal(tasks[2].rev, 1);

	/* No other process gets them while the lease lasts; afterwards with the former owner's name. */
	assert_int_equal(next_due(s), 3001);
	assert_int_equal(claim(s, s->store, "p2", 3001, 10, &tasks), 1);
	assert_int_equal(tasks[0].id, future);
	assert_int_equal(claim(s, s->store, "p2", 3499, 10, &tasks), 0);
	assert_int_equal(claim(s, s->store, "p2", 3500, 10, &tasks), 4);
	for (int i = 0; i < 4; i++)
		assert_string_equal(tasks[i].owner, "p1");
	struct task after = stores_get(s, tasks[0].video_id);
	assert_string_equal(after.owner, "p2");
	assert_int_equal(after.due_at, 4000);
	assert_int_equal(after.rev, tasks[0].rev);
	assert_int_equal(after.updated_at, tasks[0].updated_at);
}

TEST(limit_takes_the_longest_due)
{
	struct stores *s = *state;
	struct task *tasks;
	int64_t second = add(s, TASK_STATE_READY, "x", 1200);
	add(s, TASK_STATE_UNSURE, "x", 1300);
	int64_t first = add(s, TASK_STATE_UNSURE, "x", 1100);
	add(s, TASK_STATE_READY, "y", 1400);
	assert_int_equal(claim(s, s->store, "p", 3000, 2, &tasks), 2);
	assert_int_equal(tasks[0].id, first);
	assert_int_equal(tasks[1].id, second);
	assert_int_equal(claim(s, s->store, "p", 3000, 0, &tasks), 0);
	assert_int_equal(claim(s, s->store, "p", 3000, 10, &tasks), 2);
}

TEST(resting_channel_keeps_its_ready_tasks)
{
	struct stores *s = *state;
	struct task *tasks;
	struct channel_health health = {.failures = 3, .cooldown_until = 5000};
	int64_t ready = add(s, TASK_STATE_READY, "x", 1000);
	int64_t running = add(s, TASK_STATE_UNSURE, "x", 4000);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_channel_set_health(s->store, "x", &health), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(next_due(s), 4000);
	assert_int_equal(claim(s, s->store, "p", 4999, 10, &tasks), 1);
	assert_int_equal(tasks[0].id, running);
	assert_int_equal(next_due(s), 5000);
	assert_int_equal(claim(s, s->store, "p", 5000, 10, &tasks), 1);
	assert_int_equal(tasks[0].id, ready);
	assert_int_equal(next_due(s), 5499);
}

TEST(two_claimers_share_without_overlap)
{
	struct stores *s = *state;
	struct store *other = NULL;
	struct task *mine, *theirs;
	assert_int_equal(store_open(s->dir, STORE_WRITE, &other), ERR_OK);
	for (int i = 0; i < 6; i++)
		add(s, i % 2 ? TASK_STATE_READY : TASK_STATE_UNSURE, "x", 1000 + i);
	assert_int_equal(claim(s, s->store, "p1", 2000, 4, &mine), 4);
	assert_int_equal(claim(s, other, "p2", 2000, 4, &theirs), 2);
	for (int i = 0; i < 4; i++)
		for (int j = 0; j < 2; j++)
			assert_int_not_equal(mine[i].id, theirs[j].id);
	store_close(other);
}

/* However long the one kind has been due, the other gets half. */
TEST(neither_polls_nor_submissions_starve)
{
	struct stores *s = *state;
	struct task *tasks;
	for (int i = 0; i < 6; i++)
		add(s, i < 5 ? TASK_STATE_READY : TASK_STATE_UNSURE, "x", i < 5 ? 1000 + i : 1900);
	assert_int_equal(claim(s, s->store, "p", 2000, 4, &tasks), 4);
	assert_int_equal(tasks[0].state, TASK_STATE_UNSURE);
	for (int i = 1; i < 4; i++) {
		assert_int_equal(tasks[i].state, TASK_STATE_READY);
		assert_int_equal(tasks[i].due_at, 999 + i);
	}
}

/* There are slots for two of the channel x and for none of its READY ones. */
static int64_t
room_of_x(void *cookie, const char *channel, bool ready)
{
	++*(int *)cookie;
	return strcmp(channel, "x") != 0 ? 100 : ready ? 0 : 2;
}

TEST(a_channel_without_hands_leaves_the_others_theirs)
{
	struct stores *s = *state;
	struct task *tasks;
	size_t count;
	int asked = 0;
	for (int i = 0; i < 4; i++)
		add(s, i == 3 ? TASK_STATE_READY : TASK_STATE_UNSURE, "x", 1000 + i);
	int64_t running = add(s, TASK_STATE_UNSURE, "y", 1900), ready = add(s, TASK_STATE_READY, "y", 1901);
	struct task_claim claim = {
	    .owner = "p", .now = 2000, .until = 2500, .limit = 10, .room = room_of_x, .cookie = &asked};
	assert_int_equal(store_begin(s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_task_claim(s->store, s->arena, &claim, &tasks, &count), ERR_OK);
	assert_int_equal(count, 4);
	assert_int_equal(tasks[0].due_at, 1000);
	assert_int_equal(tasks[1].due_at, 1001);
	assert_int_equal(tasks[2].id, running);
	assert_int_equal(tasks[3].id, ready);
	assert_true(asked > 0);
	/* It is past its deadline: to end it takes no slot. */
	claim.now = 9000;
	assert_int_equal(store_task_claim(s->store, s->arena, &claim, &tasks, &count), ERR_OK);
	bool told = false;
	for (size_t i = 0; i < count; i++)
		told = told || (tasks[i].state == TASK_STATE_READY && strcmp(tasks[i].channel, "x") == 0);
	assert_true(told);
	assert_int_equal(store_commit(s->store), ERR_OK);
}

TEST(a_deadline_is_kept_while_the_channel_rests)
{
	struct stores *s = *state;
	struct task *tasks;
	const struct channel_health health = {.cooldown_until = 100000};
	add(s, TASK_STATE_READY, "x", 1000); /* deadline 9000 */
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_channel_set_health(s->store, "x", &health), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(claim(s, s->store, "p", 8999, 4, &tasks), 0);
	assert_int_equal(claim(s, s->store, "p", 9000, 4, &tasks), 1);
	assert_int_equal(claim(s, s->store, "p", 9001, 4, &tasks), 0);
}

static void
claim_ten(void *cookie)
{
	struct stores *s = cookie;
	struct task *tasks;
	int64_t due;
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	size_t count = 0;
	assert_int_equal(
	    store_task_claim(s->store, s->arena,
	                     &(struct task_claim){.owner = "p", .now = 2000, .until = 2500, .limit = 10},
	                     &tasks, &count),
	    ERR_OK);
	assert_int_equal(count, 10);
	assert_int_equal(store_task_next_due(s->store, &due), ERR_OK);
	store_rollback(s->store);
}

static void
fill(struct stores *s, int from, int to)
{
	static const struct {
		enum task_state state;
		const char *channel;
		int64_t due_at;
	} kinds[] = {
	    {TASK_STATE_READY, "x", 1000},  {TASK_STATE_READY, "x", 9000},   {TASK_STATE_UNSURE, "x", 1000},
	    {TASK_STATE_UNSURE, "x", 9000}, {TASK_STATE_READY, "rest", 500}, {TASK_STATE_COMPLETED, "x", 0},
	};
	int64_t id, rev;
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	for (int i = from; i < to; i++) {
		char name[24];
		snprintf(name, sizeof(name), "video_%d", i);
		struct task task = stores_task(s->user, name);
		task.state = kinds[i % 6].state;
		task.channel = kinds[i % 6].channel;
		task.due_at = kinds[i % 6].due_at;
		assert_int_equal(store_task_add(s->store, &task, &id, &rev), ERR_OK);
	}
	assert_int_equal(store_commit(s->store), ERR_OK);
}

TEST(cost_does_not_grow_with_open_tasks)
{
	struct stores *s = *state;
	struct channel_health health = {.failures = 3, .cooldown_until = 100000};
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_channel_set_health(s->store, "rest", &health), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	fill(s, 0, 300);
	raw_cost(s->store, claim_ten, s);
	int64_t few = raw_cost(s->store, claim_ten, s);
	fill(s, 300, 30000);
	int64_t many = raw_cost(s->store, claim_ten, s);
	assert_in_range(many, few / 2, few + few / 10);
}

/* What waits in READY was told how long: it waits for that, and in its order, whatever the clock is set to.
 * Only where the step is not known all is due. */
TEST(what_is_to_come_later_goes_with_the_clock)
{
	struct stores *s = *state;
	const char *first = "SELECT due_at FROM task ORDER BY id", *second = "SELECT max(due_at) FROM task";
	bool known;
	add(s, TASK_STATE_READY, "x", 9000);
	add(s, TASK_STATE_READY, "x", 79000);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_clock_known(s->store, &known), ERR_OK);
	assert_false(known);
	assert_int_equal(store_clock_shift(s->store, -8000), ERR_OK);
	assert_int_equal(store_clock_known(s->store, &known), ERR_OK);
	assert_true(known);
	assert_int_equal(store_clock_back(s->store, 1500, 1600, 1600, known), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(raw_number(s->store, first), 1000);
	assert_int_equal(raw_number(s->store, second), 71000);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_clock_back(s->store, 1500, 1600, 1600, false), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(raw_number(s->store, first), 1000);
	assert_int_equal(raw_number(s->store, second), 1500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(due_tasks_are_handed_out_in_turn, setup, teardown),
	    cmocka_unit_test_setup_teardown(limit_takes_the_longest_due, setup, teardown),
	    cmocka_unit_test_setup_teardown(resting_channel_keeps_its_ready_tasks, setup, teardown),
	    cmocka_unit_test_setup_teardown(two_claimers_share_without_overlap, setup, teardown),
	    cmocka_unit_test_setup_teardown(neither_polls_nor_submissions_starve, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_channel_without_hands_leaves_the_others_theirs, setup,
	                                    teardown),
	    cmocka_unit_test_setup_teardown(a_deadline_is_kept_while_the_channel_rests, setup, teardown),
	    cmocka_unit_test_setup_teardown(cost_does_not_grow_with_open_tasks, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_is_to_come_later_goes_with_the_clock, setup, teardown),
	};
	return cmocka_run_group_tests_name("store/claim", tests, NULL, NULL);
}
