/* Judges the answers to polls: the one place where it is decided how a task under way ends. Pure,
 * thread-safe.
 */
#ifndef DOMAIN_TASK_POLL_OUTCOME_H
#define DOMAIN_TASK_POLL_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/task/state.h"
#include "domain/task/transition.h"
#include "model/answer.h"
#include "model/task.h"

struct config;

struct poll_outcome {
	bool writes; /* there is something to write, be it only a count of failures */
	bool moves;  /* `edge` is to be taken */
	enum state_edge edge;
	bool too_late;            /* it moves nothing, but the upstream says that the job has failed */
	struct transition change; /* due_at, tries and not_found_count are set in both cases */
};

/* When a poll was made, ms since the epoch. */
struct poll_times {
	int64_t asked; /* the question was sent */
	int64_t now;   /* its answer came */
};

/* Judges an answer about a task (RUNNING, or FAILED by timeout). A task ends only by a well-formed answer
 * that says so, by three answers 404 in a row, or by its deadline; progress never goes back. An answer
 * without news writes nothing: the next look is known without that (schedule.h). Strings of the outcome point
 * into the answer and the task. */
struct poll_outcome poll_outcome(const struct config *config, const struct task *task,
                                 const struct poll_answer *answer, const struct poll_times *times);

/* True where a task is judged at `now` whatever the answer. */
bool poll_time_is_over(const struct config *config, const struct task *task, int64_t now);

#endif
