/* Statistics, from indexes and counts that are kept for them. Threads and errors as in store.h. */
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
	int64_t since, until; /* the time of the end; `until` is not included */
	int64_t most;         /* tasks read; the cost grows with them */
};

/* Summarises the user's tasks that ended within the range. */
enum err_code store_stats(struct store *store, struct arena *arena, const struct stats_range *range,
                          struct stats *ret_stats);

enum { STATS_MADE_MOST = 100, STATS_MADE_LEAST = 3 };

/* Finds the median of the times that the latest STATS_MADE_MOST videos of a model took upstream, in ms; -1
 * where there are fewer than STATS_MADE_LEAST. model: as it was asked for; NULL = tasks that asked for none.
 */
enum err_code store_stats_median(struct store *store, const char *model, int64_t *ret_median_ms);

/* The same, perhaps as it was up to a minute ago. Without a trace where memory is short. */
enum err_code store_stats_median_lately(struct store *store, const char *model, int64_t *ret_median_ms);

/* Counts the tasks of all users by status. */
enum err_code store_stats_tally(struct store *store, int64_t ret_counts[TASK_STATUS__MAX]);

struct channel_doing {
	const char *name;
	struct channel_health health;
};

/* Lists the health of all channels, by name: an array in the arena. */
enum err_code store_stats_channels(struct store *store, struct arena *arena,
                                   struct channel_doing **ret_channels, size_t *ret_count);

#endif
