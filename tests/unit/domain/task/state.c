/* The moves that a task may make: each that is meant, and no other. */

#include <string.h>

#include "domain/task/state.h"
#include "support/test.h"

static const struct {
	enum state_edge edge;
	const char *from, *to;
} meant[] = {
    {STATE_EDGE_CLAIM, "ready", "sending"},
    {STATE_EDGE_EXPIRE, "ready", "failed"},
    {STATE_EDGE_ACCEPT, "sending", "running"},
    {STATE_EDGE_POSTPONE, "sending", "ready"},
    {STATE_EDGE_REFUSE, "sending", "failed"},
    {STATE_EDGE_LOSE, "sending", "unsure"},
    {STATE_EDGE_FIND, "unsure", "running"},
    {STATE_EDGE_GIVE_UP, "unsure", "failed"},
    {STATE_EDGE_PROGRESS, "running", "running"},
    {STATE_EDGE_COMPLETE, "running", "completed"},
    {STATE_EDGE_FAIL, "running", "failed"},
    {STATE_EDGE_GIVE_UP_POLLING, "running", "failed"},
    {STATE_EDGE_CANCEL_RUNNING, "running", "cancelled"},
    {STATE_EDGE_STOPPED, "running", "cancelled"},
    {STATE_EDGE_REVIVE, "failed", "running"},
    {STATE_EDGE_ARRIVE_LATE, "failed", "completed"},
    {STATE_EDGE_CANCEL_READY, "ready", "cancelled"},
    {STATE_EDGE_CANCEL_SENDING, "sending", "cancelled"},
    {STATE_EDGE_RETRY, "failed", "ready"},
    {STATE_EDGE_RESUME, "cancelled", "ready"},
    {STATE_EDGE_LATE_ID, "cancelled", "cancelled"},
    {STATE_EDGE_REPEAT, "unsure", "sending"},
    {STATE_EDGE_CANCEL_UNSURE, "unsure", "cancelled"},
};
enum { MEANT = sizeof(meant) / sizeof(meant[0]) };

static bool
is_meant(enum task_state from, enum task_state to)
{
	for (size_t i = 0; i < MEANT; i++)
		if (strcmp(meant[i].from, task_state_word(from)) == 0 &&
		    strcmp(meant[i].to, task_state_word(to)) == 0)
			return true;
	return false;
}

TEST(every_edge_leads_where_it_should)
{
	assert_int_equal(MEANT, STATE_EDGE__MAX);
	for (size_t i = 0; i < MEANT; i++) {
		const struct state_move *move = state_edge(meant[i].edge);
		assert_string_equal(task_state_word(move->from), meant[i].from);
		assert_string_equal(task_state_word(move->to), meant[i].to);
		assert_true(state_may(move->from, move->to));
	}
}

TEST(no_other_move_may_be_made)
{
	for (enum task_state from = 0; from < TASK_STATE__MAX; from++)
		for (enum task_state to = 0; to < TASK_STATE__MAX; to++)
			assert_int_equal(state_may(from, to), is_meant(from, to));
}

TEST(only_news_that_can_be_learnt_again_is_not_durable)
{
	for (enum state_edge edge = 0; edge < STATE_EDGE__MAX; edge++)
		assert_int_equal(state_edge(edge)->durable, edge != STATE_EDGE_PROGRESS);
}

TEST(names_are_their_own)
{
	assert_string_equal(state_edge(STATE_EDGE_GIVE_UP)->name, "GIVE_UP");
	for (enum state_edge a = 0; a < STATE_EDGE__MAX; a++)
		for (enum state_edge b = 0; b < a; b++)
			assert_string_not_equal(state_edge(a)->name, state_edge(b)->name);
}

/* A client sees QUEUED, PROCESSING and an end, in this order and none again; but for a task that had been
 * given up and turns out to live, and for one that its user tries again. */
TEST(a_client_sees_tasks_go_forward)
{
	for (enum state_edge edge = 0; edge < STATE_EDGE__MAX; edge++) {
		const struct state_move *move = state_edge(edge);
		bool again = edge == STATE_EDGE_RETRY || edge == STATE_EDGE_RESUME;
		bool lives = edge == STATE_EDGE_REVIVE || edge == STATE_EDGE_ARRIVE_LATE;
		if (!again && !lives)
			assert_true(task_state_status(move->from) <= task_state_status(move->to));
		if (task_state_terminal(move->from))
			assert_true(again || lives || edge == STATE_EDGE_LATE_ID);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_edge_leads_where_it_should),
	    cmocka_unit_test(no_other_move_may_be_made),
	    cmocka_unit_test(only_news_that_can_be_learnt_again_is_not_durable),
	    cmocka_unit_test(names_are_their_own),
	    cmocka_unit_test(a_client_sees_tasks_go_forward),
	};
	return cmocka_run_group_tests_name("domain/task/state", tests, NULL, NULL);
}
