/* Base64 (RFC 4648, section 4), with padding. Thread-safe. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* The size in bytes of the text of `len` bytes, NUL included. */
#define BASE64_SIZE(len) (((len) + 2) / 3 * 4 + 1)

/* Encodes `len` bytes; `ret_text` has room for BASE64_SIZE(len). */
void base64_write(const void *bytes, size_t len, char *ret_text);

/* Decodes all `len` characters of the text; `ret_bytes` has room for len / 4 * 3 bytes, of which `ret_len`
 * are written. False for anything but whole groups of four, padded at the end only. */
bool base64_read(const char *text, size_t len, void *ret_bytes, size_t *ret_len);

#endif
