/* An HTTP reply under construction. serve.c sends it whole when the handler returns, or park.c later; only
 * content that passes through is streamed. Belongs to one thread at a time. */
#ifndef WEB_REPLY_H
#define WEB_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct request;

struct reply {
	int status;         /* HTTP status; 200 from reply_init() */
	struct buf headers; /* complete lines, "Name: value\r\n" */
	struct buf body;
	bool detached;  /* answered later by the park: serve.c sends nothing */
	bool streaming; /* the head has been sent, and perhaps some of the body */
};

/* Makes an empty 200 reply with room for LIMIT_REPLY bytes. */
void reply_init(struct reply *reply);

/* Frees what the reply holds. */
void reply_done(struct reply *reply);

/* Empties the reply, for an error after half an answer. */
void reply_reset(struct reply *reply);

/* Adds a header. One whose value has a control character is left out, so that no value can begin another
 * header. */
void reply_header(struct reply *reply, const char *name, const char *value);

/* Adds a header with a formatted value, as reply_header(). */
void reply_headerf(struct reply *reply, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Appends the reply to `out` as CGI has it: "Status: …", the headers, Content-Length, a blank line, the body.
 * False where it does not fit, or an append to the reply has failed before; `out` is then as it was. */
bool reply_write(const struct reply *reply, struct buf *out);

/* Before a stream: it fails once the client takes nothing for `ms`. Under plain CGI it waits for ever. */
void reply_patience(struct request *request, int64_t ms);

/* Sends status and headers now; the body follows by reply_stream(). False where the peer is gone, or the head
 * is incomplete. */
bool reply_stream_begin(struct reply *reply, struct request *request);

/* Sends a piece of the body. False where the peer is gone. */
bool reply_stream(struct reply *reply, struct request *request, const void *bytes, size_t len);

#endif
