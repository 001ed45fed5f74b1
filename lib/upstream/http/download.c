/* One blocking transfer a hop. Redirects are followed here and not by libcurl, so that each hop is judged
 * anew: whether it may lead to a private address, and whether it gets the key. */
#include "upstream/http/download.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/limits.h"
#include "model/channel.h"
#include "upstream/http/exchange.h"
#include "upstream/http/origin.h"

enum {
	HOPS = 6, /* the first and five redirects */
	CONNECT_MS = 10 * 1000,
	JSON_MAX = 64 * 1024, /* bytes of an answer that holds a link */
	RANGE_MAX = 128,      /* bytes of a Range header's value */
	STALL_BYTES = 1024,   /* under this many bytes a second … */
	STALL_S = 30          /* … for this long, a transfer is given up */
};

struct hop {
	CURL *easy;
	struct curl_slist *headers;
	const struct download_sink *sink;
	struct guard guard;
	bool own;      /* the channel's own origin: it has the key */
	bool first;    /* no redirect led here: it has the method and the body */
	bool answered; /* the sink has the head */
	bool head_whole;
	const struct download_json *json; /* NULL = JSON is as any other answer */
	bool is_json;                     /* the answer is, and is collected in `text` */
	bool followed;                    /* a link in JSON led here or, after the hop, leads on */
	bool whole;                       /* without a range: of the JSON only a part came before */
	struct buf text;
	char next[LIMIT_URL + 1]; /* where a redirect or the link in JSON leads; "" = nowhere */
};

static const char *
header_value(CURL *easy, const char *name)
{
	struct curl_header *found;
	return curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &found) == CURLHE_OK ? found->value : "";
}

static long
status_of(CURL *easy)
{
	long status = 0;
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

/* Passes the head to the sink, once. False where the answer is no video, or the sink ends the download. */
static bool
pass_head(struct hop *hop)
{
	long status = status_of(hop->easy);
	curl_off_t length = -1;

	if (hop->answered)
		return true;
	if (status != 200 && status != 206)
		return false;
	hop->answered = true;
	curl_easy_getinfo(hop->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	struct download_head head = {.status = (int)status,
	                             .length = length,
	                             .type = header_value(hop->easy, "Content-Type"),
	                             .range = header_value(hop->easy, "Content-Range")};
	return hop->sink->head(hop->sink->cookie, &head);
}

/* True for a success that says that it is JSON, or begins as an object; no video does that. */
static bool
looks_like_json(const struct hop *hop, const char *bytes, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf", name[] = "application/json", old[] = "text/json";
	long status = status_of(hop->easy);
	if (hop->json == NULL || (status != 200 && status != 206))
		return false;
	const char *type = header_value(hop->easy, "Content-Type");
	if (strncasecmp(type, name, strlen(name)) == 0 || strncasecmp(type, old, strlen(old)) == 0)
		return true;
	size_t at = len >= strlen(mark) && memcmp(bytes, mark, strlen(mark)) == 0 ? strlen(mark) : 0;
	while (at < len && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\r' || bytes[at] == '\n'))
		at++;
	return at < len && bytes[at] == '{';
}

static size_t
receive_data(char *bytes, size_t size, size_t count, void *cookie)
{
	struct hop *hop = cookie;
	if (!hop->answered && !hop->is_json)
		hop->is_json = looks_like_json(hop, bytes, size * count);
	if (hop->is_json)
		return buf_add(&hop->text, bytes, size * count) ? size * count : CURL_WRITEFUNC_ERROR;
	if (!pass_head(hop) || !hop->sink->data(hop->sink->cookie, bytes, size * count))
		return CURL_WRITEFUNC_ERROR;
	return size * count;
}

/* Sets the request's own headers, the key among them, only where the hop is the channel's own; the range
 * always. A range that is too long to be one, or no plain text, is left out: a Range may be ignored (RFC
 * 9110, section 14.2), but must not be sent cut off. */
static bool
set_headers(struct hop *hop, const struct http_request *request, const char *range)
{
	char line[RANGE_MAX + sizeof("Range: ")];
	bool ok = true;

	for (const char *const *h = request->headers; ok && hop->own && h && *h; h++)
		ok = exchange_add_header(&hop->headers, *h);
	if (ok && range && strlen(range) <= RANGE_MAX && !strpbrk(range, "\r\n")) {
		snprintf(line, sizeof(line), "Range: %s", range);
		ok = exchange_add_header(&hop->headers, line);
	}
	return ok && curl_easy_setopt(hop->easy, CURLOPT_HTTPHEADER, hop->headers) == CURLE_OK;
}

/* CURLOPT_XFERINFOFUNCTION: called at least once a second, while it connects, too. */
static int
on_progress(void *cookie, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
	const struct hop *hop = cookie;
	(void)total;
	(void)now;
	(void)up_total;
	(void)up_now;
	return !hop->sink->goes_on(hop->sink->cookie);
}

/* Sends the request's body along, which only goes to the channel's own origin. */
static bool
set_body(CURL *easy, const struct http_request *request)
{
	curl_off_t len = request->body != NULL ? (curl_off_t)request->body_len : 0;
	if (strcmp(request->method, "POST") != 0)
		return true;
	return curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, len) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_POSTFIELDS, len > 0 ? request->body : "") == CURLE_OK;
}

static bool
set_options(struct hop *hop, const char *url)
{
	CURL *easy = hop->easy;
	bool ok = exchange_set_basics(easy, url, &hop->head_whole) && guard_set(easy, &hop->guard);

	ok = ok && curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)STALL_BYTES) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)STALL_S) == CURLE_OK;
	if (ok && hop->sink->goes_on != NULL)
		ok = curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK &&
		     curl_easy_setopt(easy, CURLOPT_XFERINFODATA, hop) == CURLE_OK &&
		     curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive_data) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_WRITEDATA, hop) == CURLE_OK;
	/* A proxy would pick the address, unseen by the guard. */
	if (ok && hop->guard.on)
		ok = curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK;
	return ok;
}

