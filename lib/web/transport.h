/* What carries a request: the seam between one request and FastCGI or plain CGI. Internal to this folder.
 * A transport belongs to the thread that serves its request. */
#ifndef WEB_TRANSPORT_H
#define WEB_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "web/conn.h"

/* How long a peer may take to end its input after we have all that we want of it: a web server that has
 * gathered the body takes microseconds, one that hands it on as it comes may be held up by its client. */
enum { CARRIER_DRAIN_MS = 5000 };

struct transport {
	/* A variable of the CGI environment, or NULL. */
	const char *(*variable)(struct transport *transport, const char *name);
	/* Reads up to `len` bytes of the body; 0 at its end, -1 where nothing has come within `ms`. */
	ssize_t (*read)(struct transport *transport, void *bytes, size_t len, int64_t ms);
	/* Reads and drops the rest of the input: to the end that the peer marks, where the protocol has such
	 * a mark, else `left` bytes (UINT64_MAX = up to the end of the file). False where that has not come
	 * within CARRIER_DRAIN_MS. */
	bool (*drain)(struct transport *transport, uint64_t left);
	/* Sends bytes of the answer. False where the peer is gone. */
	bool (*write)(struct transport *transport, const void *bytes, size_t len);
	/* Gives the connection away; the transport is then good for variables only. */
	struct park_conn (*detach)(struct transport *transport);
};

struct request;

/* Fills the request from the transport's variables; `request->arena` is set already. False when memory is
 * short. */
bool request_begin(struct request *request, struct transport *transport);

#endif
