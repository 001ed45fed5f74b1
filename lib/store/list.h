/* Lists of tasks, and how many match. As in store.h. */
#ifndef STORE_LIST_H
#define STORE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/task.h"

struct arena;
struct store;

enum task_order { TASK_BY_CREATED, TASK_BY_UPDATED };

struct task_filter {
	int64_t user_id;         /* 0 = of all users */
	enum task_status status; /* TASK_STATUS__MAX = any */
	const char *model;       /* NULL = any */
	const char *media_type;  /* NULL = any */
	const char *text;        /* NULL = any; else the prompt contains it, ASCII case aside */
};

struct task_page {
	enum task_order order;
	bool ascending;
	int64_t limit;  /* tasks */
	int64_t offset; /* tasks passed over, counted from `after`; costs as much as they are many */
	int64_t
	    after; /* the last task seen: its id (BY_CREATED) or its rev (BY_UPDATED); 0 = from the start */
};

/* The tasks that match, one page of them; an array in the arena. By creation is by id and by update is by
 * rev, so that a clock that was set back neither hides a task nor shows it twice. */
enum err_code store_task_list(struct store *store, struct arena *arena, const struct task_filter *filter,
                              const struct task_page *page, struct task **ret_tasks, size_t *ret_count);

/* How many match. Without text the answer is kept ready and costs the same for any number. */
enum err_code store_task_count(struct store *store, const struct task_filter *filter, int64_t *ret_count);

#endif
