/* Files of the data directory: readable by their owner alone, and either whole or absent. Thread-safe. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct arena;
struct buf;

/* Returns the error for errno after a call that writes: ERR_NO_SPACE for a full disk or quota, else
 * ERR_INTERNAL. */
enum err_code file_error(void);

/* Makes the directory `path` (0700) where it is absent. False with errno. */
bool file_make_dir(const char *path);

/* Appends the whole file to `buf`. ERR_NOT_FOUND, ERR_TOO_LARGE (over the buffer's ceiling),
 * ERR_NO_MEMORY, ERR_INTERNAL. */
enum err_code file_read(const char *path, struct buf *buf);

/* Writes `len` bytes so that `path` has either its old contents or all of the new ones, also after a power
 * cut: a temporary name beside it, fsync, rename, fsync of the directory. Mode 0600. ERR_NO_SPACE,
 * ERR_INTERNAL. */
enum err_code file_write_whole(const char *path, const void *bytes, size_t len);

/* Gives a written file its lasting name: fsync of the open file `fd`, rename from `from` to `to` (same file
 * system), fsync of the directory of `to`. ERR_NO_SPACE, ERR_INTERNAL. */
enum err_code file_commit(int fd, const char *from, const char *to);

/* Syncs the directory of `path`, so that a new name in it survives a power cut. ERR_NO_SPACE, ERR_INTERNAL.
 */
enum err_code file_sync_dir_of(const char *path);

/* Writes all `len` bytes to `fd`, over short writes and EINTR. False with errno. */
bool file_write_all(int fd, const void *bytes, size_t len);

/* Returns the directory of this installation: the folder of the running program, or its parent for a program
 * in cgi-bin/. In `arena`; NULL when memory is short or there is no /proc. */
const char *file_install_dir(struct arena *arena);

#endif
