/* The thread that fetches videos into the archive: a video takes minutes, which the poller's loop cannot
 * wait. */
#ifndef POLLER_ARCHIVER_H
#define POLLER_ARCHIVER_H

#include <stdbool.h>
#include <stddef.h>

struct archiver;
struct domain_env;

/* Starts the thread; `env` lends configuration, channels, owner and loop, the store is the thread's own.
 * `once`: it ends when nothing is due. Its end stops the loop. NULL with one sentence in ret_why. */
struct archiver *archiver_start(const struct domain_env *env, bool once, char *ret_why, size_t why_size);

/* Ends the thread after the video that it is fetching, if any. Does not wait. */
void archiver_finish(struct archiver *archiver);

/* Ends the thread at once, waits for it and frees it; a video under way is given up and due for others. NULL
 * is fine. */
void archiver_free(struct archiver *archiver);

#endif
