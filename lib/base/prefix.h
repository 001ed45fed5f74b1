/* The path that everything stands below where longreel is not at the root of its host ("/reel" of
 * https://host/reel/): how it may look. */
#ifndef BASE_PREFIX_H
#define BASE_PREFIX_H

#include <stdbool.h>

enum { PREFIX_SIZE = 128 /* bytes, with the NUL */ };

/* Whether it is such a path: "" (the root), or one to many names, each after a slash, of letters, digits and
 * "-._~" (RFC 3986: what is never encoded), none of them "." or ".."; no slash at the end, and shorter than
 * PREFIX_SIZE. Nothing else is fit to stand in a link, a header or a regular expression. */
bool prefix_valid(const char *text);

#endif
