/* How long a client waits. */
#ifndef UPDATES_WAIT_H
#define UPDATES_WAIT_H

#include <stdint.h>

#include "web/field.h"

struct call;

/* The wait in ms: the query's `wait`, else "Prefer: wait=25", else `preset` seconds; under plain CGI at most
 * cgi_max_wait, since each waiter holds a process there. */
int64_t wait_ms(const struct call *call, struct field_int wait, int64_t preset);

#endif
