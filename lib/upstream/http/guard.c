/* libcurl's callbacks for sockets; see guard.h. */
#include "upstream/http/guard.h"

#include <sys/socket.h>

#include "upstream/http/address.h"
#include "upstream/http/sockets.h"

static curl_socket_t
open_socket(void *cookie, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct guard *guard = cookie;
	(void)purpose;
	if (guard->on && !address_may_be_asked(&address->addr)) {
		guard->refused = true;
		return CURL_SOCKET_BAD;
	}
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	if (guard->sockets != NULL)
		sockets_opened(guard->sockets, fd);
	return fd;
}

/* The connection may outlive the handle for which it was made, and its guard. */
static int
close_socket(void *cookie, curl_socket_t fd)
{
	return sockets_close(cookie, fd);
}

bool
guard_set(CURL *easy, struct guard *guard)
{
	return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, guard) == CURLE_OK &&
	       (guard->sockets == NULL ||
	        (curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket) == CURLE_OK &&
	         curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, guard->sockets) == CURLE_OK));
}
