/* The general way of a list, for store/list.c: goes through the tasks in the order of the page, counts all
 * that is looked at, and stops where that is enough. The exact way is a statement of its own. */
#ifndef STORE_WALK_H
#define STORE_WALK_H

#include <stdint.h>

#include "base/err.h"

struct arena;
struct store;
struct task_filter;
struct task_found;
struct task_page;

/* Lists one page of the tasks that match. total: how many there are; -1 = not known. */
enum err_code walk_tasks(struct store *store, struct arena *arena, const struct task_filter *filter,
                         const struct task_page *page, int64_t total, struct task_found *ret_found);

#endif
