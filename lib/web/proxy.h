/* Reverse proxies: whose headers about the client are believed. Thread-safe. */
#ifndef WEB_PROXY_H
#define WEB_PROXY_H

#include <stdbool.h>

struct request;

/* True where the request came through one of the proxies in `list`: addresses and networks (10.0.0.0/8,
 * fd00::/8), separated by blanks or commas. Judged by the peer of the connection, as the web server reports
 * it; a client cannot forge it. */
bool proxy_trusted(const struct request *request, const char *list);

#endif