/* Writes hop->next for an answer that is JSON. Returns what it means where that leads nowhere. */
static enum err_code
follow_json(struct hop *hop, const char *url)
{
	const char *next = NULL;
	bool part = status_of(hop->easy) == 206;
	if (part && !hop->whole)
		next = url;
	else if (!part && !hop->followed)
		next = hop->json->link(hop->json->cookie, buf_str(&hop->text), hop->text.len);
	hop->whole = part;
	hop->followed = hop->followed || !part;
	if (next != NULL && strlen(next) < sizeof(hop->next))
		memcpy(hop->next, next, strlen(next) + 1);
	return ERR_UPSTREAM_FAILED;
}

/* Returns what the hop's answer means; writes hop->next where it leads on. */
static enum err_code
hop_outcome(struct hop *hop, const char *url, CURLcode code)
{
	char *next = NULL;
	long status = status_of(hop->easy);

	if (hop->guard.refused && code == CURLE_COULDNT_CONNECT)
		return ERR_FORBIDDEN;
	if (!hop->head_whole)
		return ERR_UPSTREAM_FAILED;
	/* Object stores answer 403, some of them 401, when a signed link has expired; of the channel's own
	 * origin it means that the key is refused. */
	if (status == 404 || status == 410 || (!hop->own && (status == 401 || status == 403)))
		return ERR_CONTENT_GONE;
	if (status == 416)
		return ERR_RANGE_NOT_SATISFIABLE;
	if (status >= 300 && status < 400 &&
	    curl_easy_getinfo(hop->easy, CURLINFO_REDIRECT_URL, &next) == CURLE_OK && next &&
	    strlen(next) < sizeof(hop->next))
		memcpy(hop->next, next, strlen(next) + 1);
	if (code != CURLE_OK || (status != 200 && status != 206))
		return ERR_UPSTREAM_FAILED;
	hop->is_json = hop->is_json || (!hop->answered && looks_like_json(hop, "", 0));
	if (hop->is_json)
		return follow_json(hop, url);
	return pass_head(hop) ? ERR_OK : ERR_UPSTREAM_FAILED; /* a body of no bytes had no piece */
}

