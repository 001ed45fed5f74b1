/* Followups: which job in the upstream's list is taken for a lost submission, and how a job is cancelled. */

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/loop.h"
#include "domain/task/change.h"
#include "domain/task/followup.h"
#include "store/store.h"
#include "store/task.h"
#include "store/task_match.h"
#include "support/domains.h"
#include "upstream/http/client.h"
#include "support/test.h"

enum { MINUTE = 60 * 1000 };

/* A job as the upstream lists it, `age` ms old. */
struct listed {
	const char *id, *prompt, *source;
	int64_t age;
};

/* The answer with these jobs. */
static const char *
list_of(const struct listed *jobs, size_t count, char *text, size_t size)
{
	int len = snprintf(text, size, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"data\":[");
	for (size_t i = 0; i < count && jobs[i].id != NULL; i++) {
		const char *quote = jobs[i].source != NULL ? "\"" : "";
		len += snprintf(text + len, size - (size_t)len,
		                "%s{\"id\":\"%s\",\"prompt\":\"%s\",\"created_at\":%lld,"
		                "\"remixed_from_video_id\":%s%s%s}",
		                i > 0 ? "," : "", jobs[i].id, jobs[i].prompt,
		                (long long)(clock_wall_ms() - jobs[i].age) / 1000, quote,
		                jobs[i].source != NULL ? jobs[i].source : "null", quote);
		assert_true((size_t)len < size);
	}
	snprintf(text + len, size - (size_t)len, "]}");
	return text;
}

/* Our task "v" with the prompt "a cat", unsure, under our lease. */
static struct task
unsure(struct domains *d, const char *video_id, int64_t user)
{
	struct task task = stores_task(user, video_id);
	task.state = TASK_STATE_SENDING;
	task.prompt = "a cat";
	task.created_at = task.updated_at = clock_wall_ms();
	task.deadline_at = task.created_at + MINUTE;
	task.due_at = 5;
	task.owner = d->env.owner;
	int64_t id = stores_add(d->s->store, &task);
	struct task_move lose = stores_move(id, TASK_STATE_SENDING, TASK_STATE_UNSURE);
	lose.owner = lose.new_owner = d->env.owner;
	lose.due_at = task.due_at;
	stores_make(d->s->store, &lose);
	return stores_get(d->s, video_id);
}

static void
run(struct domains *d, const struct followup_kind *kind, const struct task *task)
{
	struct followups *followups = followups_new(&d->env);
	assert_non_null(followups);
	followups_start(followups, kind, task);
	while (followups_active(followups) > 0)
		loop_once(d->env.loop, 60000);
	followups_free(followups);
}

/* Looks the fresh task "v" up in a list of these jobs. */
static struct task
look(struct domains *d)
{
	struct task task = unsure(d, "v", d->s->user);
	run(d, &followup_find, &task);
	return stores_get(d->s, "v");
}

static const struct {
	const char *what;
	struct listed jobs[4];
	const char *found; /* NULL = none is taken */
} lists[] = {
    {"the only one", {{"a", "a cat", NULL, 0}}, "a"},
    {"the oldest", {{"b", "a cat", NULL, 1000}, {"a", "a cat", NULL, 3000}, {"c", "a cat", NULL, 0}}, "a"},
    {"by an upstream whose clock is behind", {{"a", "a cat", NULL, 4 * MINUTE}}, "a"},
    {"an empty list", {{NULL, NULL, NULL, 0}}, NULL},
    {"another prompt", {{"a", "a cat.", NULL, 0}}, NULL},
    {"made long before", {{"a", "a cat", NULL, 6 * MINUTE}}, NULL},
    {"a remix", {{"a", "a cat", "x", 0}}, NULL},
    {"one that we know", {{"up-1", "a cat", NULL, 0}}, NULL},
    {"one beside one that we know", {{"up-1", "a cat", NULL, 5000}, {"a", "a cat", NULL, 0}}, "a"},
};

