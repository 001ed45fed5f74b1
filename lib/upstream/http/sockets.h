/* The sockets of a client in its loop. That of a connection stays watched while the connection rests between
 * two requests: to stop and to begin anew would be two system calls for each request. Internal to this
 * folder; belongs to the loop's thread. */
#ifndef UPSTREAM_HTTP_SOCKETS_H
#define UPSTREAM_HTTP_SOCKETS_H

struct loop;
struct sockets;

/* Receives the events (base/loop.h) of a socket that is watched. */
typedef void sockets_ready(void *cookie, int fd, unsigned events);

/* Makes an empty set. NULL when memory is short. */
struct sockets *sockets_new(struct loop *loop, sockets_ready *ready, void *cookie);

/* Frees the set; the sockets are closed before. NULL is fine. */
void sockets_free(struct sockets *sockets);

/* Notes that `fd` is a connection's, and will be closed by sockets_close(). */
void sockets_opened(struct sockets *sockets, int fd);

/* Closes a socket. Returns what close() does. */
int sockets_close(struct sockets *sockets, int fd);

/* Watches `fd` for `events` (LOOP_READ, LOOP_WRITE); 0 = nothing is waited for. One that is not noted by
 * sockets_opened() may be closed after that without a word. Where memory is short it stays unwatched. */
void sockets_watch(struct sockets *sockets, int fd, unsigned events);

#endif
