/* Origins by libcurl's own URL parser: a second parser would be a second opinion on who gets the key. */
#include "upstream/http/origin.h"

#include <curl/curl.h>
#include <stdio.h>
#include <strings.h>

static CURLU *
parse(const char *url)
{
	CURLU *u = curl_url();
	if (u && curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK) {
		curl_url_cleanup(u);
		u = NULL;
	}
	return u;
}

static bool
part_same(CURLU *a, CURLU *b, CURLUPart part)
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
	CURLU *a = parse(url), *b = parse(other);
	bool same = a && b && part_same(a, b, CURLUPART_SCHEME) && part_same(a, b, CURLUPART_HOST) &&
	            part_same(a, b, CURLUPART_PORT);
	curl_url_cleanup(a);
	curl_url_cleanup(b);
	return same;
}

void
origin_host(const char *url, char *ret_host, size_t size)
{
	CURLU *u = parse(url);
	char *host = NULL;
	if (u && curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		host = NULL;
	snprintf(ret_host, size, "%s", host ? host : "");
	curl_free(host);
	curl_url_cleanup(u);
}