TEST(the_job_is_told_from_others)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		char text[1024];
		const struct fake_step step = {.act = FAKE_ANSWER,
		                               .bytes = list_of(lists[i].jobs, 4, text, sizeof(text))};
		struct domains *d = domains_new_as("openai", &step, 1);
		domains_task(d, "known", TASK_STATE_RUNNING);
		struct task task = look(d);
		if ((task.external_id != NULL) != (lists[i].found != NULL) ||
		    (lists[i].found != NULL && strcmp(task.external_id, lists[i].found) != 0))
			fail_msg("%s: %s", lists[i].what, task.external_id);
		assert_int_equal(task.state, lists[i].found != NULL ? TASK_STATE_RUNNING : TASK_STATE_UNSURE);
		assert_int_equal(task.tries, lists[i].found != NULL ? 0 : 1);
		assert_null(task.owner);
		assert_true(task.due_at > clock_wall_ms());
		domains_free(d);
	}
}

/* A job of an attempt that was kept aside is known, too. */
TEST(jobs_of_earlier_attempts_are_known)
{
	char text[1024];
	const struct listed job = {"up-1", "a cat", NULL, 0};
	const struct fake_step step = {.act = FAKE_ANSWER, .bytes = list_of(&job, 1, text, sizeof(text))};
	struct domains *d = domains_new_as("openai", &step, 1);
	struct task ended = domains_task(d, "ended", TASK_STATE_FAILED);
	struct task_move let_go = stores_move(ended.id, TASK_STATE_FAILED, TASK_STATE_FAILED);
	int64_t rev;
	let_go.owner = "me";
	stores_make(d->s->store, &let_go);
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	const struct task_retry again = {.id = ended.id, .from = TASK_STATE_FAILED, .to = TASK_STATE_READY};
	assert_int_equal(store_task_retry(d->s->store, &again, &rev), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	assert_null(stores_get(d->s, "ended").external_id);
	assert_int_equal(look(d).state, TASK_STATE_UNSURE);
	domains_free(d);
}

/* Ends the unsure task, if it is to be ended, some time ago. */
static void
end_as(struct domains *d, const struct task *task, enum task_state to, bool ends, int64_t ago)
{
	struct task_move move = stores_move(task->id, TASK_STATE_UNSURE, to);
	move.owner = "me";
	move.error_code = to == TASK_STATE_FAILED ? "submission_unknown" : NULL;
	move.completed_at = clock_wall_ms() - ago;
	if (ends)
		stores_make(d->s->store, &move);
}

/* Another task that could mean the same job, and what that leads to. */
TEST(nobody_guesses)
{
	char text[1024];
	const struct listed job = {"a", "a cat", NULL, 0};
	const struct fake_step step = {.act = FAKE_ANSWER, .bytes = list_of(&job, 1, text, sizeof(text))};
	enum { SENDING, UNSURE_OF_ANOTHER, UNSURE_TWIN, GIVEN_UP, CANCELLED, DELETED, LONG_AGO, CASES };
	for (int i = 0; i < CASES; i++) {
		struct domains *d = domains_new_as("openai", &step, 1);
		if (i == SENDING) {
			struct task other = stores_task(d->s->user, "other");
			other.state = TASK_STATE_SENDING;
			other.prompt = "a cat";
			stores_add(d->s->store, &other);
		} else {
			struct task other = unsure(
			    d, "other", i == UNSURE_TWIN ? d->s->user : stores_user(d->s->store, "eve"));
			end_as(d, &other,
			       i == GIVEN_UP || i == LONG_AGO ? TASK_STATE_FAILED : TASK_STATE_CANCELLED,
			       i >= GIVEN_UP, i == LONG_AGO ? 70 * MINUTE : 0);
			int64_t rev;
			assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
			if (i == DELETED)
				assert_int_equal(
				    store_task_delete(d->s->store, other.id, clock_wall_ms(), &rev), ERR_OK);
			if (i == DELETED)
				assert_int_equal(store_prompt_keep(d->s->store, &other), ERR_OK);
			assert_int_equal(store_commit(d->s->store), ERR_OK);
		}
		struct task task = look(d);
		bool taken = i == UNSURE_TWIN || i == LONG_AGO;
		assert_int_equal(task.state, taken ? TASK_STATE_RUNNING : TASK_STATE_UNSURE);
		/* One that is being sent is waited for; it does not use a look up. */
		assert_int_equal(task.tries, taken || i == SENDING ? 0 : 1);
		domains_free(d);
	}
}

/* What was never sent, or is surely not accepted, or was sent only later, or has another prompt, is no rival,
 * whatever becomes of it. */
TEST(only_what_could_be_the_job_is_a_rival)
{
	enum { NEVER_SENT, TURNED_AWAY, LATER, OF_ANOTHER_PROMPT, RETRIED_UNSENT, CASES };
	for (int i = 0; i < CASES; i++) {
		char text[1024];
		const struct listed job = {"a", "a cat", NULL, i == LATER ? 2 * MINUTE : 0};
		const struct fake_step step = {.act = FAKE_ANSWER,
		                               .bytes = list_of(&job, 1, text, sizeof(text))};
		struct domains *d = domains_new_as("openai", &step, 1);
		int64_t eve = stores_user(d->s->store, "eve"), now = clock_wall_ms();
		struct task other = stores_task(eve, "other");
		other.prompt = i == OF_ANOTHER_PROMPT ? "a dog" : "a cat";
		other.created_at = i == LATER ? now + 4 * MINUTE : now;
		other.deadline_at = now + 10 * MINUTE;
		bool sent = i == LATER || i == OF_ANOTHER_PROMPT || i == TURNED_AWAY;
		other.state = sent ? TASK_STATE_SENDING : TASK_STATE_READY;
		int64_t id = stores_add(d->s->store, &other);
		if (i == TURNED_AWAY) {
			struct task_move move = stores_move(id, TASK_STATE_SENDING, TASK_STATE_READY);
			stores_make(d->s->store, &move);
		}
		const struct change_target target = {.user_id = eve, .video_id = "other"};
		struct task changed;
		assert_int_equal(change_cancel(&d->env, d->s->arena, &target, &changed), ERR_OK);
		if (i == RETRIED_UNSENT) {
			const struct task_retry again = {
			    .id = id, .from = TASK_STATE_CANCELLED, .to = TASK_STATE_READY};
			int64_t rev;
			assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
			assert_int_equal(store_task_retry(d->s->store, &again, &rev), ERR_OK);
			assert_int_equal(store_commit(d->s->store), ERR_OK);
		}
		assert_int_equal(change_delete(&d->env, d->s->arena, &target), ERR_OK);
		struct task task = look(d);
		if (task.external_id == NULL)
			fail_msg("case %d: %s", i, task_state_word(task.state));
		domains_free(d);
	}
}

TEST(after_five_looks_it_is_given_up)
{
	char text[1024];
	const struct fake_step step = {.act = FAKE_ANSWER, .bytes = list_of(NULL, 0, text, sizeof(text))};
	struct domains *d = domains_new_as("openai", &step, 1);
	struct task task = unsure(d, "v", d->s->user);
	for (int look = 1; look <= 5; look++) {
		assert_int_equal(task.state, TASK_STATE_UNSURE);
		assert_int_equal(task.tries, look - 1);
		task.owner = NULL; /* as it stands; a claim would write it */
		struct task_move claim = stores_move(task.id, TASK_STATE_UNSURE, TASK_STATE_UNSURE);
		claim.owner = look == 1 ? "me" : NULL;
		claim.new_owner = "me";
		claim.tries = claim.not_found_count = -1;
		stores_make(d->s->store, &claim);
		task.owner = "me";
		run(d, &followup_find, &task);
		task = stores_get(d->s, "v");
	}
	assert_int_equal(task.state, TASK_STATE_FAILED);
	assert_string_equal(task.error_code, "submission_unknown");
	assert_int_equal(task.due_at, 0);
	domains_free(d);
}

/* … but counts as a look, so that an unknown outcome ends within minutes. */
TEST(a_list_that_cannot_be_read_decides_nothing)
{
	static const char *const answers[] = {
	    "HTTP/1.1 500 No\r\nConnection: close\r\n\r\n{\"data\":[]}",
	    "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<html>",
	    "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"data\":{}}",
	    "HTTP/1.1 429 Later\r\nConnection: close\r\nRetry-After: 90\r\n\r\n{}",
	    "HTTP/1.1 429 Later\r\nConnection: close\r\nRetry-After: 900\r\n\r\n{}", /* it ends */
	};
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const struct fake_step step = {.act = FAKE_ANSWER, .bytes = answers[i]};
		struct domains *d = domains_new_as("openai", &step, 1);
		struct task task = look(d);
		assert_int_equal(task.state, i < 4 ? TASK_STATE_UNSURE : TASK_STATE_FAILED);
		assert_int_equal(task.tries, i < 4);
		assert_int_equal(task.due_at > clock_wall_ms() + 80000, i == 3);
		domains_free(d);
	}
}

