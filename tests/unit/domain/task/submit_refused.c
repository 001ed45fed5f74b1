/* Refusals that are a channel's and not the task's: each channel is judged by its own answers, whichever way
 * the task goes between them. */

#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "domain/channel/channels.h"
#include "domain/channel/rebalance.h"
#include "domain/channel/route.h"
#include "domain/task/change.h"
#include "domain/task/submit_outcome.h"
#include "domain/task/submit_refused.h"
#include "store/channel.h"
#include "store/store.h"
#include "support/domains.h"
#include "support/test.h"

enum { MINUTE = 60 * 1000 };

static const struct submit_answer no_account = {.verdict = SUBMIT_NO_ACCOUNT, .status = 402},
                                  no_model = {.verdict = SUBMIT_REFUSED,
                                              .status = 404,
                                              .code = "model_not_found",
                                              .no_model = true};

static void
begin(struct domains *d)
{
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
}

static void
commit(struct domains *d)
{
	assert_int_equal(store_commit(d->s->store), ERR_OK);
}

/* Three channels that list the model: "default", "b" and "c". */
static struct domains *
three(void)
{
	static const char *const names[] = {"default", "b", "c"};
	struct domains *d = domains_new(NULL, 0);
	begin(d);
	for (size_t i = 0; i < 3; i++) {
		const struct channel_row row = {.name = names[i],
		                                .base = i > 0 ? "http://127.0.0.1:1" : NULL,
		                                .dialect = "openai",
		                                .models = "veo",
		                                .weight = 1,
		                                .enabled = true};
		assert_int_equal(store_channel_put(d->s->store, &row), ERR_OK);
	}
	commit(d);
	channels_refresh(d->channels, d->s->store);
	return d;
}

/* The channel took a task `age` ms ago; its account is thought to be in order. */
static void
took_one(struct domains *d, const char *channel, int64_t age)
{
	const struct channel_health health = {.accepted_at = clock_wall_ms() - age};
	begin(d);
	assert_int_equal(store_channel_set_health(d->s->store, channel, &health), ERR_OK);
	commit(d);
}

/* The task "v" is sent to the channel, wherever it waited, and turned away. */
static struct task
sent(struct domains *d, const char *channel, const struct submit_answer *answer)
{
	struct task task = stores_get(d->s, "v");
	assert_int_equal(task.state, TASK_STATE_READY);
	begin(d);
	if (strcmp(task.channel, channel) != 0)
		assert_int_equal(store_channel_reassign(d->s->store, &task, channel), ERR_OK);
	struct task_move claim = stores_move(task.id, TASK_STATE_READY, TASK_STATE_SENDING);
	claim.attempt = task.attempt;
	claim.new_owner = d->env.owner;
	claim.due_at = clock_wall_ms() + MINUTE;
	assert_int_equal(store_task_move(d->s->store, &claim, &(int64_t){0}), ERR_OK);
	commit(d);
	task = stores_get(d->s, "v");
	begin(d);
	assert_int_equal(submit_refused(&d->env, d->s->arena, answer, &task), ERR_OK);
	commit(d);
	struct task row = stores_get(d->s, "v");
	assert_string_equal(row.channel, task.channel);
	return row;
}

static void
waits(struct domains *d)
{
	struct task task = stores_task(d->s->user, "v");
	task.model = "veo";
	task.deadline_at = clock_wall_ms() + 60 * MINUTE;
	stores_add(d->s->store, &task);
}

TEST(an_account_is_judged_by_its_own_answers)
{
	static const struct {
		const char *what;
		const char *first, *second, *third;
		int64_t age; /* since the last one took a task */
		enum task_state state;
	} rows[] = {
	    {"each once", "default", "b", "c", MINUTE, TASK_STATE_READY},
	    {"the first twice, with another between", "default", "b", "default", MINUTE, TASK_STATE_FAILED},
	    {"one twice in a row", "default", "b", "b", MINUTE, TASK_STATE_FAILED},
	    {"twice, but it took none of late", "default", "b", "default", 11 * MINUTE, TASK_STATE_READY},
	    {"twice, and the clock was set back", "default", "b", "default", -MINUTE, TASK_STATE_READY},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct domains *d = three();
		waits(d);
		assert_int_equal(sent(d, rows[i].first, &no_account).state, TASK_STATE_READY);
		assert_int_equal(sent(d, rows[i].second, &no_account).state, TASK_STATE_READY);
		took_one(d, rows[i].third, rows[i].age);
		struct task task = sent(d, rows[i].third, &no_account);
		if (task.state != rows[i].state)
			fail_msg("%s: %s", rows[i].what, task_state_word(task.state));
		if (task.state == TASK_STATE_FAILED)
			assert_string_equal(task.error_code, "upstream_rejected");
		domains_free(d);
	}
}

