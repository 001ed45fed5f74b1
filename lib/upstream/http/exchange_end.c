/* Reads from libcurl's end of a request the response. One function decides what was surely not sent,
 * never_sent(): money depends on it, so in doubt a request counts as sent. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/clock.h"
#include "base/limits.h"
#include "upstream/http/exchange.h"
#include "upstream/http/origin.h"

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

/* Reads seconds or a date. */
static curl_off_t
read_wait(const char *value)
{
	char *end;
	long long wait_s = strtoll(value, &end, 10);
	return end != value ? wait_s : curl_getdate(value, NULL) - clock_wall_ms() / 1000;
}

/* Newer ones of libcurl cut the wait to six hours (Debian 13 has one), so what they find is read once more.
 */
int64_t
exchange_retry_after(CURL *easy)
{
	curl_off_t wait_s = 0;
	struct curl_header *found;
	if (curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &wait_s) != CURLE_OK || wait_s <= 0)
		return 0;
	if (curl_easy_header(easy, "Retry-After", 0, CURLH_HEADER, -1, &found) == CURLHE_OK &&
	    read_wait(found->value) > wait_s)
		wait_s = read_wait(found->value);
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
