/* A reply that is sent after its handler has returned: the connection, and the parts of the request that an
 * answer needs. Plain data: an accepting thread makes it, and hands it over to the loop's thread. */
#ifndef API_DEFERRED_REPLY_H
#define API_DEFERRED_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "web/park.h"
#include "web/reply.h"
#include "web/request.h"

struct call;

struct deferred_reply {
	struct park_conn conn;
	int64_t started_ms; /* clock_mono_ms() when the request was accepted */
	const char *lang;   /* "zh" or "en"; static */
	const char *path;   /* OPENAI_ROOT or "", for the form of errors; static */
	char *headers;      /* the reply's headers so far (CORS), or NULL; owned */
	char request_id[LIMIT_REQUEST_ID + 1];
	uint32_t peer; /* for the caller: the mark of the client's connection (base/peer) */
};

/* Takes the connection out of the call, whose body must have been read. False when memory is short; the
 * handler must then answer the call. */
bool deferred_reply_init(struct call *call, struct deferred_reply *ret_deferred);

/* Begins the reply: empties it, sets the headers from before, and makes a request with what envelope.h needs.
 * The caller writes the rest and sends it on deferred->conn. */
void
deferred_reply_begin(const struct deferred_reply *deferred, struct request *ret_request, struct reply *reply);

/* Frees its memory; the connection is not touched. */
void deferred_reply_done(struct deferred_reply *deferred);

#endif
