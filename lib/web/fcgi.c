/* FastCGI as a transport, by libfcgi. Only this file and serve.c include fcgiapp.h.
 * libfcgi's own close waits up to two seconds for the web server to close first, unless the request is
 * "detached". There is no need to wait: the web server reads to the END_REQUEST record in any case. But the
 * input must have been read to the empty STDIN record before: a socket that is closed with unread bytes in
 * it, or written to after it was closed, reports an error to the other side, and the web server then drops
 * the part of the answer that it has not read. */
#include "web/fcgi.h"

#include <fastcgi.h>
#include <fcgiapp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/buf.h"
#include "base/clock.h"

enum {
	RECORD_VERSION = 1,
	RECORD_END_REQUEST = 3,
	RECORD_STDOUT = 6,
	RECORD_HEADER = 8,
	RECORD_MAX = 65528 /* bytes of content in one record: the largest multiple of 8, so that no padding is
	                      needed */
};

struct fcgi {
	struct transport transport; /* first: a transport is cast back */
	FCGX_Request request;
	bool detached;
};

static const char *
fcgi_variable(struct transport *transport, const char *name)
{
	struct fcgi *fcgi = (struct fcgi *)transport;
	return FCGX_GetParam(name, fcgi->request.envp);
}

/* Sets the time limit for the next bytes of the input. False where it is over. */
static bool
set_read_timeout(int fd, int64_t ms)
{
	const struct timeval timeout = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
	return ms > 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) == 0;
}

static ssize_t
fcgi_read(struct transport *transport, void *bytes, size_t len, int64_t ms)
{
	struct fcgi *fcgi = (struct fcgi *)transport;
	if (!set_read_timeout(fcgi->request.ipcFd, ms))
		return -1;
	int got = FCGX_GetStr(bytes, len < INT16_MAX ? (int)len : INT16_MAX, fcgi->request.in);
	return got == 0 && FCGX_GetError(fcgi->request.in) != 0 ? -1 : got;
}

/* Each round asks for one byte, and drops all that came with it: so the time is checked after each piece,
 * however small. */
static bool
fcgi_drain(struct transport *transport, uint64_t left)
{
	struct fcgi *fcgi = (struct fcgi *)transport;
	FCGX_Stream *in = fcgi->request.in;
	int64_t end = clock_mono_ms() + TRANSPORT_DRAIN_MS;
	(void)left;
	if (fcgi->request.role == FCGI_AUTHORIZER) /* has no input, and no end of it */
		return true;
	while (FCGX_HasSeenEOF(in) == 0) {
		if (!set_read_timeout(fcgi->request.ipcFd, end - clock_mono_ms()))
			return false;
		if (FCGX_GetChar(in) >= 0)
			in->rdNext = in->stop;
	}
	return FCGX_GetError(in) == 0;
}

static bool
fcgi_write(struct transport *transport, const void *bytes, size_t len)
{
	struct fcgi *fcgi = (struct fcgi *)transport;
	const char *at = bytes;
	while (len > 0) {
		int piece = len < INT16_MAX ? (int)len : INT16_MAX;
		if (FCGX_PutStr(at, piece, fcgi->request.out) != piece)
			return false;
		at += piece;
		len -= (size_t)piece;
	}
	return true;
}

static void
fcgi_patience(struct transport *transport, int64_t ms)
{
	const struct fcgi *fcgi = (struct fcgi *)transport;
	const struct timeval timeout = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
	setsockopt(fcgi->request.ipcFd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
}

static struct park_conn
fcgi_detach(struct transport *transport)
{
	struct fcgi *fcgi = (struct fcgi *)transport;
	struct park_conn conn = {.fd = fcgi->request.ipcFd, .id = (uint16_t)fcgi->request.requestId};
	fcgi->detached = true;
	return conn;
}

struct fcgi *
fcgi_new(void)
{
	struct fcgi *fcgi = calloc(1, sizeof(*fcgi));
	if (fcgi == NULL)
		return NULL;
	fcgi->transport =
	    (struct transport){fcgi_variable, fcgi_read, fcgi_drain, fcgi_write, fcgi_detach, fcgi_patience};
	if (FCGX_InitRequest(&fcgi->request, 0, 0) != 0) {
		free(fcgi);
		return NULL;
	}
	return fcgi;
}

void
fcgi_free(struct fcgi *fcgi)
{
	if (fcgi == NULL)
		return;
	FCGX_Free(&fcgi->request, 1);
	free(fcgi);
}

int
fcgi_accept(struct fcgi *fcgi)
{
	fcgi->detached = false;
	return FCGX_Accept_r(&fcgi->request);
}

struct transport *
fcgi_transport(struct fcgi *fcgi)
{
	return &fcgi->transport;
}

void
fcgi_finish(struct fcgi *fcgi)
{
	if (fcgi->detached) { /* the descriptor is the park's now: neither write to it nor close it */
		FCGX_Free(&fcgi->request, 0);
		fcgi->request.ipcFd = -1;
		return;
	}
	FCGX_Detach(&fcgi->request); /* "detached" is libfcgi's word for: close, but do not wait */
	FCGX_Finish_r(&fcgi->request);
}

static bool
add_record_header(struct buf *out, uint8_t type, uint16_t id, size_t len)
{
	const uint8_t header[RECORD_HEADER] = {
	    RECORD_VERSION, type, (uint8_t)(id >> 8), (uint8_t)id, (uint8_t)(len >> 8), (uint8_t)len, 0, 0};
	return buf_add(out, header, sizeof(header));
}

bool
fcgi_frame(struct buf *out, uint16_t id, const void *bytes, size_t len)
{
	static const uint8_t complete[8] = {0};
	const char *at = bytes;
	while (len > 0) {
		size_t piece = len < RECORD_MAX ? len : RECORD_MAX;
		add_record_header(out, RECORD_STDOUT, id, piece);
		buf_add(out, at, piece);
		at += piece;
		len -= piece;
	}
	add_record_header(out, RECORD_STDOUT, id, 0);
	add_record_header(out, RECORD_END_REQUEST, id, sizeof(complete));
	return buf_add(out, complete, sizeof(complete));
}
