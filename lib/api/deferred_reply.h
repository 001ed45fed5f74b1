/* What it takes to answer a call after its handler has returned: the connection and the little of the
 * request that an answer repeats. Plain data, handed from the accepting thread to the loop's. */
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
	const char *lang;   /* "zh" or "en"; lives for ever */
	const char *path;   /* tells the surface, no more; lives for ever */
	char *headers;      /* those that the call had so far (CORS), or NULL; ours */
	char request_id[LIMIT_REQUEST_ID + 1];
	uint32_t peer; /* for the caller: the mark of the client's connection (base/peer) */
};

/* Takes the connection out of the call, whose body must have been read. False when memory is short; the call
 * is then still to be answered by its handler. */
bool deferred_reply_take(struct call *call, struct deferred_reply *ret_deferred);

/* Makes a request that has just what the envelope needs, and begins the reply anew, with the headers that
 * there are. The caller writes it and sends it. */
void
deferred_reply_send(const struct deferred_reply *deferred, struct request *ret_request, struct reply *reply);

/* Frees what it holds; the connection is not its business. */
void deferred_reply_done(struct deferred_reply *deferred);

#endif