/* The answer to the submission comes after all, while the list is being read; or the user cancels. */
TEST(who_was_faster_is_left_alone)
{
	char text[1024];
	const struct listed job = {"a", "a cat", NULL, 0};
	const struct fake_step step = {
	    .act = FAKE_ANSWER, .bytes = list_of(&job, 1, text, sizeof(text)), .held = true};
	const enum task_state to[] = {TASK_STATE_RUNNING, TASK_STATE_CANCELLED};
	for (int i = 0; i < 2; i++) {
		struct domains *d = domains_new_as("openai", &step, 1);
		struct task task = unsure(d, "v", d->s->user);
		struct followups *followups = followups_new(&d->env);
		followups_start(followups, &followup_find, &task);
		struct task_move move = stores_move(task.id, TASK_STATE_UNSURE, to[i]);
		move.owner = "me";
		move.external_id = to[i] == TASK_STATE_RUNNING ? "told" : NULL;
		stores_make(d->s->store, &move);
		fake_upstream_release(d->fake);
		while (followups_active(followups) > 0)
			loop_once(d->env.loop, 60000);
		followups_free(followups);
		task = stores_get(d->s, "v");
		assert_int_equal(task.state, to[i]);
		assert_string_equal(task.external_id, to[i] == TASK_STATE_RUNNING ? "told" : "a");
		/* The cancelled task's job is now known, so it can be cancelled. */
		assert_int_equal(task.due_at > 0, to[i] == TASK_STATE_CANCELLED);
		domains_free(d);
	}
}

