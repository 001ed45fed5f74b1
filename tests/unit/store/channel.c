/* The rows of channels, and their limits. */

#include <stdio.h>
#include <string.h>

#include "store/channel.h"
#include "store/claim.h"
#include "store/store.h"
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

static void
begin(struct stores *s)
{
	assert_int_equal(store_begin(s->store, STORE_DURABLE), ERR_OK);
}

static void
commit(struct stores *s)
{
	assert_int_equal(store_commit(s->store), ERR_OK);
}

static int64_t
generation(struct stores *s)
{
	int64_t number;
	assert_int_equal(store_channels_generation(s->store, &number), ERR_OK);
	return number;
}

static int64_t
room(struct stores *s, int64_t concurrency, int64_t rate, int64_t now)
{
	int64_t number;
	const struct channel_limits limits = {.concurrency = concurrency, .rate = rate};
	assert_int_equal(store_channel_room(s->store, "x", &limits, now, &number), ERR_OK);
	return number;
}

static void
add(struct stores *s, const char *video_id, enum task_state in, const char *channel)
{
	struct task task = stores_task(s->user, video_id);
	task.state = in;
	task.channel = channel;
	stores_add(s->store, &task);
}

TEST(a_channel_is_kept_with_its_keys)
{
	struct stores *s = *state;
	const struct channel_row row = {.name = "x",
	                                .base = "https://a",
	                                .dialect = "sora",
	                                .models = "a=b",
	                                .priority = -3,
	                                .weight = 7,
	                                .concurrency = 4,
	                                .rate = 5,
	                                .idempotency = true,
	                                .private = true,
	                                .webhook = "file:/w",
	                                .extra_allow = "c d"};
	struct channel_row *rows;
	size_t count;
	int64_t before = generation(s);
	begin(s);
	assert_int_equal(store_channel_put(s->store, &row), ERR_OK);
	assert_int_equal(store_channel_add_key(s->store, "x", "file:/1"), ERR_OK);
	assert_int_equal(store_channel_add_key(s->store, "x", "file:/2"), ERR_OK);
	assert_int_equal(store_channel_add_key(s->store, "x", "file:/1"), ERR_OK);
	commit(s);
	assert_true(generation(s) > before);
	assert_int_equal(store_channels_all(s->store, s->arena, &rows, &count), ERR_OK);
	assert_int_equal(count, 1);
	assert_string_equal(rows[0].name, "x");
	assert_string_equal(rows[0].base, "https://a");
	assert_string_equal(rows[0].dialect, "sora");
	assert_string_equal(rows[0].models, "a=b");
	assert_int_equal(rows[0].priority, -3);
	assert_int_equal(rows[0].weight, 7);
	assert_int_equal(rows[0].concurrency, 4);
	assert_int_equal(rows[0].rate, 5);
	assert_true(rows[0].idempotency && rows[0].private && !rows[0].enabled);
	assert_string_equal(rows[0].webhook, "file:/w");
	assert_string_equal(rows[0].extra_allow, "c d");
	assert_int_equal(rows[0].key_count, 2);
	assert_string_equal(rows[0].keys[0], "file:/1");
	assert_string_equal(rows[0].keys[1], "file:/2");

	before = generation(s);
	begin(s);
	assert_int_equal(store_channel_drop_key(s->store, "x", NULL), ERR_OK);
	commit(s);
	assert_true(generation(s) > before);
	assert_int_equal(store_channels_all(s->store, s->arena, &rows, &count), ERR_OK);
	assert_int_equal(rows[0].key_count, 0);
}

/* Its health is its own: what the operator says changes nothing of it, and the other way round. */
TEST(health_and_words_are_apart)
{
	struct stores *s = *state;
	struct channel_row row = {
	    .name = "x", .base = "http://a", .dialect = "sora", .models = "", .weight = 2};
	struct channel_row *rows;
	struct channel_health health = {.failures = 2, .cooldown_until = 99, .account_key = "k.p"};
	size_t count;
	begin(s);
	assert_int_equal(store_channel_put(s->store, &row), ERR_OK);
	assert_int_equal(store_channel_set_health(s->store, "x", &health), ERR_OK);
	row.weight = 3;
	assert_int_equal(store_channel_put(s->store, &row), ERR_OK);
	commit(s);
	health = (struct channel_health){0};
	assert_int_equal(store_channel_health(s->store, "x", &health), ERR_OK);
	assert_int_equal(health.cooldown_until, 99);
	assert_string_equal(health.account_key, "k.p");
	assert_int_equal(store_channels_all(s->store, s->arena, &rows, &count), ERR_OK);
	assert_int_equal(rows[0].weight, 3);
}

