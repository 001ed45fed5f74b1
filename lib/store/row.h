/* Rows of the table task as struct task. */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include <stdbool.h>
#include <stddef.h>

#include "model/task.h"
#include "store/db.h"

/* Binds a new task to the parameters of task_add: all but `:rev`. */
void row_bind(struct query *query, const struct task *task);

/* Reads a row of task_shown into a struct task: what clients see of it. The members that only this server
 * needs (fingerprint, deadline_at, owner, tries, not_found_count, root_id, source_external_id, sent_with_key,
 * client_retries, api_key, key_id, job, turned_away) are 0. */
void row_shown(struct query *query, struct arena *arena, void *ret_task);

/* Reads the prompt of a row of task_shown, good until the next step. NULL, and the query has failed, when
 * memory is short. */
const char *row_prompt(struct query *query);

/* Appends the row, of task_row, to the list, and returns it; NULL, and the query has failed, when memory is
 * short. */
struct task *row_append(struct query *query, struct arena *arena, struct db_list *list);

/* Reads the row, of task_row, into a struct task; failures stick to the query. */
void row_task(struct query *query, struct arena *arena, void *ret_task);

/* Reads the row, of share_polled, into a struct task: what a poll needs, the other members are 0. Its strings
 * are good until the next step; failures stick to the query. */
void row_polled(struct query *query, struct task *ret_task);

/* Ends a query for rows of task_row: all of them, as an array in the arena. The second: of task_shown. */
enum err_code row_list(struct query *query, struct arena *arena, struct task **ret_tasks, size_t *ret_count);
enum err_code
row_list_shown(struct query *query, struct arena *arena, struct task **ret_tasks, size_t *ret_count);

/* Ends a query that finds one task or none, of task_row: ERR_NOT_FOUND. */
enum err_code row_one(struct query *query, struct arena *arena, struct task *ret_task);

/* Returns the place of this key_id, for the column key_place; NULL = anywhere. */
const char *row_key_place(const char *key_id);

enum row_kind { ROW_SHOWN, ROW_WHOLE, ROW_POLLED };

/* Returns the name of the n-th column of task_shown, task_row or share_polled; NULL after the last. */
const char *row_column(enum row_kind kind, int n);

#endif
