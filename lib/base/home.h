/* What holds where the command line names no data directory. */
#ifndef BASE_HOME_H
#define BASE_HOME_H

#include <stdbool.h>
#include <stddef.h>

/* Writes the data directory of this user: /var/lib/longreel for root, else $XDG_DATA_HOME/longreel or
 * ~/.local/share/longreel, and ./data where there is no home. False where the path is too long. */
bool home_data(char *ret_path, size_t size);

/* Makes the directories above `path`, as the XDG specification has them (0700). False with errno. */
bool home_make_parents(const char *path);

#endif
