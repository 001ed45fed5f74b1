/* Polls: asks the upstream how a task stands, judges the answer (poll_outcome.h), writes what it means. Used
 * by the poller. Belongs to the loop's thread. */
#ifndef DOMAIN_TASK_POLL_H
#define DOMAIN_TASK_POLL_H

#include <stdbool.h>
#include <stddef.h>

struct domain_env;
struct poll_driver;
struct task;

/* The driver of all polls of a process; the environment is copied, what it points to must outlive the driver.
 * NULL when memory is short. */
struct poll_driver *poll_driver_new(const struct domain_env *env);

/* Writes what has been decided, and frees it; end what is under way before. NULL is fine. */
void poll_driver_free(struct poll_driver *driver);

/* Polls a task (RUNNING, or FAILED by timeout) that is under our lease. The task is copied. False when memory
 * is short: the lease runs out. */
bool poll_driver_start(struct poll_driver *driver, const struct task *task);

/* Stops judging answers: from now on each task is due at once, for another process. For a stop, after
 * submit_stop() and followups_abandon(): it drains the queues. */
void poll_driver_abandon(struct poll_driver *driver);

/* The number of polls under way or not yet written. */
size_t poll_driver_active(const struct poll_driver *driver);

#endif
