/* Judges and applies a submission that was surely not accepted, for a reason of the task's (REFUSED), of the
 * operator's account (NO_ACCOUNT), or because the channel does not have the model. Internal to this room;
 * works inside the caller's transaction, on the thread of the environment's store. */
#ifndef DOMAIN_TASK_SUBMIT_REFUSED_H
#define DOMAIN_TASK_SUBMIT_REFUSED_H

#include "base/err.h"
#include "model/answer.h"
#include "model/task.h"

struct arena;
struct domain_env;

/* Moves `task` (state SENDING, our lease): to FAILED with the upstream's code and words and a line in the
 * log; back to READY for its channel, whose account is then probed, or for another; and to FAILED with words
 * of ours where its deadline has passed. ERR_CONFLICT where the row is no longer ours. */
enum err_code submit_refused(const struct domain_env *env, struct arena *arena,
                             const struct submit_answer *answer, struct task *task);

#endif
