/* A TCP connection of another process on this machine: asks the kernel, without its descriptor, whether it is
 * still open (sock_diag(7), which needs no privilege). Thread-safe. */
#ifndef BASE_PEER_H
#define BASE_PEER_H

#include <stdbool.h>
#include <stddef.h>
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

/* True where it is gone so, or all that was written to it has reached the far end; false also where the
 * kernel does not say. */
bool peer_has_read(const struct peer *peer);

/* Makes a mark of a connection of this machine, 32 bits of the far end's address and the ports: enough to
 * tell it from others where a rare mistake does no harm. 0 where the address is none or a port is 0, else
 * never. */
uint32_t peer_mark(const char *remote, uint16_t remote_port, uint16_t local_port);

/* Writes the marks, in order, of up to `most` connections whose far end has closed its sending side, and
 * whose own side is open yet. Returns how many; 0 also where the kernel does not say. */
size_t peer_half_closed(uint32_t *ret_marks, size_t most);

/* True where the mark is one of `marks`, which are in order. */
bool peer_is_listed(const uint32_t *marks, size_t count, uint32_t mark);

#endif
