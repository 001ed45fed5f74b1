/* Comparing the archive's rows with its files: what a crash, or a backup that was put back, has left of
 * either without the other. */
#ifndef DOMAIN_VIDEO_SWEEP_H
#define DOMAIN_VIDEO_SWEEP_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct domain_env;
struct store;

/* Removes files whose time is over, and those of no video, which a crash may have left; of videos whose file
 * has got lost or is not whole it has others fetch them anew. Once in a while. Ends early once `stop` is
 * true. Belongs to the thread whose store `env` has; any number of processes may work at once. */
enum err_code archive_sweep(const struct domain_env *env, struct arena *arena, const atomic_bool *stop);

struct archive_state {
	int64_t count, bytes; /* of the videos that are kept */
	int64_t lost;         /* of these, whose file is not there, or not whole */
	int64_t stray;        /* files of no video, left by a crash; archive_sweep() removes them */
};

/* Compares rows and files in the data directory `data`. The store's errors. */
enum err_code
archive_check(struct store *store, struct arena *arena, const char *data, struct archive_state *ret_state);

#endif
