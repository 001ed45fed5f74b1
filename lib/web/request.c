/* An HTTP request from the variables of CGI (RFC 3875, section 4.1). The path is read from REQUEST_URI, which
 * is what the client sent: SCRIPT_NAME and PATH_INFO depend on the web server's configuration. */
#include "web/request.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/peer.h"
#include "base/utf8.h"
#include "web/text.h"
#include "web/transport.h"

enum { HEADER_NAME = 64 };

const char *
request_variable(const struct request *request, const char *name)
{
	return request->transport->variable(request->transport, name);
}

const char *
request_header(const struct request *request, const char *name)
{
	char variable[HEADER_NAME + 6] = "HTTP_";
	size_t len = strlen(name);
	if (len > HEADER_NAME)
		return NULL;
	for (size_t i = 0; i <= len; i++)
		variable[5 + i] = name[i] == '-' ? '_' : (char)toupper((unsigned char)name[i]);
	return request_variable(request, variable);
}

ssize_t
request_read(struct request *request, void *bytes, size_t len)
{
	if (request->content_length >= 0) {
		uint64_t left = (uint64_t)request->content_length - request->body_read;
		len = len < left ? len : (size_t)left;
	}
	if (len == 0)
		return 0;
	uint64_t whole =
	    request->content_length >= 0 ? (uint64_t)request->content_length : request->body_read;
	int64_t by = request->started_ms + LIMIT_BODY_MS + (int64_t)(whole / LIMIT_BODY_PACE);
	int64_t ms = by - clock_mono_ms();
	ssize_t got = ms > 0 ? request->transport->read(request->transport, bytes, len, ms) : -1;
	if (got > 0)
		request->body_read += (size_t)got;
	if (got == 0 && request->content_length >= 0)
		return -1;
	return got;
}

struct err
request_body(struct request *request, size_t most, struct buf **ret_body)
{
	char piece[8192];
	ssize_t got;
	if (request->content_length > (int64_t)most)
		return err_of(ERR_TOO_LARGE);
	struct buf *body = buf_in_arena(request->arena, most);
	if (body == NULL)
		return err_of(ERR_NO_MEMORY);
	while ((got = request_read(request, piece, sizeof(piece))) > 0)
		if (!buf_add(body, piece, (size_t)got))
			return err_of(body->full ? ERR_TOO_LARGE : ERR_NO_MEMORY);
	if (got < 0)
		return err_say(ERR_BAD_REQUEST, NULL, "The body ended too early.");
	*ret_body = body;
	return err_of(ERR_OK);
}

void
request_drain(struct request *request)
{
	uint64_t left = UINT64_MAX;
	if (request->content_length >= 0)
		left = (uint64_t)request->content_length - request->body_read;
	if (!request->transport->drain(request->transport, left))
		log_warn("the web server does not end the body, request=%s", request->id);
}

int64_t
request_prefer_wait(const struct request *request)
{
	const char *at = request_header(request, "Prefer");
	while (at != NULL && *at != '\0') {
		at += strspn(at, " \t,;");
		if (strncasecmp(at, "wait", 4) == 0 && at[4 + strspn(at + 4, " \t")] == '=') {
			const char *value = strchr(at, '=') + 1;
			char *end;
			value += strspn(value, " \t\"");
			long long seconds = strtoll(value, &end, 10);
			return isdigit((unsigned char)*value) ? seconds : -1;
		}
		at += strcspn(at, ",;");
	}
	return -1;
}

bool
request_is_type(const struct request *request, const char *type)
{
	size_t len = strlen(type);
	if (strncasecmp(request->content_type, type, len) != 0)
		return false;
	char next = request->content_type[len];
	return next == '\0' || next == ';' || next == ' ' || next == '\t';
}

/* Returns the path, or "" where it is no UTF-8 or holds a control character. */
static const char *
clean_path(const char *path, size_t len)
{
	bool control = utf8_count(path, len) < 0;
	for (size_t i = 0; i < len; i++)
		control = control || (unsigned char)path[i] < 0x20 || path[i] == 0x7f;
	return control ? "" : path;
}

/* Decodes a path. "" where it cannot be decoded, is not clean, or has an encoded slash, which would make it
 * another path, unless `slashes` are allowed. */
static const char *
decode_path(struct arena *arena, const char *raw, size_t len, bool slashes)
{
	char *path = arena_alloc(arena, len + 1);
	size_t used = 0;
	if (path == NULL)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		char c = raw[i];
		if (c == '%') {
			int byte = text_escaped_byte(raw + i, len - i);
			if (byte <= 0 || (byte == '/' && !slashes))
				return "";
			c = (char)byte;
			i += 2;
		}
		path[used++] = c;
	}
	return clean_path(path, used);
}