/* Not every upstream tells what a job is a remix of: another user's remix with the same prompt may be the
 * job. */
TEST(a_remix_of_another_may_be_the_job)
{
	char text[1024];
	const struct listed job = {"a", "a cat", NULL, 0};
	const struct fake_step step = {.act = FAKE_ANSWER, .bytes = list_of(&job, 1, text, sizeof(text))};
	struct domains *d = domains_new_as("openai", &step, 1);
	struct task remix = stores_task(stores_user(d->s->store, "eve"), "remix");
	remix.state = TASK_STATE_SENDING;
	remix.prompt = "a cat";
	remix.source_external_id = "source";
	int64_t id = stores_add(d->s->store, &remix);
	struct task_move lose = stores_move(id, TASK_STATE_SENDING, TASK_STATE_UNSURE);
	stores_make(d->s->store, &lose);
	assert_int_equal(look(d).state, TASK_STATE_UNSURE);
	domains_free(d);
}

/* Cancelled while its outcome was unknown: found, so that it can be cancelled upstream; or forgotten.
 */
TEST(a_cancelled_task_is_found_to_be_called_off)
{
	for (int there = 0; there < 2; there++) {
		char text[1024];
		const struct listed job = {"a", "a cat", NULL, 0};
		const struct fake_step step = {.act = FAKE_ANSWER,
		                               .bytes = list_of(&job, (size_t)there, text, sizeof(text))};
		struct domains *d = domains_new_as("openai", &step, 1);
		struct task task = unsure(d, "v", d->s->user);
		struct task_move cancel = stores_move(task.id, TASK_STATE_UNSURE, TASK_STATE_CANCELLED);
		cancel.owner = cancel.new_owner = "me";
		cancel.tries = there ? 0 : 4;
		cancel.completed_at = 5;
		stores_make(d->s->store, &cancel);
		task = stores_get(d->s, "v");
		run(d, &followup_find, &task);
		task = stores_get(d->s, "v");
		assert_int_equal(task.state, TASK_STATE_CANCELLED);
		assert_int_equal(task.external_id != NULL, there);
		assert_int_equal(task.due_at != 0, there);
		assert_null(task.owner);
		domains_free(d);
	}
}

