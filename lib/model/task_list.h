/* What lists of tasks are asked for, and what they find. */
#ifndef MODEL_TASK_LIST_H
#define MODEL_TASK_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/task.h"

enum { LIST_OFFSET = 100000 };

enum task_order { TASK_BY_CREATED, TASK_BY_UPDATED };

struct task_filter {
	int64_t user_id;         /* 0 = of all users */
	enum task_status status; /* TASK_STATUS__MAX = any */
	const char *model;       /* NULL = any */
	const char *media_type;  /* NULL = any */
	const char *text; /* in the prompt, as base/fold.h compares; or the whole of an id: ours, the client's
	                     (of one user's tasks), the upstream's (of the youngest 8 tasks). For all users an
	                     id finds nothing else. NULL = any */
};

struct task_page {
	enum task_order order;
	bool ascending;
	int64_t limit;  /* tasks; at most LIMIT_PAGE_SIZE + 1 */
	int64_t offset; /* tasks passed over, counted from `after` */
	int64_t
	    after; /* the last task seen: its id (BY_CREATED) or its rev (BY_UPDATED); 0 = from the start */
};

/* What a list has found. */
struct task_found {
	struct task *tasks; /* in the arena, in the order of the page */
	size_t count;
	int64_t total;   /* tasks that match; -1 = not counted, as with a text and where there are too many
	                    kinds of tasks */
	int64_t stopped; /* where it has stopped, with fewer tasks than there are: the page that begins after
	                    this goes on; 0 = nothing is missing */
};

#endif