/* What a channel lacks, and what is wrong with its account, are not counted together. */
TEST(each_that_lists_the_model_is_asked_once)
{
	struct domains *d = three();
	waits(d);
	sent(d, "default", &no_account);
	struct task task = sent(d, "default", &no_model);
	assert_int_equal(task.state, TASK_STATE_READY);
	assert_string_not_equal(task.channel, "default");
	const char *second = task.channel, *third = strcmp(second, "b") == 0 ? "c" : "b";
	task = sent(d, second, &no_model);
	assert_int_equal(task.state, TASK_STATE_READY);
	assert_string_equal(task.channel, third);
	task = sent(d, third, &no_model);
	assert_int_equal(task.state, TASK_STATE_FAILED);
	assert_string_equal(task.error_code, "model_not_found");
	domains_free(d);
}

/* It waits for the other, however open the one is that lacks the model. */
TEST(what_lacks_the_model_does_not_get_the_task_back)
{
	struct domains *d = three();
	struct rebalance_cursor *cursor = rebalance_cursor_new();
	waits(d);
	sent(d, "c", &no_model);
	struct task task = sent(d, "b", &no_model);
	assert_string_equal(task.channel, "default");
	const struct channel_health rests = {.failures = 1, .cooldown_until = clock_wall_ms() + MINUTE};
	domains_set_health(d, rests);
	assert_int_equal(rebalance(&d->env, cursor), ERR_OK);
	assert_string_equal(stores_get(d->s, "v").channel, "default");
	rebalance_cursor_free(cursor);
	domains_free(d);
}

/* The next task goes to another at once; once all have said so, or the operator has been there, to any. */
TEST(what_lacks_a_model_is_the_last_to_be_chosen)
{
	struct domains *d = three();
	struct route_choice choice;
	const struct channel_row changed = {.name = "b",
	                                    .base = "http://127.0.0.1:1",
	                                    .dialect = "openai",
	                                    .models = "veo",
	                                    .weight = 1,
	                                    .enabled = true};
	struct task next = stores_task(d->s->user, "next");
	bool chosen[3] = {false};
	next.model = "veo";
	waits(d);
	sent(d, "default", &no_model);
	assert_string_equal(sent(d, "b", &no_model).channel, "c");
	for (int round = 0; round < 3; round++) {
		memset(chosen, 0, sizeof(chosen));
		for (next.attempt = 1; next.attempt < 100; next.attempt++) {
			assert_int_equal(route_choose(&d->env, &next, 0, &choice), ERR_OK);
			const char *name = choice.channel->name;
			chosen[strcmp(name, "b") == 0 ? 1 : strcmp(name, "c") == 0 ? 2 : 0] = true;
			channel_release(choice.channel);
		}
		assert_int_equal(chosen[0], round == 1);
		assert_int_equal(chosen[1], round >= 1);
		assert_true(chosen[2] || round == 2);
		begin(d);
		if (round == 0)
			assert_int_equal(store_channel_lacks(d->s->store, "c", "veo", clock_wall_ms()),
			                 ERR_OK);
		else
			assert_int_equal(store_channel_put(d->s->store, &changed), ERR_OK);
		commit(d);
		channels_refresh(d->channels, d->s->store);
	}
	next.model = NULL;
	assert_int_equal(route_choose(&d->env, &next, 0, &choice), ERR_OK);
	channel_release(choice.channel);
	domains_free(d);
}

TEST(another_attempt_remembers_nothing)
{
	struct domains *d = three();
	const struct change_target target = {.user_id = d->s->user, .video_id = "v"};
	struct change_refusal refusal;
	struct task task;
	waits(d);
	sent(d, "b", &no_model);
	assert_non_null(stores_get(d->s, "v").turned_away);
	assert_int_equal(change_cancel(&d->env, d->s->arena, &target, &task), ERR_OK);
	assert_int_equal(change_retry(&d->env, d->s->arena, &target, &task, &refusal), ERR_OK);
	assert_null(task.turned_away);
	assert_null(stores_get(d->s, "v").turned_away);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_account_is_judged_by_its_own_answers),
	    cmocka_unit_test(each_that_lists_the_model_is_asked_once),
	    cmocka_unit_test(what_lacks_the_model_does_not_get_the_task_back),
	    cmocka_unit_test(what_lacks_a_model_is_the_last_to_be_chosen),
	    cmocka_unit_test(another_attempt_remembers_nothing),
	};
	return crypto_open() ? cmocka_run_group_tests_name("domain/task/submit_refused", tests, NULL, NULL)
	                     : 1;
}
