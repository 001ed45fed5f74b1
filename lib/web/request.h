/* An HTTP request, by FastCGI or plain CGI (RFC 3875 names the variables). A request belongs to the thread
 * that serves it, until it is detached. */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/limits.h"

struct arena;
struct buf;
struct peer;
struct transport; /* see transport.h */

enum { REQUEST_PARAMS = 4 };

struct request {
	struct transport *transport;
	struct arena *arena;           /* lives as long as the request */
	const char *method;            /* "GET"; HEAD arrives as "GET" with `head` set */
	bool head;                     /* the web server drops the body; we send it all the same */
	const char *path;              /* decoded, without the query; "" where it cannot be decoded */
	const char *query;             /* raw, without the "?"; "" where there is none */
	const char *content_type;      /* "" where there is none */
	int64_t content_length;        /* bytes; 0 where none is stated; -1 = up to the end */
	const char *remote_addr;       /* the client's address as text */
	int64_t started_ms;            /* clock_mono_ms() when the request was accepted */
	char id[LIMIT_REQUEST_ID + 1]; /* X-Request-Id: the client's where it is a word, else a new one */
	const char *params[REQUEST_PARAMS]; /* the values of the route's :names, in order */
	size_t body_read;                   /* bytes of the body that have been read */
	size_t below;                       /* bytes that request_below() has cut off the path */
};

/* Returns a header by its HTTP name ("If-None-Match"), or NULL. Lives as long as the request. Authorization
 * is passed on by lighttpd as it is, by Apache only with CGIPassAuth On. */
const char *request_header(const struct request *request, const char *name);

/* Returns a variable of the CGI environment ("REQUEST_SCHEME"), or NULL. */
const char *request_variable(const struct request *request, const char *name);

/* Finds the client's connection to the web server. False where it is not known, as behind a proxy. */
bool request_peer(const struct request *request, struct peer *ret_peer);

/* Cuts `base` ("/reel") off the path, also off one that cannot be decoded. False where the path is not below
 * it; then it stays as it is. */
bool request_below(struct request *request, const char *base);

/* Returns the request target as it came, from its path on and without what request_below() has cut off; it
 * may be followed by a query. NULL where there is none. */
const char *request_raw_path(const struct request *request);

/* Returns the part of the path behind `prefix` (`len` bytes, compared with the path as the client sent it),
 * decoded, encoded slashes as well. In the request's arena; NULL where the path does not begin with the
 * prefix, nothing follows, or it cannot be decoded. */
const char *request_rest(const struct request *request, const char *prefix, size_t len);

/* Reads up to `len` bytes of the body. Returns their number, 0 at the end, -1 where fewer than content_length
 * bytes came, or the time was over: LIMIT_BODY_MS, and more by LIMIT_BODY_PACE for its length; of a body
 * without a length, for the part that has come. */
ssize_t request_read(struct request *request, void *bytes, size_t len);

/* Reads the whole body, at most `most` bytes, into a buffer in the request's arena. ERR_TOO_LARGE,
 * ERR_NO_MEMORY; ERR_BAD_REQUEST where it ended too early. */
struct err request_body(struct request *request, size_t most, struct buf **ret_body);

/* Reads and drops the rest of the input, for at most TRANSPORT_DRAIN_MS: a web server that is answered before
 * it has sent everything may lose the answer. serve.c and park_detach() call it before each answer; a handler
 * needs to only where it answers by itself. */
void request_drain(struct request *request);

/* Returns the seconds of "Prefer: wait=N" (RFC 7240, section 4.3), however many, or -1. */
int64_t request_prefer_wait(const struct request *request);

/* True where the media type of the body is `type` ("application/json"), whatever its parameters. */
bool request_is_type(const struct request *request, const char *type);

#endif
