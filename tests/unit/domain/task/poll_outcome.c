/* What each answer to a poll means for a task, row by row. */

#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "domain/task/poll_outcome.h"
#include "domain/task/schedule.h"
#include "domain/task/state.h"
#include "support/test.h"

enum { NOW = 1000000, MIN = 2000, MAX = 60000, AGE = 100000, LATE = 86400000 };

static const struct config config = {.poll_interval_min = MIN, .poll_interval_max = MAX, .late_window = LATE};

/* A task of that age, 42 % done, with an hour to go. */
static struct task
running(void)
{
	return (struct task){
	    .id = 7,
	    .state = TASK_STATE_RUNNING,
	    .progress = 42,
	    .created_at = NOW - AGE,
	    .deadline_at = NOW + 3600000,
	    .owner = "me",
	    .tries = 3,
	    .not_found_count = 1,
	};
}

static struct task
timed_out(int64_t since)
{
	struct task task = running();
	task.state = TASK_STATE_FAILED;
	task.error_code = "timeout";
	task.deadline_at = NOW - since;
	return task;
}

static struct poll_outcome
decide(const struct task *task, const struct poll_answer *answer)
{
	const struct poll_times times = {.asked = NOW - 100, .now = NOW};
	return poll_outcome(&config, task, answer, &times);
}

/* The first look at `task` after `wait` ms at least. */
static int64_t
look(const struct task *task, int64_t least, int64_t wait)
{
	return schedule_next(&config, task, least, NOW + wait - 1);
}

struct row {
	const char *name;
	struct poll_answer answer;
	/* what is expected */
	enum state_edge edge; /* where it moves */
	bool moves;
	int progress;                           /* 0 = none */
	int64_t tries, not_found_count, due_in; /* the first look after that; 0 = never */
	const char *error_code;
};

#define NEWS(said, percent) .answer = {.verdict = POLL_NEWS, .status = said, .progress = percent}

