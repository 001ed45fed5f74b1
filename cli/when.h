/* Times as options. */
#ifndef CLI_WHEN_H
#define CLI_WHEN_H

#include <stdbool.h>
#include <stdint.h>

/* Reads a moment: a time such as 2026-11-30T12:00:00Z; a day of the configured time zone, its beginning, or
 * where `end` that of the next one; or how long from now, such as 90d, 12h, 30m. False for all else. */
bool when_read(const char *text, bool end, int64_t *ret_ms);

#endif
