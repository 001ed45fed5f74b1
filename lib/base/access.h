/* Why a file cannot be used, in words that an operator can act on: which file, what is wrong, and whose it
 * is. Thread-safe, but for the names of users (getpwuid(3)), of which two threads may get one another's. */
#ifndef BASE_ACCESS_H
#define BASE_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

/* Writes one sentence about `path`, with which a call has failed with the errno `error`: "/srv/x/longreel.db:
 * Permission denied: it belongs to longreel (mode 0600), and this is joe". Where it cannot even be reached,
 * the directory that is in the way is named. */
void access_explain(const char *path, int error, char *ret_why, size_t size);

/* Looks through what is in the data directory, and explains the first that this process may not use as it
 * must. False, with nothing written, where there is none. */
bool access_denied(const char *data, char *ret_why, size_t size);

#endif