TEST(jobs_under_way_take_room)
{
	struct stores *s = *state;
	struct channel_load load;
	assert_true(room(s, 0, 0, 1000) == INT64_MAX);
	add(s, "a", TASK_STATE_SENDING, "x");
	add(s, "b", TASK_STATE_UNSURE, "x");
	add(s, "c", TASK_STATE_RUNNING, "x");
	add(s, "d", TASK_STATE_READY, "x");
	add(s, "e", TASK_STATE_COMPLETED, "x");
	add(s, "f", TASK_STATE_RUNNING, "y");
	assert_int_equal(room(s, 5, 0, 1000), 2);
	assert_int_equal(room(s, 2, 0, 1000), 0);
	assert_int_equal(store_channel_load(s->store, "x", &load), ERR_OK);
	assert_int_equal(load.under_way, 3);
	assert_int_equal(load.waiting, 1);
}

/* In no minute there are more, wherever it begins. */
TEST(submissions_of_a_minute_take_room)
{
	struct stores *s = *state;
	add(s, "a", TASK_STATE_SENDING, "x");
	begin(s);
	for (int64_t i = 0; i < 3; i++)
		assert_int_equal(store_channel_note(s->store, "x", i, 100000 + i), ERR_OK);
	commit(s);
	assert_int_equal(room(s, 0, 3, 100002), 0);
	assert_int_equal(room(s, 0, 4, 100002), 1);
	assert_int_equal(room(s, 2, 9, 100002), 1);
	assert_int_equal(room(s, 0, 3, 159999), 0);
	assert_int_equal(room(s, 0, 3, 160000), 1);
	assert_int_equal(room(s, 0, 3, 160002), 3);
	/* The clock was set back: what is dated in the future holds nothing up until that comes. */
	assert_int_equal(room(s, 0, 3, 100000 - 30000), 0);
	assert_int_equal(room(s, 0, 3, 100000 - 60001 - 2), 3);
	/* The clock was set back: what lies ahead is forgotten with the next. */
	begin(s);
	assert_int_equal(store_channel_note(s->store, "x", 9, 5000), ERR_OK);
	commit(s);
	assert_int_equal(room(s, 0, 3, 5000), 2);
}

TEST(a_claim_keeps_to_the_limits)
{
	struct stores *s = *state;
	struct task *tasks;
	size_t count;
	int64_t due;
	const struct channel_row row = {.name = "x",
	                                .base = "http://a",
	                                .dialect = "sora",
	                                .models = "",
	                                .weight = 1,
	                                .concurrency = 3,
	                                .enabled = true};
	static const char *const ids[] = {"a", "b", "c", "d", "e"};
	begin(s);
	assert_int_equal(store_channel_put(s->store, &row), ERR_OK);
	commit(s);
	add(s, "running", TASK_STATE_SENDING, "x");
	for (size_t i = 0; i < 5; i++)
		add(s, ids[i], TASK_STATE_READY, "x");
	const struct task_claim claim = {.owner = "me", .now = 1500, .until = 9000, .limit = 100};
	begin(s);
	assert_int_equal(store_task_claim(s->store, s->arena, &claim, &tasks, &count), ERR_OK);
	commit(s);
	assert_int_equal(count, 1 + 2); /* the one that is being sent is due as well */
	add(s, "f", TASK_STATE_UNSURE, "x");
	add(s, "g", TASK_STATE_UNSURE, "x");
	assert_int_equal(store_task_next_due(s->store, &due), ERR_OK);
	assert_int_equal(due, 1000); /* those that are unsure; nothing of the rest has a time */
	begin(s);
	assert_int_equal(store_task_claim(s->store, s->arena, &claim, &tasks, &count), ERR_OK);
	commit(s);
	for (size_t i = 0; i < count; i++)
		assert_int_not_equal(tasks[i].state, TASK_STATE_READY);
	assert_int_equal(store_task_next_due(s->store, &due), ERR_OK);
	assert_int_equal(due, 9000);
}

/* One whose time is over is handed out all the same, so that it can be told. */
TEST(a_deadline_is_kept_on_a_full_channel)
{
	struct stores *s = *state;
	struct task *tasks;
	size_t count;
	const struct channel_row row = {
	    .name = "x", .models = "", .weight = 1, .concurrency = 1, .enabled = true};
	struct task task = stores_task(s->user, "late");
	begin(s);
	assert_int_equal(store_channel_put(s->store, &row), ERR_OK);
	commit(s);
	task.channel = "x";
	task.deadline_at = 1200;
	stores_add(s->store, &task);
	task = stores_task(s->user, "running");
	task.channel = "x";
	task.state = TASK_STATE_RUNNING;
	task.due_at = 90000;
	stores_add(s->store, &task);
	add(s, "waits", TASK_STATE_READY, "x");
	const struct task_claim claim = {.owner = "me", .now = 1500, .until = 9000, .limit = 100};
	begin(s);
	assert_int_equal(store_task_claim(s->store, s->arena, &claim, &tasks, &count), ERR_OK);
	commit(s);
	assert_true(count >= 1);
	assert_string_equal(tasks[0].video_id, "late");
}

