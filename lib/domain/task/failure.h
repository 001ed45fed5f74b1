/* What the sentence of a failed task says, taken apart: our words, and the upstream's beside or in place of
 * them. Pure and thread-safe. */
#ifndef DOMAIN_TASK_FAILURE_H
#define DOMAIN_TASK_FAILURE_H

#include "base/limits.h"
#include "model/task.h"

struct arena;

enum { FAILURE_SAID_SIZE = 4 * LIMIT_UPSTREAM_TEXT + 1 };

/* The sentence of a task whose deadline passed while the account of its channel was not in order. */
extern const char failure_account_text[];

/* The sentence of an unknown outcome with what the upstream said (NULL = nothing) behind it in brackets, in
 * `arena`; without that where memory is short. */
const char *failure_unknown(struct arena *arena, const char *said);

/* Writes the upstream's own words on why the task failed, cut to the size; "" where it said nothing, or the
 * task has not failed. */
void failure_said(const struct task *task, char ret_said[FAILURE_SAID_SIZE]);

/* A word for what our sentence adds to the task's error code, "account"; NULL where it adds nothing. */
const char *failure_reason(const struct task *task);

#endif
