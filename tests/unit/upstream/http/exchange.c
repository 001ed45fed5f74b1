/* How an exchange ends with a server that stalls, lies and hangs up. What matters most: whether the end is
 * NOT_SENT or LOST, and that a submission goes out once. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "support/http_client.h"
#include "version.h"
#include "support/test.h"

TEST(a_submission_goes_out_once)
{
	/* A kept-alive connection stands when the submission starts: libcurl would take it, and would send
	 * again on a new one when the peer closes it. */
	struct fake_step steps[] = {{FAKE_ANSWER_KEEP, OK_ANSWER}, {FAKE_HANG_UP}};
	struct fake_upstream *fake = fake_upstream_new(steps, 2);
	struct http_request poll = {.method = "GET", .url = client_url(fake, "/"), .timeout_ms = 10000};
	struct http_request submit = {
	    .method = "POST", .url = poll.url, .body = "x", .body_len = 1, .timeout_ms = 10000, .once = true};
	assert_int_equal(client_run(&poll).end, HTTP_ANSWERED);
	struct got got = client_run(&submit);
	assert_int_equal(got.end, HTTP_LOST);
	assert_int_equal(got.status, 0);
	assert_int_equal(fake_upstream_requests(fake), 2);
	assert_int_equal(fake_upstream_spoken_to(fake), 2);
	assert_int_equal(fake_upstream_connections(fake), 2);
	fake_upstream_free(fake);
}

TEST(polls_share_a_connection)
{
	struct fake_step step = {FAKE_ANSWER_KEEP, OK_ANSWER};
	struct fake_upstream *fake = fake_upstream_new(&step, 1);
	struct http_request request = {.method = "GET", .url = client_url(fake, "/"), .timeout_ms = 10000};
	for (int i = 0; i < 3; i++)
		assert_int_equal(client_run(&request).end, HTTP_ANSWERED);
	assert_int_equal(fake_upstream_requests(fake), 3);
	assert_int_equal(fake_upstream_connections(fake), 1);
	fake_upstream_free(fake);
}

/* Counts the lines of a head that begin so. */
static int
lines(const char *head, const char *name)
{
	int count = 0;
	for (const char *p = head; (p = strcasestr(p, name)) != NULL; p++)
		count += p[-1] == '\n';
	return count;
}

TEST(a_poll_says_once_who_asks_and_what_it_unpacks)
{
	static const char zipped[] = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 30\r\n\r\n"
	                             "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\xca\x4c\x51\xb2\x52"
	                             "\x4a\x54\xaa\x05\x00\x43\xe6\xa4\x9a\x0a\x00\x00\x00";
	static const char *const own[] = {"X-Key: k", "accept-encoding: identity", NULL};
	struct fake_step step = {.act = FAKE_ANSWER_KEEP, .bytes = zipped, .len = sizeof(zipped) - 1};
	struct fake_upstream *fake = fake_upstream_new(&step, 1);
	struct http_request request = {.method = "GET", .url = client_url(fake, "/1"), .timeout_ms = 10000};
	for (int i = 0; i < 4; i++) {
		request.headers = i % 2 ? own : NULL;
		assert_string_equal(client_run(&request).body, "{\"id\":\"a\"}");
		const char *sent = fake_upstream_request(fake, (size_t)i);
		assert_int_equal(lines(sent, "User-Agent: longreel/" LONGREEL_VERSION "\r\n"), 1);
		assert_int_equal(lines(sent, "User-Agent:"), 1);
		assert_int_equal(lines(sent, "Accept-Encoding:"), 1);
		assert_int_equal(lines(sent, "Accept-Encoding: gzip\r\n"), i % 2 == 0);
		assert_int_equal(lines(sent, "X-Key: k\r\n"), i % 2);
	}
	fake_upstream_free(fake);
}

