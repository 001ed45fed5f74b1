/* Submissions against an upstream that follows a script: what each ending means for the row, and that no
 * answer is lost between the upstream and the row. */

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/loop.h"
#include "domain/channel/health.h"
#include "domain/task/submit.h"
#include "store/database.h"
#include "store/store.h"
#include "store/task.h"
#include "store/fault.h"
#include "support/domains.h"
#include "upstream/http/client.h"
#include "support/test.h"

#define ANSWER(status, headers, body) "HTTP/1.1 " status "\r\nConnection: close\r\n" headers "\r\n" body
#define ACCEPTED                      ANSWER("200 OK", "", "{\"id\":\"up-1\",\"status\":\"queued\"}")

/* How a submission ended, as `done` was told. */
struct told {
	struct domains *d;
	const struct task *task; /* that is submitted */
	int times;
	enum err_code err;
	enum task_state state;
	char external_id[32];
	int64_t version; /* of the database, as another connection saw it at that moment */
	struct store *other;
};

static void
on_done(void *cookie, enum err_code err)
{
	struct told *told = cookie;
	told->times++;
	told->err = err;
	told->state = told->task->state;
	if (told->task->external_id != NULL)
		snprintf(told->external_id, sizeof(told->external_id), "%s", told->task->external_id);
	if (told->other != NULL)
		assert_int_equal(store_data_version(told->other, &told->version), ERR_OK);
}

/* Runs the loop until nothing is under way. */
static void
run(struct domains *d, const struct submitter *submitter)
{
	while (submit_active(submitter) > 0)
		loop_once(d->env.loop, 60000);
}

static void
start(struct domains *d, struct submitter *submitter, struct task *task, struct told *told)
{
	told->task = task;
	assert_true(submit_start(submitter, d->s->arena, task, on_done, told));
}

/* Submits the task and waits for its end. */
static struct told
submit(struct domains *d, struct task *task)
{
	struct told told = {.d = d};
	struct submitter *submitter = submit_new(&d->env);
	assert_non_null(submitter);
	start(d, submitter, task, &told);
	assert_int_equal(told.times, 0);
	assert_int_equal(submit_active(submitter), 1);
	run(d, submitter);
	submit_free(submitter);
	assert_int_equal(told.times, 1);
	return told;
}

/* The same with a fresh task "v"; the row must say what `done` was told. */
static struct task
submit_fresh(struct domains *d)
{
	struct task task = domains_task(d, "v", TASK_STATE_SENDING);
	struct told told = submit(d, &task);
	task = stores_get(d->s, "v");
	assert_int_equal(told.err, ERR_OK);
	assert_int_equal(told.state, task.state);
	assert_null(task.owner);
	return task;
}

/* ---- verdicts ---- */

TEST(accepted_is_running)
{
	const struct fake_step step = {FAKE_ANSWER, ACCEPTED};
	struct domains *d = domains_new(&step, 1);
	int64_t before = clock_wall_ms();
	domains_set_health(d, (struct channel_health){.failures = 2, .cooldown_until = 99});
	struct task task = submit_fresh(d);
	assert_int_equal(task.state, TASK_STATE_RUNNING);
	assert_string_equal(task.external_id, "up-1");
	assert_in_range(task.due_at, before + 1000, clock_wall_ms() + 3000);
	assert_int_equal(task.completed_at, 0);
	assert_null(task.error_code);
	assert_int_equal(domains_health(d).failures, 0);
	assert_non_null(strstr(fake_upstream_request(d->fake, 0), "a cat on a bicycle"));
	domains_free(d);
}

TEST(refused_is_failed_with_the_upstreams_words)
{
	const struct fake_step step = {FAKE_ANSWER,
	                               ANSWER("400 Bad Request", "", "{\"error\":\"No cats.\"}")};
	struct domains *d = domains_new(&step, 1);
	struct task task = submit_fresh(d);
	assert_int_equal(task.state, TASK_STATE_FAILED);
	assert_string_equal(task.error_code, "upstream_rejected");
	assert_string_equal(task.error_message, "No cats.");
	assert_true(task.completed_at > 0);
	assert_int_equal(task.due_at, 0);
	assert_int_equal(domains_health(d).failures, 0);
	domains_free(d);
}

