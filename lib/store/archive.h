/* The archive: videos that are kept, or to be fetched. Threads and errors as in store.h. */
#ifndef STORE_ARCHIVE_H
#define STORE_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/archive_entry.h"
#include "model/task.h"

struct arena;
struct store;
struct task_claim; /* see claim.h */

/* Which videos are looked for: those that failed `tries` times and are due after `after` and before `before`.
 */
struct archive_due {
	int64_t tries, after, before;
};

/* Finds the one of them that is due last: its task, and when it is due. ERR_NOT_FOUND. */
enum err_code store_archive_due(struct store *store, struct arena *arena, const struct archive_due *due,
                                struct task *ret_task, int64_t *ret_due_at);

/* Gives `owner` its lease, until `until`; in the transaction that has found it. */
enum err_code store_archive_take(struct store *store, int64_t id, const char *owner, int64_t until);

/* Returns when the next video is due; INT64_MAX where none is. */
enum err_code store_archive_next_due(struct store *store, int64_t *ret_due_at);

/* Notes that the video's file (type, size, kept_at) is there, and returns the lease; a task that shows when
 * the upstream's file goes no longer does, and gets a new revision. Where the clock was set
 * back, kept_at is just after that of the newest. ERR_CONFLICT where `owner` no longer holds the lease, or
 * the task was deleted meanwhile. */
enum err_code
store_archive_keep(struct store *store, int64_t id, const char *owner, const struct archive_entry *file);

/* Returns the lease: the video is due again at `due_at`; 0 = given up. `failed` counts a failure.
 * ERR_CONFLICT as above. */
enum err_code
store_archive_return(struct store *store, int64_t id, const char *owner, int64_t due_at, bool failed);

/* Finds the file of a task. ERR_NOT_FOUND where none is kept. */
enum err_code
store_archive_get(struct store *store, struct arena *arena, int64_t id, struct archive_entry *ret_file);

/* Finds the entry of a task, in any state. ERR_NOT_FOUND where the task was never completed, or was before
 * there was an archive. */
enum err_code
store_archive_look(struct store *store, struct arena *arena, int64_t id, struct archive_entry *ret_file);

/* Counts the files that are kept, and their bytes. */
enum err_code store_archive_total(struct store *store, int64_t *ret_count, int64_t *ret_bytes);

/* Finds the file that has been kept the longest. ERR_NOT_FOUND where there is none. */
enum err_code store_archive_oldest(struct store *store, struct arena *arena, struct archive_entry *ret_file);

/* Finds the file that makes room: of the user who keeps most bytes the one that has been kept the longest.
 * ERR_NOT_FOUND where there is none. */
enum err_code store_archive_victim(struct store *store, struct arena *arena, struct archive_entry *ret_file);

/* Notes that the video is no longer kept or wanted. Remove its file after the commit. */
enum err_code store_archive_drop(struct store *store, int64_t id);

/* Finds the file that came next after `kept_at`; no two have the same time. ERR_NOT_FOUND where there is
 * none.
 */
enum err_code store_archive_after(struct store *store, struct arena *arena, int64_t kept_at,
                                  struct archive_entry *ret_file);

/* Notes that the file is lost: the video is due at `now`. ERR_CONFLICT where it is no longer kept. */
enum err_code store_archive_want(struct store *store, int64_t id, int64_t now);

/* True where a file with this video id is of use, or may be: its task is not deleted and its video not given
 * up. `ret_size` is its size where it is kept, else -1. */
enum err_code
store_archive_known(struct store *store, const char *video_id, bool *ret_known, int64_t *ret_size);

#endif
