/* Fetching a video: whole, in part, cut off, redirected; and the two things that may not happen: a request
 * to a private address because a link said so, and the key at another server. */
#include <stdio.h>
#include <string.h>

#include "model/channel.h"
#include "support/fake_upstream.h"
#include "upstream/http/download.h"
#include "support/test.h"

#define VIDEO "HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 5\r\n\r\nVIDEO"

struct got {
	int heads;
	int status;
	int64_t length;
	char type[64];
	char range[64];
	char data[256];
	size_t len;
	bool refuse_head;
	bool refuse_data;
};

static const char *const key_header[] = {"Authorization: sk-1", NULL};

static bool
on_head(void *cookie, const struct download_head *head)
{
	struct got *got = cookie;
	assert_int_equal(got->len, 0);
	got->heads++;
	got->status = head->status;
	got->length = head->length;
	snprintf(got->type, sizeof(got->type), "%s", head->type);
	snprintf(got->range, sizeof(got->range), "%s", head->range);
	return !got->refuse_head;
}

static bool
on_data(void *cookie, const void *bytes, size_t len)
{
	struct got *got = cookie;
	assert_int_equal(got->heads, 1);
	assert_true(got->len + len < sizeof(got->data));
	memcpy(got->data + got->len, bytes, len);
	got->len += len;
	return !got->refuse_data;
}

/* A link as these tests write it: what stands between the only quotes. */
static const char *
link_in(void *cookie, const char *bytes, size_t len)
{
	static char link[128];
	(void)cookie;
	(void)len;
	return sscanf(bytes, "%*[^\"]\"%127[^\"]", link) == 1 ? link : NULL;
}

/* Fetches `url` for a channel at `base`. */
static enum err_code
fetch(const char *base, bool allow_private, const char *url, const char *range, struct got *got)
{
	struct channel channel = {
	    .name = "default", .base = base, .key = "sk-1", .allow_private = allow_private};
	struct http_request request = {.method = "GET", .url = url, .headers = key_header};
	struct download_sink sink = {on_head, on_data, got};
	const struct download_json json = {link_in, NULL};
	return download_run(&channel, &request, range, &json, &sink);
}

/* Fetches from a server of one step that is the channel's own. */
static enum err_code
download_step(const char *bytes, struct got *got)
{
	struct fake_step step = {FAKE_ANSWER, bytes};
	struct fake_upstream *fake = fake_upstream_new(&step, 1);
	char url[128];
	snprintf(url, sizeof(url), "%s/v.mp4", fake_upstream_base(fake));
	enum err_code err = fetch(fake_upstream_base(fake), false, url, NULL, got);
	fake_upstream_free(fake);
	return err;
}

TEST(a_video_comes_whole)
{
	struct got got = {0};
	assert_int_equal(download_step(VIDEO, &got), ERR_OK);
	assert_int_equal(got.heads, 1);
	assert_int_equal(got.status, 200);
	assert_int_equal(got.length, 5);
	assert_string_equal(got.type, "video/mp4");
	assert_string_equal(got.range, "");
	assert_int_equal(got.len, 5);
	assert_memory_equal(got.data, "VIDEO", 5);
}

