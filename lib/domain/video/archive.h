/* The archive: fetches completed videos from the upstream, whose links expire, and keeps them in DATA/archive
 * until room is needed, archive_keep is over, or their owner deletes them. A file has its name only when it
 * is whole; its row is written after the file and deleted before it. Each function belongs to the thread
 * whose store `env` has; any number of processes may work at once. */
#ifndef DOMAIN_VIDEO_ARCHIVE_H
#define DOMAIN_VIDEO_ARCHIVE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct backlog;
struct domain_env;

/* Fetches one video that is due, the latest first, and keeps it; makes room for it where it must. A file that
 * is there already is kept as it is. What is not new, or has failed, comes behind and by the pace of
 * `backlog`. Blocks for up to archive_timeout. ret_did: true where a video was fetched, or could not be.
 * `stop`, once true, ends a transfer: the video is then due for others. The store's errors; a failure of the
 * upstream is none: the video is tried again (archive_next_try) and given up in the end. */
enum err_code archive_step(const struct domain_env *env, struct arena *arena, struct backlog *backlog,
                           const atomic_bool *stop, bool *ret_did);

/* The wait after the n-th failed try (1 = the first) to fetch a video, in ms; 0 = give up. ± 20 % by `dice`
 * from 0 to 1. Pure. */
int64_t archive_next_try(int64_t n, double dice);

#endif
