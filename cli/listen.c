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
	} else if (address->any.sa_family == AF_INET && address->v4.sin_addr.s_addr == htonl(INADDR_ANY)) {
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
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
	const int on = 1, silence = SILENCE_S;

	/* [::] is all addresses, those of IPv4 as well, whatever the system's default is. */
	const int only_six = address->sa_family == AF_INET6 && !IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
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
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_six, sizeof(only_six));
	if (bind(fd, address, size) < 0 || listen(fd, LISTEN_BACKLOG) < 0) {
		int why = errno;

		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

/* Binds to `host` and `port`. -1 after a message; where `quiet`, a port that is taken needs none. */
static int
bind_tcp(const char *host, int port, bool quiet)
{
	const struct addrinfo hints = {
	    .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *found;
	char service[16];

	snprintf(service, sizeof(service), "%d", port);
	int why = getaddrinfo(host, service, &hints, &found);
	if (why != 0) {
		cli_fail("cannot listen on %s: %s", host, gai_strerror(why));
		return -1;
	}
	int fd = bind_to(found->ai_addr, found->ai_addrlen);
	why = errno;
	freeaddrinfo(found);
	if (fd < 0 && !(quiet && why == EADDRINUSE))
		cli_fail("cannot listen on %s port %d: %s%s", host, port, strerror(why),
		         why == EADDRINUSE ? "; --port N takes another" : "");
	errno = why;
	return fd;
}

/* Removes the socket that an instance has left, of which there is no more. False where one still answers. */
static bool
clear_stale(const struct sockaddr_un *address)
{
	struct stat st;

	if (lstat(address->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return true;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return true;
	bool dead =
	    connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 && errno == ECONNREFUSED;
	close(fd);
	return dead && unlink(address->sun_path) == 0;
}

/* Binds a unix socket to which `mode` lets connect, and gives it to that user. -1 after a message. */
static int
bind_local(const char *path, mode_t mode, uid_t uid, gid_t gid)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	int fd = -1;

	errno = ENAMETOOLONG;
	if (len < sizeof(address.sun_path)) {
		memcpy(address.sun_path, path, len);
		fd = bind_to((const struct sockaddr *)&address, sizeof(address));
		if (fd < 0 && errno == EADDRINUSE) {
			if (clear_stale(&address))
				fd = bind_to((const struct sockaddr *)&address, sizeof(address));
			else
				errno = EADDRINUSE;
		}
	}
	if (fd < 0 || (geteuid() == 0 && lchown(path, uid, gid) < 0) || chmod(path, mode) < 0) {
		cli_fail("cannot listen on %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

int
listen_at(const struct listen_plan *plan, char ret_address[LISTEN_ADDRESS_SIZE],
          char ret_loopback[LISTEN_ADDRESS_SIZE])
{
	const struct place *place = &plan->place;
	const char *host = place->name[0] ? place->name : "127.0.0.1";
	union address bound = {.storage = {0}};
	socklen_t size = sizeof(bound);
	int port = place->port >= 0 ? place->port : LISTEN_PORT, fd = -1;

	if (place->local) {
		fd = bind_local(place->name, 0660, plan->uid, plan->gid);
		ret_loopback[0] = '\0';
		if (fd >= 0)
			snprintf(ret_address, LISTEN_ADDRESS_SIZE, "unix:%.*s", PLACE_PATH_MOST, place->name);
		return fd;
	}
	for (int tries = plan->any ? LISTEN_TRIES : 1; fd < 0 && tries > 0; tries--, port++) {
		fd = bind_tcp(host, port, tries > 1);
		if (fd < 0 && errno != EADDRINUSE)
			return -1;
	}
	if (fd < 0)
		return -1;
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
	if (address.any.sa_family == AF_UNIX)
		return true;
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
listen_shared(const char *path, mode_t mode, gid_t gid)
{
	int fd = bind_local(path, mode, geteuid(), gid);
	if (fd < 0 || chown(path, (uid_t)-1, gid) == 0)
		return fd;
	cli_fail("cannot give %s to its group: %s", path, strerror(errno));
	close(fd);
	return -1;
}

int
listen_unix(const char *path)
{
	return bind_local(path, 0600, geteuid(), getegid());
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
