/* The polled tasks of the shares that this process holds, in memory: which are to be looked at next, and all
 * that a poll needs of them, some 700 bytes each. What is not news is known here alone; shares.h says what is
 * remembered of it. Belongs to the loop's thread. */
#ifndef DOMAIN_TASK_OPEN_TASKS_H
#define DOMAIN_TASK_OPEN_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct domain_env;
struct open_tasks;
struct poll_driver;
struct poll_user;
struct task;

/* No tasks yet. `may`: its may_ask() and may_write() are for the polls. NULL when memory is short. */
struct open_tasks *open_tasks_new(const struct domain_env *env, const struct poll_user *may);

/* Frees them, and the driver of their polls, which must have none under way but what is to be written. NULL
 * is fine. */
void open_tasks_free(struct open_tasks *open);

/* The driver of their polls. */
struct poll_driver *open_tasks_driver(const struct open_tasks *open);

/* Puts a task in, as its row is, or brings it up to date; takes it out where it is not polled any more. All
 * its looks that were due at `looked_until` have been made. When memory is short, open_tasks_lack() is true
 * afterwards. */
void open_tasks_put(struct open_tasks *open, const struct task *row, int64_t looked_until);

/* Takes a task out. */
void open_tasks_drop(struct open_tasks *open, int64_t id);

/* Takes out all tasks but those of the shares whose bits are set. */
void open_tasks_keep(struct open_tasks *open, uint64_t shares);

/* Returns the revision of a task, as far as is known here; -1 where it is not in. */
int64_t open_tasks_rev(const struct open_tasks *open, int64_t id);

/* Has a task looked at at once, as its row says by `due_at` (task_looks_now()): once more where the look that
 * is under way began before that. */
void open_tasks_ask(struct open_tasks *open, int64_t id, int64_t due_at);

/* True where a task was lost for want of memory since the last call: read them all again. */
bool open_tasks_lack(struct open_tasks *open);

/* Starts the polls that are due at `due_by` (wall ms) as far as there are free slots; more as these end,
 * until it is called again, and as they become due, where `on` is true. */
void open_tasks_look(struct open_tasks *open, int64_t due_by, bool on);

/* Finds for each share until when all looks at its tasks have been made, at most until `now`. */
void open_tasks_looked(const struct open_tasks *open, int64_t now, int64_t *ret_looked_until);

/* Returns the shares that have polls under way. */
uint64_t open_tasks_busy(const struct open_tasks *open);

/* The number of tasks that are in. */
size_t open_tasks_count(const struct open_tasks *open);

/* True where a poll is under way, or due at `due_by` and could be started. */
bool open_tasks_busy_until(const struct open_tasks *open, int64_t due_by);

#endif
