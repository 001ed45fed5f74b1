/* The data directory of an instance, and the lock that lets one process serve it. */
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

/* Opens the data directory: makes what is missing, private to its user; takes the lock; changes into it (unix
 * sockets have room for 107 bytes, so all paths in it are relative from then on); removes what a crash has
 * left. On failure says why and returns -1. Ended by instance_close(). */
int instance_open(const char *data, struct arena *arena, struct instance *ret_instance);

/* Makes the missing directories in `data`. False with errno set. */
bool instance_make_dirs(const char *data, struct arena *arena);

/* Removes the bodies that a lighttpd which is gone has left in DATA, which is the current directory: none of
 * the instance may be running. */
void instance_clear_uploads(void);

/* Writes the address of the instance, ADDRESS:PORT, into the lock. */
void instance_note(const struct instance *instance, const char *address);

/* True where a process serves the data directory. Writes its address; "" = not known. */
bool instance_served(const char *data, char *ret_address, size_t size);

/* Removes the sockets and the lock. */
void instance_close(struct instance *instance);

#endif
