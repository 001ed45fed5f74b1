/* The client against a server that answers: what is sent, what comes back, many at once, and the end. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/loop.h"
#include "support/http_client.h"
#include "support/tmpdir.h"
#include "version.h"
#include "support/test.h"

/* --- answers ----------------------------------------------------------------------------------- */

TEST(an_answer_comes_whole)
{
	struct got got = client_run_step((struct fake_step){FAKE_ANSWER, OK_ANSWER}, false);
	assert_int_equal(got.end, HTTP_ANSWERED);
	assert_int_equal(got.status, 200);
	assert_string_equal(got.body, "{}");
	assert_int_equal(got.body_len, 2);
	assert_int_equal(http_active(client_http), 0);
}

TEST(a_body_that_comes_in_pieces_is_put_together)
{
	struct fake_step step = {FAKE_ANSWER, OK_ANSWER, .held = true, .held_from = sizeof(OK_ANSWER) - 2};
	struct fake_upstream *fake = fake_upstream_new(&step, 1);
	struct http_request request = {.method = "GET", .url = client_url(fake, "/"), .timeout_ms = 10000};
	struct got got = {0};
	assert_true(http_start(client_http, &request, client_done, &got));
	while (fake_upstream_requests(fake) == 0)
		loop_once(client_loop, 10);
	assert_false(got.done);
	assert_int_equal(http_active(client_http), 1);
	fake_upstream_release(fake);
	while (!got.done)
		loop_once(client_loop, -1);
	assert_int_equal(got.end, HTTP_ANSWERED);
	assert_string_equal(got.body, "{}");
	fake_upstream_free(fake);
}

TEST(the_request_is_what_was_asked_for)
{
	static const char *const headers[] = {"X-One: 1", "Content-Type: application/json", NULL};
	struct fake_step step = {FAKE_ANSWER, OK_ANSWER};
	struct fake_upstream *fake = fake_upstream_new(&step, 1);
	size_t len = 2 * 1024 * 1024;
	char *body = malloc(len + 1);
	assert_non_null(body);
	memset(body, 'b', len);
	body[len] = '\0';
	struct http_request request = {.method = "POST",
	                               .url = client_url(fake, "/path?q=1"),
	                               .headers = headers,
	                               .body = body,
	                               .body_len = len,
	                               .timeout_ms = 10000};
	assert_int_equal(client_run(&request).end, HTTP_ANSWERED);
	const char *sent = fake_upstream_request(fake, 0);
	assert_memory_equal(sent, "POST /path?q=1 HTTP/1.1\r\n", 25);
	assert_non_null(strstr(sent, "\r\nX-One: 1\r\n"));
	assert_non_null(strstr(sent, "\r\nUser-Agent: longreel/" LONGREEL_VERSION "\r\n"));
	assert_non_null(strstr(sent, "\r\nContent-Length: 2097152\r\n"));
	assert_null(strcasestr(sent, "\r\nExpect:"));
	assert_string_equal(strstr(sent, "\r\n\r\n") + 4, body);
	free(body);
	fake_upstream_free(fake);
}

TEST(a_method_of_its_own_and_an_empty_post)
{
	struct fake_step step = {FAKE_ANSWER, OK_ANSWER};
	struct fake_upstream *fake = fake_upstream_new(&step, 1);
	struct http_request request = {
	    .method = "DELETE", .url = client_url(fake, "/d"), .timeout_ms = 10000};
	assert_int_equal(client_run(&request).end, HTTP_ANSWERED);
	request.method = "POST";
	assert_int_equal(client_run(&request).end, HTTP_ANSWERED);
	request.method = "GET";
	assert_int_equal(client_run(&request).end, HTTP_ANSWERED);
	assert_memory_equal(fake_upstream_request(fake, 0), "DELETE /d HTTP/1.1\r\n", 20);
	assert_memory_equal(fake_upstream_request(fake, 1), "POST /d HTTP/1.1\r\n", 18);
	assert_non_null(strstr(fake_upstream_request(fake, 1), "\r\nContent-Length: 0\r\n"));
	assert_memory_equal(fake_upstream_request(fake, 2), "GET /d HTTP/1.1\r\n", 17);
	fake_upstream_free(fake);
}

