/* Room for the archive: the oldest videos make it. Each function belongs to the thread whose store `env` has;
 * any number of processes may work at once. */
#ifndef DOMAIN_VIDEO_SPACE_H
#define DOMAIN_VIDEO_SPACE_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct config;
struct domain_env;

enum {
	ARCHIVE_PATIENCE =
	    6 * 60 * 60 /* seconds; the shortest-lived links of upstreams live for about as long */
};

enum { ARCHIVE_LOOK = 4000000 }; /* bytes after which who writes a video looks at the disk again */

/* The bytes that may still be written on the archive's disk, which holds the database, too, so that
 * archive_reserve_mb are left; below 0 where these are not free any more. INT64_MAX where it cannot be told.
 * Thread-safe. */
int64_t archive_room(const struct config *config);

/* Removes the oldest files until there are at most archive_max_mb, and all that were kept before `since`.
 * Ends early once `stop` is true. The store's errors. */
enum err_code
archive_trim(const struct domain_env *env, struct arena *arena, int64_t since, const atomic_bool *stop);

/* Where the disk has too little room for a new video, others may have taken it for a moment, and no video
 * that is kept is given up for that: the new one waits. Only a disk that has been too full at each look for
 * ARCHIVE_PATIENCE is taken for one that is too small for archive_max_mb; then this removes the oldest files
 * until there is room for `bytes`, if there can be. What lies in DATA/tmp counts as free: it goes by itself.
 * ret_made: whether there is more than before. Ends early once `stop` is true. The store's errors. */
enum err_code archive_make_room(const struct domain_env *env, struct arena *arena, int64_t bytes,
                                const atomic_bool *stop, bool *ret_made);

/* Notes that there was room for a video. */
void archive_room_found(const struct config *config);

#endif
