/* Sets libcurl's options for a request; how it ended is read in exchange_end.c. */
#include "upstream/http/exchange.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "upstream/http/trust.h"
#include "version.h"

#define AGENT "longreel/" LONGREEL_VERSION

enum {
	CONNECT_MS = 10 * 1000,
	TIMEOUT_MS = 60 * 1000, /* where the caller sets none: nothing waits for ever */
	IDLE_BODY = 16 * 1024,  /* bytes of a body's memory that an idle exchange keeps */
	FOREIGN_BODY =
	    64 * 1024 /* bytes of a foreign body that are read and dropped, to keep the connection */
};

struct sent_file {
	int fd;
	off_t size;
	off_t at;
};

/* ---- files of a multipart body ---- */

static size_t
read_file(char *to, size_t size, size_t count, void *cookie)
{
	struct sent_file *file = cookie;
	size_t left = (size_t)(file->size - file->at);
	size_t want = size * count < left ? size * count : left;
	if (want == 0)
		return 0;
	ssize_t got = pread(file->fd, to, want, file->at);
	if (got <= 0) /* also where the file has shrunk, since its length was announced */
		return CURL_READFUNC_ABORT;
	file->at += got;
	return (size_t)got;
}

static int
seek_file(void *cookie, curl_off_t offset, int origin)
{
	struct sent_file *file = cookie;
	if (origin != SEEK_SET || offset < 0 || offset > file->size)
		return CURL_SEEKFUNC_FAIL;
	file->at = offset;
	return CURL_SEEKFUNC_OK;
}

static void
free_file(void *cookie)
{
	struct sent_file *file = cookie;
	close(file->fd);
	free(file);
}

static struct sent_file *
open_file(const char *path)
{
	struct stat st;
	struct sent_file *file = calloc(1, sizeof(*file));
	if (file == NULL)
		return NULL;
	file->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0) {
		free(file);
		return NULL;
	}
	if (fstat(file->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		free_file(file);
		return NULL;
	}
	file->size = st.st_size;
	return file;
}

static bool
add_part(curl_mime *mime, const struct http_part *from)
{
	curl_mimepart *part = curl_mime_addpart(mime);
	if (!part || curl_mime_name(part, from->name) != CURLE_OK)
		return false;
	if (!from->file)
		return curl_mime_data(part, from->value, CURL_ZERO_TERMINATED) == CURLE_OK;
	struct sent_file *file = open_file(from->file);
	if (file == NULL)
		return false;
	if (curl_mime_data_cb(part, file->size, read_file, seek_file, free_file, file) != CURLE_OK) {
		free_file(file);
		return false;
	}
	return curl_mime_filename(part, from->file_name) == CURLE_OK &&
	       curl_mime_type(part, from->type) == CURLE_OK;
}

/* ---- a body with a file in it ---- */

static size_t
read_base64_body(char *to, size_t size, size_t count, void *cookie)
{
	int64_t got = base64_body_read(cookie, to, size * count);
	return got < 0 ? CURL_READFUNC_ABORT : (size_t)got;
}

static int
seek_base64_body(void *cookie, curl_off_t offset, int origin)
{
	return origin == SEEK_SET && base64_body_seek(cookie, offset) == 0 ? CURL_SEEKFUNC_OK
	                                                                   : CURL_SEEKFUNC_FAIL;
}

static bool
set_base64_body(struct exchange *x, const struct http_request *request)
{
	CURL *easy = x->easy;
	x->base64_body =
	    base64_body_new(request->body, request->body_len, request->inserts, request->insert_count);
	return x->base64_body && curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
	                        (curl_off_t)base64_body_size(x->base64_body)) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_base64_body) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_READDATA, x->base64_body) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, seek_base64_body) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_SEEKDATA, x->base64_body) == CURLE_OK;
}

/* ---- the request ---- */

static size_t
receive_body(char *bytes, size_t size, size_t count, void *cookie)
{
	struct exchange *x = cookie;
	bool good;
	if (x->cuts) {
		x->came += (int64_t)(size * count);
		good = x->came <= LIMIT_ANSWER_VIDEO && cut_add(&x->cut, &x->body, bytes, size * count);
		x->body.full = x->body.full || x->came > LIMIT_ANSWER_VIDEO;
	} else {
		good = buf_add(&x->body, bytes, size * count);
	}
	return good ? size * count : CURL_WRITEFUNC_ERROR;
}

static size_t
drop_body(char *bytes, size_t size, size_t count, void *cookie)
{
	struct exchange *x = cookie;
	(void)bytes;
	x->dropped += size * count;
	return x->dropped <= FOREIGN_BODY ? size * count : CURL_WRITEFUNC_ERROR;
}

static size_t
on_header(char *line, size_t size, size_t count, void *cookie)
{
	bool *whole = cookie;
	size_t len = size * count;

	if (len >= 5 && memcmp(line, "HTTP/", 5) == 0)
		*whole = false;
	else if (len > 0 && (line[0] == '\r' || line[0] == '\n'))
		*whole = true;
	return len;
}

