/* Reverse proxies, by the addresses of the configuration. lighttpd goes by the same list in its
 * mod_extforward: where one of these is the peer, REMOTE_ADDR is the client's address, out of
 * X-Forwarded-For, and REMOTE_PORT is 0. */
#include "web/proxy.h"

#include <string.h>

#include "base/networks.h"
#include "web/request.h"

bool
proxy_trusted(const struct request *request, const char *list)
{
	const char *port = request_variable(request, "REMOTE_PORT");
	if (*list == '\0')
		return false;
	/* A connection always has a port: with port 0, lighttpd has put the client's address in its place. */
	if (port != NULL && strcmp(port, "0") == 0 && request_header(request, "X-Forwarded-For") != NULL)
		return true;
	return networks_hold(list, request->remote_addr);
}
