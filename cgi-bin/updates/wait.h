/* How long a client waits. */
#ifndef UPDATES_WAIT_H
#define UPDATES_WAIT_H

#include <stdint.h>

#include "web/field.h"

struct call;

/* Reads the text of a `wait` in seconds, "25" or "1.5", for wait_ms(): whole seconds, cut to LIMIT_WAIT as a
 * preference is. ERR_BAD_FIELD for what is no number, or negative. NULL is not set. */
struct err wait_read(const char *text, struct field_int *ret_wait);

/* The wait in ms: the query's `wait`, else "Prefer: wait=25", else `preset` seconds; under plain CGI at most
 * cgi_max_wait, since each waiter holds a process there. */
int64_t wait_ms(const struct call *call, struct field_int wait, int64_t preset);

#endif
