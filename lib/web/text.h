/* What bytes from outside may be besides the UTF-8 text that is wanted, and what is said of them.
 * Thread-safe. */
#ifndef WEB_TEXT_H
#define WEB_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* An error of `code` where the bytes are no UTF-8 text, or hold a NUL; `field` names them, NULL = the whole
 * body. ERR_OK where nothing is wrong with them. */
struct err text_check(enum err_code code, const char *field, const char *bytes, size_t len);

/* The bytes after UTF-8's byte order mark, of which there may be one; `len` becomes their number. */
const char *text_skip_mark(const char *bytes, size_t *len);

/* Whether they begin as those of gzip do (RFC 1952, section 2.3.1), which no text and no form does. */
bool text_is_gzip(const char *bytes, size_t len);

#endif