TEST(nobody_there_is_queued_again)
{
	struct domains *d = domains_new(NULL, 0);
	int64_t before = clock_wall_ms();
	struct task task = submit_fresh(d);
	assert_int_equal(task.state, TASK_STATE_READY);
	assert_int_equal(task.tries, 1);
	assert_int_equal(task.due_at, task.created_at);
	assert_null(task.error_code);
	assert_int_equal(domains_health(d).failures, 1);
	assert_in_range(domains_health(d).cooldown_until, before + 900, clock_wall_ms() + 1100);
	domains_free(d);
}

/* True where new work of their model may be sent now. */
static bool
may_be_sent(struct domains *d)
{
	const struct task task = {.model = "sora_video2", .user_id = d->s->user};
	int64_t until;
	assert_int_equal(
	    health_until(d->env.store, "default", HEALTH_NEW_WORK, &task, clock_wall_ms(), &until), ERR_OK);
	assert_true(until == 0 || until > clock_wall_ms() + 60000);
	return until == 0;
}

TEST(a_model_rests_as_long_as_is_asked_for)
{
	const char *const refusals[] = {"429 Too Many Requests", "503 Service Unavailable"};
	for (int i = 0; i < 2; i++) {
		char bytes[256];
		snprintf(bytes, sizeof(bytes), ANSWER("%s", "Retry-After: 70\r\n", "{}"), refusals[i]);
		const struct fake_step step = {FAKE_ANSWER, bytes};
		struct domains *d = domains_new(&step, 1);
		int64_t before = clock_wall_ms();
		struct task task = submit_fresh(d);
		assert_int_equal(task.state, TASK_STATE_READY);
		assert_int_equal(task.tries, 1);
		assert_in_range(task.due_at, before + 70000, clock_wall_ms() + 70000);
		assert_int_equal(domains_health(d).failures, 0);
		assert_true(may_be_sent(d)); /* it is said of the task, until the next is told the same */
		task = domains_task(d, "w", TASK_STATE_SENDING);
		submit(d, &task);
		assert_false(may_be_sent(d));
		assert_int_equal(domains_health(d).cooldown_until, 0);
		domains_free(d);
	}
}

TEST(not_accepted_past_the_deadline_has_timed_out)
{
	struct domains *d = domains_new(NULL, 0);
	d->config.task_deadline = 0;
	struct task task = submit_fresh(d);
	assert_int_equal(task.state, TASK_STATE_FAILED);
	assert_string_equal(task.error_code, "timeout");
	assert_int_equal(task.due_at, 0);
	domains_free(d);
}

static void
expect_unknown(struct domains *d, const struct task *task)
{
	assert_int_equal(task->state, TASK_STATE_FAILED);
	assert_string_equal(task->error_code, "submission_unknown");
	assert_int_equal(task->due_at, 0);
	assert_int_equal(fake_upstream_spoken_to(d->fake), 1);
}

/* Whatever libcurl thinks of retrying: one connection on which anything was said. */
TEST(a_hang_up_after_the_request_is_never_sent_again)
{
	const struct fake_step steps[] = {
	    {FAKE_HANG_UP},
	    {FAKE_ANSWER, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":\"up-1\""},
	    {FAKE_ANSWER, ANSWER("200 OK", "", "<html>Welcome</html>")},
	    {FAKE_ANSWER, ANSWER("500 Oops", "", "{\"id\":\"up-1\"}")},
	    {FAKE_ANSWER, ANSWER("504 Gateway Timeout", "", "")},
	};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct domains *d = domains_new(&steps[i], 1);
		struct task task = submit_fresh(d);
		expect_unknown(d, &task);
		domains_free(d);
	}
}

/* A connection that was kept alive and has died is the one on which libcurl would send a request again by
 * itself. */
