/* Plain CGI as a carrier: one process, one request. */
#include "web/cgi.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"

static const char *
cgi_variable(struct carrier *carrier, const char *name)
{
	(void)carrier;
	return getenv(name);
}

static ssize_t
cgi_read(struct carrier *carrier, void *bytes, size_t len)
{
	(void)carrier;
	ssize_t got;
	do
		got = read(STDIN_FILENO, bytes, len);
	while (got < 0 && errno == EINTR);
	return got;
}

static bool
cgi_write(struct carrier *carrier, const void *bytes, size_t len)
{
	(void)carrier;
	return file_write_all(STDOUT_FILENO, bytes, len);
}

static struct park_conn
cgi_detach(struct carrier *carrier)
{
	(void)carrier;
	return (struct park_conn){.fd = STDOUT_FILENO, .id = 0};
}

void
cgi_carrier(struct carrier *ret_carrier)
{
	*ret_carrier = (struct carrier){cgi_variable, cgi_read, cgi_write, cgi_detach};
}