/* Returns a request target from its path on, or NULL. */
static const char *
path_in(const char *uri)
{
	if (*uri == '/')
		return uri;
	const char *authority = strstr(uri, "://"); /* the absolute form of RFC 9112, section 3.2.2 */
	return authority != NULL ? strchr(authority + 3, '/') : NULL;
}

/* Returns the decoded path of the request. NULL when memory is short. */
static const char *
path_of(struct request *request)
{
	const char *uri = request_variable(request, "REQUEST_URI");
	if (uri == NULL || *uri == '\0') {
		const char *script = request_variable(request, "SCRIPT_NAME");
		const char *info = request_variable(request, "PATH_INFO");
		const char *path = arena_printf(request->arena, "%s%s", script != NULL ? script : "",
		                                info != NULL ? info : "");
		return path != NULL ? clean_path(path, strlen(path)) : NULL;
	}
	uri = path_in(uri);
	return uri != NULL ? decode_path(request->arena, uri, strcspn(uri, "?#"), false) : "";
}

static uint16_t
port_of(const char *text)
{
	return text != NULL ? (uint16_t)strtoul(text, NULL, 10) : 0;
}

bool
request_peer(const struct request *request, struct peer *ret_peer)
{
	const char *local = request_variable(request, "SERVER_ADDR");
	return local != NULL &&
	       peer_find(local, port_of(request_variable(request, "SERVER_PORT")), request->remote_addr,
	                 port_of(request_variable(request, "REMOTE_PORT")), ret_peer);
}

bool
request_below(struct request *request, const char *base)
{
	size_t len = strlen(base);
	bool decoded = request->path[0] != '\0';
	const char *path = decoded ? request->path : request_raw_path(request);
	if (len == 0 || path == NULL || strncmp(path, base, len) != 0 || path[len] != '/')
		return false;
	request->path += decoded ? len : 0;
	request->below = len;
	return true;
}

const char *
request_raw_path(const struct request *request)
{
	const char *uri = request_variable(request, "REQUEST_URI");
	uri = uri != NULL ? path_in(uri) : NULL;
	return uri != NULL && strnlen(uri, request->below) == request->below ? uri + request->below : NULL;
}

const char *
request_rest(const struct request *request, const char *prefix, size_t len)
{
	/* The base needs no escapes; where the client has escaped it all the same, the prefix does not match.
	 */
	const char *uri = request_raw_path(request);
	if (uri == NULL || strncmp(uri, prefix, len) != 0)
		return NULL;
	const char *rest = decode_path(request->arena, uri + len, strcspn(uri + len, "?#"), true);
	return rest != NULL && *rest != '\0' ? rest : NULL;
}

/* Returns the body's length. A malformed or negative one counts as no body: the web server must refuse it
 * (RFC 9112). */
static int64_t
length_of(const struct request *request)
{
	const char *text = request_variable(request, "CONTENT_LENGTH");
	char *end;
	/* A chunked body has no length where the web server does not buffer it (Apache). */
	if (text == NULL || *text == '\0')
		return request_header(request, "Transfer-Encoding") != NULL ? -1 : 0;
	errno = 0;
	long long length = strtoll(text, &end, 10);
	return errno != 0 || *end != '\0' || !isdigit((unsigned char)*text) ? 0 : length;
}

static const char *
variable_or_empty(const struct request *request, const char *name)
{
	const char *value = request_variable(request, name);
	return value != NULL ? value : "";
}

bool
request_begin(struct request *request, struct transport *transport)
{
	request->transport = transport;
	request->started_ms = clock_mono_ms();
	request->method = variable_or_empty(request, "REQUEST_METHOD");
	request->head = strcmp(request->method, "HEAD") == 0;
	if (request->head)
		request->method = "GET";
	request->query = variable_or_empty(request, "QUERY_STRING");
	request->content_type = variable_or_empty(request, "CONTENT_TYPE");
	request->content_length = length_of(request);
	request->remote_addr = variable_or_empty(request, "REMOTE_ADDR");
	request->path = path_of(request);

	const char *id = request_header(request, "X-Request-Id");
	char drawn[IDS_SHORT_SIZE];
	if (id == NULL || !ids_is_word(id, LIMIT_REQUEST_ID)) {
		ids_short(drawn);
		id = drawn;
	}
	snprintf(request->id, sizeof(request->id), "%s", id);
	return request->path != NULL;
}