/* Names the authorities' file where libcurl's own is not on this system. */
static bool
set_trust(CURL *easy)
{
	char *own = NULL;
	if (curl_easy_getinfo(easy, CURLINFO_CAINFO, &own) != CURLE_OK)
		return true;
	const char *file = trust_file(own);
	return file == NULL || curl_easy_setopt(easy, CURLOPT_CAINFO, file) == CURLE_OK;
}

bool
exchange_set_basics(CURL *easy, const char *url, bool *ret_head_whole)
{
	return curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK && set_trust(easy) &&
	       /* Else libcurl would wait for the end of a slow name look-up, whatever the time limit. */
	       curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_USERAGENT, AGENT) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_HEADERDATA, ret_head_whole) == CURLE_OK;
}

bool
exchange_add_header(struct curl_slist **headers, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*headers, line);
	if (longer != NULL)
		*headers = longer;
	return longer != NULL;
}

/* True where libcurl may find a proxy in the environment: to look for it takes longer than all else that it
 * does to choose a connection. */
static bool
may_have_proxy(void)
{
	static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
	                                    "ALL_PROXY"};
	size_t n = 0;
	while (n < sizeof(names) / sizeof(names[0]) && getenv(names[n]) == NULL)
		n++;
	return n < sizeof(names) / sizeof(names[0]);
}

static bool
decompresses(void)
{
	const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
	return curl != NULL && (curl->features & CURL_VERSION_LIBZ) != 0;
}

/* True for a request that differs from others like it in its URL alone, or in its headers. */
static bool
is_plain(const struct http_request *request)
{
	return strcmp(request->method, "GET") == 0 && request->body == NULL && request->parts == NULL &&
	       request->insert_count == 0 && request->sigv4 == NULL && !request->once && !request->foreign;
}

/* True where the lines are those of the last request. */
static bool
same_headers(const struct exchange *x, const char *const *lines)
{
	const struct curl_slist *last = x->headers;
	size_t n = 0;
	for (; last != x->own && lines[n] != NULL && strcmp(last->data, lines[n]) == 0; last = last->next)
		n++;
	return last == x->own && lines[n] == NULL;
}

static bool
names_encoding(const char *const *lines)
{
	static const char name[] = "Accept-Encoding:";
	while (*lines != NULL && strncasecmp(*lines, name, sizeof(name) - 1) != 0)
		lines++;
	return *lines != NULL;
}

/* Adds what libcurl would say by itself, but composes anew, byte by byte, for each request. */
static bool
add_own_headers(struct exchange *x, const char *const *lines)
{
	const struct curl_slist *last = x->headers;
	while (last != NULL && last->next != NULL)
		last = last->next;
	bool ok = exchange_add_header(&x->headers, "User-Agent: " AGENT) &&
	          (!decompresses() || names_encoding(lines) ||
	           exchange_add_header(&x->headers, "Accept-Encoding: gzip"));
	x->own = last != NULL ? last->next : x->headers;
	return ok;
}

static bool
set_headers(struct exchange *x, const struct http_request *request)
{
	static const char *const none[] = {NULL};
	const char *const *lines = request->headers != NULL ? request->headers : none, *const *line = lines;
	bool ok = true, plain = is_plain(request);
	if (x->plain && same_headers(x, lines))
		return true;
	curl_slist_free_all(x->headers);
	x->headers = NULL;
	x->own = NULL;
	/* Without "Expect:" a larger body would wait up to a second for a 100 that few upstreams send. */
	if (!plain)
		ok = exchange_add_header(&x->headers, "Expect:");
	for (; ok && *line != NULL; line++)
		ok = exchange_add_header(&x->headers, *line);
	if (plain && !may_have_proxy())
		ok = ok && add_own_headers(x, lines) &&
		     curl_easy_setopt(x->easy, CURLOPT_USERAGENT, NULL) == CURLE_OK &&
		     curl_easy_setopt(x->easy, CURLOPT_NOPROXY, "*") == CURLE_OK;
	return ok && curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->headers) == CURLE_OK;
}

static bool
set_body(struct exchange *x, const struct http_request *request)
{
	CURL *easy = x->easy;
	bool ok = true;

	if (request->parts) {
		x->mime = curl_mime_init(easy);
		ok = x->mime != NULL;
		for (size_t i = 0; ok && i < request->part_count; i++)
			ok = add_part(x->mime, &request->parts[i]);
		return ok && curl_easy_setopt(easy, CURLOPT_MIMEPOST, x->mime) == CURLE_OK;
	}
	if (request->insert_count > 0)
		return set_base64_body(x, request);
	/* Without a body their length is said to be 0: some servers want one (RFC 9110, section 8.6). */
	if (request->body || strcmp(request->method, "POST") == 0 || strcmp(request->method, "PUT") == 0) {
		curl_off_t len = request->body ? (curl_off_t)request->body_len : 0;
		ok = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, len) == CURLE_OK &&
		     curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, len > 0 ? request->body : "") == CURLE_OK;
	}
	return ok;
}

/* Has the request signed. What is signed has the digest of the whole body, so that a body with files is put
 * into memory here. */
