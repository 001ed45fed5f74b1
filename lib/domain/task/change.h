/* What users do to their tasks: cancel, retry, delete. Each makes its own durable transaction on the
 * environment's store, and belongs to that store's thread. */
#ifndef DOMAIN_TASK_CHANGE_H
#define DOMAIN_TASK_CHANGE_H

#include <stdint.h>

#include "base/err.h"
#include "domain/money/check.h"
#include "domain/money/quote.h"
#include "model/task.h"
#include "upstream/dialect/wish.h"

struct arena;
struct domain_env;

struct change_target {
	int64_t user_id; /* the task's owner must be this user; 0 = any */
	const char *video_id;
	int64_t api_key;      /* that asks; 0 = a login. Only for a retry, which is made with it */
	struct price_cap cap; /* of a retry: what it may cost */
	int64_t asker; /* the user who asks: another than the owner is the operator, who is noted as the one
	                * that has cancelled, and whose retry is made with the key that the task has */
};

/* Cancels an open task at once, whatever lease it is under: later news of it are dropped, but for an
 * upstream's id. A job that the upstream has is then due to be cancelled there (followup_cancel.c). A task
 * that is cancelled already is left as it is. Of the environment only the store is used. ERR_TASK_NOT_FOUND,
 * ERR_NOT_OPEN where it has ended otherwise; the store's errors. */
enum err_code change_cancel(const struct domain_env *env, struct arena *arena,
                            const struct change_target *target, struct task *ret_task);

/* Deletes a task, its reference image and its archived video; cancels an open one. Of the environment the
 * store and the configuration are used. ERR_TASK_NOT_FOUND, the store's errors. */
enum err_code
change_delete(const struct domain_env *env, struct arena *arena, const struct change_target *target);

/* Why a task cannot be tried again now. */
struct change_refusal {
	struct quote quote;           /* with ERR_NOT_PRICED, ERR_BAD_FIELD */
	struct check_refusal payment; /* with ERR_PRICE_CHANGED, ERR_NO_CREDIT, ERR_OVER_BUDGET */
	int64_t wait_ms;              /* with ERR_RATE_LIMITED, ERR_TOO_MANY_OPEN: until it may be tried */
	struct wish unsaid;           /* with ERR_UNSUPPORTED_FIELD: what cannot be asked for */
};

/* Tries a FAILED or CANCELLED task again with the same inputs: another attempt, with a new deadline. In state
 * SENDING, and then the caller must drive it with submit_start(), or READY, where its channel takes nothing
 * now. ERR_TASK_NOT_FOUND, ERR_NOT_ENDED, ERR_NO_CHANNEL where its channel is no longer configured, ERR_BUSY
 * where a poller is just looking at it; what admit_check() says, as it counts like a creation; what
 * route_choose() says; the store's errors. */
enum err_code
change_retry(const struct domain_env *env, struct arena *arena, const struct change_target *target,
             struct task *ret_task, struct change_refusal *ret_refusal);

#endif