/* Writes for the log why the hop failed. */
static void
describe_failure(struct hop *hop, const char *url, CURLcode code)
{
	char host[80], reason[64] = "";
	long error = 0;
	if (hop->sink->ret_why == NULL)
		return;
	origin_host(url, host, sizeof(host));
	if (hop->guard.refused)
		snprintf(hop->sink->ret_why, DOWNLOAD_WHY_SIZE, "the address is not a public one: %s", host);
	else if (code == CURLE_OK && hop->is_json)
		snprintf(hop->sink->ret_why, DOWNLOAD_WHY_SIZE,
		         "it answered JSON without a link to follow: %s", host);
	else if (code == CURLE_OK)
		snprintf(hop->sink->ret_why, DOWNLOAD_WHY_SIZE, "it answered %ld: %s", status_of(hop->easy),
		         host);
	else if (code == CURLE_COULDNT_CONNECT &&
	         curl_easy_getinfo(hop->easy, CURLINFO_OS_ERRNO, &error) == CURLE_OK && error != 0)
		snprintf(hop->sink->ret_why, DOWNLOAD_WHY_SIZE, "%s: %s (%s)", curl_easy_strerror(code), host,
		         strerror_r((int)error, reason, sizeof(reason)));
	else
		snprintf(hop->sink->ret_why, DOWNLOAD_WHY_SIZE, "%s: %s", curl_easy_strerror(code), host);
}

/* Runs one hop; hop->next says whether there is another. */
static enum err_code
run_hop(struct hop *hop, const struct http_request *request, const char *url, const char *range)
{
	enum err_code err = ERR_NO_MEMORY;

	hop->easy = curl_easy_init();
	if (hop->easy && set_options(hop, url) && set_headers(hop, request, range) &&
	    (!hop->first || !hop->own || set_body(hop->easy, request))) {
		CURLcode code = curl_easy_perform(hop->easy);
		err = hop_outcome(hop, url, code);
		if (err == ERR_UPSTREAM_FAILED || err == ERR_FORBIDDEN)
			describe_failure(hop, url, code);
		if (err != ERR_OK && hop->head_whole && hop->sink->ret_retry_after != NULL)
			*hop->sink->ret_retry_after = exchange_retry_after(hop->easy);
	}
	buf_free(&hop->text);
	curl_easy_cleanup(hop->easy);
	curl_slist_free_all(hop->headers);
	return err;
}

enum err_code
download_run(const struct channel *channel, const struct http_request *request, const char *range,
             const struct download_json *json, const struct download_sink *sink)
{
	char url[LIMIT_URL + 1];
	enum err_code err = ERR_UPSTREAM_FAILED;
	bool followed = false, whole = false;

	if (strlen(request->url) >= sizeof(url))
		return ERR_UPSTREAM_FAILED;
	memcpy(url, request->url, strlen(request->url) + 1);
	for (int i = 0; i < HOPS; i++) {
		bool own = origin_same(url, channel->base);
		struct hop hop = {.sink = sink,
		                  .own = own,
		                  .first = i == 0,
		                  .guard = {.on = !own && !channel->allow_private},
		                  .json = json,
		                  .followed = followed,
		                  .whole = whole};
		buf_init(&hop.text, JSON_MAX);
		if (sink->ret_why != NULL)
			sink->ret_why[0] = '\0'; /* what led here was no failure */
		if (sink->ret_retry_after != NULL)
			*sink->ret_retry_after = 0;
		err = run_hop(&hop, request, url, whole ? NULL : range);
		if (!hop.next[0])
			return err;
		followed = hop.followed;
		whole = hop.whole;
		memcpy(url, hop.next, sizeof(url));
	}
	return ERR_UPSTREAM_FAILED;
}
