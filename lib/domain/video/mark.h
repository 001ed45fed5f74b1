/* The mark of the archive. The archive may be a disk of its own, or a link to one, and for some minutes not
 * be mounted: then DATA/archive is an empty folder, in which all videos seem lost. So the folder bears a mark
 * (.mark), and DATA has its copy (archive.mark): where the two differ the archive is away. Meanwhile nothing
 * is declared lost, removed or fetched. Where the disk is gone for good its operator removes the copy. */
#ifndef DOMAIN_VIDEO_MARK_H
#define DOMAIN_VIDEO_MARK_H

#include <stdbool.h>

struct domain_env;

/* True unless the archive of the data directory `data` is away. Only looks; thread-safe. */
bool archive_is_there(const char *data);

/* The same. An archive without a mark gets one, but for an empty folder where there are videos that are kept.
 * Any number of processes may do so at once. Belongs to the thread whose store `env` has. */
bool archive_mark(const struct domain_env *env);

#endif