TEST(a_submission_has_a_connection_of_its_own)
{
	const struct fake_step steps[] = {
	    {FAKE_ANSWER_KEEP, "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"id\":\"up-1\"}"},
	    {FAKE_HANG_UP},
	    {FAKE_ANSWER, ACCEPTED},
	};
	struct domains *d = domains_new(steps, 3);
	struct task first = domains_task(d, "a", TASK_STATE_SENDING);
	struct task second = domains_task(d, "b", TASK_STATE_SENDING);
	assert_int_equal(submit(d, &first).state, TASK_STATE_RUNNING);
	assert_int_equal(submit(d, &second).state, TASK_STATE_FAILED);
	assert_int_equal(fake_upstream_spoken_to(d->fake), 2);
	assert_int_equal(fake_upstream_requests(d->fake), 2);
	domains_free(d);
}

TEST(silence_is_unknown_after_submit_timeout)
{
	const struct fake_step step = {FAKE_SILENT};
	struct domains *d = domains_new(&step, 1);
	d->config.submit_timeout = 150;
	struct task task = submit_fresh(d);
	expect_unknown(d, &task);
	domains_free(d);
}

TEST(a_channel_that_is_gone_leaves_the_task_queued)
{
	const struct fake_step step = {FAKE_ANSWER, ACCEPTED};
	struct domains *d = domains_new(&step, 1);
	struct task task = stores_task(d->s->user, "v");
	task.channel = "gone";
	task.state = TASK_STATE_SENDING;
	task.owner = "me";
	task.deadline_at = clock_wall_ms() + 60000;
	task.id = stores_add(d->s->store, &task);
	struct told told = submit(d, &task);
	assert_int_equal(told.err, ERR_OK);
	assert_int_equal(told.state, TASK_STATE_READY);
	assert_int_equal(fake_upstream_connections(d->fake), 0);
	domains_free(d);
}

/* ---- writing ---- */

TEST(an_accepted_id_outlives_every_failing_write)
{
	const enum err_code codes[] = {ERR_BUSY, ERR_NO_SPACE, ERR_INTERNAL};
	const struct fake_step step = {FAKE_ANSWER, ACCEPTED};
	for (size_t c = 0; c < sizeof(codes) / sizeof(codes[0]); c++) {
		bool failed = true;
		int64_t nth = 0;
		while (failed) {
			struct domains *d = domains_new(&step, 1);
			struct task task = domains_task(d, "v", TASK_STATE_SENDING);
			store_fault_set(d->env.store, ++nth, codes[c]);
			struct told told = submit(d, &task);
			failed = !store_fault_pending(d->env.store);
			store_fault_set(d->env.store, 0, 0);
			assert_int_equal(told.err, ERR_OK);
			assert_int_equal(told.state, TASK_STATE_RUNNING);
			assert_string_equal(told.external_id, "up-1");
			task = stores_get(d->s, "v");
			assert_int_equal(task.state, TASK_STATE_RUNNING);
			assert_string_equal(task.external_id, "up-1");
			assert_int_equal(fake_upstream_spoken_to(d->fake), 1);
			domains_free(d);
		}
		assert_true(nth > 3);
	}
}

/* After the lease it is for others to decide, and they can: nothing is known here that they do not know. And
 * the next answer is written as if nothing had been. */
TEST(an_unknown_end_is_left_to_the_lease)
{
	const struct fake_step steps[] = {{FAKE_SILENT}, {FAKE_ANSWER, ACCEPTED}};
	struct domains *d = domains_new(steps, 2);
	d->config.submit_timeout = 100;
	struct task task = domains_task(d, "v", TASK_STATE_SENDING);
	struct told told[2] = {{.d = d}, {.d = d}};
	struct submitter *submitter = submit_new(&d->env);
	start(d, submitter, &task, &told[0]);
	task.due_at = clock_wall_ms(); /* it runs out before the answer is written */
	store_fault_set(d->env.store, 1, ERR_NO_SPACE);
	run(d, submitter);
	assert_int_equal(told[0].err, ERR_NO_SPACE);
	assert_int_equal(told[0].state, TASK_STATE_SENDING);
	assert_int_equal(stores_get(d->s, "v").state, TASK_STATE_SENDING);

	d->config.submit_timeout = 20000;
	task = domains_task(d, "w", TASK_STATE_SENDING);
	start(d, submitter, &task, &told[1]);
	run(d, submitter);
	assert_int_equal(stores_get(d->s, "w").state, TASK_STATE_RUNNING);
	submit_free(submitter);
	domains_free(d);
}

