/* What becomes of a task after the answer to its submission: the moves of one verdict. Used by submit and by
 * the poller, who meets what others have left behind. Belongs to the thread of the environment's store. */
#ifndef DOMAIN_TASK_SUBMIT_OUTCOME_H
#define DOMAIN_TASK_SUBMIT_OUTCOME_H

#include "base/err.h"
#include "model/answer.h"
#include "model/task.h"

struct arena;
struct domain_env;

/* Makes the moves inside the caller's transaction and brings `task` (state SENDING, our lease) to where it
 * then stands. Where the row is no longer ours, it is taken as it is, unless the upstream has given an id:
 * that is written down wherever the table has an edge for it, and logged where it has none. Strings of the
 * task then live in `arena`; without an arena (memory is short) that is ERR_CONFLICT. */
enum err_code submit_outcome_apply(const struct domain_env *env, struct arena *arena,
                                   const struct submit_answer *answer, struct task *task);

/* Takes a task in state READY, whose lease is ours, to SENDING until `until`: from now on a crash leaves it
 * unsure. Where its deadline has passed, to FAILED instead; where its channel does not take it now, back to
 * where it was, or to another channel that does (task->owner is NULL then). What is noted of it lives in the
 * arena. Inside the caller's transaction. */
enum err_code
submit_claim(const struct domain_env *env, struct arena *arena, int64_t until, struct task *task);

/* What can be done about a task whose submission may have been taken. */
enum unsure_step {
	UNSURE_REPEAT, /* the upstream knows a repetition: submit it again */
	UNSURE_FIND,   /* the upstream has a list: look for it there; or its channel cannot be used now: the
	                     errand waits for it */
	UNSURE_GIVE_UP /* nothing, or its deadline has passed */
};

/* The way for a task in state UNSURE. */
enum unsure_step unsure_next_step(const struct domain_env *env, const struct task *task);

/* A submission that nobody knows the outcome of: from SENDING, whose lease is ours or had run out and is ours
 * now, to UNSURE, due when there is something to be done about it; to FAILED where there is nothing. `answer`
 * says what is known. Inside the caller's transaction. */
enum err_code
submit_lose(const struct domain_env *env, const struct submit_answer *answer, struct task *task);

/* Takes a task in state UNSURE, whose lease is ours, to SENDING until `until`, to be submitted again with the
 * same key; where its channel rests, gives the lease back (task->owner is NULL then). Inside the caller's
 * transaction. */
enum err_code submit_repeat(const struct domain_env *env, int64_t until, struct task *task);

/* The upstream's id of a task in state UNSURE, or CANCELLED from there, whose lease is ours, is known after
 * all. Where somebody has moved the task meanwhile, as submit_outcome_apply(). Inside the caller's
 * transaction. */
enum err_code
submit_found(const struct domain_env *env, struct arena *arena, const char *external_id, struct task *task);

/* Gives up a task in state UNSURE, whose lease is ours. Inside the caller's transaction. */
enum err_code submit_give_up(const struct domain_env *env, const char *message, struct task *task);

#endif
