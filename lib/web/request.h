/* One HTTP request, whatever carried it: FastCGI or plain CGI (RFC 3875 names the variables).
 * A request belongs to the thread that serves it, until it is detached. */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/limits.h"

struct arena;
struct transport; /* how bytes come and go: fcgi.c, cgi.c */

enum { REQUEST_PARAMS = 4 };

struct request {
	struct transport *transport;
	struct arena *arena;                /* lives as long as the request */
	const char *method;                 /* "GET"; HEAD arrives as "GET" with `head` set */
	bool head;                          /* the web server drops the body; we send it all the same */
	const char *path;                   /* decoded, without the query; "" where it was not decodable */
	const char *query;                  /* raw, without the "?"; "" where there is none */
	const char *content_type;           /* "" where there is none */
	int64_t content_length;             /* bytes; 0 where none is stated; -1 = up to the end */
	const char *remote_addr;            /* the client's address as text */
	int64_t started_ms;                 /* clock_mono_ms() when the request was accepted */
	char id[LIMIT_REQUEST_ID + 1];      /* X-Request-Id: taken over where it is sane, else drawn */
	const char *params[REQUEST_PARAMS]; /* what stood for the :names of the route, in order */
	size_t body_read;                   /* bytes of the body handed out so far */
	size_t below;                       /* bytes that request_below() has cut off the path */
};

/* A header by its HTTP name ("If-None-Match"), or NULL. Lives as long as the request.
 * Authorization is passed on by lighttpd as it is, by Apache only with CGIPassAuth On. */
const char *request_header(const struct request *request, const char *name);

/* A variable of the CGI environment ("REQUEST_SCHEME"), or NULL. */
const char *request_variable(const struct request *request, const char *name);

/* Cuts `base` ("/reel") off the path. False where the path is not below it, and stays as it is. */
bool request_below(struct request *request, const char *base);

/* What of the path follows `prefix` (`len` bytes, compared as the client sent it), decoded, an encoded slash,
 * too. In the request's arena; NULL where the path begins otherwise, nothing follows, or that cannot be
 * decoded. */
const char *request_rest(const struct request *request, const char *prefix, size_t len);

/* Reads up to `len` bytes of the body. The number of bytes, 0 at its end, -1 where the web server
 * went away in the middle (fewer than content_length bytes came), or where it has not come in time:
 * LIMIT_BODY_MS, and its length at LIMIT_BODY_PACE; of a body without a length the part that has come counts.
 */
ssize_t request_read(struct request *request, void *bytes, size_t len);

/* Reads and drops the rest of the input, to its very end, for at most CARRIER_DRAIN_MS: a web server that is
 * answered before it has sent everything may lose the answer. serve.c and park_detach() call it before each
 * answer; a handler only needs to where it answers by itself. */
void request_drain(struct request *request);

/* The seconds of "Prefer: wait=N" (RFC 7240, section 4.3), or -1. */
int64_t request_prefer_wait(const struct request *request);

/* True where the media type of the body is `type` ("application/json"), parameters aside. */
bool request_is_type(const struct request *request, const char *type);

#endif
