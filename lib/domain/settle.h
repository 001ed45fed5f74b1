/* What becomes of a task after the answer to its submission: the moves of one verdict. Used by submit and by
 * the poller, who meets what others have left behind. Belongs to the thread of the environment's store. */
#ifndef DOMAIN_SETTLE_H
#define DOMAIN_SETTLE_H

#include "base/err.h"
#include "model/answer.h"
#include "model/task.h"

struct arena;
struct domain_env;

/* Makes the moves inside the caller's transaction and brings `task` (state SENDING, our lease) to where it
 * then stands. Where the row is no longer ours, it is taken as it is, unless the upstream has given an id:
 * that is written down wherever the table has an edge for it, and logged where it has none. Strings of the
 * task then live in `arena`; without an arena (memory is short) that is ERR_CONFLICT. */
enum err_code settle(const struct domain_env *env, struct arena *arena, const struct submit_answer *answer,
                     struct task *task);

/* Takes a task in state READY, whose lease is ours, to SENDING until `until`: from now on a crash leaves it
 * unsure. Where its deadline has passed, to FAILED instead. Inside the caller's transaction. */
enum err_code settle_claimed(const struct domain_env *env, int64_t until, struct task *task);

/* Gives up a task that nobody can know anything about: SENDING, whose lease had run out and is ours now, or
 * UNSURE. Inside the caller's transaction. */
enum err_code settle_unknown(const struct domain_env *env, const char *message, struct task *task);

#endif
