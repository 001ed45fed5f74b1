/* The archive's space: decides which videos are removed, where archive_max_mb, archive_keep or the disk ask
 * for it. Room is made by the user who keeps most bytes, the oldest of theirs first, so that no user pushes
 * out the videos of others who keep less. Each function belongs to the thread whose store `env` has; any
 * number of processes may work at once. */
#ifndef DOMAIN_VIDEO_SPACE_H
#define DOMAIN_VIDEO_SPACE_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct config;
struct domain_env;

enum {
	ARCHIVE_PATIENCE = 6 * 60 * 60 /* seconds; about as long as the shortest-lived links of upstreams */
};

enum { ARCHIVE_LOOK = 4000000 }; /* check the disk again after so many bytes of a video */

/* Returns the bytes that may be written to the archive's disk, which holds the database, too, so that
 * archive_reserve_mb stay free; negative where they are not. INT64_MAX where the system does not tell.
 * Thread-safe. */
int64_t archive_room(const struct config *config);

/* Removes all videos that were kept before `since` (ms since the epoch), and more until at most
 * archive_max_mb are left. Ends early once `stop` is true. The store's errors. */
enum err_code
archive_trim(const struct domain_env *env, struct arena *arena, int64_t since, const atomic_bool *stop);

/* Makes room for a new video of `bytes` on a disk that is too small for archive_max_mb, by removing
 * others; but only where the disk was too full at each call for ARCHIVE_PATIENCE, and where all videos
 * together would be enough: a disk that other programs fill for a while costs no kept video, and the new one
 * waits. DATA/tmp counts as free, since it empties by itself. ret_made: true where some were removed. Ends
 * early once `stop` is true. The store's errors. */
enum err_code archive_make_room(const struct domain_env *env, struct arena *arena, int64_t bytes,
                                const atomic_bool *stop, bool *ret_made);

/* Notes that there was room for a video: ARCHIVE_PATIENCE begins anew. */
void archive_room_found(const struct config *config);

#endif
