/* What an open task waits for, as it follows from the database alone. */
#include "domain/task/waiting.h"

#include <stdio.h>
#include <string.h>

#include "store/channel.h"
#include "store/channel_model.h"
#include "store/store.h"
#include "store/task.h"
#include "support/raw.h"
#include "support/stores.h"
#include "support/test.h"

enum { NOW = 1000000 };

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

/* A task of that state, due at that time, in a channel of that name. */
static struct task
add(struct stores *s, const char *video_id, enum task_state state, const char *channel, int64_t due_at)
{
	struct task task = stores_task(s->user, video_id);
	task.state = state;
	task.channel = channel;
	task.due_at = due_at;
	stores_add(s->store, &task);
	return stores_get(s, video_id);
}

static void
set_health(struct stores *s, const char *channel, struct channel_health health)
{
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_channel_set_health(s->store, channel, &health), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
}

static void
set_model(struct stores *s, const char *model, struct model_health health)
{
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_channel_set_model(s->store, "default", model, &health, NOW), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
}

static struct waiting
look_at(struct stores *s, const struct task *task, bool count)
{
	struct waiting_look look = {.store = s->store, .now = NOW};
	struct waiting waiting;
	assert_int_equal(waiting_find(&look, task, count, &waiting), ERR_OK);
	return waiting;
}

static void
expect(struct stores *s, const struct task *task, const char *code, int64_t next_try_at)
{
	struct waiting waiting = look_at(s, task, false);
	assert_string_equal(waiting_code(waiting.reason), code);
	assert_int_equal(waiting.next_try_at, next_try_at);
	assert_int_equal(waiting.ahead, -1);
	assert_true(strlen(waiting_text(waiting.reason)) > 0);
}

TEST(the_reason_is_the_channels)
{
	struct stores *s = *state;
	struct task task = add(s, "v", TASK_STATE_READY, "default", NOW);
	expect(s, &task, "in_line", 0);
	set_health(s, "default", (struct channel_health){.failures = 3, .cooldown_until = NOW + 1});
	expect(s, &task, "channel_down", NOW + 1);
	set_health(s, "default", (struct channel_health){.cooldown_until = NOW});
	set_model(s, "sora", (struct model_health){.until = NOW + 6, .throttled = true});
	expect(s, &task, "in_line", 0); /* over; and another model rests */
	task.model = "sora";
	expect(s, &task, "rate_limited", NOW + 6);
	set_model(s, "sora", (struct model_health){.until = NOW + 6});
	expect(s, &task, "model_down", NOW + 6);
	set_model(s, "sora", (struct model_health){.until = NOW});
	expect(s, &task, "in_line", 0);
	set_model(s, "sora", (struct model_health){.until = NOW + 6, .user = task.user_id + 1});
	expect(s, &task, "in_line", 0); /* for another user's alone */
	set_model(s, "sora", (struct model_health){.until = NOW + 6, .user = task.user_id});
	expect(s, &task, "model_down", NOW + 6);
	set_model(s, "sora", (struct model_health){0});
	set_health(s, "default",
	           (struct channel_health){.account_until = NOW + 8, .account_asked_until = NOW + 8});
	expect(s, &task, "account", NOW + 8);
	set_health(s, "default", (struct channel_health){.lost = 3, .account_until = NOW + 8});
	expect(s, &task, "channel_down", NOW + 8); /* another is sent as a probe */
	set_health(s, "default",
	           (struct channel_health){
	               .cooldown_until = NOW + 5, .account_failures = 1, .account_until = NOW + 9});
	expect(s, &task, "account", NOW + 9);
	set_health(s, "default", (struct channel_health){.account_failures = 1, .account_until = NOW});
	expect(s, &task, "account", 0);
	set_health(s, "default", (struct channel_health){0});
	raw_run(s->store, "UPDATE channel SET enabled = 0");
	expect(s, &task, "channel_down", 0);
	raw_run(s->store, "UPDATE channel SET enabled = 1, concurrency = 1");
	expect(s, &task, "in_line", 0);
	add(s, "w", TASK_STATE_RUNNING, "default", NOW);
	expect(s, &task, "busy", 0);
	struct task lost = add(s, "x", TASK_STATE_READY, "removed", NOW);
	expect(s, &lost, "channel_down", 0);
}

TEST(a_task_may_wait_by_itself)
{
	struct stores *s = *state;
	struct task task = add(s, "v", TASK_STATE_READY, "default", NOW + 7);
	expect(s, &task, "busy", NOW + 7);
	task.tries = 1;
	expect(s, &task, "rate_limited", NOW + 7);
	set_health(s, "default", (struct channel_health){.cooldown_until = NOW + 3});
	expect(s, &task, "channel_down", NOW + 7);
	set_health(s, "default", (struct channel_health){.cooldown_until = NOW + 9});
	expect(s, &task, "channel_down", NOW + 9);
	struct task sending = add(s, "w", TASK_STATE_SENDING, "default", NOW + 4);
	expect(s, &sending, "sending", 0);
	struct task unsure = add(s, "x", TASK_STATE_UNSURE, "default", NOW + 4);
	expect(s, &unsure, "unsure", NOW + 4);
}

