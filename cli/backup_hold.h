/* What a whole backup reads, held: each image and video that is there gets one more name (a hard link), so
 * that what is deleted meanwhile can still be read. A deletion is committed before its file is removed:
 * so while the one writer's place is taken, every file is there that the database names. */
#ifndef CLI_BACKUP_HOLD_H
#define CLI_BACKUP_HOLD_H

#include <signal.h>
#include <stdbool.h>

struct arena;

struct hold {
	const char *data;    /* absolute */
	const char *stage;   /* DATA/tmp/backup, empty at first: for copies */
	const char *uploads; /* DATA/uploads/.backup: the images */
	const char *archive; /* DATA/archive/.backup: the videos, in their folders; NULL = not wanted */
	int lock;
};

/* Begins, for the one backup at a time that there may be; removes what one has left that was killed. On
 * failure says why and returns false. Ended by hold_end(). */
bool hold_begin(const char *data, bool archive, struct arena *arena, struct hold *ret_hold);

/* Holds all files that are there and not held yet. On failure says why and returns false. */
bool hold_files(const struct hold *hold, struct arena *arena);

/* Lets them go. */
void hold_end(struct hold *hold);

/* Removes what a backup has left that was killed, unless one is running. */
void hold_clear(const char *data, struct arena *arena);

/* Removes a folder and all that is in it; an absent one is fine. False with errno where something stays. */
bool hold_remove_tree(const char *path);

/* Blocks what asks a backup or a restore to end: SIGINT, SIGTERM and SIGHUP. It ends where it may. */
void hold_signals(sigset_t *ret_set);

/* True once this process was asked to end; after hold_signals(). */
bool hold_stopped(void *cookie);

#endif
