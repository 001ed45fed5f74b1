/* The headers of requests. Internal to this folder; results live in the arena. Thread-safe. */
#ifndef UPSTREAM_DIALECT_COMPOSE_HEADERS_H
#define UPSTREAM_DIALECT_COMPOSE_HEADERS_H

#include "base/err.h"

struct arena;
struct channel;

/* Makes the header that has the key. *ret_line is NULL for a channel without a key. ERR_INTERNAL for a key
 * that cannot be sent; ERR_NO_MEMORY. */
enum err_code compose_key(const struct channel *channel, struct arena *arena, const char **ret_line);

/* Collects the headers for a call of the channel's API: those of every call, the key, `more` and `own`, each
 * NULL-terminated or NULL. Errors as above. */
enum err_code compose_headers(const struct channel *channel, const char *const *more, const char *const *own,
                              struct arena *arena, const char *const **ret_headers);

#endif
