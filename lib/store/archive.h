/* Videos that are kept, or to be fetched. As in store.h. */
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

/* Takes the lease of the video that fell due last of those that failed least, until claim->until: its task,
 * and how often fetching it has failed. ERR_NOT_FOUND where none is due. */
enum err_code store_archive_claim(struct store *store, struct arena *arena, const struct task_claim *claim,
                                  struct task *ret_task, int64_t *ret_tries);

/* When a video falls due next; INT64_MAX where none will. */
enum err_code store_archive_next_due(struct store *store, int64_t *ret_due_at);

/* Notes that the video's file (type, size, kept_at) is there; where the clock was set back, it is kept since
 * just after the newest. ERR_CONFLICT where `owner` holds the lease no
 * longer, or the task was deleted meanwhile. */
enum err_code
store_archive_keep(struct store *store, int64_t id, const char *owner, const struct archive_entry *file);

/* Gives the lease back: it is due again at `due_at`; 0 = it is given up. ERR_CONFLICT as above. */
enum err_code
store_archive_return(struct store *store, int64_t id, const char *owner, int64_t due_at, bool failed);

/* The file of a task. ERR_NOT_FOUND where none is kept. */
enum err_code
store_archive_get(struct store *store, struct arena *arena, int64_t id, struct archive_entry *ret_file);

/* What has become of the video of a task: state, due_at and tries, too. ERR_NOT_FOUND for one that was never
 * completed, or too long ago. */
enum err_code
store_archive_look(struct store *store, struct arena *arena, int64_t id, struct archive_entry *ret_file);

/* How many files there are, and the bytes of all. */
enum err_code store_archive_total(struct store *store, int64_t *ret_count, int64_t *ret_bytes);

/* The file that has been kept the longest. ERR_NOT_FOUND where there is none. */
enum err_code store_archive_oldest(struct store *store, struct arena *arena, struct archive_entry *ret_file);

/* Notes that the video is not kept, or wanted, any longer; remove its file after the commit. */
enum err_code store_archive_drop(struct store *store, int64_t id);

/* The file that came next after `kept_at`, as no two at the same time do. ERR_NOT_FOUND where there is none.
 */
enum err_code store_archive_after(struct store *store, struct arena *arena, int64_t kept_at,
                                  struct archive_entry *ret_file);

/* Notes that the file has got lost: the video is due at `now`. ERR_CONFLICT where it is not kept any longer.
 */
enum err_code store_archive_want(struct store *store, int64_t id, int64_t now);

/* Whether a file under this video id is of use, or may yet be: its task is there and its video not given up.
 * Also its size where it is kept, else -1. */
enum err_code
store_archive_known(struct store *store, const char *video_id, bool *ret_known, int64_t *ret_size);

#endif
