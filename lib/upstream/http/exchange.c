/* Sets libcurl's options for a request, and reads from libcurl's end of it the response. One function decides
 * what was surely not sent, never_sent(): money depends on it, so in doubt a request counts as sent. */
#include "upstream/http/exchange.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "upstream/http/address.h"
#include "upstream/http/origin.h"
#include "upstream/http/trust.h"
#include "version.h"

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

static curl_socket_t
open_socket(void *cookie, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct exchange_guard *guard = cookie;
	(void)purpose;
	if (guard->on && !address_may_be_asked(&address->addr)) {
		guard->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool
exchange_set_guard(CURL *easy, struct exchange_guard *guard)
{
	return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, guard) == CURLE_OK;
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
	       curl_easy_setopt(easy, CURLOPT_USERAGENT, "longreel/" LONGREEL_VERSION) == CURLE_OK &&
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

static bool
set_headers(struct exchange *x, const struct http_request *request)
{
	/* Without "Expect:" a larger body would wait up to a second for a 100 that few upstreams send. */
	bool ok = exchange_add_header(&x->headers, "Expect:");
	for (size_t i = 0; ok && request->headers && request->headers[i]; i++)
		ok = exchange_add_header(&x->headers, request->headers[i]);
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
	return curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK && exchange_set_guard(easy, &x->guard) &&
	       curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop_body) == CURLE_OK;
}

bool
exchange_set(struct exchange *x, const struct http_request *request)
{
	CURL *easy = x->easy;
	long timeout = request->timeout_ms > 0 ? (long)request->timeout_ms : TIMEOUT_MS;
	bool ok = exchange_set_basics(easy, request->url, &x->head_whole);

	ok = ok && curl_easy_setopt(easy, CURLOPT_PRIVATE, x) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "") == CURLE_OK;
	x->cuts = request->cut;
	curl_off_t most = request->cut ? LIMIT_ANSWER_VIDEO : LIMIT_ANSWER;
	ok = ok && curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, most) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
	                            timeout < CONNECT_MS ? timeout : (long)CONNECT_MS) == CURLE_OK;
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

/* ---- how it ended ---- */

/* True where the connection for the request was never established. */
static bool
never_connected(CURL *easy)
{
	char *url = NULL;
	curl_off_t ready = 1;

	if (curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &url) != CURLE_OK || url == NULL)
		return false;
	CURLINFO when =
	    strncasecmp(url, "https:", 6) == 0 ? CURLINFO_APPCONNECT_TIME_T : CURLINFO_CONNECT_TIME_T;
	return curl_easy_getinfo(easy, when, &ready) == CURLE_OK && ready == 0;
}

/* True where surely no byte of the request was sent. A code alone does not tell: CURLE_UNSUPPORTED_PROTOCOL,
 * for one, also stands for an answer that is not HTTP. So it counts only together with the number of bytes
 * sent. */
static bool
never_sent(CURL *easy, CURLcode code)
{
	long bytes = 1, tunnel = 0;

	if (curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &bytes) != CURLE_OK ||
	    curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &tunnel) != CURLE_OK)
		return false;
	switch ((int)code) {
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_PROXY:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		/* With these at most a CONNECT to a proxy was sent. */
		return bytes == 0 || tunnel != 0;
	default: /* a bad URL, a timeout, a shortage of memory, an abort by us: it depends on when */
		return bytes == 0 && never_connected(easy);
	}
}

static void
describe_failure(const struct exchange *x, CURLcode code, char why[EXCHANGE_WHY_SIZE])
{
	char *url = NULL, host[80] = "";
	const char *what = code == CURLE_OK ? "The answer was cut off" : curl_easy_strerror(code);

	if (curl_easy_getinfo(x->easy, CURLINFO_EFFECTIVE_URL, &url) == CURLE_OK && url)
		origin_host(url, host, sizeof(host));
	if (x->guard.refused)
		what = "The address is not public, or our own";
	else if (x->body.full || code == CURLE_FILESIZE_EXCEEDED)
		what = "The answer is too long";
	else if (code == CURLE_ABORTED_BY_CALLBACK)
		what = "Ended by longreel itself";
	snprintf(why, EXCHANGE_WHY_SIZE, "%s%s%s", what, host[0] ? ": " : "", host);
}

/* Returns the errno of connecting, or 0. */
static int
connect_error(CURL *easy, CURLcode code)
{
	long error = 0;
	bool connecting = code == CURLE_COULDNT_CONNECT;
	return connecting && curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error) == CURLE_OK ? (int)error : 0;
}

int64_t
exchange_retry_after(CURL *easy)
{
	curl_off_t wait_s = 0;
	if (curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &wait_s) != CURLE_OK || wait_s <= 0)
		return 0;
	return wait_s < LIMIT_RETRY_AFTER / 1000 ? wait_s * 1000 : LIMIT_RETRY_AFTER;
}

struct http_response
exchange_response(const struct exchange *x, CURLcode code, char why[EXCHANGE_WHY_SIZE])
{
	long status = 0;
	struct http_response response = {.end = HTTP_ANSWERED, .body = ""};

	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	if ((code != CURLE_OK && !x->foreign) || status == 0 || !x->head_whole) {
		response.end = never_sent(x->easy, code) ? HTTP_NOT_SENT : HTTP_LOST;
		describe_failure(x, code, why);
		response.why = why;
		response.error = connect_error(x->easy, code);
		response.ours = code == CURLE_ABORTED_BY_CALLBACK;
		response.oversize = x->body.full || code == CURLE_FILESIZE_EXCEEDED;
		return response;
	}
	response.status = (int)status;
	response.body = buf_str(&x->body);
	response.body_len = x->body.len;
	response.retry_after_ms = exchange_retry_after(x->easy);
	return response;
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
	curl_easy_reset(x->easy);
	curl_slist_free_all(x->headers);
	curl_mime_free(x->mime);
	base64_body_free(x->base64_body);
	x->headers = NULL;
	x->mime = NULL;
	x->base64_body = NULL;
	x->head_whole = x->foreign = false;
	x->guard = (struct exchange_guard){false, false};
	x->dropped = 0;
	x->cuts = false;
	x->cut = (struct cut){false};
	x->came = 0;
	if (x->body.cap > IDLE_BODY)
		buf_free(&x->body);
	buf_clear(&x->body);
}