/* The end of a lease is no time at which anything happens: it moves with each look at the task. */
TEST(a_lease_is_not_waited_for)
{
	struct stores *s = *state;
	struct task task = add(s, "v", TASK_STATE_READY, "default", NOW + 7);
	task.owner = "me";
	expect(s, &task, "in_line", 0);
	struct task unsure = add(s, "x", TASK_STATE_UNSURE, "default", NOW + 4);
	unsure.owner = "me";
	expect(s, &unsure, "unsure", 0);
}

TEST(what_has_ended_waits_for_nothing)
{
	struct stores *s = *state;
	static const enum task_state states[] = {TASK_STATE_RUNNING, TASK_STATE_COMPLETED, TASK_STATE_FAILED,
	                                         TASK_STATE_CANCELLED};
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		char name[8];
		snprintf(name, sizeof(name), "v%zu", i);
		struct task task = add(s, name, states[i], "default", NOW);
		struct waiting waiting = look_at(s, &task, true);
		assert_int_equal(waiting.reason, WAITING__MAX);
		assert_int_equal(waiting.ahead, -1);
		assert_int_equal(waiting.done_at, 0);
	}
}

TEST(those_ahead_are_of_the_same_channel_and_due_before)
{
	struct stores *s = *state;
	struct task last = add(s, "last", TASK_STATE_READY, "default", 900);
	struct task first = add(s, "first", TASK_STATE_READY, "default", 100);
	struct task twin = add(s, "same", TASK_STATE_READY, "default", 900);
	add(s, "sent", TASK_STATE_SENDING, "default", 50);
	add(s, "elsewhere", TASK_STATE_READY, "other", 50);
	assert_int_equal(look_at(s, &first, true).ahead, 0);
	assert_int_equal(look_at(s, &last, true).ahead, 1);
	assert_int_equal(look_at(s, &twin, true).ahead, 2); /* in order of creation */
	raw_run(
	    s->store,
	    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) "
	    "INSERT INTO task (user_id, video_id, fingerprint, channel, state, progress, prompt, seconds, "
	    "media_type, options, metadata, attempt, created_at, updated_at, completed_at, deadline_at, "
	    "rev, due_at, polls, misses) SELECT 1, 'm' || i, zeroblob(32), 'default', 'ready', 0, '', 0, "
	    "'VIDEO', '{}', '{}', 1, 1, 1, 0, 9, 1, 500, 0, 0 FROM n");
	assert_int_equal(look_at(s, &last, true).ahead, WAITING_AHEAD_MOST);
}

/* What a channel does is read once for a list. */
TEST(a_list_reads_each_channel_once)
{
	struct stores *s = *state;
	struct task task = add(s, "v", TASK_STATE_READY, "default", NOW);
	struct waiting_look look = {.store = s->store, .now = NOW};
	struct waiting waiting;
	assert_int_equal(waiting_find(&look, &task, false, &waiting), ERR_OK);
	set_health(s, "default", (struct channel_health){.cooldown_until = NOW + 9});
	assert_int_equal(waiting_find(&look, &task, false, &waiting), ERR_OK);
	assert_int_equal(waiting.reason, WAITING_IN_LINE);
	for (int i = 0; i < 2 * WAITING_CHANNELS; i++) {
		char name[16];
		snprintf(name, sizeof(name), "c%d", i);
		struct task other = add(s, name, TASK_STATE_READY, name, NOW);
		set_health(s, name, (struct channel_health){.cooldown_until = NOW + 1 + i});
		assert_int_equal(waiting_find(&look, &other, false, &waiting), ERR_OK);
		assert_int_equal(waiting.next_try_at, NOW + 1 + i);
	}
}

TEST(an_end_is_estimated_by_what_its_model_took)
{
	struct stores *s = *state;
	struct task task = add(s, "v", TASK_STATE_RUNNING, "default", NOW);
	task.accepted_at = NOW - 400;
	task.model = "m";
	assert_int_equal(look_at(s, &task, true).done_at, 0);
	raw_run(
	    s->store,
	    "WITH n (i) AS (VALUES (1), (2), (3)) "
	    "INSERT INTO task (user_id, video_id, fingerprint, channel, state, progress, prompt, model, "
	    "seconds, media_type, options, metadata, attempt, created_at, updated_at, completed_at, "
	    "deadline_at, rev, due_at, polls, misses, accepted_at) SELECT 1, 'm' || i, zeroblob(32), "
	    "'default', 'completed', 0, '', 'm', 0, 'VIDEO', '{}', '{}', 1, 1, 1, 1000 + 500 * i, 9, 1, 0, "
	    "0, 0, 1000 FROM n");
	assert_int_equal(look_at(s, &task, true).done_at, 0); /* as it was a moment ago */
	task.model = "n";
	raw_run(s->store, "UPDATE task SET model = 'n' WHERE model = 'm'");
	assert_int_equal(look_at(s, &task, true).done_at, NOW + 600);
	task.accepted_at = NOW - 1000;
	assert_int_equal(look_at(s, &task, true).done_at, 0); /* it takes longer already */
	task.accepted_at = 0;
	assert_int_equal(look_at(s, &task, true).done_at, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(the_reason_is_the_channels, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_task_may_wait_by_itself, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_lease_is_not_waited_for, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_has_ended_waits_for_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(those_ahead_are_of_the_same_channel_and_due_before, setup,
	                                    teardown),
	    cmocka_unit_test_setup_teardown(a_list_reads_each_channel_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(an_end_is_estimated_by_what_its_model_took, setup, teardown),
	};
	return cmocka_run_group_tests_name("domain/task/waiting", tests, NULL, NULL);
}
