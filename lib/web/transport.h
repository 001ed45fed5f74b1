/* The transport of a request: the interface between a request and FastCGI (fcgi.c) or plain CGI (cgi.c).
 * Internal to this folder. A transport belongs to the thread that serves its request. */
#ifndef WEB_TRANSPORT_H
#define WEB_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "web/conn.h"

/* How long the web server may take to end a body of which no more is wanted: one that has buffered the body
 * takes microseconds, one that passes it on as it comes depends on its client. */
enum { TRANSPORT_DRAIN_MS = 5000 };

struct transport {
	/* Returns a variable of the CGI environment, or NULL. */
	const char *(*variable)(struct transport *transport, const char *name);
	/* Reads up to `len` bytes of the body; 0 at its end, -1 where nothing has come within `ms`. */
	ssize_t (*read)(struct transport *transport, void *bytes, size_t len, int64_t ms);
	/* Reads and drops the rest of the input: up to its mark of the end, where the protocol has one, else
	 * `left` bytes (UINT64_MAX = up to the end of the file). False where the end has not come within
	 * TRANSPORT_DRAIN_MS. */
	bool (*drain)(struct transport *transport, uint64_t left);
	/* Sends bytes of the answer. False where the peer is gone. */
	bool (*write)(struct transport *transport, const void *bytes, size_t len);
	/* Gives the connection away; after that only variable() may be called. */
	struct park_conn (*detach)(struct transport *transport);
	/* From now on write() fails where the peer takes nothing for so long. NULL = it waits for ever. */
	void (*patience)(struct transport *transport, int64_t ms);
};

struct request;

/* Fills the request from the transport's variables; `request->arena` is set already. False when memory is
 * short. */
bool request_begin(struct request *request, struct transport *transport);

#endif