TEST(a_proxy_of_the_environment_is_asked)
{
	struct fake_step step = {FAKE_ANSWER, OK_ANSWER};
	struct fake_upstream *proxy = fake_upstream_new(&step, 1);
	const struct http_request request = {
	    .method = "GET", .url = "http://video.test/x", .timeout_ms = 10000};
	unsetenv("no_proxy");
	setenv("http_proxy", fake_upstream_base(proxy), 1);
	struct got got = client_run(&request);
	unsetenv("http_proxy");
	assert_int_equal(got.end, HTTP_ANSWERED);
	const char *sent = fake_upstream_request(proxy, 0);
	assert_memory_equal(sent, "GET http://video.test/x HTTP/1.1\r\n", 34);
	assert_int_equal(lines(sent, "User-Agent: longreel/" LONGREEL_VERSION "\r\n"), 1);
	fake_upstream_free(proxy);
}

TEST(lost_is_whatever_may_have_been_sent)
{
	static const struct fake_step steps[] = {
	    {FAKE_HANG_UP},
	    {FAKE_HANG_UP_NOW},
	    {FAKE_ANSWER, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":\"video_1\"}"},
	    {FAKE_ANSWER, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"id\""},
	    {FAKE_ANSWER, "HTTP/1.1 200 OK\r\nContent-Le"},
	    {FAKE_ANSWER, "SSH-2.0-OpenSSH_9.2\r\n"},
	    {FAKE_BLURT, "HTTP/1.1 100 Continue\r\n\r\n"},
	};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct got got = client_run_step(steps[i], true);
		if (got.end != HTTP_LOST)
			fail_msg("step %zu: end %d, status %d, %s%s", i, got.end, got.status, got.body,
			         got.why);
		assert_int_equal(got.status, 0);
		assert_null(strstr(got.why, "secret"));
		assert_non_null(strstr(got.why, "127.0.0.1"));
	}
}

TEST(a_timeout_after_sending_is_lost)
{
	struct fake_step step = {FAKE_SILENT};
	struct fake_upstream *fake = fake_upstream_new(&step, 1);
	struct http_request request = {
	    .method = "POST", .url = client_url(fake, "/"), .timeout_ms = 200, .once = true};
	struct got got = client_run(&request);
	assert_int_equal(got.end, HTTP_LOST);
	assert_int_equal(fake_upstream_requests(fake), 1);
	fake_upstream_free(fake);
}

/* Binds a socket to a port of the kernel's choice; with `full`, it listens and its queue is full, so that
 * a connection neither stands nor is refused. */
static int
odd_socket(bool full, char url[64], int ret_clients[4])
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	snprintf(url, 64, "http://127.0.0.1:%d/?secret", ntohs(at.sin_port));
	if (full)
		assert_int_equal(listen(fd, 0), 0);
	for (int i = 0; full && i < 4; i++) {
		ret_clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		assert_true(ret_clients[i] >= 0);
		(void)connect(ret_clients[i], (struct sockaddr *)&at, sizeof(at));
	}
	return fd;
}

TEST(a_refused_connection_is_not_sent)
{
	char url[64];
	int fd = odd_socket(false, url, NULL);
	struct fake_step step = {FAKE_ANSWER, OK_ANSWER};
	struct http_request request = {.method = "POST", .url = url, .timeout_ms = 10000, .once = true};
	/* On a handle that has carried an answer before, too. */
	client_run_step(step, true);
	struct got got = client_run(&request);
	assert_int_equal(got.end, HTTP_NOT_SENT);
	assert_null(strstr(got.why, "secret"));
	assert_non_null(strstr(got.why, "127.0.0.1"));
	close(fd);
}

TEST(a_timeout_while_connecting_is_not_sent)
{
	char url[64];
	int clients[4], fd = odd_socket(true, url, clients);
	struct fake_step step = {FAKE_ANSWER, OK_ANSWER};
	struct http_request request = {.method = "POST", .url = url, .timeout_ms = 300, .once = true};
	client_run_step(step, true);
	assert_int_equal(client_run(&request).end, HTTP_NOT_SENT);
	for (int i = 0; i < 4; i++)
		close(clients[i]);
	close(fd);
}

