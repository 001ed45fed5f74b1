/* Verbs that count and measure. They read what is kept ready for them. As in store.h. */
#ifndef STORE_STATS_H
#define STORE_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/channel_health.h"
#include "model/stats.h"
#include "model/task.h"

struct arena;
struct store;

struct stats_range {
	int64_t user_id;
	int64_t since, until; /* when they ended; `until` is not included */
	int64_t most;         /* tasks looked at: the cost is theirs */
};

/* What became of the user's tasks that ended within the range. */
enum err_code store_stats(struct store *store, struct arena *arena, const struct stats_range *range,
                          struct stats *ret_stats);

/* How many tasks there are of each status, of all users. */
enum err_code store_stats_tally(struct store *store, int64_t ret_counts[TASK_STATUS__MAX]);

struct channel_doing {
	const char *name;
	struct channel_health health;
};

/* How the channels are doing, by name; an array in the arena. */
enum err_code store_stats_channels(struct store *store, struct arena *arena,
                                   struct channel_doing **ret_channels, size_t *ret_count);

#endif
