/* An HTTP client: many exchanges at once on one loop, over connections that are kept alive. Belongs to the
 * loop's thread. */
#ifndef UPSTREAM_HTTP_CLIENT_H
#define UPSTREAM_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "upstream/http/message.h"

struct http;
struct loop;

/* Receives the response, which is valid during the call. */
typedef void http_done(void *cookie, const struct http_response *response);

/* Makes a client on `loop` with at most `per_host` connections to one host (0 = any number). NULL when memory
 * is short. The program must ignore SIGPIPE: libcurl is told to leave signals alone. */
struct http *http_new(struct loop *loop, long per_host);

/* Ends every exchange (its response is HTTP_LOST, or HTTP_NOT_SENT where that is sure) and frees the client.
 * NULL is fine. */
void http_free(struct http *http);

/* Starts an exchange. The request is copied, its files are opened at once. `done` is called once, later,
 * never from within this function. False when memory is short or a file cannot be read: then nothing was
 * started. */
bool http_start(struct http *http, const struct http_request *request, http_done *done, void *cookie);

/* Returns the number of exchanges under way. */
size_t http_active(const struct http *http);

#endif
