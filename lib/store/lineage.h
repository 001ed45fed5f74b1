/* The lineage of a task: what it is a remix of, and its remixes. Threads and errors as in store.h. */
#ifndef STORE_LINEAGE_H
#define STORE_LINEAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/task.h"

struct arena;
struct store;

/* Lists the task `id` with its ancestors up to the root and all remixes below it, in order of creation,
 * deleted ones included; at most `limit`; an array in the arena. Of a prompt its first 200 characters;
 * options, metadata, image, links and error message are left out. */
enum err_code store_task_lineage(struct store *store, struct arena *arena, int64_t id, int64_t limit,
                                 struct task **ret_tasks, size_t *ret_count);

#endif
