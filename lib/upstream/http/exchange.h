/* One HTTP exchange as a libcurl easy handle: from a request to its options, and from how it ended to
 * a response. Internal to this folder; an exchange belongs to the thread of its client. */
#ifndef UPSTREAM_HTTP_EXCHANGE_H
#define UPSTREAM_HTTP_EXCHANGE_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/buf.h"
#include "upstream/http/base64_body.h"
#include "upstream/http/message.h"

struct exchange {
	struct exchange *next; /* whatever list it is in */
	struct exchange *prev;
	CURL *easy;
	struct curl_slist *headers;
	curl_mime *mime;
	struct base64_body *base64_body; /* of a body with a file in it */
	struct buf body;                 /* of the answer */
	bool head_whole;                 /* the head of the answer has come to its end */
	bool foreign;                    /* as in the request */
	bool guarded;                    /* public addresses only */
	bool refused;                    /* the guard has refused one */
	size_t dropped;                  /* bytes of a foreign body */
	void (*done)(void *cookie, const struct http_response *response);
	void *cookie;
};

enum { EXCHANGE_WHY_SIZE = 160 };

/* A new one, with nothing set, or NULL when memory is short. */
struct exchange *exchange_new(void);

/* Frees it. It must not be in a multi handle. NULL is fine. */
void exchange_free(struct exchange *exchange);

/* Sets the options of a fresh or reset exchange for `request`: strings are copied, files opened. False when
 * memory is short or a file cannot be read; exchange_reset() or exchange_free() clears up. */
bool exchange_set(struct exchange *exchange, const struct http_request *request);

/* CURLOPT_HEADERFUNCTION: tells in the bool at `whole` whether the head of the answer has come to its empty
 * line. libcurl by itself takes the end of the connection for the end of the head, too. */
size_t exchange_take_header(char *line, size_t size, size_t count, void *whole);

/* Forgets the request and the answer, and keeps what can be used again. It must not be in a multi handle. */
void exchange_reset(struct exchange *exchange);

/* What the end `code` means; `why` is room for the response's phrase. The response points into the exchange
 * and `why`. To be called before the handle leaves its multi handle. */
struct http_response
exchange_response(const struct exchange *exchange, CURLcode code, char why[EXCHANGE_WHY_SIZE]);

#endif
