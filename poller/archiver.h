/* The thread that fetches videos into the archive: a video takes minutes, and the poller's loop has no time
 * for it. */
#ifndef POLLER_ARCHIVER_H
#define POLLER_ARCHIVER_H

#include <stdbool.h>
#include <stddef.h>

struct archiver;
struct domain_env;

/* Starts it; `env` lends configuration, channels, owner and loop, the store is its own. `once`: it ends by
 * itself when nothing is due. When it has ended, the loop is stopped. NULL with one sentence in ret_why. */
struct archiver *archiver_start(const struct domain_env *env, bool once, char *ret_why, size_t why_size);

/* Has it end after the video that it is fetching, if any. */
void archiver_finish(struct archiver *archiver);

/* Ends it at once, a transfer under way is given up and due for others; and frees it. NULL is fine. */
void archiver_free(struct archiver *archiver);

#endif
