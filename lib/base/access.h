/* Explains to an operator why a file cannot be used: which file, what is wrong, and who owns it.
 * Thread-safe, but for the names of users (getpwuid(3)): two threads may get one another's. */
#ifndef BASE_ACCESS_H
#define BASE_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

/* Writes one sentence about `path`, for which a call has failed with the errno `error`: "/srv/x/longreel.db:
 * Permission denied: it belongs to longreel (mode 0600), and this is joe". Names the directory that is in the
 * way where the file itself cannot be reached. */
void access_explain(const char *path, int error, char *ret_why, size_t size);

/* Checks the files of the data directory and explains the first that this process may not use as it must.
 * False, with nothing written, where it may use all. */
bool access_denied(const char *data, char *ret_why, size_t size);

#endif
