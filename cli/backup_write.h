/* Writes the stream of a whole backup: members of tar, and the sums of all of them as its last. */
#ifndef CLI_BACKUP_WRITE_H
#define CLI_BACKUP_WRITE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define BACKUP_MANIFEST "longreel-backup.json" /* the first member */
#define BACKUP_SUMS     "SHA256SUMS"           /* the last one, as sha256sum(1) writes and checks it */

enum { BACKUP_FORMAT = 1, BACKUP_MANIFEST_MAX = 64 * 1024 /* bytes */ };

struct backup_out {
	int fd;
	FILE *sums; /* lines "SUM  NAME"; NULL = none are made */
	int64_t files;
};

/* Writes the file `path` as the member `name`. One that is absent is left out where it is `optional`. On
 * failure says why and returns false. */
bool backup_file(struct backup_out *out, const char *path, const char *name, bool optional);

/* Writes the folder `path` and the files in it, and in its folders, as `name`. An absent one is left out. */
bool backup_folder(struct backup_out *out, const char *path, const char *name);

/* Writes the stream of a backup that lies in the folder `path`: what its sums name. On failure says why. */
bool backup_of_folder(const char *path, int fd);

#endif
