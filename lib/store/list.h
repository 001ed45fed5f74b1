/* Lists and counts of tasks. What is listed has the members that clients see; those that only this server
 * needs (store/row.h names them) are 0. Threads and errors as in store.h. */
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
};

struct task_page {
	enum task_order order;
	bool ascending;
	int64_t limit;  /* tasks */
	int64_t offset; /* tasks passed over, counted from `after`; the cost grows with them */
	int64_t
	    after; /* the last task seen: its id (BY_CREATED) or its rev (BY_UPDATED); 0 = from the start */
};

/* Lists one page of the tasks that match: an array in the arena. The order of creation is that of ids and the
 * order of updates that of revisions, so that a clock that was set back neither hides a task nor shows it
 * twice. */
enum err_code store_task_list(struct store *store, struct arena *arena, const struct task_filter *filter,
                              const struct task_page *page, struct task **ret_tasks, size_t *ret_count);

/* Finds a task by our id, as lists have it. user_id: its user; 0 = any. ERR_TASK_NOT_FOUND, also for a
 * deleted one. */
enum err_code store_task_shown(struct store *store, struct arena *arena, int64_t user_id,
                               const char *video_id, struct task *ret_task);

/* Finds a task by the client's id, deleted or not (ret_task->deleted), as lists have it. ERR_NOT_FOUND. */
enum err_code store_task_requested(struct store *store, struct arena *arena, int64_t user_id,
                                   const char *client_request_id, struct task *ret_task);

/* Counts the tasks that match. The cost is the same for any number of tasks. */
enum err_code store_task_count(struct store *store, const struct task_filter *filter, int64_t *ret_count);

#endif
