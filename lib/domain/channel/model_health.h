/* The health of a channel with one model, as it follows from what submissions were answered. Pure,
 * thread-safe. Times in ms.
 *
 * What one task is answered may be said of that task alone: it waits by itself, and no other waits for it.
 * Only where the next task is turned away too is it said of the model, and with it the wait that the
 * upstream asked for: for the user whose tasks these are, and for all once a task of another user proves it.
 * What was sent before a cooldown says nothing of what is since, though the wait that it is told holds. A
 * task that was turned away often while others were taken says nothing of the model. */
#ifndef DOMAIN_CHANNEL_MODEL_HEALTH_H
#define DOMAIN_CHANNEL_MODEL_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/channel/cooldown.h"
#include "model/channel_health.h"

/* A submission that was turned away. */
struct model_failure {
	struct cooldown_task task;
	int64_t created_at;  /* of the task */
	int64_t tries;       /* of the task, before this one */
	int64_t retry_after; /* that the upstream asked for; 0 = none */
	bool throttled;      /* it asked for fewer requests: a second task proves that; else a third */
};

/* The health after a failure. */
struct model_health
model_health_failed(struct model_health before, const struct model_failure *failure, int64_t now);

/* The health after a task was taken: the count ends, and so does the cooldown, but for a wait that the
 * upstream asked for, and for a cooldown of another user's alone. */
struct model_health
model_health_taken(struct model_health before, const struct cooldown_task *task, int64_t now);

/* The health once the task is sent: where tasks were turned away it is the probe, and no other is sent until
 * its outcome is known, or 20 s have passed. */
struct model_health
model_health_sent(struct model_health before, const struct cooldown_task *task, int64_t now);

/* The health once the task's outcome is known, where that says nothing of the model: another may probe. */
struct model_health model_health_over(struct model_health before, int64_t task, int64_t now);

/* The end of the cooldown for tasks of the user; 0 = there is none. */
int64_t model_health_until(const struct model_health *health, int64_t user);

#endif