TEST(only_what_waits_may_be_shifted)
{
	struct stores *s = *state;
	struct task *tasks;
	size_t count;
	for (int i = 0; i < TASK_STATE__MAX; i++) {
		char id[8];
		snprintf(id, sizeof(id), "t%d", i);
		add(s, id, (enum task_state)i, "x");
		struct task task = stores_get(s, id);
		begin(s);
		assert_int_equal(store_channel_reassign(s->store, &task, "y"),
		                 i == TASK_STATE_READY ? ERR_OK : ERR_CONFLICT);
		commit(s);
		assert_string_equal(stores_get(s, id).channel, i == TASK_STATE_READY ? "y" : "x");
	}
	struct task task = stores_task(s->user, "remix"), other = stores_task(s->user, "held");
	task.channel = other.channel = "x";
	task.source_external_id = "v";
	other.owner = "another";
	stores_add(s->store, &task);
	stores_add(s->store, &other);
	task = stores_get(s, "remix");
	other = stores_get(s, "held");
	other.owner = NULL;
	begin(s);
	assert_int_equal(store_channel_reassign(s->store, &task, "y"), ERR_CONFLICT);
	assert_int_equal(store_channel_reassign(s->store, &other, "y"), ERR_CONFLICT);
	other.owner = "another";
	assert_int_equal(store_channel_reassign(s->store, &other, "y"), ERR_OK);
	commit(s);
	assert_int_equal(store_channel_backlog(s->store, s->arena, "x", &(struct channel_piece){.most = 10},
	                                       &tasks, &count),
	                 ERR_OK);
	assert_int_equal(count, 0);
	assert_int_equal(store_channel_backlog(s->store, s->arena, "y", &(struct channel_piece){.most = 10},
	                                       &tasks, &count),
	                 ERR_OK);
	assert_int_equal(count, 1);
	assert_string_equal(tasks[0].video_id, "t0");
}

/* For ten minutes, by a clock that may be set back, and until the channel is changed. */
TEST(a_missing_model_is_known_for_a_while)
{
	enum { NOW = 50000000, TEN = 10 * 60 * 1000 };
	static const struct {
		const char *channel, *model;
		int64_t at;
		bool lacking;
	} rows[] = {
	    {"a", "m", NOW, true},      {"a", "m", NOW + TEN - 1, true}, {"a", "m", NOW + TEN, false},
	    {"a", "m", NOW - 1, false}, {"a", "other", NOW + 1, false},  {"b", "m", NOW + 1, false},
	};
	struct stores *s = stores_new();
	const struct channel_row changed = {
	    .name = "a", .dialect = "openai", .models = "", .weight = 1, .enabled = true};
	bool lacking;
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_channel_lacks(s->store, "a", "m", NOW - TEN), ERR_OK);
	assert_int_equal(store_channel_lacks(s->store, "a", "m", NOW), ERR_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
		    store_channel_is_lacking(s->store, rows[i].channel, rows[i].model, rows[i].at, &lacking),
		    ERR_OK);
		if (lacking != rows[i].lacking)
			fail_msg("row %zu", i);
	}
	assert_int_equal(store_channel_put(s->store, &changed), ERR_OK);
	assert_int_equal(store_channel_is_lacking(s->store, "a", "m", NOW, &lacking), ERR_OK);
	assert_false(lacking);
	assert_int_equal(store_commit(s->store), ERR_OK);
	stores_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_channel_is_kept_with_its_keys, setup, teardown),
	    cmocka_unit_test_setup_teardown(health_and_words_are_apart, setup, teardown),
	    cmocka_unit_test_setup_teardown(jobs_under_way_take_room, setup, teardown),
	    cmocka_unit_test_setup_teardown(submissions_of_a_minute_take_room, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_claim_keeps_to_the_limits, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_deadline_is_kept_on_a_full_channel, setup, teardown),
	    cmocka_unit_test_setup_teardown(only_what_waits_may_be_shifted, setup, teardown),
	    cmocka_unit_test(a_missing_model_is_known_for_a_while),
	};
	return cmocka_run_group_tests_name("store/channel", tests, NULL, NULL);
}
