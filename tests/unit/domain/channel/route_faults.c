/* What goes wrong between a task and its channel where there are several: a channel that is changed
 * meanwhile, one that does not work, two that lead to one account. */

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/loop.h"
#include "domain/channel/channels.h"
#include "domain/channel/health.h"
#include "domain/task/create.h"
#include "domain/task/followup.h"
#include "domain/task/submit_outcome.h"
#include "domain/task/submit.h"
#include "store/store.h"
#include "support/domains.h"
#include "support/test.h"

#define ANSWER(status, headers, body) "HTTP/1.1 " status "\r\nConnection: close\r\n" headers "\r\n" body
#define ACCEPTED                      ANSWER("200 OK", "", "{\"id\":\"up-1\",\"status\":\"queued\"}")

/* Runs the loop until nothing is under way. */
static void
run(struct domains *d, const struct submitter *submitter)
{
	while (submit_active(submitter) > 0)
		loop_once(d->env.loop, 60000);
}

static void
submit(struct domains *d, const struct task *task)
{
	struct submitter *submitter = submit_new(&d->env);
	assert_true(submit_unwatched(submitter, task));
	run(d, submitter);
	submit_free(submitter);
}

/* How long new work with that model may not be sent; 0 = it may be now. */
static int64_t
wait_for(struct domains *d, const char *model)
{
	const struct task task = {.model = model, .user_id = d->s->user};
	int64_t now = clock_wall_ms(), until;
	assert_int_equal(health_until(d->env.store, "default", HEALTH_NEW_WORK, &task, now, &until), ERR_OK);
	return until > 0 ? until - now : 0;
}

static void
look_up(struct domains *d, const struct task *task)
{
	struct followups *followups = followups_new(&d->env);
	followups_start(followups, &followup_find, task);
	while (followups_active(followups) > 0)
		loop_once(d->env.loop, 60000);
	followups_free(followups);
}

/* Between a look at the channels and the transaction, which has waited for another writer, the operator has
 * moved the channel: the row must say where the task goes, or it would never be polled. */
TEST(a_task_is_made_for_the_channel_as_it_is)
{
	struct domains *d = domains_new(NULL, 0);
	d->config.upstream_base = "";
	domains_configure(d);
	setenv("KEY_BEFORE", "one", 1);
	setenv("KEY_AFTER", "two", 1);
	domains_channel(d, "http://127.0.0.1:1", "env:KEY_BEFORE");
	domains_channel_meanwhile(d, "http://127.0.0.1:2", "env:KEY_AFTER");
	struct create_input input = {
	    .user_id = d->s->user, .prompt = "a cat", .options = "{}", .metadata = "{}"};
	struct create_order result = domains_create(d, &input, ERR_OK);
	assert_null(d->other);
	const struct channel *channel = channels_for_task(d->channels, &result.task);
	assert_non_null(channel);
	assert_string_equal(channel->base, "http://127.0.0.1:2");
	assert_string_equal(channel->key_id, result.task.key_id);
	channel_release(channel);
	/* One that was taken away makes nothing any more. */
	domains_channel_meanwhile(d, NULL, NULL);
	domains_create(d, &input, ERR_NO_CHANNEL);
	domains_free(d);
}

