/* What became of tasks at channels, hour by hour. Threads and errors as in store.h. */
#ifndef STORE_CHANNEL_HOUR_H
#define STORE_CHANNEL_HOUR_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/task.h"

struct arena;
struct store;

#define CHANNEL_HOURS_KEEP (90LL * 24 * 60 * 60 * 1000) /* ms */

struct channel_hour {
	const char *channel;
	int64_t hour;                                  /* since 1970 */
	int64_t accepted, refused, postponed, unknown; /* submissions */
	int64_t completed, failed; /* jobs that were taken; both where a video came late */
};

/* From an hour to another, both included. */
struct channel_hour_span {
	int64_t from, to;
};

/* Counts a task's move for the hour of `now` (ms since the epoch), in the caller's transaction, where the
 * move says something of the channel: what the user does, and what waits, says nothing. */
enum err_code store_channel_count(struct store *store, const char *channel, enum task_state from,
                                  enum task_state to, int64_t now);

/* Lists the counts of a span of a channel hour by hour; or, where that is NULL,
 * the sums of each channel, by name, their hour 0. An array in the arena. */
enum err_code
store_channel_hours(struct store *store, struct arena *arena, const char *channel,
                    struct channel_hour_span span, struct channel_hour **ret_hours, size_t *ret_count);

/* Removes the counts of all hours that were over `before` (ms since the epoch). */
enum err_code store_channel_hours_purge(struct store *store, int64_t before);

#endif
