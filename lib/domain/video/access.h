/* Lets one more group read the videos that are kept: `archive_group`, so that another web server can send
 * them itself. Nothing else in DATA is open to it: it may pass through DATA (0710) into the archive (2750, so
 * that new files get the group), whose files are 0640.
 */
#ifndef DOMAIN_VIDEO_ACCESS_H
#define DOMAIN_VIDEO_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

struct config;

/* Opens the archive, with all files in it, to the group, or closes it where none is configured. Costs two
 * stat()s where the archive is open already, unless `all` files are to be checked. False with one sentence in
 * `ret_why`. Not thread-safe, because of getgrnam(3). */
bool archive_access_set(const struct config *config, bool all, char *ret_why, size_t size);

/* Opens one file of the archive to the group, if there is one. False with errno. Thread-safe. */
bool archive_access_file(const struct config *config, int fd);

/* Opens one folder of the archive likewise. False with errno. Thread-safe. */
bool archive_access_folder(const struct config *config, const char *path);

#endif
