/* Answers that come when another process has taken the row over; and the moves of a poller that takes over.
 */

#include <string.h>

#include "base/clock.h"
#include "domain/task/submit_outcome.h"
#include "store/claim.h"
#include "store/store.h"
#include "store/task.h"
#include "store/task_match.h"
#include "support/domains.h"
#include "support/test.h"

static const struct submit_answer accepted = {.verdict = SUBMIT_ACCEPTED, .external_id = "up-9"};

/* Settles in a transaction of its own. */
static enum err_code
settle_now(struct domains *d, const struct submit_answer *answer, struct task *task)
{
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	enum err_code err = submit_outcome_apply(&d->env, d->s->arena, answer, task);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	return err;
}

/* Our task "v", and the same row after another process has made these moves. */
static struct task
taken_over(struct domains *d, const struct task_move *moves, size_t count)
{
	struct task ours = domains_task(d, "v", TASK_STATE_SENDING);
	const char *owner = ours.owner;
	for (size_t i = 0; i < count; i++) {
		struct task_move move = moves[i];
		move.id = ours.id;
		move.owner = owner;
		move.now = clock_wall_ms();
		move.progress = -1;
		stores_make(d->s->store, &move);
		owner = move.new_owner;
	}
	return ours;
}

static const struct task_move lose = {
    .from = TASK_STATE_SENDING, .to = TASK_STATE_UNSURE, .new_owner = "other", .due_at = 5};
static const struct task_move give_up = {.from = TASK_STATE_UNSURE,
                                         .to = TASK_STATE_FAILED,
                                         .error_code = "submission_unknown",
                                         .completed_at = 5};

static void
expect_running(struct domains *d, const struct task *told)
{
	struct task row = stores_get(d->s, "v");
	assert_int_equal(row.state, TASK_STATE_RUNNING);
	assert_string_equal(row.external_id, "up-9");
	assert_null(row.owner);
	assert_null(row.error_code);
	assert_int_equal(row.completed_at, 0);
	assert_true(row.due_at > 0);
	assert_int_equal(told->state, TASK_STATE_RUNNING);
	assert_string_equal(told->external_id, "up-9");
	assert_int_equal(told->rev, row.rev);
}

TEST(a_task_that_was_given_up_lives_again)
{
	struct domains *d = domains_new(NULL, 0);
	const struct task_move moves[] = {lose, give_up};
	struct task ours = taken_over(d, moves, 2);
	assert_int_equal(settle_now(d, &accepted, &ours), ERR_OK);
	expect_running(d, &ours);
	domains_free(d);
}

TEST(what_the_answer_says_of_the_job_is_shown)
{
	struct domains *d = domains_new(NULL, 0);
	struct submit_answer answer = accepted;
	answer.facts = (struct job_facts){"m-1", "1280x720", 8, 1759028000000};
	struct task ours = taken_over(d, NULL, 0), row;
	assert_int_equal(settle_now(d, &answer, &ours), ERR_OK);
	row = stores_get(d->s, ours.video_id);
	assert_string_equal(task_shown_model(&row), "m-1");
	assert_string_equal(task_shown_size(&row), "1280x720");
	assert_int_equal(task_shown_seconds(&row), 8);
	assert_int_equal(row.facts.expires_at, 1759028000000);
	assert_string_equal(ours.facts.model, "m-1");
	domains_free(d);
}

TEST(an_answer_finds_an_unsure_task)
{
	struct domains *d = domains_new(NULL, 0);
	struct task ours = taken_over(d, &lose, 1);
	assert_int_equal(settle_now(d, &accepted, &ours), ERR_OK);
	expect_running(d, &ours);
	domains_free(d);
}