static const struct row rows[] = {
    {"queued", NEWS(POLL_QUEUED, 0), .due_in = 1},
    {"queued, and says 99 %", NEWS(POLL_QUEUED, 99), .due_in = 1},
    {"running, no number", NEWS(POLL_RUNNING, -1), .due_in = 1},
    {"running, the same", NEWS(POLL_RUNNING, 42), .due_in = 1},
    {"running, less", NEWS(POLL_RUNNING, 41), .due_in = 1},
    {"running, more", NEWS(POLL_RUNNING, 43), STATE_EDGE_PROGRESS, true, 43, .due_in = 1},
    {"running, 100 %", NEWS(POLL_RUNNING, 100), STATE_EDGE_PROGRESS, true, 99, .due_in = 1},
    {"unknown word", NEWS(POLL_UNKNOWN_WORD, 90), .due_in = 1},
    {"completed", NEWS(POLL_COMPLETED, -1), STATE_EDGE_COMPLETE, true, 100},
    {"completed, no link", NEWS(POLL_NO_VIDEO, -1), STATE_EDGE_PROGRESS, true, 99, .tries = 4, .due_in = 1},
    {"failed", NEWS(POLL_ERROR, 50), STATE_EDGE_FAIL, true, 0, .error_code = "generation_failed"},
    {"cancelled", NEWS(POLL_CANCELLED, -1), STATE_EDGE_STOPPED, true, 0},
    {"404", {.verdict = POLL_MISSING}, .not_found_count = 2, .due_in = 1},
    {"429", {.verdict = POLL_THROTTLED}, .tries = 4, .due_in = MAX - AGE / 10 + 1},
    {"429, short wait",
     {.verdict = POLL_THROTTLED, .retry_after_ms = 5000},
     .tries = 4,
     .due_in = MAX - AGE / 10 + 1},
    {"429, long wait", {.verdict = POLL_THROTTLED, .retry_after_ms = 90000}, .tries = 4, .due_in = 90000},
    {"rubbish", {.verdict = POLL_FAILED, .why = "HTML"}, .tries = 4, .due_in = MAX - AGE / 10 + 1},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void
check(const struct row *row, const struct task *task, const struct poll_outcome *outcome)
{
	const struct transition *change = &outcome->change;
	const struct state_move *edge = state_edge(outcome->edge);
	if (outcome->moves != row->moves || change->progress != row->progress ||
	    (row->moves && outcome->edge != row->edge))
		fail_msg("%s", row->name);
	assert_null(change->new_owner);
	assert_int_equal(change->now, NOW);
	assert_int_equal(change->tries, row->tries);
	assert_int_equal(change->not_found_count, row->not_found_count);
	int64_t due_at = row->due_in == 1   ? schedule_after(&config, task, 0, NOW - 100, NOW)
	                 : row->due_in == 0 ? 0
	                                    : look(task, 0, row->due_in);
	assert_int_equal(change->due_at, due_at);
	bool counts = change->tries != task->tries || change->not_found_count != task->not_found_count;
	assert_int_equal(outcome->writes, row->moves || counts);
	assert_int_equal(change->completed_at, row->moves && task_state_terminal(edge->to) ? NOW : 0);
	if (row->error_code != NULL)
		assert_string_equal(change->error_code, row->error_code);
	else
		assert_null(change->error_code);
	if (outcome->edge == STATE_EDGE_STOPPED && outcome->moves)
		assert_string_equal(change->cancelled_by, "upstream");
	else
		assert_null(change->cancelled_by);
	if (outcome->moves)
		assert_int_equal(edge->from, TASK_STATE_RUNNING);
}

TEST(every_answer_has_its_meaning)
{
	struct task task = running();
	for (size_t i = 0; i < ROWS; i++) {
		struct poll_outcome outcome = decide(&task, &rows[i].answer);
		check(&rows[i], &task, &outcome);
	}
}

TEST(an_upstream_is_not_asked_oftener_than_it_wants)
{
	struct task task = running(), late = timed_out(1000);
	struct poll_answer answer = {.verdict = POLL_NEWS, .status = POLL_QUEUED, .interval_min = 1000};
	assert_int_equal(decide(&task, &answer).change.due_at, look(&task, 0, 1000));
	const int64_t least[] = {2 * MAX, 10 * MAX};
	for (int i = 0; i < 2; i++) {
		answer.interval_min = least[i];
		int64_t next = decide(&task, &answer).change.due_at;
		assert_in_range(next, NOW + least[i] / 2 - 100, NOW + least[i] * 3 / 2);
		assert_int_equal(schedule_next(&config, &task, least[i], next) - next, least[i]);
		next = decide(&late, &answer).change.due_at;
		assert_true(next >= NOW + least[i] / 2 - 100);
	}
}

/* Nothing is written where nothing is new: the next look is known without that. */
TEST(no_news_write_nothing)
{
	struct task task = running();
	const struct poll_answer same = {.verdict = POLL_NEWS, .status = POLL_RUNNING, .progress = 42};
	task.tries = task.not_found_count = 0;
	assert_false(decide(&task, &same).writes);
	task.due_at = TASK_LOOK_NOW; /* that is over then */
	assert_true(decide(&task, &same).writes);
	task.due_at = 0;
	task.not_found_count = 1; /* as are the 404 in a row */
	assert_true(decide(&task, &same).writes);
	task = timed_out(3600000);
	assert_false(decide(&task, &same).writes);
	task = timed_out(LATE);
	assert_true(decide(&task, &same).writes);
}

TEST(a_finished_video_has_its_links_or_none)
{
	struct task task = running();
	struct poll_answer answer = {.verdict = POLL_NEWS, .status = POLL_COMPLETED, .progress = 10};
	assert_null(decide(&task, &answer).change.video_url);
	answer.video_url = "https://cdn/v.mp4";
	answer.image_url = "https://cdn/v.jpg";
	assert_string_equal(decide(&task, &answer).change.video_url, "https://cdn/v.mp4");
	assert_string_equal(decide(&task, &answer).change.image_url, "https://cdn/v.jpg");
	assert_int_equal(decide(&task, &answer).change.progress, 100);
}

TEST(what_is_made_is_taken_over_at_once)
{
	struct task task = running();
	struct poll_answer answer = {.verdict = POLL_NEWS, .status = POLL_QUEUED, .progress = -1};
	answer.facts = (struct job_facts){"m-1", "4x4", 7, 9000000};
	struct poll_outcome outcome = decide(&task, &answer);
	assert_true(outcome.moves && outcome.edge == STATE_EDGE_PROGRESS);
	assert_string_equal(outcome.change.facts.model, "m-1");
	assert_int_equal(outcome.change.facts.expires_at, 9000000);
	task.facts = answer.facts;
	assert_false(decide(&task, &answer).moves);
	answer.facts.model = "m-2"; /* a name for each poll would fill the counts */
	assert_false(decide(&task, &answer).moves);
	answer.status = POLL_COMPLETED;
	assert_string_equal(decide(&task, &answer).change.facts.model, "m-2");
	answer.facts.model = "m-1";
	answer.facts.seconds = 8;
	assert_int_equal(decide(&task, &answer).change.facts.seconds, 8);
	assert_null(decide(&task, &answer).change.facts.model);
}

/* An upstream that counts from now, with each answer, wakes no client by that. */
TEST(an_end_that_moves_with_each_answer_is_taken_over_at_the_end)
{
	struct task task = running();
	struct poll_answer answer = {.verdict = POLL_NEWS, .status = POLL_QUEUED, .progress = -1};
	task.facts.expires_at = 9000000;
	answer.facts.expires_at = 9000000 + 3600000;
	assert_false(decide(&task, &answer).moves);
	answer.status = POLL_COMPLETED;
	assert_int_equal(decide(&task, &answer).change.facts.expires_at, 9000000 + 3600000);
	answer.status = POLL_QUEUED;
	answer.facts.expires_at = 9000000 - 3600000;
	assert_int_equal(decide(&task, &answer).change.facts.expires_at, 9000000 - 3600000);
}

TEST(a_failure_keeps_the_upstreams_words)
{
	struct task task = running();
	struct poll_answer answer = {.verdict = POLL_NEWS,
	                             .status = POLL_ERROR,
	                             .error_code = "moderation",
	                             .error_message = "No cats."};
	assert_string_equal(decide(&task, &answer).change.error_code, "moderation");
	assert_string_equal(decide(&task, &answer).change.error_message, "No cats.");
	answer.error_code = answer.error_message = NULL;
	assert_true(strlen(decide(&task, &answer).change.error_message) > 0);
}

TEST(three_404_in_a_row_end_a_task)
{
	struct task task = running();
	const struct poll_answer missing = {.verdict = POLL_MISSING};
	task.not_found_count = 0;
	for (int i = 1; i < 3; i++) {
		struct poll_outcome outcome = decide(&task, &missing);
		assert_false(outcome.moves);
		assert_int_equal(outcome.change.not_found_count, i);
		task.not_found_count = outcome.change.not_found_count;
	}
	struct poll_outcome last = decide(&task, &missing);
	assert_true(last.moves);
	assert_int_equal(last.edge, STATE_EDGE_GIVE_UP_POLLING);
	assert_string_equal(last.change.error_code, "upstream_lost");
	assert_int_equal(last.change.due_at, 0);
}

/* Two 404 have been seen; whatever comes between them and the third, they are not in a row any more. */
TEST(any_other_answer_breaks_the_row)
{
	struct task task = running();
	task.not_found_count = 2;
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].answer.verdict != POLL_MISSING)
			assert_int_equal(decide(&task, &rows[i].answer).change.not_found_count, 0);
}

