/* How long a client may be held. */
#ifndef UPDATES_WAIT_H
#define UPDATES_WAIT_H

#include <stdint.h>

#include "web/field.h"

struct call;

/* In ms: by the query's `wait`, else by "Prefer: wait=25", else `preset` seconds; under plain CGI at most
 * cgi_max_wait, as each waiter holds a process there. */
int64_t wait_ms(const struct call *call, struct field_int wait, int64_t preset);

#endif
