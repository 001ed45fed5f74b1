/* The headers of requests. Internal to this folder; results live in the arena. Thread-safe. */
#ifndef UPSTREAM_DIALECT_COMPOSE_HEADERS_H
#define UPSTREAM_DIALECT_COMPOSE_HEADERS_H

#include "base/err.h"

struct arena;
struct channel;
struct http_request;

/* Makes the header that shows the key. *ret_line is NULL for a channel without a key, or one whose requests
 * are signed. ERR_INTERNAL for a key that cannot be sent; ERR_NO_MEMORY. */
enum err_code compose_key(const struct channel *channel, struct arena *arena, const char **ret_line);

/* Has the request signed, where the profile wants that. Errors as above. */
enum err_code
compose_signature(const struct channel *channel, struct arena *arena, struct http_request *request);

/* Sets the headers of a call of the channel's API: those of every call, the key, `more` and `own`, each
 * NULL-terminated or NULL; or has it signed. Errors as above. */
enum err_code compose_headers(const struct channel *channel, const char *const *more, const char *const *own,
                              struct arena *arena, struct http_request *request);

#endif
