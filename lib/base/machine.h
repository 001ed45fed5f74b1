/* Computes from memory and descriptors of this machine how many clients it can serve. Thread-safe. */
#ifndef BASE_MACHINE_H
#define BASE_MACHINE_H

#include <stdint.h>

/* Returns the bytes of memory that this process may use: the machine's, or less where a control group (a
 * container, systemd's MemoryMax=) allows less. It is found out once for the process. */
int64_t machine_memory(void);

/* Does the same with /proc and /sys below `root`, for tests. */
int64_t machine_memory_below(const char *root);

/* Raises this process's soft limit of descriptors to the hard one, and returns it; programs that it starts
 * inherit it. */
int64_t machine_descriptors(void);

/* Returns the client connections of the web server: `wanted`, or where that is 0 one for each 128 KiB of
 * `memory` (some 24 KiB are the web server's and ours, the rest is the kernel's for its sockets, and room for
 * all else). At most 32 000, and at most 45 % of `descriptors`, since a connection takes two and lighttpd
 * accepts none above 90 %. At least 1. */
int64_t machine_connections(int64_t wanted, int64_t memory, int64_t descriptors);

/* Returns the long polls that may wait at a time: `wanted`, or where that is 0 three quarters of
 * `connections`, so that a share is free for other requests. At least 1. */
int64_t machine_waiters(int64_t wanted, int64_t connections);

/* Returns how many connections lighttpd is told to hold: more than are announced. It counts one that it has
 * answered and closed for up to five seconds more, until its client has closed it, too, and such ones must
 * not take the places of others. These are as many as the machine has memory and descriptors for, whatever
 * was wanted, but at most sixteen times `connections`; a quarter more in any case. lighttpd accepts half of
 * its descriptors, no more. */
int64_t machine_web_connections(int64_t connections, int64_t memory, int64_t descriptors);

/* Returns the descriptors that lighttpd needs for so many connections: at most `descriptors`, and at most
 * 65535, as lighttpd keeps them in 16 bits. */
int64_t machine_web_descriptors(int64_t connections, int64_t descriptors);

#endif
