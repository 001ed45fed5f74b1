/* The sockets that are bound before anything starts, and stay open while programs come and go: a program that
 * is restarted finds its connections waiting, and none is refused meanwhile. */
#ifndef CLI_LISTEN_H
#define CLI_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

enum { LISTEN_BACKLOG = 4096, LISTEN_ADDRESS_SIZE = 64 };

/* Listens on `host` (a name or a numeric address) and `port` (0 = the kernel's choice). Writes the address as
 * it stands in a URL, "127.0.0.1:8080" or "[::1]:8080", and the one by which this machine itself gets there.
 * A descriptor; or -1 with a message on standard error. */
int listen_tcp(const char *host, int port, char ret_address[LISTEN_ADDRESS_SIZE],
               char ret_loopback[LISTEN_ADDRESS_SIZE]);

/* Whether only this machine reaches the socket of listen_tcp(). */
bool listen_is_loopback(int listener);

/* Listens on the unix socket `path` (at most 107 bytes), which only this user may connect to. A descriptor;
 * or -1 with a message on standard error. */
int listen_unix(const char *path);

/* Starts to connect to a socket of listen_tcp(), from this machine. A non-blocking descriptor, or -1 with
 * errno. */
int listen_connect(int listener);

#endif
