/* The feed: what has changed since a revision. Threads and errors as in store.h. */
#ifndef STORE_FEED_H
#define STORE_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/task.h"

struct arena;
struct store;

/* Reads the epoch of this database (at most IDS_SHORT_SIZE, in the arena) and the latest revision. */
enum err_code
store_feed_head(struct store *store, struct arena *arena, const char **ret_epoch, int64_t *ret_rev);

struct feed_window {
	int64_t user_id;
	int64_t rev;   /* changes after this */
	int64_t limit; /* tasks */
	int64_t
	    bytes; /* of prompts and metadata; once they are passed no further task is added to the first */
};

/* Lists the user's tasks that changed in the window, in order of revision: an array in the arena, with the
 * members that store/list.h lists. `ret_more`: there are further ones. */
enum err_code store_feed_since(struct store *store, struct arena *arena, const struct feed_window *window,
                               struct task **ret_tasks, size_t *ret_count, bool *ret_more);

struct feed_change {
	int64_t user_id, rev;
};

/* Lists the users with changes after `rev`, each once, with the latest revision: an array in the arena. The
 * cost grows with the number of changed tasks. */
enum err_code store_feed_changes(struct store *store, struct arena *arena, int64_t rev,
                                 struct feed_change **ret_changes, size_t *ret_count);

#endif
