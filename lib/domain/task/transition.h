/* One step along an edge of model/state.def. Internal to this folder. */
#ifndef DOMAIN_TASK_TRANSITION_H
#define DOMAIN_TASK_TRANSITION_H

#include "base/err.h"
#include "domain/task/state.h"
#include "store/task.h"

/* Takes the edge, inside the caller's transaction, with what `move` says beside (its id, attempt, states,
 * owner and progress are filled in here), and brings `task` along: its strings are then those of `move`.
 * ERR_CONFLICT where the row does not stand where `task` does. */
enum err_code move_along(struct store *store, enum state_edge edge, struct task_move move, struct task *task);

/* Gives our lease on `task` back, inside the caller's transaction: it is as it was, and due at `due_at`.
 * ERR_CONFLICT where it is ours no more. */
enum err_code move_rest(struct store *store, const struct task *task, int64_t due_at);

#endif