/* The handle of a poll keeps its options for the next; what differs must not be the last one's. */
TEST(a_request_has_nothing_of_the_one_before)
{
	static const char *const one[] = {"X-Key: one", NULL}, *const two[] = {"X-Key: two", "X-More: 2",
	                                                                       NULL};
	struct fake_step step = {FAKE_ANSWER, OK_ANSWER};
	struct fake_upstream *fake = fake_upstream_new(&step, 1);
	const struct http_request request = {
	    .method = "GET", .url = client_url(fake, "/1"), .headers = one, .timeout_ms = 10000};
	struct http_request other = request;
	assert_int_equal(client_run(&request).end, HTTP_ANSWERED);
	other.headers = two;
	assert_int_equal(client_run(&other).end, HTTP_ANSWERED);
	other.headers = NULL;
	other.timeout_ms = 5000;
	assert_int_equal(client_run(&other).end, HTTP_ANSWERED);
	other.body = "{}";
	other.body_len = 2;
	other.method = "POST";
	assert_int_equal(client_run(&other).end, HTTP_ANSWERED);
	assert_int_equal(client_run(&request).end, HTTP_ANSWERED);
	assert_non_null(strstr(fake_upstream_request(fake, 0), "\r\nX-Key: one\r\n"));
	assert_non_null(strstr(fake_upstream_request(fake, 1), "\r\nX-Key: two\r\nX-More: 2\r\n"));
	assert_null(strstr(fake_upstream_request(fake, 2), "X-Key"));
	assert_memory_equal(fake_upstream_request(fake, 3), "POST /1 ", 8);
	assert_null(strstr(fake_upstream_request(fake, 3), "X-Key"));
	assert_memory_equal(fake_upstream_request(fake, 4), "GET /1 ", 7);
	assert_non_null(strstr(fake_upstream_request(fake, 4), "\r\nX-Key: one\r\n"));
	assert_null(strstr(fake_upstream_request(fake, 4), "Content-Length"));
	fake_upstream_free(fake);
}

/* Copies a header of the request. */
static void
copy_header(const char *request, const char *name, char to[512])
{
	const char *at = strcasestr(request, name);
	assert_non_null(at);
	snprintf(to, 512, "%.*s", (int)strcspn(at, "\r"), at);
}

/* The signature has the digest of the body: so it is the same whether a file goes into it or its text. */
TEST(a_request_is_signed_with_its_whole_body)
{
	struct fake_step step = {FAKE_ANSWER, OK_ANSWER};
	struct fake_upstream *fake = fake_upstream_new(&step, 1);
	char *dir = tmpdir_make(), *path = tmpdir_path(dir, "image");
	char dates[2][512], signatures[3][512];
	tmpdir_write(dir, "image", "abcd");
	const struct http_insert insert = {path, 1};
	size_t n = 0;
	do {
		struct http_request request = {.method = "POST",
		                               .url = client_url(fake, "/a"),
		                               .body = "[YWJjZA==]",
		                               .body_len = 10,
		                               .sigv4 = "aws:amz:us-east-1:bedrock",
		                               .user = "AK:SK",
		                               .timeout_ms = 10000};
		assert_int_equal(client_run(&request).end, HTTP_ANSWERED);
		request.body = "[]";
		request.body_len = 2;
		request.inserts = &insert;
		request.insert_count = 1;
		assert_int_equal(client_run(&request).end, HTTP_ANSWERED);
		request.insert_count = 0;
		assert_int_equal(client_run(&request).end, HTTP_ANSWERED);
		copy_header(fake_upstream_request(fake, n), "x-amz-date:", dates[0]);
		copy_header(fake_upstream_request(fake, n + 2), "x-amz-date:", dates[1]);
		for (size_t i = 0; i < 3; i++)
			copy_header(fake_upstream_request(fake, n + i), "Authorization: AWS4-HMAC-SHA256",
			            signatures[i]);
		n += 3;
	} while (strcmp(dates[0], dates[1]) != 0); /* a second has passed between them */
	assert_non_null(strstr(signatures[0], "Credential=AK/"));
	assert_non_null(strstr(signatures[0], "/us-east-1/bedrock/aws4_request"));
	assert_string_equal(signatures[0], signatures[1]);
	assert_string_not_equal(signatures[0], signatures[2]);
	assert_string_equal(strstr(fake_upstream_request(fake, n - 2), "\r\n\r\n") + 4, "[YWJjZA==]");
	free(path);
	tmpdir_remove(dir);
	fake_upstream_free(fake);
}

