/* Makes the sockets of an easy handle, and refuses addresses that are not public. Internal to this folder. */
#ifndef UPSTREAM_HTTP_GUARD_H
#define UPSTREAM_HTTP_GUARD_H

#include <curl/curl.h>
#include <stdbool.h>

struct sockets;

struct guard {
	bool on;
	bool refused;            /* it has refused an address */
	struct sockets *sockets; /* of the client, which notes each that is made; NULL = none does */
};

/* Has each address judged by `guard`, which must live as long as the handle, when the socket is made, after
 * name resolution: a name that changes its address in between gains nothing. False when memory is short. */
bool guard_set(CURL *easy, struct guard *guard);

#endif
