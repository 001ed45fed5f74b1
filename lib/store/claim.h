/* Claims the tasks that are due: takes their leases. Threads and errors as in store.h. */
#ifndef STORE_CLAIM_H
#define STORE_CLAIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/task.h"

struct arena;
struct store;

struct task_claim {
	const char *owner; /* the holder of the leases */
	int64_t now;       /* what is due by then is claimed */
	int64_t until;     /* when the leases end by themselves */
	int64_t limit;     /* tasks */
	/* Returns the free slots of a channel for READY tasks, or for the others; NULL = as many as the
	 * limit. */
	int64_t (*room)(void *cookie, const char *channel, bool ready);
	void *cookie;
};

/* Takes the leases of tasks that are due: sets owner, and due_at to `until`. Nothing that a client can see
 * changes.
 * - The array (in the arena) has the tasks as they were before. A former owner that is not NULL means that
 * its lease has run out: the holder died or sleeps.
 * - Tasks that have left READY come first, the longest due first; then READY ones: those past their deadline,
 * whatever their channel does, then those of each channel in turns by user (turn.h). Where not all fit into
 * the limit, each of the two kinds gets half of it at least.
 * - READY tasks of a channel in cooldown are left until their deadline. No channel gets more than its limits
 * and its free slots allow. */
enum err_code store_task_claim(struct store *store, struct arena *arena, const struct task_claim *claim,
                               struct task **ret_tasks, size_t *ret_count);

/* Returns when the next task is due; INT64_MAX where none is. A READY task is not due before its channel's
 * cooldown ends, and never while the channel is at its limits. */
enum err_code store_task_next_due(struct store *store, int64_t *ret_due_at);

#endif