TEST(a_channel_at_rest_is_not_asked)
{
	struct domains *d = domains_new_as("openai", NULL, 0);
	int64_t until = clock_wall_ms() + MINUTE;
	domains_set_health(d, (struct channel_health){.cooldown_until = until});
	struct task task = look(d);
	assert_int_equal(task.state, TASK_STATE_UNSURE);
	assert_int_equal(task.due_at, until);
	assert_null(task.owner);
	domains_free(d);
}

/* It is asked once it can be used again; but not after the deadline, and not where it was taken away. */
TEST(a_channel_that_cannot_be_used_is_waited_for)
{
	enum { UNSURE, UNUSABLE, TOO_LATE, TAKEN_AWAY, CASES };
	for (int i = 0; i < CASES; i++) {
		struct domains *d = domains_new_as("openai", NULL, 0);
		domains_channel(d, d->base, "file:/nowhere/key");
		struct task task =
		    i == UNSURE ? unsure(d, "v", d->s->user) : domains_task(d, "v", TASK_STATE_CANCELLED);
		int64_t now = clock_wall_ms();
		task.channel = "x";
		if (i == TOO_LATE)
			domains_deadline(d, &task, now);
		if (i == TAKEN_AWAY)
			domains_channel(d, NULL, NULL);
		run(d, i == UNSURE ? &followup_find : &followup_cancel, &task);
		task = stores_get(d->s, "v");
		assert_int_equal(task.state, i == UNSURE ? TASK_STATE_UNSURE : TASK_STATE_CANCELLED);
		assert_int_equal(task.due_at > now, i == UNSURE || i == UNUSABLE);
		assert_int_equal(task.due_at == 0, i == TOO_LATE || i == TAKEN_AWAY);
		assert_null(task.owner);
		domains_free(d);
	}
}

TEST(a_stop_leaves_it_to_the_next)
{
	const struct fake_step step = {.act = FAKE_SILENT};
	struct domains *d = domains_new_as("openai", &step, 1);
	struct task task = unsure(d, "v", d->s->user);
	struct followups *followups = followups_new(&d->env);
	followups_start(followups, &followup_find, &task);
	fake_upstream_wait(d->fake, 0);
	followups_abandon(followups);
	d->config.poll_timeout = 1;
	domains_hang_up(d);
	while (followups_active(followups) > 0)
		loop_once(d->env.loop, 60000);
	followups_free(followups);
	task = stores_get(d->s, "v");
	assert_int_equal(task.state, TASK_STATE_UNSURE);
	assert_null(task.owner);
	assert_true(task.due_at <= clock_wall_ms());
	domains_free(d);
}

/* --- calling off --- */

