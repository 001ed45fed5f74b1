/* Reads the stream of a whole backup (backup_write.h), which may come from anywhere. */
#ifndef CLI_UNPACK_H
#define CLI_UNPACK_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct tar;

/* What a backup says of itself. In the arena. */
struct manifest {
	const char *text;
	const char *version, *data, *owner; /* of longreel; the data directory; its user, "" = not known */
	int64_t created_at;
	const char **outside; /* secrets that it does not hold: files and variables; NULL-terminated */
};

/* Reads the first member, the manifest. On failure says why and returns false. */
bool unpack_manifest(struct tar *tar, struct arena *arena, struct manifest *ret_manifest);

/* Unpacks all the others, and the manifest, into the empty folder `folder`: files of mode 0600 in folders of
 * mode 0700, none under a name that a backup does not have; then checks the sums of all. On failure says why
 * and returns false; the folder is the caller's to remove. */
bool unpack_rest(struct tar *tar, const struct manifest *manifest, const char *folder);

/* Both, for a backup that is to lie in a folder; it is on the disk then. */
bool unpack_backup(int fd, const char *folder);

#endif
