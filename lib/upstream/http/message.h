/* An HTTP request and the response to it, as plain data. They own nothing: see client.h for how long what
 * they point to must live. */
#ifndef UPSTREAM_HTTP_MESSAGE_H
#define UPSTREAM_HTTP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_part {
	const char *name;
	const char *value;     /* text; NULL where `file` is set */
	const char *file;      /* path of a file to send */
	const char *file_name; /* as the upstream is told */
	const char *type;      /* media type of the file */
};

/* A file that goes into a body as base64. */
struct http_insert {
	const char *path;
	size_t at; /* the offset in the body before which it goes */
};

struct http_request {
	const char *method;
	const char *url;
	const char *const *headers; /* "Name: value", NULL-terminated; NULL = none */
	const char *body;           /* NULL = none, or `parts` */
	size_t body_len;
	const struct http_insert *inserts; /* files that go into the body as base64, in its order */
	size_t insert_count;
	const struct http_part *parts; /* multipart/form-data */
	size_t part_count;
	const char *sigv4;  /* "aws:amz:REGION:SERVICE": sign it as Amazon does, with … */
	const char *user;   /* … this, "ACCESS:SECRET"; NULL = both none */
	int64_t timeout_ms; /* for the whole exchange */
	bool cut;     /* the answer may hold a video, or images: it may be LIMIT_ANSWER_VIDEO long, and of a
	               * string in it that is longer than LIMIT_ANSWER_STRING that much is kept */
	bool once;    /* a submission: a connection of its own, so that the library never sends it a second
	               * time by itself, as it does when a kept-alive connection turns out to be dead */
	bool foreign; /* the URL does not come from the operator: connect to public addresses only, past any
	               * proxy, and drop the answer's body. Needs a client of its own: the address of a
	               * connection that is kept alive is not checked again */
	bool private; /* … but allow private addresses */
};

enum http_end {
	HTTP_ANSWERED, /* a status line and a complete body came */
	HTTP_NOT_SENT, /* surely no byte of the request reached the peer: DNS, connect, TLS handshake, or
	                  memory was short */
	HTTP_LOST      /* it was sent, or may have been, and no complete answer came */
};

struct http_response {
	enum http_end end;
	int status;             /* 0 unless HTTP_ANSWERED */
	int64_t retry_after_ms; /* from Retry-After, seconds or date (RFC 9110, section 10.2.3); 0 = none */
	const char *body;       /* valid during the callback; "" where there is none */
	size_t body_len;        /* at most LIMIT_ANSWER; a longer body is HTTP_LOST. 0 for a foreign one */
	const char *why; /* unless HTTP_ANSWERED: one phrase, without the URL's query and without secrets */
	int error; /* unless HTTP_ANSWERED: the errno of connecting (ECONNREFUSED), for the log; 0 = none */
	bool oversize; /* with HTTP_LOST: the answer was longer than LIMIT_ANSWER, which says nothing against
	                * the peer */
	bool ours;     /* unless HTTP_ANSWERED: ended by ourselves, which says nothing about the peer */
};

#endif