/* The lease must outlast the submission; who has lost it sends nothing. */
TEST(a_lease_that_runs_out_is_prolonged_first)
{
	const struct fake_step step = {FAKE_ANSWER, ACCEPTED};
	for (int lost = 0; lost < 2; lost++) {
		struct domains *d = domains_new(&step, 1);
		struct task task = domains_task(d, "v", TASK_STATE_SENDING);
		task.due_at = clock_wall_ms() + 5;
		if (lost) {
			struct task_move move =
			    stores_move(task.id, TASK_STATE_SENDING, TASK_STATE_CANCELLED);
			move.owner = "me";
			stores_make(d->s->store, &move);
		}
		submit(d, &task);
		assert_int_equal(fake_upstream_requests(d->fake), lost ? 0 : 1);
		assert_int_equal(stores_get(d->s, "v").state,
		                 lost ? TASK_STATE_CANCELLED : TASK_STATE_RUNNING);
		domains_free(d);
	}
}

/* A reference image that is gone is no fault of the upstream's, and another try does not bring it back. */
TEST(a_lost_image_fails_its_task_alone)
{
	struct domains *d = domains_new(NULL, 0);
	struct task task = domains_task(d, "v", TASK_STATE_SENDING);
	task.input_file = "gone.png";
	task.input_type = "image/png";
	submit(d, &task);
	task = stores_get(d->s, "v");
	assert_int_equal(task.state, TASK_STATE_FAILED);
	assert_string_equal(task.error_code, "input_lost");
	assert_int_equal(domains_health(d).failures, 0);
	assert_int_equal(domains_health(d).cooldown_until, 0);
	domains_free(d);
}

TEST(many_answers_share_one_commit)
{
	enum { MANY = 50 };
	struct domains *d = domains_new(NULL, 0);
	struct told told[MANY] = {0};
	struct store *other;
	int64_t before;
	assert_int_equal(store_open(d->s->dir, STORE_READ, &other), ERR_OK);
	struct submitter *submitter = submit_new(&d->env);
	struct task tasks[MANY];
	for (int i = 0; i < MANY; i++) {
		char id[16];
		snprintf(id, sizeof(id), "v%d", i);
		struct task task = domains_task(d, id, TASK_STATE_SENDING);
		task.channel = "gone"; /* ends without the network, and so all in one turn */
		tasks[i] = task;
	}
	assert_int_equal(store_data_version(other, &before), ERR_OK);
	for (int i = 0; i < MANY; i++) {
		told[i].other = other;
		start(d, submitter, &tasks[i], &told[i]);
	}
	run(d, submitter);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(told[i].times, 1);
		assert_int_equal(told[i].err, ERR_OK);
		assert_int_equal(told[i].state, TASK_STATE_READY);
		assert_int_equal(told[i].version, told[0].version);
	}
	assert_int_not_equal(told[0].version, before);
	submit_free(submitter);
	store_close(other);
	domains_free(d);
}

/* ---- repetitions ---- */

/* A repetition that is not taken leaves it open what became of the first; only a refusal is an answer. */
TEST(a_repetition_is_settled_by_an_answer_only)
{
	static const struct {
		struct fake_step step;
		enum task_state end;
	} rows[] = {
	    {{FAKE_ANSWER, ACCEPTED}, TASK_STATE_RUNNING},
	    {{FAKE_ANSWER, ANSWER("422 Another body", "", "{}")}, TASK_STATE_UNSURE},
	    {{FAKE_ANSWER, ANSWER("409 At work", "", "{}")}, TASK_STATE_UNSURE},
	    {{FAKE_ANSWER, ANSWER("403 No credit left", "", "{}")}, TASK_STATE_UNSURE},
	    {{FAKE_ANSWER, ANSWER("429 Later", "Retry-After: 30\r\n", "{}")}, TASK_STATE_UNSURE},
	    {{FAKE_ANSWER, ANSWER("500 No", "", "{}")}, TASK_STATE_UNSURE},
	    {{FAKE_HANG_UP_NOW}, TASK_STATE_UNSURE},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct domains *d = domains_new(&rows[i].step, 1);
		d->config.upstream_idempotency = "on";
		domains_configure(d);
		struct task task = domains_task(d, "v", TASK_STATE_SENDING);
		struct submitter *submitter = submit_new(&d->env);
		assert_true(submit_again(submitter, &task));
		run(d, submitter);
		submit_free(submitter);
		task = stores_get(d->s, "v");
		assert_int_equal(task.state, rows[i].end);
		assert_int_equal(task.tries, rows[i].end == TASK_STATE_UNSURE ? 1 : 0);
		if (fake_upstream_requests(d->fake) > 0)
			assert_non_null(
			    strstr(fake_upstream_request(d->fake, 0), "\r\nIdempotency-Key: v-1\r\n"));
		domains_free(d);
	}
}

