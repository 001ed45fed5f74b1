/* FastCGI as a transport, and the bytes of its records (FastCGI specification 1.0, sections 3.3 and 5).
 * Internal to this folder. A struct fcgi belongs to one thread. */
#ifndef WEB_FCGI_H
#define WEB_FCGI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "web/transport.h"

struct buf;
struct fcgi;

/* Makes what one accepting thread needs. NULL when memory is short. The listening socket is descriptor 0. */
struct fcgi *fcgi_new(void);

/* Frees it and closes the connection that it still has. NULL is fine. */
void fcgi_free(struct fcgi *fcgi);

/* Waits for the next request. 0, or a negative errno. */
int fcgi_accept(struct fcgi *fcgi);

/* Returns the transport of the accepted request. */
struct transport *fcgi_transport(struct fcgi *fcgi);

/* Ends the accepted request: flushes, and closes the connection without waiting for the peer. A detached
 * connection stays open. */
void fcgi_finish(struct fcgi *fcgi);

/* Appends the records of `bytes` as the whole answer to request `id`: STDOUT, its end, END_REQUEST. False
 * where the buffer failed. */
bool fcgi_frame(struct buf *out, uint16_t id, const void *bytes, size_t len);

#endif
