/* Origins by libcurl's own URL parser: a second parser might read another host, and the key would go there.
 */
#include "upstream/http/origin.h"

#include <curl/curl.h>
#include <stdio.h>
#include <strings.h>

static CURLU *
parse_url(const char *url)
{
	CURLU *u = curl_url();
	if (u && curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK) {
		curl_url_cleanup(u);
		u = NULL;
	}
	return u;
}

static bool
same_part(CURLU *a, CURLU *b, CURLUPart part)
{
	char *text_a = NULL, *text_b = NULL;
	bool same = curl_url_get(a, part, &text_a, CURLU_DEFAULT_PORT) == CURLUE_OK &&
	            curl_url_get(b, part, &text_b, CURLU_DEFAULT_PORT) == CURLUE_OK &&
	            strcasecmp(text_a, text_b) == 0;
	curl_free(text_a);
	curl_free(text_b);
	return same;
}

bool
origin_same(const char *url, const char *other)
{
	CURLU *a = parse_url(url), *b = parse_url(other);
	bool same = a && b && same_part(a, b, CURLUPART_SCHEME) && same_part(a, b, CURLUPART_HOST) &&
	            same_part(a, b, CURLUPART_PORT);
	curl_url_cleanup(a);
	curl_url_cleanup(b);
	return same;
}

void
origin_host(const char *url, char *ret_host, size_t size)
{
	CURLU *u = parse_url(url);
	char *host = NULL;
	if (u && curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		host = NULL;
	snprintf(ret_host, size, "%s", host ? host : "");
	curl_free(host);
	curl_url_cleanup(u);
}
