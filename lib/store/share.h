/* Shares of the tasks that are polled, and the pollers that hold them. The lease of a share is that of its
 * poller. Threads and errors as in store.h. */
#ifndef STORE_SHARE_H
#define STORE_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/task.h"

struct arena;
struct store;

enum { SHARES = 64 }; /* a task's is the rest of its id by this */

struct share {
	const char *owner;    /* the poller that holds it; NULL = none does */
	int64_t looked_until; /* all looks at its tasks that were due until then have been made */
};

/* Reads all shares, the n-th at ret_shares[n]; strings in the arena. */
enum err_code store_share_list(struct store *store, struct arena *arena, struct share ret_shares[SHARES]);

/* Gives a share to `owner`; NULL = to none. */
enum err_code store_share_set(struct store *store, int n, const char *owner, int64_t looked_until);

/* ret_idle: true where a poller may have something to take at `now`: a share without a holder, or one whose
 * holder's lease has run out. */
enum err_code store_share_idle(struct store *store, int64_t now, bool *ret_idle);

/* Returns until when tasks were looked at whose share no living poller holds; INT64_MAX where there are none.
 */
enum err_code store_share_lag(struct store *store, int64_t now, int64_t *ret_looked_until);

/* Extends the lease of a poller to `until`, which is new where it is not known. stays: it is to have its part
 * of all shares. */
enum err_code store_poller_extend(struct store *store, const char *owner, int64_t until, bool stays);

/* ret_known: true where no other poller has ended the poller's lease. */
enum err_code store_poller_known(struct store *store, const char *owner, bool *ret_known);

/* Ends the leases that have run out at `now`, and frees their shares. */
enum err_code store_poller_purge(struct store *store, int64_t now);

/* Ends the poller's lease; its shares must have been freed. */
enum err_code store_poller_remove(struct store *store, const char *owner);

/* Counts the pollers that stay, and `owner`. */
enum err_code store_poller_count(struct store *store, const char *owner, int64_t *ret_count);

/* ---- their tasks ---- */

typedef void share_task_fn(void *cookie, const struct task *task);

/* Calls fn() for each polled task of the shares whose bits are set: those in state RUNNING, and those that
 * have timed out and are still looked at. Of the task there is what a poll needs, the other members are 0;
 * its strings live until fn() returns. */
enum err_code store_share_tasks(struct store *store, uint64_t shares, share_task_fn *fn, void *cookie);

/* Finds a task by its row. ERR_NOT_FOUND. */
enum err_code store_share_task(struct store *store, struct arena *arena, int64_t id, struct task *ret_task);

struct share_change {
	int64_t id, rev; /* of the task */
	bool polled;     /* it is one of those that store_share_tasks() finds */
};

/* Lists the tasks that have changed after the revision, in order of change, at most `most`: an array in the
 * arena. */
enum err_code store_share_changes(struct store *store, struct arena *arena, int64_t rev, int64_t most,
                                  struct share_change **ret_changes, size_t *ret_count);

struct share_asked {
	int64_t id;     /* of the task */
	int64_t due_at; /* task_looks_now() */
};

/* Lists the tasks that are to be looked at at once, in order of their rows after the row `after` (0 = from
 * the first), at most `most`. */
enum err_code store_share_asked(struct store *store, struct arena *arena, int64_t after, int64_t most,
                                struct share_asked **ret_asked, size_t *ret_count);

/* Reads a task's due_at; 0 where there is none. */
enum err_code store_share_due(struct store *store, int64_t id, int64_t *ret_due_at);

#endif
