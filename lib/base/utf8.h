/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. Thread-safe. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Counts the characters (code points) in the `len` bytes at `s`. -1 where they are not UTF-8. */
ssize_t utf8_count(const char *s, size_t len);

/* Reads the character that begins at `s`, from at most `len` (not 0) bytes. Returns the number of its bytes,
 * and writes its code point; 0 for invalid UTF-8. */
size_t utf8_read(const char *s, size_t len, uint32_t *ret_character);

/* Returns the bytes of the longest prefix of `s` that has at most `max` bytes and ends with a whole
 * character. `s` must be valid UTF-8. */
size_t utf8_cut(const char *s, size_t max);

/* True where the bytes hold a control character (C0 or DEL) but tab, line feed and carriage return. */
bool utf8_has_control(const char *s, size_t len);

/* True where `s` is one line: UTF-8, from `least` to `most` characters, and no control character at all. */
bool utf8_is_line(const char *s, ssize_t least, ssize_t most);

#endif
