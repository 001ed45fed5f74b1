/* The health of a channel with one model, as it follows from what submissions were answered. Pure,
 * thread-safe. Times in ms.
 *
 * What one task is answered may be said of that task alone: it waits by itself, and no other waits for it.
 * Only where the next task is turned away too is it said of the model, and with it the wait that the
 * upstream asked for. A task that was turned away often while others were taken says nothing of the model.
 */
#ifndef DOMAIN_CHANNEL_MODEL_HEALTH_H
#define DOMAIN_CHANNEL_MODEL_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "model/channel_health.h"

/* Of all cooldowns, in ms. */
enum {
	HEALTH_FIRST = 1000,
	HEALTH_MOST = 60 * 1000,
	HEALTH_ASKED_MOST = 60 * 60 * 1000,
	HEALTH_PROBE = 20 * 1000 /* until another task may be sent, where a probe's outcome is not known */
};

/* A submission that was turned away. */
struct model_failure {
	int64_t task;        /* its row */
	int64_t created_at;  /* of the task */
	int64_t tries;       /* of the task, before this one */
	int64_t retry_after; /* that the upstream asked for; 0 = none */
	bool throttled;      /* it asked for fewer requests: a second task proves that; else a third */
};

/* The health after a failure. Failures during a cooldown were sent before it: they do not count, but the
 * wait that they bring holds. */
struct model_health
model_health_failed(struct model_health before, const struct model_failure *failure, int64_t now);

/* The health after a task was taken: the count ends, and so does the cooldown, but for a wait that the
 * upstream asked for. */
struct model_health model_health_taken(struct model_health before, int64_t now);

/* The health once the task is sent: where tasks were turned away it is the probe, and no other is sent until
 * its outcome is known, or 20 s have passed. */
struct model_health model_health_sent(struct model_health before, int64_t task, int64_t now);

/* The health once the task's outcome is known, where that says nothing of the model: another may probe. */
struct model_health model_health_over(struct model_health before, int64_t task, int64_t now);

#endif
