/* Paths of requests, fit for a log: without the tokens in them. Thread-safe. */
#ifndef API_SHOWN_PATH_H
#define API_SHOWN_PATH_H

#include "base/limits.h"

/* Writes the path with "***" in place of each segment that is a token: one behind a name that says so (token,
 * key, share), the one behind webhook/CHANNEL, and one that begins as our tokens and keys do. What is longer
 * than LIMIT_PATH is cut off. */
void shown_path(const char *path, char ret_path[LIMIT_PATH + 1]);

#endif
