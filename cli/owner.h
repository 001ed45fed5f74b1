/* Run by root, longreel acts as the owner of the instance: its files can be used by that user, and what that
 * user cannot read is noticed. */
#ifndef CLI_OWNER_H
#define CLI_OWNER_H

#include <stdbool.h>
#include <sys/stat.h>

/* True where this process is root's and the data directory is another user's. */
bool owner_differs(const char *data);

/* The group of the directory's owner, by the list of users: that of the directory may be a web server's. */
gid_t owner_group(const struct stat *st);

/* Becomes the owner of the data directory for good, with that user's groups, if owner_differs(). On failure
 * says why and returns false; the caller must end. */
bool owner_become(const char *data);

#endif
