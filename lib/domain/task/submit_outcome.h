/* Judges and applies the outcome of a submission: the moves of a task into SENDING, and out of SENDING and
 * UNSURE. Used by submit.c, and by the poller for submissions that another process has left behind. Each
 * function works inside the caller's transaction, on the thread of the environment's store. */
#ifndef DOMAIN_TASK_SUBMIT_OUTCOME_H
#define DOMAIN_TASK_SUBMIT_OUTCOME_H

#include <stdbool.h>

#include "base/err.h"
#include "model/answer.h"
#include "model/task.h"

struct arena;
struct domain_env;

/* Makes the answer in place of the upstream's where nothing was sent, for that reason. */
struct submit_answer submit_unsent(enum err_code why);

/* Applies the answer to a submission: moves `task` (state SENDING, our lease) and brings it to where it then
 * stands. Where the row is no longer ours, loads it as it is; but an upstream's id is written wherever the
 * table has an edge for it, and logged where it has none. New strings of the task live in `arena`; without an
 * arena (memory is short) a row that is no longer ours is ERR_CONFLICT. */
enum err_code submit_outcome_apply(const struct domain_env *env, struct arena *arena,
                                   const struct submit_answer *answer, struct task *task);

/* Takes a task in state READY, whose lease is ours, to SENDING, with a lease until `until` (wall ms): from
 * now on a crash leaves it unsure. Where its deadline has passed, to FAILED instead. Where its channel does
 * not take it now, returns the lease (task->owner is then NULL), perhaps with another channel that takes it.
 * New strings live in the arena. */
enum err_code
submit_claim(const struct domain_env *env, struct arena *arena, int64_t until, struct task *task);

/* The same for a task whose user has had a turn for it. ret_back: true where that is to be given back, as the
 * channel takes nothing of the kind now: store_turn_give_back(), the last of several first, which keeps their
 * order. */
enum err_code submit_claim_turn(const struct domain_env *env, struct arena *arena, int64_t until,
                                struct task *task, bool *ret_back);

/* What can be done about a task in state UNSURE. */
enum unsure_step {
	UNSURE_REPEAT, /* submit it again: the upstream knows a repetition by its key */
	UNSURE_FIND,   /* look for it in the upstream's list; where its channel cannot be used now, the
	                  followup waits for it */
	UNSURE_GIVE_UP /* nothing, or its deadline has passed */
};

/* Chooses the next step for a task in state UNSURE. Reads nothing but the channels. */
enum unsure_step unsure_next_step(const struct domain_env *env, const struct task *task);

/* Takes a task whose submission has no known outcome from SENDING, under our lease, to UNSURE, due when the
 * next step is; to FAILED where there is none. `answer` says what is known. */
enum err_code
submit_lose(const struct domain_env *env, const struct submit_answer *answer, struct task *task);

/* Takes a task in state UNSURE, whose lease is ours, to SENDING, with a lease until `until`, to be submitted
 * again with the same key. Where its channel cools down or is full, returns the lease (task->owner is then
 * NULL).
 */
enum err_code submit_repeat(const struct domain_env *env, int64_t until, struct task *task);

/* Writes the upstream's id of a task in state UNSURE, or CANCELLED from there, whose lease is ours, once it
 * is known after all. Where another process has moved the task meanwhile, as submit_outcome_apply(). */
enum err_code
submit_found(const struct domain_env *env, struct arena *arena, const char *external_id, struct task *task);

/* Gives up a task in state UNSURE, whose lease is ours: FAILED, submission_unknown, with `message`. */
enum err_code submit_give_up(const struct domain_env *env, const char *message, struct task *task);

#endif
