/* Listening sockets. All are close-on-exec; a child gets its own between fork and exec. They are blocking,
 * since the programs share this property and block in accept(). */
#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli.h"

/* TCP_DEFER_ACCEPT (tcp(7)): a silent client stays in the kernel for so long, at some 300 bytes, up to the
 * backlog, and costs lighttpd no connection. A client that sends is accepted at once; one that is still
 * silent at the end is accepted, too, and then has the web server's ten seconds. */
enum { SILENCE_S = 3600 };

#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK 72 /* asm-generic/socket.h, since Linux 5.14 */
#endif

/* Bytes of a new connection's receive buffer; the kernel doubles them. More than what a client sends before
 * it has an answer (RFC 6928: ten segments), so that a long upload is at most one round trip longer. */
enum { BUFFER_SIZE = 20 * 1024 };

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage storage;
};

static void
write_address(const union address *address, char *ret_text)
{
	char host[INET6_ADDRSTRLEN] = "";
	bool v6 = address->any.sa_family == AF_INET6;

	if (v6)
		inet_ntop(AF_INET6, &address->v6.sin6_addr, host, sizeof(host));
	else
		inet_ntop(AF_INET, &address->v4.sin_addr, host, sizeof(host));
	snprintf(ret_text, LISTEN_ADDRESS_SIZE, v6 ? "[%s]:%u" : "%s:%u", host,
	         ntohs(v6 ? address->v6.sin6_port : address->v4.sin_port));
}

/* The address of the same port on the loopback interface, where `address` means all interfaces. */
static void
make_loopback(union address *address)
{
	if (address->any.sa_family == AF_INET6) {
		if (IN6_IS_ADDR_UNSPECIFIED(&address->v6.sin6_addr))
			address->v6.sin6_addr = in6addr_loopback;
	} else if (address->v4.sin_addr.s_addr == htonl(INADDR_ANY)) {
		address->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	}
}

/* Lets a connection begin with a small receive buffer, which grows with what is read, as ever. What has come
 * with a request lighttpd reads at once, and keeps until the connection ends, also where the request is
 * refused. A size that was set is locked, and the buffer then stays small: it is set only where the lock can
 * be taken off again. */
static void
begin_small(int fd)
{
	const int size = BUFFER_SIZE, unlocked = 0;

	if (setsockopt(fd, SOL_SOCKET, SO_BUF_LOCK, &unlocked, sizeof(unlocked)) < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_BUF_LOCK, &unlocked, sizeof(unlocked));
}

/* A socket bound to the address and listening, or -1 with errno. */
static int
bind_to(const struct sockaddr *address, socklen_t size)
{
	const int on = 1, silence = SILENCE_S;

	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (address->sa_family != AF_UNIX)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (address->sa_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &silence, sizeof(silence));
	if (address->sa_family != AF_UNIX)
		begin_small(fd);
	if (address->sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, address, size) < 0 || listen(fd, LISTEN_BACKLOG) < 0) {
		int why = errno;

		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

int
listen_tcp(const char *host, int port, char ret_address[LISTEN_ADDRESS_SIZE],
           char ret_loopback[LISTEN_ADDRESS_SIZE])
{
	const struct addrinfo hints = {
	    .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	union address bound = {.storage = {0}};
	socklen_t size = sizeof(bound);
	struct addrinfo *found;
	char service[8];

	snprintf(service, sizeof(service), "%d", port);
	int why = getaddrinfo(host, service, &hints, &found);
	if (why != 0) {
		cli_fail("--listen %s: %s", host, gai_strerror(why));
		return -1;
	}
	int fd = bind_to(found->ai_addr, found->ai_addrlen);
	why = errno;
	freeaddrinfo(found);
	if (fd < 0) {
		cli_fail("cannot listen on %s port %d: %s", host, port, strerror(why));
		return -1;
	}
	getsockname(fd, &bound.any, &size);
	write_address(&bound, ret_address);
	make_loopback(&bound);
	write_address(&bound, ret_loopback);
	return fd;
}

bool
listen_is_loopback(int listener)
{
	union address address = {.storage = {0}};
	socklen_t size = sizeof(address);

	if (getsockname(listener, &address.any, &size) < 0)
		return false;
	if (address.any.sa_family != AF_INET6)
		return ntohl(address.v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	const struct in6_addr *v6 = &address.v6.sin6_addr;
	return IN6_IS_ADDR_LOOPBACK(v6) || (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == IN_LOOPBACKNET);
}

void
listen_defer(int listener, bool on)
{
	const int patience = on ? SILENCE_S : 0;

	setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &patience, sizeof(patience));
}

int
listen_unix(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	int fd = -1;

	if (len < sizeof(address.sun_path)) {
		memcpy(address.sun_path, path, len);
		fd = bind_to((const struct sockaddr *)&address, sizeof(address));
	} else {
		errno = ENAMETOOLONG;
	}
	if (fd < 0 || chmod(path, 0600) < 0) {
		cli_fail("cannot listen on %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

int
listen_connect(int listener)
{
	union address address = {.storage = {0}};
	socklen_t size = sizeof(address);

	if (getsockname(listener, &address.any, &size) < 0)
		return -1;
	make_loopback(&address);
	int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, &address.any, size) < 0 && errno != EINPROGRESS) {
		int why = errno;

		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}
