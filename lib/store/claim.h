/* Taking the leases of tasks that are due. As in store.h. */
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
	/* How many more of a channel's there are hands for, of those that are READY or of the others; NULL =
	 * as many as the limit says. */
	int64_t (*room)(void *cookie, const char *channel, bool ready);
	void *cookie;
};

/* Takes the lease of tasks that are due, the longest due first: sets owner and moves due_at to `until`. The
 * tasks are handed out as they were before, with the former owner (not NULL = its lease has run out: its
 * holder died or sleeps); those that have left READY come first, the longest due first, then READY ones in
 * order of creation; where there is not room for all, each of the two has half of it at least. READY tasks of
 * a channel in cooldown are not handed out before their deadline, nor more than a channel's limits allow; of
 * no channel more than there is room for. Nothing visible changes. */
enum err_code store_task_claim(struct store *store, struct arena *arena, const struct task_claim *claim,
                               struct task **ret_tasks, size_t *ret_count);

/* When the next task falls due, a READY one not before its channel's cooldown ends, and at no time as long as
 * the channel has as much as its limits allow; INT64_MAX = none will. */
enum err_code store_task_next_due(struct store *store, int64_t *ret_due_at);

#endif
