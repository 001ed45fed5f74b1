/* Compares the archive's rows with its files: after a crash, or the restore of a backup, either may be
 * without the other. */
#ifndef DOMAIN_VIDEO_SWEEP_H
#define DOMAIN_VIDEO_SWEEP_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct domain_env;
struct store;

/* Removes videos whose time is over and files without a row, which a crash may have left; makes videos due
 * for fetching whose file is lost or not whole; nothing while the archive is away (mark.h). Call once in a
 * while. Ends early once `stop` is true. Belongs to the thread whose store `env` has; any number of processes
 * may work at once. The store's errors, ERR_NO_MEMORY. */
enum err_code archive_sweep(const struct domain_env *env, struct arena *arena, const atomic_bool *stop);

struct archive_state {
	int64_t count, bytes; /* of the videos that are kept */
	int64_t lost;         /* of these: the file is absent, or not whole */
	int64_t stray;        /* files without a row, left by a crash; archive_sweep() removes them */
};

/* Compares rows and files in the data directory `data`. The store's errors. */
enum err_code
archive_check(struct store *store, struct arena *arena, const char *data, struct archive_state *ret_state);

#endif
