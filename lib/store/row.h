/* Rows of the table task as struct task. */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include <stddef.h>

#include "model/task.h"
#include "store/db.h"

/* The tasks loaded so far; zeroes at first. */
struct row_list {
	struct task *tasks;
	size_t count, cap;
};

/* Loads the row that a SELECT * of task stands on; strings go into `arena`. Failures stick to the query. */
void row_task(struct query *query, struct arena *arena, struct task *ret_task);

/* Loads the row behind those of `list`, and returns it; NULL when memory is short. */
struct task *row_append(struct query *query, struct arena *arena, struct row_list *list);

/* Ends a query that finds one task or none: ERR_NOT_FOUND. */
enum err_code row_one(struct query *query, struct arena *arena, struct task *ret_task);

/* The name of the column that row_task() reads as the n-th; NULL after the last. */
const char *row_column(int n);

#endif
