/* The archive: completed videos are fetched from the upstream, as its links expire, and kept in DATA/archive
 * until room is needed, their time is over, or their owner deletes them. A file is there under its name whole
 * or not at all; the row comes after the file and goes before it. Each function belongs to the thread whose
 * store `env` has; any number of processes may work at once. */
#ifndef DOMAIN_VIDEO_ARCHIVE_H
#define DOMAIN_VIDEO_ARCHIVE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct domain_env;

/* Fetches a video that is due, the latest first, and keeps it; makes room for it. A file that is there
 * already is kept as it is. ret_did: whether there was one. `stop`, once true, ends a transfer: the video is
 * then due for others. The store's errors. What the upstream does is no error: it is tried again
 * (archive_next_try), and given up in the end. */
enum err_code
archive_step(const struct domain_env *env, struct arena *arena, const atomic_bool *stop, bool *ret_did);

/* When a video that could not be fetched for the n-th time (1 for the first) is tried again, in ms from then
 * on; 0 = it is given up. `dice`: see schedule.h. Pure. */
int64_t archive_next_try(int64_t n, double dice);

#endif
