/* One HTTP request from the variables of CGI (RFC 3875, section 4.1). The path is taken from REQUEST_URI,
 * which is what the client sent: SCRIPT_NAME and PATH_INFO depend on how the web server was told to find us.
 */
#include "web/request.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/utf8.h"
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
			errno = 0;
			long long seconds = strtoll(value, &end, 10);
			return isdigit((unsigned char)*value) && errno == 0 ? seconds : -1;
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

static int
hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The path, or "" where it is no UTF-8 or holds a control character. */
static const char *
clean_path(const char *path, size_t len)
{
	bool control = utf8_count(path, len) < 0;
	for (size_t i = 0; i < len; i++)
		control = control || (unsigned char)path[i] < 0x20 || path[i] == 0x7f;
	return control ? "" : path;
}

/* The decoded path, or "" where it is not decodable, not clean, or, unless `slashes` are fine, holds what
 * would make it another path: an encoded slash. */
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
			int high = i + 2 < len ? hex_of(raw[i + 1]) : -1;
			int low = high >= 0 ? hex_of(raw[i + 2]) : -1;
			if (low < 0)
				return "";
			c = (char)(high << 4 | low);
			if ((c == '/' && !slashes) || c == '\0')
				return "";
			i += 2;
		}
		path[used++] = c;
	}
	return clean_path(path, used);
}

/* What stands in a request target from the path on, or NULL. */
static const char *
path_in(const char *uri)
{
	if (*uri == '/')
		return uri;
	const char *authority = strstr(uri, "://"); /* the absolute form of RFC 9112, section 3.2.2 */
	return authority != NULL ? strchr(authority + 3, '/') : NULL;
}

/* What the client asked for, without scheme, host and query. */
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

bool
request_below(struct request *request, const char *base)
{
	size_t len = strlen(base);
	if (len == 0 || strncmp(request->path, base, len) != 0 || request->path[len] != '/')
		return false;
	request->path += len;
	request->below = len;
	return true;
}

const char *
request_rest(const struct request *request, const char *prefix, size_t len)
{
	const char *uri = request_variable(request, "REQUEST_URI");
	uri = uri != NULL ? path_in(uri) : NULL;
	/* What was cut off is plain text; written otherwise it is not as long, and then nothing fits. */
	if (uri == NULL || strnlen(uri, request->below) < request->below)
		return NULL;
	uri += request->below;
	if (strncmp(uri, prefix, len) != 0)
		return NULL;
	const char *rest = decode_path(request->arena, uri + len, strcspn(uri + len, "?#"), true);
	return rest != NULL && *rest != '\0' ? rest : NULL;
}

/* The body's length; a malformed or negative one reads as no body at all: RFC 9112 has the web server refuse
 * it. */
static int64_t
length_of(const struct request *request)
{
	const char *text = request_variable(request, "CONTENT_LENGTH");
	char *end;
	/* A chunked body has no length; a web server that does not gather it (Apache) hands it on like that.
	 */
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