TEST(what_cannot_even_begin_is_not_sent)
{
	static const char *const urls[] = {"http://nowhere.invalid/", "ftp://127.0.0.1/",
	                                   "file:///etc/passwd", "http://", "not a url"};
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct http_request request = {
		    .method = "POST", .url = urls[i], .timeout_ms = 10000, .once = true};
		assert_int_equal(client_run(&request).end, HTTP_NOT_SENT);
	}
}

TEST(a_failed_tls_handshake_is_not_sent)
{
	static const struct fake_step steps[] = {{FAKE_BLURT, "220 smtp.example.com ESMTP\r\n"},
	                                         {FAKE_SILENT}};
	for (size_t i = 0; i < 2; i++) {
		struct fake_upstream *fake = fake_upstream_new(&steps[i], 1);
		char url[128];
		snprintf(url, sizeof(url), "https%s/", fake_upstream_base(fake) + strlen("http"));
		struct http_request request = {.method = "POST", .url = url, .timeout_ms = 500, .once = true};
		assert_int_equal(client_run(&request).end, HTTP_NOT_SENT);
		fake_upstream_free(fake);
	}
}

/* An answer with a body of `size` bytes, its length announced or not. */
static struct got
run_long(size_t size, bool announced)
{
	char head[128];
	int head_len =
	    announced ? snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", size)
	              : snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\n\r\n");
	char *bytes = malloc((size_t)head_len + size);
	assert_non_null(bytes);
	memcpy(bytes, head, (size_t)head_len);
	memset(bytes + head_len, 'x', size);
	struct got got =
	    client_run_step((struct fake_step){FAKE_ANSWER, bytes, .len = (size_t)head_len + size}, false);
	free(bytes);
	return got;
}

TEST(a_body_over_the_limit_is_lost)
{
	for (int announced = 0; announced < 2; announced++) {
		struct got got = run_long(LIMIT_ANSWER, announced);
		assert_int_equal(got.end, HTTP_ANSWERED);
		assert_int_equal(got.body_len, LIMIT_ANSWER);
		got = run_long(LIMIT_ANSWER + 1, announced);
		assert_int_equal(got.end, HTTP_LOST);
		assert_non_null(strstr(got.why, "too long"));
	}
	/* The handle that met the limit serves again. */
	assert_int_equal(client_run_step((struct fake_step){FAKE_ANSWER, OK_ANSWER}, false).end,
	                 HTTP_ANSWERED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_submission_goes_out_once, client_set_up, client_tear_down),
	    cmocka_unit_test_setup_teardown(polls_share_a_connection, client_set_up, client_tear_down),
	    cmocka_unit_test_setup_teardown(a_poll_says_once_who_asks_and_what_it_unpacks, client_set_up,
	                                    client_tear_down),
	    cmocka_unit_test_setup_teardown(a_proxy_of_the_environment_is_asked, client_set_up,
	                                    client_tear_down),
	    cmocka_unit_test_setup_teardown(lost_is_whatever_may_have_been_sent, client_set_up,
	                                    client_tear_down),
	    cmocka_unit_test_setup_teardown(a_timeout_after_sending_is_lost, client_set_up, client_tear_down),
	    cmocka_unit_test_setup_teardown(a_refused_connection_is_not_sent, client_set_up,
	                                    client_tear_down),
	    cmocka_unit_test_setup_teardown(a_timeout_while_connecting_is_not_sent, client_set_up,
	                                    client_tear_down),
	    cmocka_unit_test_setup_teardown(what_cannot_even_begin_is_not_sent, client_set_up,
	                                    client_tear_down),
	    cmocka_unit_test_setup_teardown(a_failed_tls_handshake_is_not_sent, client_set_up,
	                                    client_tear_down),
	    cmocka_unit_test_setup_teardown(a_body_over_the_limit_is_lost, client_set_up, client_tear_down),
	};
	return cmocka_run_group_tests_name("upstream/exchange", tests, NULL, NULL);
}