TEST(a_range_is_asked_for_and_told)
{
	struct fake_step step = {FAKE_ANSWER, "HTTP/1.1 206 Partial\r\nContent-Range: bytes 1-2/5\r\n"
	                                      "Content-Length: 2\r\n\r\nID"};
	struct fake_upstream *fake = fake_upstream_new(&step, 1);
	const char *base = fake_upstream_base(fake);
	struct got got = {0};
	char url[128], odd[200];
	snprintf(url, sizeof(url), "%s/v.mp4", base);
	assert_int_equal(fetch(base, false, url, "bytes=1-2", &got), ERR_OK);
	assert_int_equal(got.status, 206);
	assert_string_equal(got.range, "bytes 1-2/5");
	assert_string_equal(got.type, "");
	assert_memory_equal(got.data, "ID", 2);
	assert_non_null(strstr(fake_upstream_request(fake, 0), "\r\nRange: bytes=1-2\r\n"));
	assert_non_null(strstr(fake_upstream_request(fake, 0), "\r\nAuthorization: sk-1\r\n"));
	/* What is no range is not sent, above all not cut off. */
	memset(odd, '1', sizeof(odd) - 1);
	odd[sizeof(odd) - 1] = '\0';
	memset(&got, 0, sizeof(got));
	assert_int_equal(fetch(base, false, url, odd, &got), ERR_OK);
	memset(&got, 0, sizeof(got));
	assert_int_equal(fetch(base, false, url, "bytes=1-2\r\nX-Evil: 1", &got), ERR_OK);
	assert_null(strstr(fake_upstream_request(fake, 1), "\r\nRange:"));
	assert_null(strstr(fake_upstream_request(fake, 2), "\r\nX-Evil:"));
	fake_upstream_free(fake);
}

TEST(an_empty_video_has_a_head)
{
	struct got got = {0};
	assert_int_equal(download_step("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", &got), ERR_OK);
	assert_int_equal(got.heads, 1);
	assert_int_equal(got.length, 0);
}

TEST(a_length_that_is_not_stated_is_told)
{
	struct got got = {0};
	assert_int_equal(download_step("HTTP/1.1 200 OK\r\n\r\nVIDEO", &got), ERR_OK);
	assert_int_equal(got.length, -1);
	assert_int_equal(got.len, 5);
}

TEST(other_answers_are_errors)
{
	static const struct {
		const char *bytes;
		enum err_code err;
	} rows[] = {
	    {"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno", ERR_CONTENT_GONE},
	    {"HTTP/1.1 410 No\r\nContent-Length: 2\r\n\r\nno", ERR_CONTENT_GONE},
	    {"HTTP/1.1 416 No\r\nContent-Length: 2\r\n\r\nno", ERR_RANGE_NOT_SATISFIABLE},
	    {"HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno", ERR_UPSTREAM_FAILED},
	    {"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", ERR_UPSTREAM_FAILED},
	    {"HTTP/1.1 204 No\r\n\r\n", ERR_UPSTREAM_FAILED},
	    {"HTTP/1.1 302 Go\r\nContent-Length: 0\r\n\r\n", ERR_UPSTREAM_FAILED},
	    {"HTTP/1.1 302 Go\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
	     ERR_UPSTREAM_FAILED},
	    {"HTTP/1.1 302 Go\r\nLocation: gopher://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
	     ERR_UPSTREAM_FAILED},
	    {"garbage\r\n\r\n", ERR_UPSTREAM_FAILED},
	    {"HTTP/1.1 200 OK\r\nContent-Le", ERR_UPSTREAM_FAILED},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct got got = {0};
		enum err_code err = download_step(rows[i].bytes, &got);
		if (err != rows[i].err)
			fail_msg("row %zu: %s", i, err_word(err));
		assert_int_equal(got.heads, 0);
		assert_int_equal(got.len, 0);
	}
}

TEST(a_video_that_ends_early_is_an_error)
{
	struct got got = {0};
	assert_int_equal(download_step("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nVIDEO", &got),
	                 ERR_UPSTREAM_FAILED);
	assert_int_equal(got.heads, 1);
	memset(&got, 0, sizeof(got));
	assert_int_equal(
	    download_step("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nVIDEO\r\n", &got),
	    ERR_UPSTREAM_FAILED);
}

TEST(the_sink_may_end_it)
{
	struct got head = {.refuse_head = true}, data = {.refuse_data = true}, empty = {.refuse_head = true};
	assert_int_equal(download_step(VIDEO, &head), ERR_UPSTREAM_FAILED);
	assert_int_equal(head.len, 0);
	assert_int_equal(download_step(VIDEO, &data), ERR_UPSTREAM_FAILED);
	assert_int_equal(download_step("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", &empty),
	                 ERR_UPSTREAM_FAILED);
}