TEST(progress_never_goes_back)
{
	struct task task = running();
	for (task.progress = 0; task.progress <= 100; task.progress++)
		for (int said = -1; said <= 100; said++) {
			const struct poll_answer answer = {
			    .verdict = POLL_NEWS, .status = POLL_RUNNING, .progress = said};
			struct poll_outcome outcome = decide(&task, &answer);
			assert_int_equal(outcome.moves, said > task.progress && task.progress < 99);
			assert_true(outcome.change.progress == 0 || outcome.change.progress > task.progress);
		}
}

/* "Done" without a link is asked about again, and ends within minutes. */
TEST(done_without_a_link_ends_within_minutes)
{
	struct task task = running();
	const struct poll_answer answer = {.verdict = POLL_NEWS, .status = POLL_NO_VIDEO, .progress = 100};
	int64_t waited = 0;
	task.created_at = NOW - 7200000;
	task.tries = 0;
	for (int i = 1; i < 6; i++) {
		struct poll_outcome outcome = decide(&task, &answer);
		assert_true(!outcome.moves || outcome.edge == STATE_EDGE_PROGRESS);
		assert_int_equal(outcome.change.tries, i);
		waited += outcome.change.due_at - NOW;
		task.tries = outcome.change.tries;
		task.progress = 99;
	}
	struct poll_outcome last = decide(&task, &answer);
	assert_true(last.moves);
	assert_int_equal(last.edge, STATE_EDGE_FAIL);
	assert_string_equal(last.change.error_code, "no_video");
	assert_in_range(waited, 60000, 330000);
}

/* At the deadline whatever has not ended has failed, but is looked at further; what ends with this very
 * answer ends as the answer says. */
