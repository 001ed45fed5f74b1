/* Entity tags (RFC 9110, sections 8.8.3 and 13). Thread-safe. */
#ifndef WEB_ETAG_H
#define WEB_ETAG_H

#include <stdbool.h>

/* True where the value of If-None-Match names `etag` (quotes included; weak comparison) or is "*". False for
 * NULL. */
bool etag_matches(const char *if_none_match, const char *etag);

#endif
