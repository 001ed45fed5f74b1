/* The sentences of failed tasks, made and taken apart. */

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "domain/task/failure.h"
#include "support/test.h"

#define UNKNOWN "It is unknown whether the upstream accepted the task; it was not sent again."

TEST(what_the_upstream_said_is_told_from_our_words)
{
	static const struct {
		enum task_state state;
		const char *message, *said, *reason;
	} rows[] = {
	    {TASK_STATE_FAILED, NULL, "", NULL},
	    {TASK_STATE_FAILED, "No.", "No.", NULL},
	    {TASK_STATE_FAILED, UNKNOWN, "", NULL},
	    {TASK_STATE_FAILED, UNKNOWN " (It (really) broke.)", "It (really) broke.", NULL},
	    {TASK_STATE_FAILED, UNKNOWN " ()", "", NULL},
	    {TASK_STATE_FAILED, UNKNOWN " and so on", UNKNOWN " and so on", NULL},
	    {TASK_STATE_FAILED, "The upstream refused the task.", "", NULL},
	    {TASK_STATE_FAILED, failure_account_text, "", "account"},
	    {TASK_STATE_CANCELLED, "No.", "", NULL},
	    {TASK_STATE_READY, failure_account_text, "", NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct task task = {.state = rows[i].state, .error_message = rows[i].message};
		char said[FAILURE_SAID_SIZE];
		failure_said(&task, said);
		assert_string_equal(said, rows[i].said);
		const char *reason = failure_reason(&task);
		assert_int_equal(reason != NULL, rows[i].reason != NULL);
		if (reason != NULL)
			assert_string_equal(reason, rows[i].reason);
	}
}

TEST(both_are_said_of_an_unknown_outcome)
{
	struct arena *arena = arena_new();
	assert_string_equal(failure_unknown(arena, "It broke."), UNKNOWN " (It broke.)");
	assert_string_equal(failure_unknown(arena, NULL), UNKNOWN);
	arena_free(arena);
}

/* A sentence of any length, cut between characters. */
TEST(a_long_sentence_is_cut)
{
	static char text[3 * FAILURE_SAID_SIZE];
	const struct task task = {.state = TASK_STATE_FAILED, .error_message = text};
	char said[FAILURE_SAID_SIZE];
	for (size_t i = 0; i + 3 < sizeof(text); i += 3)
		memcpy(text + i, "\xe7\x8c\xab", 3);
	failure_said(&task, said);
	assert_int_equal(strlen(said), (FAILURE_SAID_SIZE - 1) / 3 * 3);
	assert_memory_equal(said, text, strlen(said));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_the_upstream_said_is_told_from_our_words),
	    cmocka_unit_test(both_are_said_of_an_unknown_outcome),
	    cmocka_unit_test(a_long_sentence_is_cut),
	};
	return cmocka_run_group_tests_name("domain/task/failure", tests, NULL, NULL);
}