TEST(nobody_there_is_an_error)
{
	struct got got = {0};
	assert_int_equal(fetch("http://nowhere.invalid", false, "http://nowhere.invalid/v.mp4", NULL, &got),
	                 ERR_UPSTREAM_FAILED);
}

/* --- whose server ------------------------------------------------------------------------------ */

TEST(a_private_address_is_refused)
{
	static const char *const hosts[] = {"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0",
	                                    "2130706433"};
	struct fake_step step = {FAKE_ANSWER, VIDEO};
	struct fake_upstream *fake = fake_upstream_new(&step, 1);
	const char *port = strrchr(fake_upstream_base(fake), ':');
	char url[128];
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		struct got got = {0};
		snprintf(url, sizeof(url), "http://%s%s/v.mp4", hosts[i], port);
		enum err_code err = fetch("https://api.example.com", false, url, NULL, &got);
		if (err != ERR_FORBIDDEN)
			fail_msg("%s: %s", url, err_word(err));
	}
	assert_int_equal(fake_upstream_connections(fake), 0);
	fake_upstream_free(fake);
}

TEST(a_channel_may_allow_private_addresses)
{
	struct fake_step step = {FAKE_ANSWER, VIDEO};
	struct fake_upstream *fake = fake_upstream_new(&step, 1);
	struct got got = {0};
	char url[128];
	snprintf(url, sizeof(url), "%s/v.mp4", fake_upstream_base(fake));
	assert_int_equal(fetch("https://api.example.com", true, url, NULL, &got), ERR_OK);
	/* Allowed or not, it is not the channel's own origin. */
	assert_null(strstr(fake_upstream_request(fake, 0), "sk-1"));
	fake_upstream_free(fake);
}

TEST(a_signed_link_that_has_run_out_is_gone)
{
	static const struct {
		const char *bytes;
		enum err_code err;
	} rows[] = {
	    {"HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno", ERR_CONTENT_GONE},
	    {"HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno", ERR_CONTENT_GONE},
	    {"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno", ERR_UPSTREAM_FAILED},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fake_step step = {FAKE_ANSWER, rows[i].bytes};
		struct fake_upstream *fake = fake_upstream_new(&step, 1);
		struct got got = {0};
		char url[128];
		snprintf(url, sizeof(url), "%s/v.mp4?X-Amz-Expires=1", fake_upstream_base(fake));
		assert_int_equal(fetch("https://api.example.com", true, url, NULL, &got), rows[i].err);
		fake_upstream_free(fake);
	}
	struct got got = {0};
	assert_int_equal(download_step(rows[0].bytes, &got), ERR_UPSTREAM_FAILED); /* the key is refused */
}

/* Fetches from an own server that redirects to another one; ret_other tells what that was sent. */
static enum err_code
download_redirected(bool allow_private, struct fake_upstream **ret_other)
{
	static struct fake_step video = {FAKE_ANSWER, VIDEO};
	struct fake_upstream *other = fake_upstream_new(&video, 1);
	char answer[256], url[128];
	snprintf(answer, sizeof(answer), "HTTP/1.1 302 Go\r\nLocation: %s/v.mp4\r\nContent-Length: 0\r\n\r\n",
	         fake_upstream_base(other));
	struct fake_step step = {FAKE_ANSWER, answer};
	struct fake_upstream *own = fake_upstream_new(&step, 1);
	struct got got = {0};
	snprintf(url, sizeof(url), "%s/content", fake_upstream_base(own));
	enum err_code err = fetch(fake_upstream_base(own), allow_private, url, NULL, &got);
	assert_non_null(strstr(fake_upstream_request(own, 0), "sk-1"));
	fake_upstream_free(own);
	*ret_other = other;
	return err;
}

