/* What users do to their tasks: cancel, try again, delete. Each makes its own durable transaction on the
 * environment's store. */
#ifndef DOMAIN_TASK_CHANGE_H
#define DOMAIN_TASK_CHANGE_H

#include <stdint.h>

#include "base/err.h"
#include "model/task.h"

struct arena;
struct domain_env;

struct change_target {
	int64_t user_id; /* whose task it must be; 0 = anybody's */
	const char *video_id;
};

/* Cancels an open task at once, whoever holds it: their later news of it are not heard, but for an upstream's
 * id. What the upstream has of it is then due to be called off there (recall.c). A task that is cancelled
 * already is left as it is. Of the environment only the store is used. ERR_TASK_NOT_FOUND, ERR_NOT_OPEN for
 * another end; the store's errors. */
enum err_code change_cancel(const struct domain_env *env, struct arena *arena,
                            const struct change_target *target, struct task *ret_task);

/* Deletes a task for everybody, and its reference image; an open one is cancelled by it. Of the environment
 * the store and the configuration are used. ERR_TASK_NOT_FOUND, the store's errors. */
enum err_code
change_delete(const struct domain_env *env, struct arena *arena, const struct change_target *target);

/* Tries a FAILED or CANCELLED task again with the same inputs: another attempt, with a new deadline. In state
 * SENDING, and then the caller must drive it with submit_start(), or READY, where the channel rests.
 * ERR_TASK_NOT_FOUND, ERR_NOT_ENDED, ERR_NO_CHANNEL where its channel is no longer configured, ERR_BUSY where
 * a poller is just looking at it; ERR_RATE_LIMITED, as it counts like a creation, with the wait until it may
 * be tried; the store's errors. */
enum err_code change_retry(const struct domain_env *env, struct arena *arena,
                           const struct change_target *target, struct task *ret_task, int64_t *ret_wait_ms);

#endif