/* Such a task may not be tried again: each would be lost while another channel idles. */
TEST(a_channel_that_loses_all_rests_from_the_third_on)
{
	static const struct {
		struct fake_step step;
		const char *code;
	} rows[] = {
	    {{FAKE_ANSWER, ANSWER("502 Nobody there", "", "<html>")}, "submission_unknown"},
	    {{FAKE_ANSWER, ANSWER("504 Nobody there", "", "")}, "submission_unknown"},
	    {{FAKE_HANG_UP}, "submission_unknown"},
	    {{FAKE_SILENT}, "submission_unknown"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct fake_step steps[] = {rows[i].step, rows[i].step, rows[i].step};
		struct domains *d = domains_new(steps, 3);
		if (rows[i].step.act == FAKE_SILENT)
			d->config.submit_timeout = 50;
		for (int n = 1; n <= 3; n++) {
			assert_true(domains_health(d).cooldown_until == 0);
			struct task task =
			    domains_task(d, arena_printf(d->s->arena, "v%d", n), TASK_STATE_SENDING);
			submit(d, &task);
			task = stores_get(d->s, task.video_id);
			assert_int_equal(task.state, TASK_STATE_FAILED);
			assert_string_equal(task.error_code, rows[i].code);
			assert_int_equal(domains_health(d).failures, n);
		}
		assert_true(domains_health(d).cooldown_until > 0);
		domains_free(d);
	}
}

/* A model that fails rests by itself: others are sent to the same channel. */
TEST(a_model_that_fails_rests_from_the_third_on)
{
	const struct fake_step step = {FAKE_ANSWER, ANSWER("500 Oops", "", "{}")};
	struct domains *d = domains_new(&step, 1);
	for (int n = 1; n <= 3; n++) {
		assert_int_equal(wait_for(d, "sora_video2"), 0);
		struct task task = domains_task(d, arena_printf(d->s->arena, "v%d", n), TASK_STATE_SENDING);
		submit(d, &task);
		assert_string_equal(stores_get(d->s, task.video_id).error_code, "submission_unknown");
	}
	assert_in_range(wait_for(d, "sora_video2"), 1, 1100);
	assert_int_equal(wait_for(d, "another"), 0);
	assert_int_equal(domains_health(d).failures, 0);
	domains_free(d);
}

/* A stop, or a process that has died, is no fault of the channel's. */
TEST(an_end_of_our_own_is_not_held_against_the_channel)
{
	const struct fake_step step = {FAKE_SILENT};
	struct domains *d = domains_new(&step, 1);
	struct task task = domains_task(d, "v", TASK_STATE_SENDING);
	struct submitter *submitter = submit_new(&d->env);
	assert_true(submit_unwatched(submitter, &task));
	while (fake_upstream_requests(d->fake) == 0)
		loop_once(d->env.loop, 10);
	domains_hang_up(d);
	run(d, submitter);
	submit_free(submitter);
	assert_string_equal(stores_get(d->s, "v").error_code, "submission_unknown");
	assert_int_equal(domains_health(d).failures, 0);

	task = domains_task(d, "left behind", TASK_STATE_SENDING);
	const struct submit_answer lost = {.verdict = SUBMIT_UNKNOWN, .message = "?"};
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(submit_lose(&d->env, &lost, &task), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	assert_int_equal(domains_health(d).failures, 0);
	domains_free(d);
}

/* The channel has stopped to know repetitions since the row was written: without its key it would be another
 * job, and what has never been sent waits for a row that says how. */
TEST(nothing_is_sent_without_the_key_that_its_row_promises)
{
	for (int again = 0; again < 2; again++) {
		const struct fake_step step = {FAKE_ANSWER, ACCEPTED};
		struct domains *d = domains_new(&step, 1);
		struct task task = domains_task(d, "v", TASK_STATE_SENDING);
		task.sent_with_key = true;
		struct submitter *submitter = submit_new(&d->env);
		assert_true(again ? submit_again(submitter, &task) : submit_unwatched(submitter, &task));
		run(d, submitter);
		submit_free(submitter);
		assert_int_equal(fake_upstream_requests(d->fake), 0);
		task = stores_get(d->s, "v");
		assert_int_equal(task.state, again ? TASK_STATE_FAILED : TASK_STATE_READY);
		assert_int_equal(domains_health(d).failures, 0);
		domains_free(d);
	}
}

/* Two channels with one account see each other's jobs: what one has made, is sending or has lost is never
 * taken for the other's. At another place the same id is another job. */
TEST(jobs_of_another_channel_of_the_account_are_told_apart)
{
	static const struct {
		enum task_state state;
		bool elsewhere, taken;
	} rows[] = {
	    {TASK_STATE_RUNNING, false, false}, {TASK_STATE_SENDING, false, false},
	    {TASK_STATE_UNSURE, false, false},  {TASK_STATE_RUNNING, true, true},
	    {TASK_STATE_SENDING, true, true},   {TASK_STATE_UNSURE, true, true},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[1024];
		snprintf(text, sizeof(text),
		         ANSWER("200 OK", "",
		                "{\"data\":[{\"id\":\"up-1\",\"prompt\":\"a cat\",\"created_at\":%lld}]}"),
		         (long long)clock_wall_ms() / 1000);
		const struct fake_step step = {.act = FAKE_ANSWER, .bytes = text};
		struct domains *d = domains_new_as("openai", &step, 1);
		const struct channel *channel = channels_find(d->channels, "default");
		struct task other = stores_task(stores_user(d->s->store, "bob"), "other");
		other.prompt = "a cat";
		other.channel = "other";
		other.state = rows[i].state;
		other.external_id = rows[i].state == TASK_STATE_RUNNING ? "up-1" : NULL;
		other.key_id =
		    arena_printf(d->s->arena, "0123456789ab%s",
		                 rows[i].elsewhere ? ".ba9876543210" : strchr(channel->key_id, '.'));
		stores_add(d->s->store, &other);
		struct task task = stores_task(d->s->user, "v");
		task.prompt = "a cat";
		task.state = TASK_STATE_UNSURE;
		task.created_at = task.updated_at = clock_wall_ms();
		task.deadline_at = task.created_at + 60000;
		task.owner = "me";
		task.key_id = channel->key_id;
		stores_add(d->s->store, &task);
		channel_release(channel);
		task = stores_get(d->s, "v");
		look_up(d, &task);
		task = stores_get(d->s, "v");
		assert_int_equal(task.state, rows[i].taken ? TASK_STATE_RUNNING : TASK_STATE_UNSURE);
		domains_free(d);
	}
}

/* Refused prompts say nothing of the channel, in whatever form they come. */
TEST(refusals_are_not_held_against_the_channel)
{
	static const struct fake_step steps[] = {
	    {FAKE_ANSWER, ANSWER("400 Bad", "", "{\"error\":{\"code\":\"blocked\"}}")},
	    {FAKE_ANSWER, ANSWER("403 No", "", "{}")},
	    {FAKE_ANSWER, ANSWER("404 No job", "", "{}")}, /* by the same key: so that is good */
	    {FAKE_ANSWER, ANSWER("200 OK", "", "{\"error\":{\"message\":\"No.\"}}")},
	    {FAKE_ANSWER, ANSWER("200 OK", "", "{\"base_resp\":{\"status_code\":1026}}")},
	    {FAKE_ANSWER, ANSWER("429 Later?", "Retry-After: 9\r\n",
	                         "{\"error\":{\"code\":\"content_policy_violation\"}}")},
	    {FAKE_ANSWER, ANSWER("429 Later?", "", "{\"error\":{\"code\":\"content_policy_violation\"}}")},
	    {FAKE_ANSWER, ANSWER("500 Oops", "", "{\"error\":{\"code\":\"DataInspectionFailed\"}}")},
	    {FAKE_ANSWER, ANSWER("500 Oops", "", "{\"error\":{\"message\":\"Sensitive content.\"}}")},
	    {FAKE_ANSWER, ANSWER("502 Oops", "", "{\"error\":{\"code\":\"sensitive_words_detected\"}}")}};
	static const char *const codes[] = {"blocked",
	                                    "upstream_rejected",
	                                    "upstream_rejected",
	                                    "1026",
	                                    "content_policy_violation",
	                                    "content_policy_violation",
	                                    "submission_unknown",
	                                    "submission_unknown",
	                                    "submission_unknown"};
	struct domains *d = domains_new(steps, 10);
	for (int n = 0; n < 9; n++) {
		struct task task = domains_task(d, arena_printf(d->s->arena, "v%d", n), TASK_STATE_SENDING);
		submit(d, &task);
		task = stores_get(d->s, task.video_id);
		assert_int_equal(task.state, TASK_STATE_FAILED);
		assert_string_equal(task.error_code, codes[n]);
		assert_int_equal(domains_health(d).failures, 0);
		assert_int_equal(domains_health(d).cooldown_until, 0);
		assert_int_equal(wait_for(d, "sora_video2"), 0);
	}
	domains_free(d);
}

/* Trouble of the account keeps new work away, and nothing else; the first task that is taken ends it. */
TEST(an_account_in_trouble_is_probed_by_one)
{
	static const struct fake_step steps[] = {
	    {FAKE_ANSWER, ANSWER("402 Pay", "", "{\"message\":\"Balance too low\"}")},
	    {FAKE_ANSWER, ANSWER("401 Who", "", "{}")},
	    {FAKE_ANSWER, ANSWER("200 OK", "", "{\"id\":\"up-2\"}")}};
	struct domains *d = domains_new(steps, 3);
	for (int n = 0; n < 2; n++) {
		struct task task = domains_task(d, arena_printf(d->s->arena, "v%d", n), TASK_STATE_SENDING);
		submit(d, &task);
		assert_int_equal(stores_get(d->s, task.video_id).state, TASK_STATE_READY);
		/* The second was sent before the first came back: it says nothing new. */
		assert_int_equal(domains_health(d).account_failures, 1);
	}
	assert_int_equal(domains_health(d).cooldown_until, 0);
	assert_true(domains_health(d).account_until > clock_wall_ms());
	struct task last = domains_task(d, "v9", TASK_STATE_SENDING);
	submit(d, &last);
	assert_int_equal(stores_get(d->s, "v9").state, TASK_STATE_RUNNING);
	assert_int_equal(domains_health(d).account_failures, 0);
	assert_int_equal(domains_health(d).account_until, 0);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_task_is_made_for_the_channel_as_it_is),
	    cmocka_unit_test(a_channel_that_loses_all_rests_from_the_third_on),
	    cmocka_unit_test(a_model_that_fails_rests_from_the_third_on),
	    cmocka_unit_test(refusals_are_not_held_against_the_channel),
	    cmocka_unit_test(an_account_in_trouble_is_probed_by_one),
	    cmocka_unit_test(an_end_of_our_own_is_not_held_against_the_channel),
	    cmocka_unit_test(nothing_is_sent_without_the_key_that_its_row_promises),
	    cmocka_unit_test(jobs_of_another_channel_of_the_account_are_told_apart),
	};
	return cmocka_run_group_tests_name("domain/channel/route_faults", tests, NULL, NULL);
}
