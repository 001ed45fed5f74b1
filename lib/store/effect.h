/* What follows from a task's creation, move or deletion, in the same transaction: the counts that lists and
 * metrics are answered from, the archive's work, the deliveries to webhooks, and the turns of what waits. For
 * the verbs of task.c only: each of them calls one of these after it has written the row. All that is needed
 * is read from that row, so that a stale copy in memory cannot mislead. After an error nothing of the
 * transaction may be kept.
 */
#ifndef STORE_EFFECT_H
#define STORE_EFFECT_H

#include <stdint.h>

#include "base/err.h"
#include "model/task.h"

struct store;

/* Counts the new task, whose state is given; a READY one waits for its turn. */
enum err_code effect_added(struct store *store, int64_t id, enum task_state state);

/* Counts the task under its new status, unless it is deleted; where it has ended, adds its video to the
 * archive and a delivery for each endpoint that wants the event; where it is READY now, or was, its user's
 * turn is known to that. A move that leaves the state as it is has no effects: do not call for it. */
enum err_code effect_moved(struct store *store, int64_t id, enum task_state from, enum task_state to);

/* Adds `by` to the count of the task under the model that it shows, unless it is deleted: -1 before another
 * is shown, 1 after. */
enum err_code effect_renamed(struct store *store, int64_t id, int by);

/* Takes the task out of the counts and out of search, and gives its video up. */
enum err_code effect_deleted(struct store *store, int64_t id);

#endif