TEST(the_deadline_ends_what_has_not_ended)
{
	struct task task = running();
	task.deadline_at = NOW;
	for (size_t i = 0; i < ROWS; i++) {
		struct poll_outcome outcome = decide(&task, &rows[i].answer);
		assert_true(outcome.moves);
		if (rows[i].moves && rows[i].edge != STATE_EDGE_PROGRESS) {
			check(&rows[i], &task, &outcome);
			continue;
		}
		assert_int_equal(outcome.edge, STATE_EDGE_GIVE_UP_POLLING);
		assert_string_equal(outcome.change.error_code, "timeout");
		assert_int_equal(outcome.change.completed_at, NOW);
		struct task late = task;
		late.state = TASK_STATE_FAILED;
		assert_int_equal(outcome.change.due_at, look(&late, 0, 1));
		assert_in_range(outcome.change.due_at, NOW, NOW + 60000);
	}
	struct config impatient = config;
	impatient.late_window = 0;
	const struct poll_times times = {.asked = NOW, .now = NOW};
	assert_int_equal(poll_outcome(&impatient, &task, &rows[0].answer, &times).change.due_at, 0);
}

TEST(nobody_sleeps_past_the_deadline)
{
	struct task task = running();
	task.deadline_at = NOW + 1;
	for (size_t i = 0; i < ROWS; i++) {
		struct poll_outcome outcome = decide(&task, &rows[i].answer);
		assert_int_equal(outcome.change.due_at, rows[i].due_in > 0 ? NOW + 1 : 0);
	}
}

TEST(a_late_video_is_delivered)
{
	const struct poll_answer completed = {
	    .verdict = POLL_NEWS, .status = POLL_COMPLETED, .video_url = "https://cdn/v.mp4"};
	const int64_t since[] = {0, 60000, LATE, 2 * (int64_t)LATE};
	for (size_t i = 0; i < 4; i++) {
		struct task task = timed_out(since[i]);
		struct poll_outcome outcome = decide(&task, &completed);
		assert_true(outcome.moves);
		assert_int_equal(outcome.edge, STATE_EDGE_ARRIVE_LATE);
		assert_string_equal(outcome.change.video_url, "https://cdn/v.mp4");
		assert_int_equal(outcome.change.completed_at, NOW);
		assert_int_equal(outcome.change.due_at, 0);
	}
}

TEST(nothing_else_moves_a_task_that_timed_out)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].moves && rows[i].edge == STATE_EDGE_COMPLETE)
			continue;
		bool over = rows[i].answer.verdict == POLL_NEWS && rows[i].answer.status == POLL_ERROR;
		struct task task = timed_out(3600000);
		struct poll_outcome outcome = decide(&task, &rows[i].answer);
		assert_false(outcome.moves);
		assert_int_equal(outcome.change.due_at, over ? 0 : look(&task, 0, 60000 / 2 - 100));
		assert_true(over || outcome.change.due_at <= NOW + 3600000 / 20 * 3 / 2);
		task = timed_out(LATE);
		outcome = decide(&task, &rows[i].answer);
		assert_false(outcome.moves);
		assert_int_equal(outcome.change.due_at, 0);
	}
}

/* A clock that was set back makes a task younger than new. */
TEST(a_clock_set_back_does_no_harm)
{
	struct task task = running();
	task.created_at = NOW + 5000;
	for (size_t i = 0; i < ROWS; i++) {
		struct poll_outcome outcome = decide(&task, &rows[i].answer);
		assert_true(rows[i].due_in == 0 || outcome.change.due_at >= NOW + MIN / 2 - 100);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_answer_has_its_meaning),
	    cmocka_unit_test(an_upstream_is_not_asked_oftener_than_it_wants),
	    cmocka_unit_test(no_news_write_nothing),
	    cmocka_unit_test(a_finished_video_has_its_links_or_none),
	    cmocka_unit_test(what_is_made_is_taken_over_at_once),
	    cmocka_unit_test(an_end_that_moves_with_each_answer_is_taken_over_at_the_end),
	    cmocka_unit_test(a_failure_keeps_the_upstreams_words),
	    cmocka_unit_test(three_404_in_a_row_end_a_task),
	    cmocka_unit_test(any_other_answer_breaks_the_row),
	    cmocka_unit_test(progress_never_goes_back),
	    cmocka_unit_test(done_without_a_link_ends_within_minutes),
	    cmocka_unit_test(the_deadline_ends_what_has_not_ended),
	    cmocka_unit_test(nobody_sleeps_past_the_deadline),
	    cmocka_unit_test(a_late_video_is_delivered),
	    cmocka_unit_test(nothing_else_moves_a_task_that_timed_out),
	    cmocka_unit_test(a_clock_set_back_does_no_harm),
	};
	return cmocka_run_group_tests_name("domain/task/poll_outcome", tests, NULL, NULL);
}
