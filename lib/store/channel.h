/* Channels: what the operator has said of them, how they are doing, and what they have to do. As in store.h.
 */
#ifndef STORE_CHANNEL_H
#define STORE_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/channel_health.h"
#include "model/channel_row.h"
#include "model/task.h"

struct arena;
struct store;

/* The health of a channel; zeroes where nothing is known. */
enum err_code
store_channel_health(struct store *store, const char *channel, struct channel_health *ret_health);

/* Replaces it. */
enum err_code
store_channel_set_health(struct store *store, const char *channel, const struct channel_health *health);

/* How often the channels have changed: a number to compare. */
enum err_code store_channels_generation(struct store *store, int64_t *ret_generation);

/* All rows by name, with their keys: an array in the arena. A row without a base is one that tasks name. */
enum err_code store_channels_all(struct store *store, struct arena *arena, struct channel_row **ret_rows,
                                 size_t *ret_count);

/* Writes what is said of a channel, but for its keys. */
enum err_code store_channel_put(struct store *store, const struct channel_row *row);

/* Makes the key at `source` the one for new work. */
enum err_code store_channel_add_key(struct store *store, const char *channel, const char *source);

/* Forgets where a key is; with NULL, where all of the channel's are. */
enum err_code store_channel_drop_key(struct store *store, const char *channel, const char *source);

struct channel_load {
	int64_t under_way; /* jobs that the upstream has, or may have */
	int64_t waiting;   /* READY tasks */
};

/* What a channel has to do; costs as much as that is. */
enum err_code store_channel_load(struct store *store, const char *channel, struct channel_load *ret_load);

/* How many READY tasks it has, counted no further than `most`. */
enum err_code
store_channel_waiting(struct store *store, const char *channel, int64_t most, int64_t *ret_count);

struct channel_limits {
	int64_t concurrency, rate; /* as in struct channel_row */
};

/* How many submissions the channel may get now: INT64_MAX without limits. */
enum err_code store_channel_room(struct store *store, const char *channel,
                                 const struct channel_limits *limits, int64_t now, int64_t *ret_room);

/* Notes that the task is submitted to the channel, for its rate. */
enum err_code store_channel_note(struct store *store, const char *channel, int64_t task_id, int64_t now);

/* A piece of the line of what waits for a channel. */
struct channel_piece {
	int64_t due_at, id; /* behind the task of these */
	int64_t most;       /* tasks */
};

/* The READY tasks of the channel that may go to another, the longest due first: those without a lease that
 * are made from no video. */
enum err_code
store_channel_backlog(struct store *store, struct arena *arena, const char *channel,
                      const struct channel_piece *piece, struct task **ret_tasks, size_t *ret_count);

/* Gives a READY task, under the lease of task->owner (NULL = none), to another channel. ERR_CONFLICT where
 * the row is no longer so, or is made from a video of its channel's. */
enum err_code store_channel_reassign(struct store *store, const struct task *task, const char *channel);

#endif
