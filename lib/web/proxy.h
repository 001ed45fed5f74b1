/* Reverse proxies: who may say what a client was. */
#ifndef WEB_PROXY_H
#define WEB_PROXY_H

#include <stdbool.h>

struct request;

/* Whether the request was handed on by one of the proxies in `list`: addresses and networks (10.0.0.0/8,
 * fd00::/8), separated by blanks or commas. It goes by the peer of the connection, as the web server tells
 * it; what clients can write has no part in that. */
bool proxy_trusted(const struct request *request, const char *list);

/* Whether the address is one of the list, or in one of its networks; an IPv4 address in IPv6 clothes
 * (::ffff:10.0.0.1) is that address. What is no address is in no list. */
bool proxy_listed(const char *list, const char *address);

#endif
