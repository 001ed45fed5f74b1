/* The gate before cJSON: whether bytes are one JSON text in the strict sense. cJSON takes more for
 * JSON than RFC 8259 does, and cannot say whether it met nonsense or found no memory. */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

/* True where the `len` bytes are one JSON text (RFC 8259), in UTF-8, without U+0000 and lone surrogates
 * in its strings, nested no deeper than LIMIT_JSON_DEPTH, of at most LIMIT_JSON_VALUES
 * values. Member names may repeat. Thread-safe. */
bool json_scan(const char *bytes, size_t len);

#endif
