/* When to ask the upstream again about a task. Pure, thread-safe. Times in ms. `dice` is a random number from
 * 0 to 1 that the caller draws: jitter, so that tasks created together are not polled together for ever. */
#ifndef DOMAIN_TASK_SCHEDULE_H
#define DOMAIN_TASK_SCHEDULE_H

#include <stdint.h>

struct config;
struct task;

/* The wait until the next poll of a task under way: soon after the submission, then about a tenth of the
 * task's age, within poll_interval_min and poll_interval_max, ± 10 %. */
int64_t schedule_poll(const struct config *config, int64_t age, double dice);

/* The wait after `failures` polls without news in a row: the ordinary interval doubled for each, up to
 * poll_interval_max. */
int64_t schedule_poll_failed(const struct config *config, int64_t age, int64_t failures, double dice);

/* The wait until the next poll of a task that has timed out: a twentieth of the time since its deadline, at
 * least a minute, at most half an hour. */
int64_t schedule_late(int64_t since_deadline, double dice);

/* The time `due_at`, or the task's deadline where that comes first: the task is given up then. */
int64_t schedule_by_deadline(const struct task *task, int64_t due_at);

/* When a task is due that may be sent at once, and keeps its place among its user's: the time of its
 * creation, or `now` where the clock was set back since. */
int64_t schedule_at_once(const struct task *task, int64_t now);

#endif
