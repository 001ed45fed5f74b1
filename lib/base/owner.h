/* Run by root, longreel acts as the owner of the instance: its files can be used by that user, and what that
 * user cannot read is noticed. For the start of a program, before its threads. */
#ifndef BASE_OWNER_H
#define BASE_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* True where this process is root's and the data directory is another user's. */
bool owner_differs(const char *data);

/* The group of the directory's owner, by the list of users: that of the directory may be a web server's. */
gid_t owner_group(const struct stat *st);

/* Becomes the owner of the data directory for good, with that user's groups, if owner_differs(). False, with
 * a sentence in ret_why, where that fails; the caller must end. */
bool owner_become(const char *data, char *ret_why, size_t size);

#endif
