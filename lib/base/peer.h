/* A TCP connection of another process on this machine: asks the kernel, without its descriptor, whether it is
 * still open (sock_diag(7), which needs no privilege). Thread-safe. */
#ifndef BASE_PEER_H
#define BASE_PEER_H

#include <stdbool.h>
#include <stdint.h>

/* Plain data, without pointers: it may be written to a file and read by another process of the same boot. */
struct peer {
	uint32_t cookie[2]; /* the kernel's own name of the connection, never used again */
	uint8_t local[16], remote[16];
	uint16_t local_port, remote_port; /* in network byte order */
	uint32_t family;                  /* 0 = not known */
};

/* Finds the connection between two addresses, as text, with their ports. False where there is none, or the
 * kernel does not say. */
bool peer_find(const char *local, uint16_t local_port, const char *remote, uint16_t remote_port,
               struct peer *ret_peer);

/* True where the connection has ended, or its far end has closed its sending side; false also where the
 * kernel does not say. */
bool peer_is_gone(const struct peer *peer);

#endif
