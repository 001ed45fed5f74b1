/* A client and its loop for tests, and exchanges run to their end. Assertions of cmocka: only for unit tests.
 */
#ifndef SUPPORT_HTTP_CLIENT_H
#define SUPPORT_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/fake_upstream.h"
#include "upstream/http/client.h"

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

/* A response that outlives its callback. */
struct got {
	bool done;
	enum http_end end;
	int status;
	int64_t retry_after_ms;
	size_t body_len;
	char body[256];
	char why[256];
};

/* Of the test that runs; made and freed by the two functions below. */
extern struct loop *client_loop;
extern struct http *client_http;

/* For cmocka_unit_test_setup_teardown(). */
int client_set_up(void **state);
int client_tear_down(void **state);

/* An http_done whose cookie is a struct got; fails when it is called twice. */
void client_done(void *cookie, const struct http_response *response);

/* Starts the exchange, checks that it does not end at once, and runs the loop until it ends. */
struct got client_run(const struct http_request *request);

/* The same with a server of one step: a GET, or a submission of a few bytes. */
struct got client_run_step(struct fake_step step, bool once);

/* The server's base and `path`; overwritten by the next call. */
char *client_url(const struct fake_upstream *fake, const char *path);

#endif