/* Between a poller's claim and its giving up. The poller then finds that the row has moved on. */
TEST(an_answer_comes_before_somebody_gives_up)
{
	struct domains *d = domains_new(NULL, 0);
	struct task ours = domains_task(d, "v", TASK_STATE_SENDING);
	struct task *claimed;
	size_t count;
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	const struct task_claim claim = {
	    .owner = "other", .now = ours.due_at, .until = ours.due_at + 1000, .limit = 10};
	assert_int_equal(store_task_claim(d->s->store, d->s->arena, &claim, &claimed, &count), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	assert_int_equal(count, 1);

	assert_int_equal(settle_now(d, &accepted, &ours), ERR_OK);
	expect_running(d, &ours);

	claimed[0].owner = "other";
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(submit_lose(&d->env, &(struct submit_answer){.message = "?"}, &claimed[0]),
	                 ERR_CONFLICT);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	expect_running(d, &ours);
	domains_free(d);
}

/* A commit of unknown outcome did happen. */
TEST(the_same_answer_twice_changes_nothing)
{
	struct domains *d = domains_new(NULL, 0);
	struct task ours = domains_task(d, "v", TASK_STATE_SENDING);
	struct task again = ours;
	assert_int_equal(settle_now(d, &accepted, &ours), ERR_OK);
	int64_t rev = stores_get(d->s, "v").rev;
	assert_int_equal(settle_now(d, &accepted, &again), ERR_OK);
	assert_int_equal(stores_get(d->s, "v").rev, rev);
	expect_running(d, &again);
	domains_free(d);
}

TEST(what_has_another_job_keeps_it)
{
	struct domains *d = domains_new(NULL, 0);
	const struct task_move other = {
	    .from = TASK_STATE_SENDING, .to = TASK_STATE_RUNNING, .external_id = "up-1", .due_at = 5};
	struct task ours = taken_over(d, &other, 1);
	assert_int_equal(settle_now(d, &accepted, &ours), ERR_OK);
	assert_string_equal(ours.external_id, "up-1");
	assert_string_equal(stores_get(d->s, "v").external_id, "up-1");
	domains_free(d);
}

/* A failure with another cause is final: a refusal for example is not revived. */
TEST(only_submission_unknown_is_revived)
{
	struct domains *d = domains_new(NULL, 0);
	const struct task_move refuse = {.from = TASK_STATE_SENDING,
	                                 .to = TASK_STATE_FAILED,
	                                 .error_code = "upstream_rejected",
	                                 .completed_at = 5};
	struct task ours = taken_over(d, &refuse, 1);
	assert_int_equal(settle_now(d, &accepted, &ours), ERR_OK);
	assert_int_equal(stores_get(d->s, "v").state, TASK_STATE_FAILED);
	assert_int_equal(ours.state, TASK_STATE_FAILED);
	domains_free(d);
}

/* The answer to an attempt that was cancelled comes when the next one is under way, held by the same process.
 * It moves nothing, and the id it brings is kept with its attempt. */
TEST(an_answer_belongs_to_its_attempt)
{
	static const struct submit_answer answers[] = {{.verdict = SUBMIT_ACCEPTED, .external_id = "up-1"},
	                                               {.verdict = SUBMIT_NOT_ACCEPTED},
	                                               {.verdict = SUBMIT_REFUSED},
	                                               {.verdict = SUBMIT_UNKNOWN}};
	for (int i = 0; i < 4; i++) {
		struct domains *d = domains_new(NULL, 0);
		struct task first = domains_task(d, "v", TASK_STATE_SENDING);
		struct task_move cancel = stores_move(first.id, TASK_STATE_SENDING, TASK_STATE_CANCELLED);
		const struct task_retry again = {.id = first.id,
		                                 .from = TASK_STATE_CANCELLED,
		                                 .to = TASK_STATE_READY,
		                                 .owner = "me",
		                                 .due_at = first.due_at};
		int64_t rev;
		bool known;
		cancel.owner = "me";
		stores_make(d->s->store, &cancel);
		assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
		assert_int_equal(store_task_retry(d->s->store, &again, &rev), ERR_OK);
		assert_int_equal(store_commit(d->s->store), ERR_OK);
		struct task_move claim = stores_move(first.id, TASK_STATE_READY, TASK_STATE_SENDING);
		claim.attempt = 2;
		claim.owner = claim.new_owner = "me";
		claim.due_at = first.due_at;
		stores_make(d->s->store, &claim);

		assert_int_equal(settle_now(d, &answers[i], &first), ERR_OK);
		struct task row = stores_get(d->s, "v");
		assert_int_equal(row.state, TASK_STATE_SENDING);
		assert_string_equal(row.owner, "me");
		assert_null(row.external_id);
		assert_int_equal(row.rev, rev);
		assert_int_equal(store_external_known(d->s->store, &row, "up-1", &known), ERR_OK);
		assert_int_equal(known, i == 0);
		domains_free(d);
	}
}

/* The user has tried again: the row waits for another job's id. */
TEST(another_attempt_is_not_given_the_old_id)
{
	struct domains *d = domains_new(NULL, 0);
	const struct task_move moves[] = {lose, give_up};
	struct task ours = taken_over(d, moves, 2);
	ours.attempt--;
	assert_int_equal(settle_now(d, &accepted, &ours), ERR_OK);
	assert_int_equal(stores_get(d->s, "v").state, TASK_STATE_FAILED);
	assert_null(stores_get(d->s, "v").external_id);
	domains_free(d);
}

TEST(any_other_answer_yields_to_who_took_over)
{
	const enum submit_verdict verdicts[] = {SUBMIT_REFUSED, SUBMIT_NOT_ACCEPTED, SUBMIT_UNKNOWN};
	const struct task_move moves[] = {lose, give_up};
	for (int i = 0; i < 3; i++) {
		struct domains *d = domains_new(NULL, 0);
		struct task ours = taken_over(d, moves, 2);
		const struct submit_answer answer = {.verdict = verdicts[i]};
		int64_t rev = stores_get(d->s, "v").rev;
		assert_int_equal(settle_now(d, &answer, &ours), ERR_OK);
		assert_int_equal(ours.state, TASK_STATE_FAILED);
		assert_string_equal(ours.error_code, "submission_unknown");
		assert_int_equal(stores_get(d->s, "v").rev, rev);
		domains_free(d);
	}
}

/* The user has cancelled while the answer was awaited: a job that was surely not made is not looked for. */
TEST(a_cancelled_submission_without_a_job_is_over)
{
	const enum submit_verdict verdicts[] = {SUBMIT_REFUSED, SUBMIT_NOT_ACCEPTED, SUBMIT_NO_ACCOUNT,
	                                        SUBMIT_UNKNOWN};
	for (int i = 0; i < 8; i++) {
		struct domains *d = domains_new(NULL, 0);
		struct task ours = domains_task(d, "v", TASK_STATE_SENDING);
		struct task_move cancel = stores_move(ours.id, TASK_STATE_SENDING, TASK_STATE_CANCELLED);
		bool taken_over = i >= 4; /* the lease that was cancelled was another one */
		const struct submit_answer answer = {.verdict = verdicts[i % 4]};
		cancel.owner = ours.owner;
		cancel.due_at = ours.due_at + taken_over;
		stores_make(d->s->store, &cancel);
		assert_int_equal(settle_now(d, &answer, &ours), ERR_OK);
		assert_int_equal(ours.state, TASK_STATE_CANCELLED);
		bool over = !taken_over && answer.verdict != SUBMIT_UNKNOWN;
		assert_int_equal(stores_get(d->s, "v").due_at, over ? 0 : cancel.due_at);
		assert_int_equal(ours.due_at, over ? 0 : cancel.due_at);
		domains_free(d);
	}
}

TEST(without_memory_a_conflict_is_told)
{
	struct domains *d = domains_new(NULL, 0);
	struct task ours = taken_over(d, &lose, 1);
	const struct submit_answer answer = {.verdict = SUBMIT_NOT_ACCEPTED};
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(submit_outcome_apply(&d->env, NULL, &answer, &ours), ERR_CONFLICT);
	store_rollback(d->s->store);
	domains_free(d);
}

TEST(a_claimed_task_is_sending_or_has_timed_out)
{
	struct domains *d = domains_new(NULL, 0);
	struct task task = domains_task(d, "v", TASK_STATE_READY);
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(submit_claim(&d->env, d->s->arena, 77, &task), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	assert_int_equal(task.state, TASK_STATE_SENDING);
	task = stores_get(d->s, "v");
	assert_int_equal(task.state, TASK_STATE_SENDING);
	assert_string_equal(task.owner, "me");
	assert_int_equal(task.due_at, 77);

	d->config.task_deadline = 0;
	task = domains_task(d, "w", TASK_STATE_READY);
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(submit_claim(&d->env, d->s->arena, 77, &task), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	task = stores_get(d->s, "w");
	assert_int_equal(task.state, TASK_STATE_FAILED);
	assert_string_equal(task.error_code, "timeout");
	assert_null(task.owner);
	domains_free(d);
}

TEST(what_nobody_knows_is_given_up)
{
	const enum task_state left[] = {TASK_STATE_SENDING, TASK_STATE_UNSURE};
	for (int i = 0; i < 2; i++) {
		struct domains *d = domains_new(NULL, 0);
		struct task task = domains_task(d, "v", TASK_STATE_SENDING);
		if (left[i] == TASK_STATE_UNSURE) {
			struct task_move move = lose;
			move.id = task.id;
			move.owner = "me";
			move.new_owner = "me";
			move.progress = -1;
			stores_make(d->s->store, &move);
			task = stores_get(d->s, "v");
		}
		assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
		const struct submit_answer answer = {.message = "Not known."};
		assert_int_equal(left[i] == TASK_STATE_UNSURE ? submit_give_up(&d->env, answer.message, &task)
		                                              : submit_lose(&d->env, &answer, &task),
		                 ERR_OK);
		assert_int_equal(store_commit(d->s->store), ERR_OK);
		task = stores_get(d->s, "v");
		assert_int_equal(task.state, TASK_STATE_FAILED);
		assert_string_equal(task.error_code, "submission_unknown");
		assert_string_equal(task.error_message, "Not known.");
		assert_int_equal(task.due_at, 0);
		domains_free(d);
	}
}

/* Where something can be done about it, the task waits for that instead. */
TEST(what_nobody_knows_is_found_out_where_it_can_be)
{
	const char *const dialects[] = {"openai", "sora"};
	for (int i = 0; i < 2; i++) {
		struct domains *d = domains_new_as(dialects[i], NULL, 0);
		d->config.upstream_idempotency = i == 0 ? "off" : "on";
		domains_configure(d);
		const struct submit_answer answer = {.verdict = SUBMIT_UNKNOWN, .retry_after_ms = 9000};
		struct task task = domains_task(d, "v", TASK_STATE_SENDING);
		int64_t before = clock_wall_ms();
		assert_int_equal(settle_now(d, &answer, &task), ERR_OK);
		task = stores_get(d->s, "v");
		assert_int_equal(task.state, TASK_STATE_UNSURE);
		assert_null(task.owner);
		assert_true(task.due_at >= before + 9000);
		assert_int_equal(unsure_next_step(&d->env, &task), i == 0 ? UNSURE_FIND : UNSURE_REPEAT);
		domains_deadline(d, &task, before);
		assert_int_equal(unsure_next_step(&d->env, &task), UNSURE_GIVE_UP);
		domains_free(d);
	}
}

/* Whose channel cannot be used now waits for it until its deadline; whose channel was taken away does not. */
TEST(what_nobody_knows_waits_for_its_channel)
{
	struct domains *d = domains_new(NULL, 0);
	struct task task = domains_task(d, "v", TASK_STATE_UNSURE);
	task.channel = "x";
	assert_int_equal(unsure_next_step(&d->env, &task), UNSURE_FIND); /* the database was not read yet */
	domains_channel(d, d->base, "file:/nowhere/key");
	assert_int_equal(unsure_next_step(&d->env, &task), UNSURE_FIND);
	domains_deadline(d, &task, clock_wall_ms());
	assert_int_equal(unsure_next_step(&d->env, &task), UNSURE_GIVE_UP);
	domains_deadline(d, &task, clock_wall_ms() + 60000);
	domains_channel(d, NULL, NULL);
	assert_int_equal(unsure_next_step(&d->env, &task), UNSURE_GIVE_UP);
	domains_free(d);
}

/* The promise came after it was sent: the upstream has never seen its key. */
TEST(what_was_sent_without_a_key_is_not_repeated)
{
	struct domains *d = domains_new(NULL, 0);
	struct task task = domains_task(d, "v", TASK_STATE_SENDING);
	d->config.upstream_idempotency = "on";
	domains_configure(d);
	const struct submit_answer answer = {.verdict = SUBMIT_UNKNOWN};
	assert_int_equal(settle_now(d, &answer, &task), ERR_OK);
	assert_int_equal(stores_get(d->s, "v").state, TASK_STATE_FAILED);
	task = domains_task(d, "w", TASK_STATE_READY);
	task.sent_with_key = false;
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(submit_claim(&d->env, d->s->arena, 77, &task), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	assert_true(stores_get(d->s, "w").sent_with_key && task.sent_with_key);
	domains_free(d);
}

/* Another task that asked for just the same has it already. */
TEST(an_id_that_another_task_bears_stays_there)
{
	struct domains *d = domains_new(NULL, 0);
	const struct task_move cancel = {
	    .from = TASK_STATE_SENDING, .to = TASK_STATE_CANCELLED, .completed_at = 5};
	struct task ours = taken_over(d, &cancel, 1);
	domains_task(d, "same", TASK_STATE_RUNNING); /* up-1 */
	const struct submit_answer answer = {.verdict = SUBMIT_ACCEPTED, .external_id = "up-1"};
	assert_int_equal(settle_now(d, &answer, &ours), ERR_OK);
	assert_null(stores_get(d->s, "v").external_id);
	assert_int_equal(stores_get(d->s, "v").due_at, 0);
	domains_free(d);
}

TEST(a_repetition_waits_for_its_channel)
{
	struct domains *d = domains_new(NULL, 0);
	struct task task = domains_task(d, "v", TASK_STATE_UNSURE);
	int64_t until = clock_wall_ms() + 50000;
	domains_set_health(d, (struct channel_health){.cooldown_until = until});
	for (int cools = 1; cools >= 0; cools--) {
		assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
		assert_int_equal(submit_repeat(&d->env, 77, &task), ERR_OK);
		assert_int_equal(store_commit(d->s->store), ERR_OK);
		struct task row = stores_get(d->s, "v");
		assert_int_equal(row.state, cools ? TASK_STATE_UNSURE : TASK_STATE_SENDING);
		/* The clock may have gone on between the two looks at it. */
		assert_in_range(row.due_at, cools ? until : 77, cools ? until + 10000 : 77);
		if (cools) {
			assert_null(task.owner);
			assert_null(row.owner);
			domains_set_health(d, (struct channel_health){0});
			task = row;
		}
	}
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_task_that_was_given_up_lives_again),
	    cmocka_unit_test(what_the_answer_says_of_the_job_is_shown),
	    cmocka_unit_test(an_answer_finds_an_unsure_task),
	    cmocka_unit_test(an_answer_comes_before_somebody_gives_up),
	    cmocka_unit_test(the_same_answer_twice_changes_nothing),
	    cmocka_unit_test(what_has_another_job_keeps_it),
	    cmocka_unit_test(only_submission_unknown_is_revived),
	    cmocka_unit_test(an_answer_belongs_to_its_attempt),
	    cmocka_unit_test(another_attempt_is_not_given_the_old_id),
	    cmocka_unit_test(any_other_answer_yields_to_who_took_over),
	    cmocka_unit_test(a_cancelled_submission_without_a_job_is_over),
	    cmocka_unit_test(without_memory_a_conflict_is_told),
	    cmocka_unit_test(a_claimed_task_is_sending_or_has_timed_out),
	    cmocka_unit_test(what_nobody_knows_is_given_up),
	    cmocka_unit_test(what_nobody_knows_is_found_out_where_it_can_be),
	    cmocka_unit_test(what_nobody_knows_waits_for_its_channel),
	    cmocka_unit_test(what_was_sent_without_a_key_is_not_repeated),
	    cmocka_unit_test(an_id_that_another_task_bears_stays_there),
	    cmocka_unit_test(a_repetition_waits_for_its_channel),
	};
	return cmocka_run_group_tests_name("domain/task/submit_outcome", tests, NULL, NULL);
}
