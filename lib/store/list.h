/* Lists and counts of tasks: of all that match, or of those whose prompt contains a text, or whose id it is.
 * What is listed has the members that clients see; those that only this server
 * needs (store/row.h names them) are 0. Threads and errors as in store.h. */
#ifndef STORE_LIST_H
#define STORE_LIST_H

#include <stdint.h>

#include "base/err.h"
#include "model/task_list.h"

struct arena;
struct store;

/* Lists one page of the tasks that match. The order of creation is that of ids and the order of updates that
 * of revisions, so that a clock that was set back neither hides a task nor shows it twice.
 *
 * The work is bounded, to some 10 ms, whatever is asked for and however many tasks there are: each that is
 * looked at counts, whether it matches or not. A list of one user's tasks in order of creation, by status or
 * by model, never stops before the page is full; others hardly ever do below 40 000 tasks of the user. With
 * an offset of over LIST_OFFSET tasks nothing is found, and `stopped` is set. Where others write, call it in
 * a snapshot. */
enum err_code store_task_list(struct store *store, struct arena *arena, const struct task_filter *filter,
                              const struct task_page *page, struct task_found *ret_found);

/* Finds a task by our id, as lists have it. user_id: its user; 0 = any. ERR_TASK_NOT_FOUND, also for a
 * deleted one. */
enum err_code store_task_shown(struct store *store, struct arena *arena, int64_t user_id,
                               const char *video_id, struct task *ret_task);

/* Finds a task by the client's id, deleted or not (ret_task->deleted), as lists have it. ERR_NOT_FOUND. */
enum err_code store_task_requested(struct store *store, struct arena *arena, int64_t user_id,
                                   const char *client_request_id, struct task *ret_task);

/* Counts the tasks that match, whatever the text. The cost is the same for any number of tasks; -1 = there
 * are too many kinds of them (user, model, media type, status). */
enum err_code store_task_count(struct store *store, const struct task_filter *filter, int64_t *ret_count);

#endif