static const struct {
	const char *answer;
	bool done;
} recalls[] = {
    {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", true},
    {"HTTP/1.1 404 No\r\nConnection: close\r\n\r\n{}", true},
    {"HTTP/1.1 409 Done already\r\nConnection: close\r\n\r\n{}", true},
    {"HTTP/1.1 429 Later\r\nConnection: close\r\nRetry-After: 300\r\n\r\n{}", false},
    {"HTTP/1.1 502 No\r\nConnection: close\r\n\r\n{}", false},
};

TEST(a_cancelled_job_is_called_off)
{
	for (size_t i = 0; i < sizeof(recalls) / sizeof(recalls[0]); i++) {
		const struct fake_step step = {.act = FAKE_ANSWER, .bytes = recalls[i].answer};
		struct domains *d = domains_new_as("openai", &step, 1);
		struct task task = domains_task(d, "v", TASK_STATE_CANCELLED);
		int64_t rev = task.rev;
		run(d, &followup_cancel, &task);
		assert_non_null(strstr(fake_upstream_request(d->fake, 0), "DELETE /v1/videos/up-1 HTTP"));
		assert_non_null(strstr(fake_upstream_request(d->fake, 0), "Authorization: Bearer key"));
		task = stores_get(d->s, "v");
		assert_int_equal(task.due_at == 0, recalls[i].done);
		assert_int_equal(task.due_at > clock_wall_ms() + 200000, i == 3);
		assert_int_equal(task.rev, rev);
		assert_null(task.owner);
		domains_free(d);
	}
}

TEST(another_key_that_does_not_know_the_job_has_not_called_it_off)
{
	for (size_t i = 0; i < 2; i++) {
		const struct fake_step step = {.act = FAKE_ANSWER, .bytes = recalls[i].answer};
		struct domains *d = domains_new_as("openai", &step, 1);
		struct task task = domains_task(d, "v", TASK_STATE_CANCELLED);
		task.key_id = "another";
		run(d, &followup_cancel, &task);
		assert_int_equal(stores_get(d->s, "v").due_at == 0, i == 0);
		domains_free(d);
	}
}

TEST(an_upstream_that_cannot_is_left_alone)
{
	struct domains *d = domains_new(NULL, 0);
	struct task task = domains_task(d, "v", TASK_STATE_CANCELLED);
	run(d, &followup_cancel, &task);
	assert_int_equal(stores_get(d->s, "v").due_at, 0);
	domains_free(d);
}

TEST(it_is_tried_six_times)
{
	const struct fake_step step = {.act = FAKE_HANG_UP};
	struct domains *d = domains_new_as("openai", &step, 1);
	struct task task = domains_task(d, "v", TASK_STATE_CANCELLED);
	task.tries = 5;
	run(d, &followup_cancel, &task);
	assert_int_equal(stores_get(d->s, "v").due_at, 0);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_job_is_told_from_others),
	    cmocka_unit_test(jobs_of_earlier_attempts_are_known),
	    cmocka_unit_test(nobody_guesses),
	    cmocka_unit_test(only_what_could_be_the_job_is_a_rival),
	    cmocka_unit_test(after_five_looks_it_is_given_up),
	    cmocka_unit_test(a_list_that_cannot_be_read_decides_nothing),
	    cmocka_unit_test(who_was_faster_is_left_alone),
	    cmocka_unit_test(a_remix_of_another_may_be_the_job),
	    cmocka_unit_test(a_cancelled_task_is_found_to_be_called_off),
	    cmocka_unit_test(a_channel_at_rest_is_not_asked),
	    cmocka_unit_test(a_channel_that_cannot_be_used_is_waited_for),
	    cmocka_unit_test(a_stop_leaves_it_to_the_next),
	    cmocka_unit_test(a_cancelled_job_is_called_off),
	    cmocka_unit_test(another_key_that_does_not_know_the_job_has_not_called_it_off),
	    cmocka_unit_test(an_upstream_that_cannot_is_left_alone),
	    cmocka_unit_test(it_is_tried_six_times),
	};
	return cmocka_run_group_tests_name("domain/task/followup", tests, NULL, NULL);
}
