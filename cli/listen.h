/* Listening sockets. They are bound before anything starts and stay open when programs end: a program that is
 * restarted finds its connections waiting, and none is refused. */
#ifndef CLI_LISTEN_H
#define CLI_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

#include <sys/types.h>

#include "base/place.h"

enum {
	LISTEN_BACKLOG = 4096,
	LISTEN_ADDRESS_SIZE = 128,
	LISTEN_PORT = 8080, /* where none is named */
	LISTEN_TRIES = 20   /* ports that are tried with listen_plan.any */
};

struct listen_plan {
	struct place place; /* without a host 127.0.0.1, without a port LISTEN_PORT */
	bool any;           /* a port that is taken is passed over for the next one */
	uid_t uid;          /* whose a unix socket is to be; counts for root alone */
	gid_t gid;          /* the group that may connect to it, besides that user */
};

/* Listens at the place; port 0 = the kernel's choice. A unix socket that nothing listens on any more is
 * replaced. Writes the address as in a URL, "127.0.0.1:8080" or "[::1]:8080", or "unix:/PATH", and the one to
 * reach it from this machine by TCP, or "". Returns a descriptor; on failure says why and returns -1. */
int listen_at(const struct listen_plan *plan, char ret_address[LISTEN_ADDRESS_SIZE],
              char ret_loopback[LISTEN_ADDRESS_SIZE]);

/* Listens on the unix socket `path`, to which `mode` lets connect, and gives it to that group. A stale one is
 * replaced. Returns a descriptor; on failure says why and returns -1. */
int listen_shared(const char *path, mode_t mode, gid_t gid);

/* True where only this machine can reach the socket of listen_at(). */
bool listen_is_loopback(int listener);

/* Whether clients that have not said anything yet stay with the kernel, up to the backlog of them, and cost
 * the web server no connection. Not wanted of a proxy's connections, which do not stay silent: a web server
 * that finds a request together with its connection (lighttpd 1.4.69) does not see when that ends. */
void listen_defer(int listener, bool on);

/* Listens on the unix socket `path` (at most 107 bytes), to which only this user may connect. Returns a
 * descriptor; on failure says why and returns -1. */
int listen_unix(const char *path);

/* Starts to connect to a socket of listen_at(), from this machine. Returns a non-blocking descriptor, or -1
 * with errno set. */
int listen_connect(int listener);

#endif
