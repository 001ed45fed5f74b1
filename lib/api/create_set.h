/* Sets: creations of several tasks by one request (`n`). Thread-safe. */
#ifndef API_CREATE_SET_H
#define API_CREATE_SET_H

#include <stdint.h>

#include "base/err.h"

struct call;

/* Checks whether the caller's request may ask for `n` tasks: not below /v1, not more than it may create a
 * minute, and not with an id (NULL = none) that leaves no room for the number of each. ERR_BAD_FIELD; the
 * store's errors. */
struct err create_set_check(struct call *call, int64_t n, const char *client_request_id);

#endif