static bool
set_signature(struct exchange *x, const struct http_request *request)
{
	CURL *easy = x->easy;
	bool ok = curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, request->sigv4) == CURLE_OK &&
	          curl_easy_setopt(easy, CURLOPT_USERPWD, request->user) == CURLE_OK;
	if (!ok || x->base64_body == NULL)
		return ok;
	int64_t size = base64_body_size(x->base64_body), len = 0, got = 1;
	char *whole = malloc((size_t)size + 1);
	while (whole != NULL && got > 0 &&
	       (got = base64_body_read(x->base64_body, whole + len, (size_t)(size - len))) > 0)
		len += got;
	ok = whole != NULL && len == size && curl_easy_setopt(easy, CURLOPT_READFUNCTION, NULL) == CURLE_OK &&
	     curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, whole) == CURLE_OK;
	free(whole);
	return ok;
}

/* Uses a new connection, for this request alone, and HTTP/1.1 on it: HTTP/2 has a refusal (REFUSED_STREAM)
 * after which libcurl sends again by itself, too. */
static bool
set_once(CURL *easy)
{
	return curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK;
}

/* Sets the options for a URL that does not come from the operator. No proxy: that would pick the address,
 * unseen by the guard. */
static bool
set_foreign(struct exchange *x, const struct http_request *request)
{
	CURL *easy = x->easy;
	x->foreign = true;
	x->guard.on = !request->private;
	return curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop_body) == CURLE_OK;
}

static bool
set_limits(struct exchange *x, bool cut, int64_t timeout_ms)
{
	CURL *easy = x->easy;
	long timeout = timeout_ms > 0 ? (long)timeout_ms : TIMEOUT_MS;
	curl_off_t most = cut ? LIMIT_ANSWER_VIDEO : LIMIT_ANSWER;
	x->cuts = cut;
	x->timeout_ms = timeout_ms;
	return curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, most) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
	                        timeout < CONNECT_MS ? timeout : (long)CONNECT_MS) == CURLE_OK;
}

/* Sets all options of a handle that has none. */
static bool
set_all(struct exchange *x, const struct http_request *request)
{
	CURL *easy = x->easy;
	bool ok = exchange_set_basics(easy, request->url, &x->head_whole);

	ok = ok && curl_easy_setopt(easy, CURLOPT_PRIVATE, x) == CURLE_OK;
	ok = ok && guard_set(easy, &x->guard);
	ok = ok && curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "") == CURLE_OK;
	ok = ok && set_limits(x, request->cut, request->timeout_ms);
	ok = ok && curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive_body) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_WRITEDATA, x) == CURLE_OK;
	ok = ok && set_body(x, request) && set_headers(x, request);
	ok = ok && (request->sigv4 == NULL || set_signature(x, request));
	if (ok && strcmp(request->method, "GET") != 0 && strcmp(request->method, "POST") != 0)
		ok = curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK;
	if (ok && request->once)
		ok = set_once(easy);
	if (ok && request->foreign)
		ok = set_foreign(x, request);
	return ok;
}

static void
clear_options(struct exchange *x)
{
	curl_easy_reset(x->easy);
	curl_slist_free_all(x->headers);
	curl_mime_free(x->mime);
	base64_body_free(x->base64_body);
	x->headers = NULL;
	x->own = NULL;
	x->mime = NULL;
	x->base64_body = NULL;
	x->foreign = x->plain = x->cuts = false;
	x->guard = (struct guard){.sockets = x->guard.sockets};
}

/* Polls follow each other by the ten thousand: the options of one are kept for the next. */
bool
exchange_set(struct exchange *x, struct sockets *sockets, const struct http_request *request)
{
	bool plain = is_plain(request);
	x->guard.sockets = sockets;
	if (plain && x->plain && x->cuts == request->cut && x->timeout_ms == request->timeout_ms &&
	    curl_easy_setopt(x->easy, CURLOPT_URL, request->url) == CURLE_OK && set_headers(x, request))
		return true;
	clear_options(x);
	bool ok = set_all(x, request);
	x->plain = ok && plain;
	return ok;
}

/* ---- its life ---- */

struct exchange *
exchange_new(void)
{
	struct exchange *x = calloc(1, sizeof(*x));
	if (x == NULL)
		return NULL;
	buf_init(&x->body, LIMIT_ANSWER);
	x->easy = curl_easy_init();
	if (!x->easy) {
		free(x);
		return NULL;
	}
	return x;
}

void
exchange_free(struct exchange *x)
{
	if (x == NULL)
		return;
	curl_easy_cleanup(x->easy);
	curl_slist_free_all(x->headers);
	curl_mime_free(x->mime);
	base64_body_free(x->base64_body);
	buf_free(&x->body);
	free(x);
}

void
exchange_reset(struct exchange *x)
{
	if (!x->plain)
		clear_options(x);
	x->head_whole = false;
	x->dropped = 0;
	x->cut = (struct cut){false};
	x->came = 0;
	if (x->body.cap > IDLE_BODY)
		buf_free(&x->body);
	buf_clear(&x->body);
}
