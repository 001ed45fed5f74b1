/* Checks and decodes text from outside. Thread-safe. */
#ifndef WEB_TEXT_H
#define WEB_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Makes an error of `code` where the bytes are not UTF-8, or hold a NUL; ERR_OK otherwise. `field` names them
 * in the sentence, NULL = the body. */
struct err text_check(enum err_code code, const char *field, const char *bytes, size_t len);

/* Returns the text behind a UTF-8 byte order mark, if there is one; `len` becomes its length. */
const char *text_skip_mark(const char *bytes, size_t *len);

/* True where the bytes begin as gzip's (RFC 1952, section 2.3.1), as no text and no form does. */
bool text_is_gzip(const char *bytes, size_t len);

/* Returns the byte that the percent escape at `text` stands for (RFC 3986, section 2.1), from at most `len`
 * bytes. -1 where it is not "%" and two hexadecimal digits. */
int text_escaped_byte(const char *text, size_t len);

#endif
