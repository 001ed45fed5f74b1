/* Checks the path that everything stands below where longreel is not at the root of its host: "/reel" of
 * https://host/reel/. Thread-safe. */
#ifndef BASE_PREFIX_H
#define BASE_PREFIX_H

#include <stdbool.h>

enum { PREFIX_SIZE = 128 /* bytes, with the NUL */ };

/* True for such a path: "" (the root), or one or more names, each after a slash, of letters, digits and
 * "-._~" (the characters of RFC 3986 that need no encoding), none of them "." or ".."; no slash at the end,
 * and shorter than PREFIX_SIZE. So it is safe in a link, a header and a regular expression. */
bool prefix_valid(const char *text);

#endif
