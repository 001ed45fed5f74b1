/* The health of the operator's account at a channel, its key and its balance, as it follows from what
 * submissions were answered. Pure, thread-safe. Times in ms.
 *
 * At the end of a cooldown one task is the probe. What was sent before the trouble was known says nothing of
 * what is since: it neither counts again nor ends it. A wait that the upstream asks for holds,
 * whichever task is told it, and whatever is taken meanwhile; only another key ends it. */
#ifndef DOMAIN_CHANNEL_ACCOUNT_HEALTH_H
#define DOMAIN_CHANNEL_ACCOUNT_HEALTH_H

#include "domain/channel/cooldown.h"
#include "model/channel_health.h"

/* A submission whose answer speaks of the account. */
struct account_failure {
	struct cooldown_task task;
	int64_t retry_after; /* that the upstream asked for; 0 = none */
	double dice;         /* the cooldown is ± 10 % */
};

/* The health after that. */
struct channel_health
account_health_failed(struct channel_health before, const struct account_failure *failure, int64_t now);

/* The health after a task was taken. */
struct channel_health
account_health_taken(struct channel_health before, const struct cooldown_task *task, int64_t now);

/* The health once the task is sent: in trouble, of the account or of the connection (lost), it is the probe,
 * and no other is sent until its outcome is known, or 20 s have passed. */
struct channel_health account_health_sent(struct channel_health before, int64_t task, int64_t now);

/* The health once the task's outcome is known, where that says nothing of the account: another may probe. */
struct channel_health account_health_over(struct channel_health before, int64_t task, int64_t now);

/* The health with another key. */
struct channel_health account_health_new_key(struct channel_health before);

#endif
