/* Deadlines, where the clock may be set while a task is under way. Belongs to the thread of the store. */
#ifndef DOMAIN_TASK_DEADLINE_H
#define DOMAIN_TASK_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

struct store;
struct task;

/* True where the task's deadline has passed at `now`, wall ms. Where it seems to have, the row is asked, and
 * what it says put into the task: a deadline moves with the clock in the database, and not in a copy. Where
 * the row cannot be read it has not passed: who asks again will know. */
bool deadline_passed(struct store *store, struct task *task, int64_t now);

#endif
