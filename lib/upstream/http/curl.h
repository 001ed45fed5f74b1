/* Tells whether there is a libcurl to load: see curl.c. */
#ifndef UPSTREAM_HTTP_CURL_H
#define UPSTREAM_HTTP_CURL_H

#include <stdbool.h>

/* True where the system has no libcurl: nothing can then be sent upstream. Looks by a process of its own;
 * call it before there are threads. */
bool curl_missing(void);

#endif
