/* How pollers of one machine see at once that one of them has died: each has a file, DATA/pollers/OWNER, and
 * a lock on it (flock), which the kernel drops however the process ends. A poller that is stopped keeps its
 * lock, and one of another machine has no file here: these two are followed when their leases end. */
#ifndef DOMAIN_TASK_POLLER_FILES_H
#define DOMAIN_TASK_POLLER_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ids.h"

/* Makes and locks the file of `owner`. Returns its descriptor; -1 where that cannot be done now. */
int poller_file_hold(const char *data, const char *owner);

/* Removes the file, and closes its descriptor. -1 is fine. */
void poller_file_drop(const char *data, const char *owner, int fd);

/* A poller that has died, its file locked by us: so no two bury the same. */
struct dead_poller {
	int fd;
	char owner[IDS_SHORT_SIZE];
};

/* Finds at most `most` pollers that have died; returns how many. Each must be given to
 * poller_file_bury(). */
size_t poller_files_dead(const char *data, const char *own, struct dead_poller *ret_dead, size_t most);

/* Ends what poller_files_dead() has begun. buried: nothing of the poller is left in the database, and its
 * file goes, too. */
void poller_file_bury(const char *data, const struct dead_poller *dead, bool buried);

#endif
