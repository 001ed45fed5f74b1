/* What this machine gives: memory, descriptors, and how many clients they carry. Keeps
 * nothing; any thread. */
#ifndef BASE_MACHINE_H
#define BASE_MACHINE_H

#include <stdint.h>

/* Bytes of memory that this process may use: the machine's, or less where a control group (a container,
 * systemd's MemoryMax=) allows less. */
int64_t machine_memory(void);

/* As machine_memory(), with /proc and /sys below `root`, for tests. */
int64_t machine_memory_below(const char *root);

/* Descriptors that this process may open, once its soft limit is raised to the hard one, which is done here;
 * what it starts inherits them. */
int64_t machine_descriptors(void);

/* Client connections of the web server: as many as `wanted`, or where that is 0 one for each 128 KiB of
 * `memory` (some 24 KiB are the web server's and ours, the rest is the kernel's for its sockets, and room for
 * all else); at most 32 000, and never more than 45 % of `descriptors`, since a connection takes two and
 * lighttpd accepts none above 90 %. At least 1. */
int64_t machine_connections(int64_t wanted, int64_t memory, int64_t descriptors);

/* Long polls that may wait at a time, so that a share of the connections is free for what does not wait: as
 * many as `wanted`, or where that is 0 three quarters of `connections`. At least 1. */
int64_t machine_waiters(int64_t wanted, int64_t connections);

/* The descriptors that lighttpd is to have for so many connections, at most `descriptors`, and 65535, as
 * lighttpd keeps them in 16 bits. */
int64_t machine_web_descriptors(int64_t connections, int64_t descriptors);

#endif
