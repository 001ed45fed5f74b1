/* Running exchanges in tests. */
#include "support/http_client.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/loop.h"

struct loop *client_loop;
struct http *client_http;

int
client_set_up(void **state)
{
	(void)state;
	client_loop = loop_new();
	client_http = client_loop ? http_new(client_loop, 0) : NULL;
	return client_http ? 0 : -1;
}

int
client_tear_down(void **state)
{
	(void)state;
	http_free(client_http);
	loop_free(client_loop);
	return 0;
}

void
client_done(void *cookie, const struct http_response *response)
{
	struct got *got = cookie;
	assert_false(got->done);
	assert_true((response->end == HTTP_ANSWERED) == (response->why == NULL));
	got->done = true;
	got->end = response->end;
	got->status = response->status;
	got->retry_after_ms = response->retry_after_ms;
	got->body_len = response->body_len;
	assert_non_null(response->body);
	snprintf(got->body, sizeof(got->body), "%s", response->body);
	snprintf(got->why, sizeof(got->why), "%s", response->why ? response->why : "");
}

struct got
client_run(const struct http_request *request)
{
	struct got got = {0};
	assert_true(http_start(client_http, request, client_done, &got));
	assert_false(got.done);
	while (!got.done)
		loop_once(client_loop, -1);
	return got;
}

char *
client_url(const struct fake_upstream *fake, const char *path)
{
	static char url[256];
	snprintf(url, sizeof(url), "%s%s", fake_upstream_base(fake), path);
	return url;
}

struct got
client_run_step(struct fake_step step, bool once)
{
	struct fake_upstream *fake = fake_upstream_new(&step, 1);
	struct http_request request = {
	    .method = "GET", .url = client_url(fake, "/x?secret=1"), .timeout_ms = 10000};
	if (once) {
		request.method = "POST";
		request.body = "{\"a\":1}";
		request.body_len = strlen(request.body);
		request.once = true;
	}
	struct got got = client_run(&request);
	fake_upstream_free(fake);
	return got;
}
