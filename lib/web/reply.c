/* One HTTP reply, in the form that CGI programs write it (RFC 3875, section 6). */
#include "web/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "web/transport.h"
#include "web/request.h"

enum { HEADERS_MAX = 16 * 1024, VALUE_MAX = 4096 };

static const struct {
	int status;
	const char *phrase;
} phrases[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {410, "Gone"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {507, "Insufficient Storage"},
};

void
reply_init(struct reply *reply)
{
	*reply = (struct reply){.status = 200};
	buf_init(&reply->headers, HEADERS_MAX);
	buf_init(&reply->body, LIMIT_REPLY);
}

void
reply_done(struct reply *reply)
{
	buf_free(&reply->headers);
	buf_free(&reply->body);
}

void
reply_reset(struct reply *reply)
{
	buf_clear(&reply->headers);
	buf_clear(&reply->body);
	reply->status = 200;
}

void
reply_header(struct reply *reply, const char *name, const char *value)
{
	if (utf8_has_control(value, strlen(value)) || strpbrk(value, "\r\n\t") != NULL)
		return;
	buf_adds(&reply->headers, name);
	buf_adds(&reply->headers, ": ");
	buf_adds(&reply->headers, value);
	buf_adds(&reply->headers, "\r\n");
}

void
reply_headerf(struct reply *reply, const char *name, const char *format, ...)
{
	char value[VALUE_MAX];
	va_list args;
	va_start(args, format);
	int len = vsnprintf(value, sizeof(value), format, args);
	va_end(args);
	if (len >= 0 && (size_t)len < sizeof(value))
		reply_header(reply, name, value);
}

static const char *
phrase_of(int status)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Status";
}

static void
write_head(const struct reply *reply, struct buf *out)
{
	buf_addf(out, "Status: %d %s\r\n", reply->status, phrase_of(reply->status));
	buf_add(out, buf_str(&reply->headers), reply->headers.len);
}

bool
reply_write(const struct reply *reply, struct buf *out)
{
	size_t before = out->len;
	bool bodiless = reply->status == 204 || reply->status == 304;
	if (reply->headers.failed || reply->body.failed)
		return false;
	write_head(reply, out);
	if (!bodiless)
		buf_addf(out, "Content-Length: %zu\r\n", reply->body.len);
	buf_adds(out, "\r\n");
	if (!bodiless)
		buf_add(out, buf_str(&reply->body), reply->body.len);
	if (out->failed)
		out->len = before;
	return !out->failed;
}

bool
reply_stream_begin(struct reply *reply, struct request *request)
{
	struct buf head;
	buf_init(&head, HEADERS_MAX + 256);
	write_head(reply, &head);
	buf_adds(&head, "\r\n");
	bool good = !reply->headers.failed && !head.failed &&
	            request->transport->write(request->transport, head.data, head.len);
	buf_free(&head);
	reply->streaming = true;
	return good;
}

void
reply_patience(struct request *request, int64_t ms)
{
	if (request->transport->patience != NULL)
		request->transport->patience(request->transport, ms);
}

bool
reply_stream(struct reply *reply, struct request *request, const void *bytes, size_t len)
{
	(void)reply;
	return request->transport->write(request->transport, bytes, len);
}
