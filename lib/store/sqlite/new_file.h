/* Making the database file, which happens once in the life of a DATA. */
#ifndef STORE_SQLITE_NEW_FILE_H
#define STORE_SQLITE_NEW_FILE_H

#include "base/err.h"

/* Makes the database `path` in the directory `data`, whole and up to date, mode 0600; nothing where another
 * process has made it meanwhile. ERR_NOT_OURS where the name is a link that leads nowhere;
 * ERR_DATABASE_MISSING where the directory has what belongs to a database that is gone; ERR_NO_SPACE,
 * ERR_NO_MEMORY, ERR_INTERNAL. */
enum err_code new_file_make(const char *data, const char *path);

#endif