/* It was there when the task was sent first. */
TEST(a_repetition_without_its_image_leaves_open_what_became_of_the_first)
{
	struct domains *d = domains_new(NULL, 0);
	d->config.upstream_idempotency = "on";
	domains_configure(d);
	struct task task = domains_task(d, "v", TASK_STATE_SENDING);
	task.input_file = "gone.png";
	task.input_type = "image/png";
	struct submitter *submitter = submit_new(&d->env);
	assert_true(submit_again(submitter, &task));
	run(d, submitter);
	submit_free(submitter);
	assert_int_equal(stores_get(d->s, "v").state, TASK_STATE_UNSURE);
	domains_free(d);
}

/* ---- life ---- */

TEST(a_stop_ends_what_is_under_way_as_unknown)
{
	const struct fake_step step = {FAKE_SILENT};
	struct domains *d = domains_new(&step, 1);
	struct task task = domains_task(d, "v", TASK_STATE_SENDING);
	struct told told = {.d = d};
	struct submitter *submitter = submit_new(&d->env);
	start(d, submitter, &task, &told);
	while (fake_upstream_requests(d->fake) == 0)
		loop_once(d->env.loop, 10);
	domains_hang_up(d);
	run(d, submitter);
	assert_int_equal(told.times, 1);
	task = stores_get(d->s, "v");
	expect_unknown(d, &task);
	submit_free(submitter);
	submit_free(NULL);
	domains_free(d);
}

TEST(what_is_unwritten_is_told_when_it_is_freed)
{
	struct domains *d = domains_new(NULL, 0);
	struct task task = domains_task(d, "v", TASK_STATE_SENDING);
	struct told told = {.d = d};
	struct submitter *submitter = submit_new(&d->env);
	task.channel = "gone";
	start(d, submitter, &task, &told);
	submit_free(submitter);
	assert_int_equal(told.times, 1);
	assert_int_equal(told.err, ERR_STOPPING);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(accepted_is_running),
	    cmocka_unit_test(refused_is_failed_with_the_upstreams_words),
	    cmocka_unit_test(nobody_there_is_queued_again),
	    cmocka_unit_test(a_model_rests_as_long_as_is_asked_for),
	    cmocka_unit_test(not_accepted_past_the_deadline_has_timed_out),
	    cmocka_unit_test(a_hang_up_after_the_request_is_never_sent_again),
	    cmocka_unit_test(a_submission_has_a_connection_of_its_own),
	    cmocka_unit_test(silence_is_unknown_after_submit_timeout),
	    cmocka_unit_test(a_channel_that_is_gone_leaves_the_task_queued),
	    cmocka_unit_test(an_accepted_id_outlives_every_failing_write),
	    cmocka_unit_test(an_unknown_end_is_left_to_the_lease),
	    cmocka_unit_test(a_lease_that_runs_out_is_prolonged_first),
	    cmocka_unit_test(a_lost_image_fails_its_task_alone),
	    cmocka_unit_test(many_answers_share_one_commit),
	    cmocka_unit_test(a_repetition_is_settled_by_an_answer_only),
	    cmocka_unit_test(a_repetition_without_its_image_leaves_open_what_became_of_the_first),
	    cmocka_unit_test(a_stop_ends_what_is_under_way_as_unknown),
	    cmocka_unit_test(what_is_unwritten_is_told_when_it_is_freed),
	};
	return cmocka_run_group_tests_name("domain/task/submit", tests, NULL, NULL);
}