TEST(a_form_carries_text_and_files)
{
	struct fake_step step = {FAKE_ANSWER, OK_ANSWER};
	struct fake_upstream *fake = fake_upstream_new(&step, 1);
	char *dir = tmpdir_make(), *path = tmpdir_path(dir, "image");
	tmpdir_write(dir, "image", "PNGBYTES");
	struct http_part parts[] = {
	    {.name = "prompt", .value = "a \"quoted\"\r\nprompt"},
	    {.name = "input_reference", .file = path, .file_name = "input.png", .type = "image/png"}};
	struct http_request request = {.method = "POST",
	                               .url = client_url(fake, "/"),
	                               .parts = parts,
	                               .part_count = 2,
	                               .timeout_ms = 10000,
	                               .once = true};
	struct got got = {0};
	assert_true(http_start(client_http, &request, client_done, &got));
	unlink(path); /* it has been opened */
	while (!got.done)
		loop_once(client_loop, -1);
	assert_int_equal(got.end, HTTP_ANSWERED);
	const char *sent = fake_upstream_request(fake, 0);
	assert_non_null(strstr(sent, "name=\"prompt\"\r\n\r\na \"quoted\"\r\nprompt\r\n"));
	assert_non_null(strstr(sent, "name=\"input_reference\"; filename=\"input.png\"\r\n"
	                             "Content-Type: image/png\r\n\r\nPNGBYTES\r\n"));
	assert_non_null(strstr(sent, "\r\nContent-Length: "));
	fake_upstream_free(fake);
	free(path);
	tmpdir_remove(dir);
}

TEST(a_file_that_cannot_be_read_starts_nothing)
{
	struct http_part parts[] = {
	    {.name = "f", .file = "/nonexistent/file", .file_name = "f.png", .type = "image/png"},
	    {.name = "f", .file = "/", .file_name = "f.png", .type = "image/png"}};
	struct got got = {0};
	for (int i = 0; i < 2; i++) {
		struct http_request request = {.method = "POST",
		                               .url = "http://127.0.0.1:1/",
		                               .parts = &parts[i],
		                               .part_count = 1,
		                               .timeout_ms = 1000};
		assert_false(http_start(client_http, &request, client_done, &got));
	}
	assert_false(got.done);
	assert_int_equal(http_active(client_http), 0);
}

