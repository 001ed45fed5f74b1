/* Rows of the table task as struct task. */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include <stddef.h>

#include "model/task.h"
#include "store/db.h"

/* Binds a new task to the parameters of task_add: all but `:rev`. */
void row_bind(struct query *query, const struct task *task);

/* Appends the row to the list, and returns it; NULL, and the query has failed, when memory is short. */
struct task *row_append(struct query *query, struct arena *arena, struct db_list *list);

/* Ends a query for tasks: all its rows, as an array in the arena. */
enum err_code row_list(struct query *query, struct arena *arena, struct task **ret_tasks, size_t *ret_count);

/* Ends a query that finds one task or none: ERR_NOT_FOUND. */
enum err_code row_one(struct query *query, struct arena *arena, struct task *ret_task);

/* Returns the place of this key_id, for the column key_place; NULL = anywhere. */
const char *row_key_place(const char *key_id);

/* Returns the name of the n-th column of task_row; NULL after the last. */
const char *row_column(int n);

#endif
