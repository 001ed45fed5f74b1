/* Listening sockets. They are bound before anything starts and stay open when programs end: a program that is
 * restarted finds its connections waiting, and none is refused. */
#ifndef CLI_LISTEN_H
#define CLI_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

enum { LISTEN_BACKLOG = 4096, LISTEN_ADDRESS_SIZE = 64 };

/* Listens on `host` (a name or a numeric address) and `port` (0 = the kernel's choice). Writes the address as
 * in a URL, "127.0.0.1:8080" or "[::1]:8080", and the one to reach it from this machine. Returns a
 * descriptor; on failure says why and returns -1. */
int listen_tcp(const char *host, int port, char ret_address[LISTEN_ADDRESS_SIZE],
               char ret_loopback[LISTEN_ADDRESS_SIZE]);

/* True where only this machine can reach the socket of listen_tcp(). */
bool listen_is_loopback(int listener);

/* Whether clients that have not said anything yet stay with the kernel, up to the backlog of them, and cost
 * the web server no connection. Not wanted of a proxy's connections, which do not stay silent: a web server
 * that finds a request together with its connection (lighttpd 1.4.69) does not see when that ends. */
void listen_defer(int listener, bool on);

/* Listens on the unix socket `path` (at most 107 bytes), to which only this user may connect. Returns a
 * descriptor; on failure says why and returns -1. */
int listen_unix(const char *path);

/* Starts to connect to a socket of listen_tcp(), from this machine. Returns a non-blocking descriptor, or -1
 * with errno set. */
int listen_connect(int listener);

#endif