TEST(retry_after_is_seconds_or_a_date)
{
	char answer[256], date[CLOCK_TEXT_SIZE];
	struct got got;

	got = client_run_step((struct fake_step){FAKE_ANSWER, "HTTP/1.1 429 No\r\nRetry-After: 17\r\n"
	                                                      "Content-Length: 0\r\n\r\n"},
	                      false);
	assert_int_equal(got.status, 429);
	assert_int_equal(got.retry_after_ms, 17000);

	clock_http_text(clock_wall_ms() + 120 * 1000, date);
	snprintf(answer, sizeof(answer), "HTTP/1.1 503 No\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n",
	         date);
	got = client_run_step((struct fake_step){FAKE_ANSWER, answer}, false);
	assert_int_equal(got.status, 503);
	assert_in_range(got.retry_after_ms, 60 * 1000, 120 * 1000);

	got = client_run_step((struct fake_step){FAKE_ANSWER, "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"},
	                      false);
	assert_int_equal(got.retry_after_ms, 0);

	clock_http_text(clock_wall_ms() - 120 * 1000, date);
	snprintf(answer, sizeof(answer), "HTTP/1.1 503 No\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n",
	         date);
	got = client_run_step((struct fake_step){FAKE_ANSWER, answer}, false);
	assert_int_equal(got.retry_after_ms, 0);

	got = client_run_step((struct fake_step){FAKE_ANSWER,
	                                         "HTTP/1.1 429 No\r\nRetry-After: 99999999999999\r\n"
	                                         "Content-Length: 0\r\n\r\n"},
	                      false);
	assert_int_equal(got.retry_after_ms, LIMIT_RETRY_AFTER);

	/* Nothing is cut off a day, as newer ones of libcurl do by themselves. */
	got = client_run_step((struct fake_step){FAKE_ANSWER, "HTTP/1.1 429 No\r\nRetry-After: 86400\r\n"
	                                                      "Content-Length: 0\r\n\r\n"},
	                      false);
	assert_int_equal(got.retry_after_ms, 86400 * 1000);
	clock_http_text(clock_wall_ms() + 864000 * 1000, date);
	snprintf(answer, sizeof(answer), "HTTP/1.1 503 No\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n",
	         date);
	got = client_run_step((struct fake_step){FAKE_ANSWER, answer}, false);
	assert_in_range(got.retry_after_ms, 863900 * 1000, 864000 * 1000);
}

TEST(a_redirect_is_an_answer)
{
	struct fake_step step = {FAKE_ANSWER, "HTTP/1.1 307 Go\r\nLocation: /elsewhere\r\n"
	                                      "Content-Length: 0\r\n\r\n"};
	struct fake_upstream *fake = fake_upstream_new(&step, 1);
	struct http_request request = {
	    .method = "POST", .url = client_url(fake, "/"), .timeout_ms = 10000, .once = true};
	assert_int_equal(client_run(&request).status, 307);
	assert_int_equal(fake_upstream_requests(fake), 1);
	fake_upstream_free(fake);
}

/* --- many, and none ---------------------------------------------------------------------------- */

TEST(many_at_once_all_end)
{
	enum { MANY = 100 };
	struct fake_step step = {FAKE_ANSWER_KEEP, OK_ANSWER, .held = true};
	struct fake_upstream *fake = fake_upstream_new(&step, 1);
	struct http_request request = {.method = "GET", .url = client_url(fake, "/"), .timeout_ms = 10000};
	struct got got[MANY] = {0};
	for (int i = 0; i < MANY; i++)
		assert_true(http_start(client_http, &request, client_done, &got[i]));
	assert_int_equal(http_active(client_http), MANY);
	while (fake_upstream_requests(fake) < MANY)
		loop_once(client_loop, 10);
	fake_upstream_release(fake);
	while (http_active(client_http) > 0)
		loop_once(client_loop, -1);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(got[i].end, HTTP_ANSWERED);
	fake_upstream_free(fake);
}

TEST(one_host_gets_no_more_than_its_connections)
{
	struct fake_step step = {FAKE_ANSWER_KEEP, OK_ANSWER};
	struct fake_upstream *fake = fake_upstream_new(&step, 1);
	struct http *polite = http_new(client_loop, 2);
	struct http_request request = {.method = "GET", .url = client_url(fake, "/"), .timeout_ms = 10000};
	struct got got[20] = {0};
	assert_non_null(polite);
	for (int i = 0; i < 20; i++)
		assert_true(http_start(polite, &request, client_done, &got[i]));
	while (http_active(polite) > 0)
		loop_once(client_loop, -1);
	assert_int_equal(fake_upstream_requests(fake), 20);
	assert_true(fake_upstream_connections(fake) <= 2);
	http_free(polite);
	fake_upstream_free(fake);
}

struct chain {
	struct http *http;
	struct http_request request;
	int left;
	int ended;
	bool started; /* what http_start() said last */
};

static void
start_next(void *cookie, const struct http_response *response)
{
	struct chain *chain = cookie;
	(void)response;
	chain->ended++;
	if (chain->left-- > 0)
		chain->started = http_start(chain->http, &chain->request, start_next, chain);
}

