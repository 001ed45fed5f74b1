/* When to ask the upstream again about a task. Pure, thread-safe. Times in ms. */
#ifndef DOMAIN_TASK_SCHEDULE_H
#define DOMAIN_TASK_SCHEDULE_H

#include <stdint.h>

struct config;
struct task;

/* The time of the first look at a task after `after`. The looks at a task are at times that follow from the
 * configuration, its acceptance and its id alone, so that any process knows them, and none has to be written:
 * soon after the submission, then at each tenth of the task's age, poll_interval_min to poll_interval_max
 * apart; of a task that has timed out at each twentieth of the time since its deadline, a minute to half an
 * hour apart. Each task has its own place in an interval, so that tasks made together are not looked at
 * together. `least`: the shortest interval that the upstream allows; 0 = any. */
int64_t schedule_next(const struct config *config, const struct task *task, int64_t least, int64_t after);

/* The time of the first look at a task that its upstream takes at `now`. */
int64_t schedule_first(const struct config *config, const struct task *task, int64_t now);

/* Returns the next look after one that was made at `asked`, late by less than half of the shortest interval,
 * whose answer came at `now`: looks that have passed meanwhile are not made up for. */
int64_t schedule_after(const struct config *config, const struct task *task, int64_t least, int64_t asked,
                       int64_t now);

/* The same after `failures` polls without news in a row: the ordinary interval is doubled for each, up to
 * poll_interval_max. */
int64_t schedule_failed(const struct config *config, const struct task *task, int64_t least, int64_t failures,
                        int64_t now);

/* The wait after `failures` questions in a row, about a task of that age, that were not polls and brought
 * nothing: about a tenth of the age, within poll_interval_min and poll_interval_max, doubled for each, ± 10 %
 * by `dice` from 0 to 1. */
int64_t schedule_poll_failed(const struct config *config, int64_t age, int64_t failures, double dice);

/* The time `due_at`, or the task's deadline where that comes first: the task is given up then. */
int64_t schedule_by_deadline(const struct task *task, int64_t due_at);

/* When a task is due that may be sent at once, and keeps its place among its user's: the time of its
 * creation, or `now` where the clock was set back since. */
int64_t schedule_at_once(const struct task *task, int64_t now);

#endif
