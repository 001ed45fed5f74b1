/* Channels: their settings, their health, and their load. Threads and errors as in store.h. */
#ifndef STORE_CHANNEL_H
#define STORE_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/channel_health.h"
#include "model/channel_row.h"
#include "model/task.h"

struct arena;
struct store;

/* Reads the health of a channel; zeroes where nothing is known. */
enum err_code
store_channel_health(struct store *store, const char *channel, struct channel_health *ret_health);

/* Replaces the health of a channel. */
enum err_code
store_channel_set_health(struct store *store, const char *channel, const struct channel_health *health);

/* Reads the number of changes of the channels so far, to be compared. */
enum err_code store_channels_generation(struct store *store, int64_t *ret_generation);

/* Lists all rows by name, with their keys: an array in the arena. A row without a base has no settings: tasks
 * name it. */
enum err_code store_channels_all(struct store *store, struct arena *arena, struct channel_row **ret_rows,
                                 size_t *ret_count);

/* Makes sure that the channel has a row, for tasks to refer to. */
enum err_code store_channel_know(struct store *store, const char *name);

/* Lists the channels that have no row, though tasks that are open or looked at name them: an array in the
 * arena. A few looks into an index for each channel, whatever there is of tasks. */
enum err_code
store_channels_stray(struct store *store, struct arena *arena, const char ***ret_names, size_t *ret_count);

/* Writes the settings of a channel, keys aside. */
enum err_code store_channel_put(struct store *store, const struct channel_row *row);

/* Makes the key at `source` ("file:/path", "env:NAME") the one for new work, and forgets which models cool
 * down: that was said to another. */
enum err_code store_channel_add_key(struct store *store, const char *channel, const char *source);

/* Removes the key at `source`; NULL = all keys of the channel. */
enum err_code store_channel_drop_key(struct store *store, const char *channel, const char *source);

struct channel_load {
	int64_t under_way; /* jobs that the upstream has, or may have */
	int64_t waiting;   /* READY tasks */
};

/* Counts what a channel has to do; the cost grows with the counts. */
enum err_code store_channel_load(struct store *store, const char *channel, struct channel_load *ret_load);

/* Counts the READY tasks of a channel, up to `most`. */
enum err_code
store_channel_waiting(struct store *store, const char *channel, int64_t most, int64_t *ret_count);

struct channel_limits {
	int64_t concurrency, rate; /* as in struct channel_row */
};

struct channel_settings {
	bool enabled; /* gets new work */
	struct channel_limits limits;
};

/* Reads what of a channel's settings says whether it takes work; zeroes where there is no row. */
enum err_code
store_channel_settings(struct store *store, const char *channel, struct channel_settings *ret_settings);

/* ret_due: true where a READY task of the channel is due at `now`. */
enum err_code store_channel_due(struct store *store, const char *channel, int64_t now, bool *ret_due);

/* Returns how many submissions the channel may get at `now`: INT64_MAX without limits. */
enum err_code store_channel_room(struct store *store, const char *channel,
                                 const struct channel_limits *limits, int64_t now, int64_t *ret_room);

/* Notes at `now` that the channel does not have the model, which another lists: for ten minutes, or until the
 * channel is changed. */
enum err_code store_channel_lacks(struct store *store, const char *channel, const char *model, int64_t now);

/* ret_lacking: whether that is so at `now`. */
enum err_code store_channel_is_lacking(struct store *store, const char *channel, const char *model,
                                       int64_t now, bool *ret_lacking);

/* Notes a submission of the task to the channel, for its rate. */
enum err_code store_channel_note(struct store *store, const char *channel, int64_t task_id, int64_t now);

/* A piece of the queue of a channel. */
struct channel_piece {
	int64_t due_at, id; /* after the task with these */
	int64_t most;       /* tasks */
};

/* Lists READY tasks of the channel that may go to another: those without a lease that are made from no video,
 * the longest due first. */
enum err_code
store_channel_backlog(struct store *store, struct arena *arena, const char *channel,
                      const struct channel_piece *piece, struct task **ret_tasks, size_t *ret_count);

/* Finds the first task of the user among them. ERR_NOT_FOUND. */
enum err_code store_channel_head(struct store *store, struct arena *arena, const char *channel,
                                 int64_t user_id, struct task *ret_task);

/* The same of one of its models, in order of their names: of the first, or the next after `after` ("" = tasks
 * which name none; NULL = begin). */
enum err_code store_channel_head_of(struct store *store, struct arena *arena, const char *channel,
                                    int64_t user_id, const char *after, struct task *ret_task);

/* Moves a READY task, under the lease of task->owner (NULL = none), to another channel. ERR_CONFLICT where
 * the row differs by now, or the task is made from a video of its channel. */
enum err_code store_channel_reassign(struct store *store, const struct task *task, const char *channel);

#endif
