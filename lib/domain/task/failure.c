/* The sentences of failed tasks: see failure.h. Made and taken apart in this one place. */
#include "domain/task/failure.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/utf8.h"

const char failure_account_text[] = "The provider's account needs its operator.";

static const char *
unknown(void)
{
	return err_text(ERR_SUBMISSION_UNKNOWN, "en");
}

const char *
failure_unknown(struct arena *arena, const char *said)
{
	const char *both = said != NULL ? arena_printf(arena, "%s (%s)", unknown(), said) : NULL;
	return both != NULL ? both : unknown();
}

static bool
is_ours(const char *sentence)
{
	for (int i = 1; i < ERR__MAX; i++)
		if (strcmp(sentence, err_text((enum err_code)i, "en")) == 0)
			return true;
	return strcmp(sentence, failure_account_text) == 0;
}

void
failure_said(const struct task *task, char ret_said[FAILURE_SAID_SIZE])
{
	const char *said = task->error_message;
	size_t ours = strlen(unknown());
	ret_said[0] = '\0';
	if (task->state != TASK_STATE_FAILED || said == NULL || is_ours(said))
		return;
	size_t len = strlen(said);
	if (strncmp(said, unknown(), ours) == 0 && strncmp(said + ours, " (", 2) == 0 &&
	    said[len - 1] == ')') {
		said += ours + 2;
		len -= ours + 3;
	}
	size_t most = utf8_cut(said, FAILURE_SAID_SIZE - 1);
	snprintf(ret_said, FAILURE_SAID_SIZE, "%.*s", (int)(len < most ? len : most), said);
}

const char *
failure_reason(const struct task *task)
{
	bool account = task->state == TASK_STATE_FAILED && task->error_message != NULL &&
	               strcmp(task->error_message, failure_account_text) == 0;
	return account ? "account" : NULL;
}