TEST(a_redirect_to_a_private_address_is_refused)
{
	struct fake_upstream *other;
	assert_int_equal(download_redirected(false, &other), ERR_FORBIDDEN);
	assert_int_equal(fake_upstream_connections(other), 0);
	fake_upstream_free(other);
}

TEST(a_redirect_does_not_carry_the_key_away)
{
	struct fake_upstream *other;
	assert_int_equal(download_redirected(true, &other), ERR_OK);
	assert_int_equal(fake_upstream_requests(other), 1);
	assert_null(strstr(fake_upstream_request(other, 0), "sk-1"));
	fake_upstream_free(other);
}

/* Fetches from a server that answers `head` and JSON with a link to another server, which does `there`. */
static enum err_code
download_by_json(bool allow_private, const char *head, const char *range, struct fake_step *there,
                 struct fake_upstream **ret_other, struct got *got)
{
	struct fake_upstream *other = fake_upstream_new(there, 1);
	char whole[256], part[256], url[128];
	snprintf(part, sizeof(part), "HTTP/1.1 206 Part\r\nContent-Type: application/json\r\n\r\n{");
	snprintf(whole, sizeof(whole), "HTTP/1.1 200 OK\r\n%s\r\n{\"%s/v.mp4\"}", head,
	         fake_upstream_base(other));
	struct fake_step steps[] = {{FAKE_ANSWER, range != NULL ? part : whole}, {FAKE_ANSWER, whole}};
	struct fake_upstream *own = fake_upstream_new(steps, 2);
	snprintf(url, sizeof(url), "%s/content", fake_upstream_base(own));
	enum err_code err = fetch(fake_upstream_base(own), allow_private, url, range, got);
	assert_non_null(strstr(fake_upstream_request(own, 0), "sk-1"));
	if (range != NULL)
		assert_null(strstr(fake_upstream_request(own, 1), "\r\nRange:"));
	fake_upstream_free(own);
	*ret_other = other;
	return err;
}

TEST(a_link_in_json_is_followed_without_the_key)
{
	static const char *const heads[] = {"Content-Type: application/json\r\n",
	                                    "Content-Type: Application/JSON; charset=utf-8\r\n",
	                                    "Content-Type: video/mp4\r\n", ""};
	struct fake_step video = {FAKE_ANSWER, VIDEO};
	struct fake_upstream *other;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		struct got got = {0};
		assert_int_equal(download_by_json(true, heads[i], NULL, &video, &other, &got), ERR_OK);
		assert_int_equal(got.len, 5);
		assert_memory_equal(got.data, "VIDEO", 5);
		assert_null(strstr(fake_upstream_request(other, 0), "sk-1"));
		fake_upstream_free(other);
	}
}

TEST(a_part_of_json_is_asked_for_whole_and_the_video_in_part)
{
	struct fake_step video = {FAKE_ANSWER, "HTTP/1.1 206 Partial\r\nContent-Range: bytes 1-2/5\r\n"
	                                       "Content-Length: 2\r\n\r\nID"};
	struct fake_upstream *other;
	struct got got = {0};
	assert_int_equal(
	    download_by_json(true, "Content-Type: application/json\r\n", "bytes=1-2", &video, &other, &got),
	    ERR_OK);
	assert_int_equal(got.status, 206);
	assert_memory_equal(got.data, "ID", 2);
	assert_non_null(strstr(fake_upstream_request(other, 0), "\r\nRange: bytes=1-2\r\n"));
	fake_upstream_free(other);
}

TEST(a_link_in_json_to_a_private_address_is_refused)
{
	struct fake_step video = {FAKE_ANSWER, VIDEO};
	struct fake_upstream *other;
	struct got got = {0};
	assert_int_equal(
	    download_by_json(false, "Content-Type: application/json\r\n", NULL, &video, &other, &got),
	    ERR_FORBIDDEN);
	assert_int_equal(fake_upstream_connections(other), 0);
	assert_int_equal(got.heads, 0);
	fake_upstream_free(other);
}

