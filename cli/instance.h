/* The data directory of an instance, and the right to be the only one that serves it. */
#ifndef CLI_INSTANCE_H
#define CLI_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct instance {
	const char *data;      /* absolute, in the arena */
	const char *run_dir;   /* DATA/run, absolute, where the sockets are */
	const char *lock_path; /* DATA/lock, absolute */
	int lock;              /* descriptor of DATA/lock; -1 = not held */
};

/* Makes the directory and what is in it as far as it is missing, private to its user, takes the lock, changes
 * into the directory (unix sockets have room for 107 bytes, so all paths in it are relative from here on) and
 * clears away what a crash has left. On failure says why and returns -1. */
int instance_open(const char *data, struct arena *arena, struct instance *ret_instance);

/* Makes the directories in the data directory `data` as far as they are missing. False with errno. */
bool instance_make_dirs(const char *data, struct arena *arena);

/* Notes in the lock where the instance is served, as ADDRESS:PORT. */
void instance_note(const struct instance *instance, const char *address);

/* Whether the data directory is served at the moment. Writes where, "" where that is not known. */
bool instance_served(const char *data, char *ret_address, size_t size);

/* Removes the sockets and the lock. */
void instance_close(struct instance *instance);

#endif
