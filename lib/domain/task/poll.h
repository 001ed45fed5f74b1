/* Finding out how a task stands: ask the upstream, decide, write. Used by the poller. Belongs to the loop's
 * thread; the decision is pure. */
#ifndef DOMAIN_TASK_POLL_H
#define DOMAIN_TASK_POLL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/answer.h"
#include "store/task.h"

struct config;
struct domain_env;
struct poll_driver;

struct poll_outcome {
	bool moves; /* something visible changes: `move` is to be made; else only due_at, polls and misses are
	             */
	bool durable;          /* the move must survive a power cut */
	struct task_move move; /* id, attempt, from, owner, due_at, polls and misses are set in both cases */
};

/* What an answer means for a task under lease: pure. Only a well-formed answer that says so ends a task,
 * three answers 404 in a row, or its deadline; progress never goes back. Strings point into the answer and
 * the task. `dice`: see schedule.h. */
struct poll_outcome poll_outcome_decide(const struct config *config, const struct task *task,
                                        const struct poll_answer *answer, int64_t now, double dice);

/* A poll_driver; the environment is copied, what it points to must outlive the poll_driver. NULL when memory
 * is short. */
struct poll_driver *poll_driver_new(const struct domain_env *env);

/* Writes what has been decided, and frees it; end what is under way before. NULL is fine. */
void poll_driver_free(struct poll_driver *poll_driver);

/* Polls a task (RUNNING, or FAILED by timeout) that is under our lease. The task is copied. False when memory
 * is short: the lease will run out. */
bool poll_driver_start(struct poll_driver *poll_driver, const struct task *task);

/* From now on answers are not judged any more: the tasks are due at once, for whoever comes next. For a stop,
 * after submit_stop() and followups_abandon(): all lanes are open. */
void poll_driver_abandon(struct poll_driver *poll_driver);

/* How many polls are under way or not yet written. */
size_t poll_driver_active(const struct poll_driver *poll_driver);

#endif
