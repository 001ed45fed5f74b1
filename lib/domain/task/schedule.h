/* When to look again: the polling schedule and the backoffs, as pure functions of what they are given.
 * Thread-safe. All times in ms. `dice` is a random number from 0 to 1 that the caller draws: jitter, so that
 * tasks made together are not polled together for ever. */
#ifndef DOMAIN_TASK_SCHEDULE_H
#define DOMAIN_TASK_SCHEDULE_H

#include <stdint.h>

#include "model/channel_health.h"

struct config;

/* The next look at a task under way: soon after the submission, then about a tenth of the task's age, within
 * poll_interval_min and poll_interval_max, ± 10 %. */
int64_t schedule_poll(const struct config *config, int64_t age, double dice);

/* The next look after `failures` polls without news in a row: the ordinary interval doubled for each, up to
 * poll_interval_max. */
int64_t schedule_poll_failed(const struct config *config, int64_t age, int64_t failures, double dice);

/* How long a channel rests after it did not accept a submission, the `failures`th call in a row that failed
 * and the `tries`th of that task: from 1 s doubled up to 60 s, ± 10 %, and never less than what the upstream
 * asked for, up to an hour. The tries count up to 8 s only, so that a task that is never taken does not hold
 * the others back. */
int64_t schedule_submit(int64_t failures, int64_t tries, int64_t retry_after, double dice);

/* The next look at a task that has timed out: a twentieth of the time since its deadline, at least a minute,
 * at most half an hour. */
int64_t schedule_late(int64_t since_deadline, double dice);

/* The next try of a webhook after `failures` failed ones: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24
 * h, ± 10 % (the Standard Webhooks specification, "Deliverability and reliability"), and never less than what
 * the receiver asked for, up to a day. -1 after the tenth: there is none. */
int64_t schedule_delivery(int64_t failures, int64_t retry_after, double dice);

/* The health of a channel after a call that failed: from the third failure in a row it rests 1 s, doubled for
 * each further one up to 60 s; `rest` > 0 has it rest so long at once, up to an hour. Calls that fail while
 * it rests already were sent before: they do not count again. */
struct channel_health schedule_channel(struct channel_health before, int64_t rest, int64_t now);

/* The health of a channel after a call that was answered properly. A rest goes on: the call was sent before
 * it. */
struct channel_health schedule_channel_works(struct channel_health before);

#endif
