/* How long a client waits. */
#ifndef UPDATES_WAIT_H
#define UPDATES_WAIT_H

#include <stdint.h>

#include "base/err.h"

struct call;

/* Reads the wait in ms: `text`, the query's `wait`, a number of seconds such as "25" or "1.5"; where it is
 * NULL "Prefer: wait=25", else `preset` seconds. Whole seconds, cut to LIMIT_WAIT, and under plain CGI to
 * cgi_max_wait, since each waiter holds a process there. ERR_BAD_FIELD where the text is no number, or
 * negative. */
struct err wait_read(const struct call *call, const char *text, int64_t preset, int64_t *ret_ms);

#endif
