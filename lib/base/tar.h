/* Streams of files as tar(1) reads and writes them: the format ustar (POSIX.1-1988), with GNU's way to say
 * sizes from 8 GiB on. Plain files and folders, nothing else. What is read may come from anywhere: a name
 * that leads out of the folder that it is unpacked in, a link, a device, or a sum that does not fit is
 * refused. One thread a stream. */
#ifndef BASE_TAR_H
#define BASE_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum { TAR_NAME_SIZE = 256 };

struct tar_member {
	char name[TAR_NAME_SIZE]; /* relative, of parts that are neither empty nor . nor .. */
	bool folder;
	int64_t size; /* bytes */
};

/* Writes the head of a member (mode 0600, of a folder 0700) to `fd`. Its bytes follow, then tar_write_rest().
 * False with errno; ENAMETOOLONG for a name that has no room. */
bool tar_write_head(int fd, const struct tar_member *member);

/* Writes what is missing behind the bytes of a member of that size. False with errno. */
bool tar_write_rest(int fd, int64_t size);

/* Writes the end of the stream. False with errno. */
bool tar_write_end(int fd);

/* A stream that is read; begins with its descriptor and zeroes. */
struct tar {
	int fd;
	int64_t left;    /* bytes of the member that were not read yet */
	int64_t padding; /* … and those behind them that mean nothing */
};

/* Reads the head of the next member, having passed over what is left of the one before. ERR_NOT_FOUND at the
 * end of the stream; ERR_CORRUPT with a sentence in `ret_why` where it is cut off, damaged or refused as
 * above. */
enum err_code tar_next(struct tar *tar, struct tar_member *ret_member, const char **ret_why);

/* Reads bytes of the member: as many as there are, up to `size`; 0 at its end. -1 where the stream is cut off
 * or cannot be read. */
ssize_t tar_read(struct tar *tar, void *piece, size_t size);

#endif