TEST(json_is_followed_once_and_never_a_video)
{
	static const char *const bytes[] = {
	    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"http://127.0.0.1:1/v.mp4\"}",
	    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}",
	    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n",
	    "HTTP/1.1 206 Part\r\nContent-Type: text/json\r\n\r\n{\"a\"}"};
	struct fake_upstream *other;
	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		struct fake_step json = {FAKE_ANSWER, bytes[i]};
		struct got got = {0};
		assert_int_equal(
		    download_by_json(true, "Content-Type: application/json\r\n", NULL, &json, &other, &got),
		    ERR_UPSTREAM_FAILED);
		assert_int_equal(got.heads, 0);
		assert_int_equal(fake_upstream_requests(other), i == 3 ? 2 : 1);
		fake_upstream_free(other);
	}
}

TEST(redirects_are_few)
{
	static const char go[] = "HTTP/1.1 302 Go\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n";
	struct fake_step steps[7];
	char url[128];
	for (size_t redirects = 5; redirects <= 6; redirects++) {
		struct got got = {0};
		for (size_t i = 0; i < redirects; i++)
			steps[i] = (struct fake_step){FAKE_ANSWER, go};
		steps[redirects] = (struct fake_step){FAKE_ANSWER, VIDEO};
		struct fake_upstream *fake = fake_upstream_new(steps, redirects + 1);
		snprintf(url, sizeof(url), "%s/v.mp4", fake_upstream_base(fake));
		enum err_code err = fetch(fake_upstream_base(fake), false, url, NULL, &got);
		assert_int_equal(err, redirects == 5 ? ERR_OK : ERR_UPSTREAM_FAILED);
		assert_int_equal(fake_upstream_requests(fake), 6);
		fake_upstream_free(fake);
	}
}

TEST(no_proxy_hides_an_address_from_the_guard)
{
	struct fake_step step = {FAKE_ANSWER, VIDEO};
	struct fake_upstream *proxy = fake_upstream_new(&step, 1);
	struct got got = {0};
	unsetenv("no_proxy");
	setenv("http_proxy", fake_upstream_base(proxy), 1);
	enum err_code err = fetch("https://api.example.com", false, "http://127.0.0.1:9/v.mp4", NULL, &got);
	unsetenv("http_proxy");
	assert_int_equal(err, ERR_FORBIDDEN);
	assert_int_equal(fake_upstream_connections(proxy), 0);
	fake_upstream_free(proxy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_video_comes_whole),
	    cmocka_unit_test(a_range_is_asked_for_and_told),
	    cmocka_unit_test(an_empty_video_has_a_head),
	    cmocka_unit_test(a_length_that_is_not_stated_is_told),
	    cmocka_unit_test(other_answers_are_errors),
	    cmocka_unit_test(a_video_that_ends_early_is_an_error),
	    cmocka_unit_test(the_sink_may_end_it),
	    cmocka_unit_test(nobody_there_is_an_error),
	    cmocka_unit_test(a_private_address_is_refused),
	    cmocka_unit_test(a_channel_may_allow_private_addresses),
	    cmocka_unit_test(a_signed_link_that_has_run_out_is_gone),
	    cmocka_unit_test(a_redirect_to_a_private_address_is_refused),
	    cmocka_unit_test(a_redirect_does_not_carry_the_key_away),
	    cmocka_unit_test(a_link_in_json_is_followed_without_the_key),
	    cmocka_unit_test(a_part_of_json_is_asked_for_whole_and_the_video_in_part),
	    cmocka_unit_test(a_link_in_json_to_a_private_address_is_refused),
	    cmocka_unit_test(json_is_followed_once_and_never_a_video),
	    cmocka_unit_test(redirects_are_few),
	    cmocka_unit_test(no_proxy_hides_an_address_from_the_guard),
	};
	return cmocka_run_group_tests_name("upstream/fetch", tests, NULL, NULL);
}