TEST(an_end_may_start_another)
{
	struct fake_step step = {FAKE_ANSWER_KEEP, OK_ANSWER};
	struct fake_upstream *fake = fake_upstream_new(&step, 1);
	struct chain chain = {
	    client_http, {.method = "GET", .url = client_url(fake, "/"), .timeout_ms = 10000}, 4};
	assert_true(http_start(client_http, &chain.request, start_next, &chain));
	while (http_active(client_http) > 0)
		loop_once(client_loop, -1);
	assert_int_equal(chain.ended, 5);
	fake_upstream_free(fake);
}

TEST(freeing_tells_each_how_it_stands)
{
	struct fake_step step = {FAKE_SILENT};
	struct fake_upstream *fake = fake_upstream_new(&step, 1);
	struct http *short_lived = http_new(client_loop, 0);
	struct http_request request = {
	    .method = "POST", .url = client_url(fake, "/"), .timeout_ms = 10000, .once = true};
	struct got sent = {0}, unsent = {0};
	assert_non_null(short_lived);
	assert_true(http_start(short_lived, &request, client_done, &sent));
	while (fake_upstream_requests(fake) == 0)
		loop_once(client_loop, 10);
	assert_true(http_start(short_lived, &request, client_done, &unsent));
	http_free(short_lived);
	assert_true(sent.done && unsent.done);
	assert_int_equal(sent.end, HTTP_LOST);
	assert_int_equal(unsent.end, HTTP_NOT_SENT);
	fake_upstream_free(fake);
}

TEST(nothing_starts_while_freeing)
{
	struct chain chain = {
	    http_new(client_loop, 0), {.method = "GET", .url = "http://127.0.0.1:1/"}, 1, .started = true};
	assert_non_null(chain.http);
	assert_true(http_start(chain.http, &chain.request, start_next, &chain));
	http_free(chain.http);
	assert_int_equal(chain.ended, 1);
	assert_false(chain.started);
	http_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(an_answer_comes_whole, client_set_up, client_tear_down),
	    cmocka_unit_test_setup_teardown(a_body_that_comes_in_pieces_is_put_together, client_set_up,
	                                    client_tear_down),
	    cmocka_unit_test_setup_teardown(the_request_is_what_was_asked_for, client_set_up,
	                                    client_tear_down),
	    cmocka_unit_test_setup_teardown(a_method_of_its_own_and_an_empty_post, client_set_up,
	                                    client_tear_down),
	    cmocka_unit_test_setup_teardown(a_request_has_nothing_of_the_one_before, client_set_up,
	                                    client_tear_down),
	    cmocka_unit_test_setup_teardown(a_request_is_signed_with_its_whole_body, client_set_up,
	                                    client_tear_down),
	    cmocka_unit_test_setup_teardown(a_form_carries_text_and_files, client_set_up, client_tear_down),
	    cmocka_unit_test_setup_teardown(a_file_that_cannot_be_read_starts_nothing, client_set_up,
	                                    client_tear_down),
	    cmocka_unit_test_setup_teardown(retry_after_is_seconds_or_a_date, client_set_up,
	                                    client_tear_down),
	    cmocka_unit_test_setup_teardown(a_redirect_is_an_answer, client_set_up, client_tear_down),
	    cmocka_unit_test_setup_teardown(many_at_once_all_end, client_set_up, client_tear_down),
	    cmocka_unit_test_setup_teardown(one_host_gets_no_more_than_its_connections, client_set_up,
	                                    client_tear_down),
	    cmocka_unit_test_setup_teardown(an_end_may_start_another, client_set_up, client_tear_down),
	    cmocka_unit_test_setup_teardown(freeing_tells_each_how_it_stands, client_set_up,
	                                    client_tear_down),
	    cmocka_unit_test_setup_teardown(nothing_starts_while_freeing, client_set_up, client_tear_down),
	};
	return cmocka_run_group_tests_name("upstream/http", tests, NULL, NULL);
}
