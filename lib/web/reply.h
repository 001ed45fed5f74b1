/* One HTTP reply under construction. It is sent whole, once, by the carrier (or later by a parked
 * connection); streaming is the exception, for content that passes through. */
#ifndef WEB_REPLY_H
#define WEB_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct request;

struct reply {
	int status;         /* HTTP status; 200 from reply_init() */
	struct buf headers; /* complete lines, "Name: value\r\n" */
	struct buf body;
	bool detached;  /* somebody else answers, later: serve sends nothing */
	bool streaming; /* the head is out, and perhaps some of the body */
};

/* An empty 200 reply with room for LIMIT_REPLY bytes. */
void reply_init(struct reply *reply);

/* Frees what the reply holds. */
void reply_done(struct reply *reply);

/* Empties the reply for another try (an error after half an answer), keeping nothing. */
void reply_reset(struct reply *reply);

/* Adds a header. A value with a control character is dropped whole: nothing of a client's splits a header. */
void reply_header(struct reply *reply, const char *name, const char *value);

/* Adds a header with formatted value. As reply_header(). */
void reply_headerf(struct reply *reply, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Appends the CGI form of the reply to `out`: "Status: …", the headers, Content-Length, a blank line,
 * the body. False where it did not fit, or where the reply itself is incomplete (a sticky failure
 * of its buffers): then `out` is as it was. */
bool reply_write(const struct reply *reply, struct buf *out);

/* Sends status and headers now; the body follows by reply_stream(). False where the peer is gone. */
bool reply_stream_begin(struct reply *reply, struct request *request);

/* Sends a piece of the body. False where the peer is gone. */
bool reply_stream(struct reply *reply, struct request *request, const void *bytes, size_t len);

#endif
