/* The check before cJSON: cJSON accepts more than RFC 8259 does, and does not tell malformed text from a
 * shortage of memory. Internal to this folder. */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

/* True where the `len` bytes are one JSON text (RFC 8259), in UTF-8, without U+0000 and lone surrogates
 * in its strings, nested no deeper than LIMIT_JSON_DEPTH, of at most LIMIT_JSON_VALUES
 * values. Member names may repeat. Thread-safe. */
bool json_scan(const char *bytes, size_t len);

/* True where they are one by the grammar alone, whatever their UTF-8; ret_at is the offset up to which they
 * are. Thread-safe. */
bool json_scan_text(const char *bytes, size_t len, size_t *ret_at);

#endif
