/* The sign that a poller is alive, for /ready and for the next one. */
#ifndef POLLER_HEARTBEAT_H
#define POLLER_HEARTBEAT_H

#include <stdint.h>

/* Tells it, by our clock, in the data directory `data`. */
void heartbeat(const char *data);

/* Returns the time of the last heartbeat of any poller (ms since the epoch); 0 = none yet. */
int64_t heartbeat_last(const char *data);

#endif
