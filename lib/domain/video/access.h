/* Who beside us may read kept videos: the group `archive_group`, so that another web server sends them
 * itself. Nothing else in the data is open to it: it passes through DATA (0710) into the archive (2750, so
 * that what is made in it is the group's), whose files are 0640. */
#ifndef DOMAIN_VIDEO_ACCESS_H
#define DOMAIN_VIDEO_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

struct config;

/* Opens the archive to the group, or closes it where there is none, with all that is in it; what is as it
 * should be already costs two looks, unless `all`. False with one sentence in `ret_why`. Thread-safe, but for
 * getgrnam(3). */
bool archive_access_set(const struct config *config, bool all, char *ret_why, size_t size);

/* The same for one open file of the archive, and for one folder in it. False with errno. Thread-safe. */
bool archive_access_file(const struct config *config, int fd);
bool archive_access_folder(const struct config *config, const char *path);

#endif
