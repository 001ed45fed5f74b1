/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. Thread-safe. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The number of characters (code points) in the `len` bytes at `s`, or -1 where they are not UTF-8. */
ssize_t utf8_count(const char *s, size_t len);

/* The bytes of the character that begins at `s`, of which `len` (not 0) may be looked at, and its code point;
 * 0 where there is none. */
size_t utf8_read(const char *s, size_t len, uint32_t *ret_character);

/* The number of bytes of the longest whole-character prefix of `s` with at most `max` bytes.
 * `s` must be valid UTF-8. */
size_t utf8_cut(const char *s, size_t max);

/* True where the bytes hold a control character (C0 or DEL) other than tab, line feed and carriage return. */
bool utf8_has_control(const char *s, size_t len);

#endif
