/* A request whose body lies in memory and arrives in pieces of a chosen size. */
#ifndef SUPPORT_MEMORY_REQUEST_H
#define SUPPORT_MEMORY_REQUEST_H

#include "base/arena.h"
#include "web/transport.h"
#include "web/request.h"

struct memory_request {
	struct request request; /* for tests to change as they like */
	struct transport transport;
	const char *body; /* what has not been read yet */
	size_t left;      /* bytes of it */
	size_t piece;     /* bytes that one read gives at most; SIZE_MAX at first */
};

/* Makes a request with that body (which must live on) and its true length, and with an arena of its own.
 * It must stay where it is, and is given to memory_request_free(). */
void
memory_request_init(struct memory_request *memory, const char *content_type, const char *body, size_t len);

/* Frees the arena. */
void memory_request_free(struct memory_request *memory);

#endif
