/* Plain CGI as a transport: one process, one request. */
#include "web/cgi.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

enum { PIECE = 16 * 1024 };

static const char *
cgi_variable(struct transport *transport, const char *name)
{
	(void)transport;
	return getenv(name);
}

static ssize_t
cgi_read(struct transport *transport, void *bytes, size_t len, int64_t ms)
{
	(void)transport;
	int64_t end = clock_mono_ms() + ms;
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	ssize_t got = -1;
	int ready;
	do {
		ms = end - clock_mono_ms();
		ready = ms > 0 ? poll(&input, 1, ms < INT_MAX ? (int)ms : INT_MAX) : 0;
		if (ready > 0)
			got = read(STDIN_FILENO, bytes, len);
	} while (ready != 0 && got < 0 && errno == EINTR);
	return got;
}

/* A web server need not close the body's descriptor at its end (RFC 3875, section 4.2). */
static bool
cgi_drain(struct transport *transport, uint64_t left)
{
	char piece[PIECE];
	int64_t end = clock_mono_ms() + TRANSPORT_DRAIN_MS;
	while (left > 0) {
		ssize_t got = cgi_read(transport, piece, left < sizeof(piece) ? (size_t)left : sizeof(piece),
		                       end - clock_mono_ms());
		if (got <= 0)
			return got == 0;
		left -= (size_t)got;
	}
	return true;
}

static bool
cgi_write(struct transport *transport, const void *bytes, size_t len)
{
	(void)transport;
	return file_write_all(STDOUT_FILENO, bytes, len);
}

static struct park_conn
cgi_detach(struct transport *transport)
{
	(void)transport;
	return (struct park_conn){.fd = STDOUT_FILENO, .id = 0};
}

void
cgi_transport(struct transport *ret_transport)
{
	*ret_transport = (struct transport){cgi_variable, cgi_read, cgi_drain, cgi_write, cgi_detach, NULL};
}
