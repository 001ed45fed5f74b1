/* An HTTP exchange as a libcurl easy handle: sets the options for a request, and reads from how it ended the
 * response. Internal to this folder; an exchange belongs to the thread of its client. */
#ifndef UPSTREAM_HTTP_EXCHANGE_H
#define UPSTREAM_HTTP_EXCHANGE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "upstream/http/base64_body.h"
#include "upstream/http/cut.h"
#include "upstream/http/guard.h"
#include "upstream/http/message.h"

struct sockets;

struct exchange {
	struct exchange *next; /* in the client's list */
	struct exchange *prev;
	CURL *easy;
	struct curl_slist *headers;
	const struct curl_slist *own; /* of a plain request: those of them that are not the caller's */
	curl_mime *mime;
	struct base64_body *base64_body; /* of a body with a file in it */
	struct buf body;                 /* of the answer */
	struct cut cut;                  /* with `cuts` */
	bool cuts;                       /* as in the request */
	int64_t timeout_ms;              /* likewise */
	bool plain;                      /* the handle has the options of a plain request */
	int64_t came;                    /* bytes of a body that is cut */
	bool head_whole;                 /* the whole head of the answer has come */
	bool foreign;                    /* as in the request */
	struct guard guard;
	size_t dropped; /* bytes of a foreign body */
	void (*done)(void *cookie, const struct http_response *response);
	void *cookie;
};

enum { EXCHANGE_WHY_SIZE = 160 };

/* Makes an exchange with nothing set. NULL when memory is short. */
struct exchange *exchange_new(void);

/* Frees an exchange, which must not be in a multi handle. NULL is fine. */
void exchange_free(struct exchange *exchange);

/* Sets the options of a fresh or reset exchange for `request`: strings are copied, files opened. Its
 * connection is noted in `sockets`, always the same of an exchange. False when memory is short or a file
 * cannot be read; exchange_reset() or exchange_free() clears up. */
bool exchange_set(struct exchange *exchange, struct sockets *sockets, const struct http_request *request);

/* Sets the options that every request has. `ret_head_whole`, which must live as long as the handle, becomes
 * true when the answer's head has come up to its empty line: libcurl by itself takes the end of the
 * connection for the end of the head, too. False when memory is short. */
bool exchange_set_basics(CURL *easy, const char *url, bool *ret_head_whole);

/* Appends a header line to the list. False when memory is short: the list is then as it was. */
bool exchange_add_header(struct curl_slist **headers, const char *line);

/* Returns the wait that the answer asks for, in ms, at most LIMIT_RETRY_AFTER; 0 = none. */
int64_t exchange_retry_after(CURL *easy);

/* Clears the answer, and the request unless the next may be like it; keeps the handle and its buffer. It must
 * not be in a multi handle. */
void exchange_reset(struct exchange *exchange);

/* Returns the response after the exchange has ended with `code`; `why` is room for its phrase. The response
 * points into the exchange and `why`. Call it before the handle leaves its multi handle. */
struct http_response
exchange_response(const struct exchange *exchange, CURLcode code, char why[EXCHANGE_WHY_SIZE]);

#endif
