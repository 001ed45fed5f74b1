/* Entity tags and byte ranges (RFC 9110, sections 8.8.3, 13 and 14). Thread-safe. */
#ifndef WEB_ETAG_H
#define WEB_ETAG_H

#include <stdbool.h>

/* True where the value of If-None-Match names `etag` (quotes included; weak comparison) or is "*". NULL =
 * false. */
bool etag_matches(const char *if_none_match, const char *etag);

#endif
