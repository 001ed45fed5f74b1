/* Replies in the form of CGI (RFC 3875, section 6): whole or not at all, and nothing of a client's splits a
 * header. */

#include <string.h>

#include "base/limits.h"
#include "support/memory_request.h"
#include "web/reply.h"
#include "support/test.h"

static int
setup(void **state)
{
	struct reply *reply = malloc(sizeof(*reply));
	reply_init(reply);
	*state = reply;
	return 0;
}

static int
teardown(void **state)
{
	reply_done(*state);
	free(*state);
	return 0;
}

static void
expect(const struct reply *reply, const char *text)
{
	struct buf out;
	buf_init(&out, LIMIT_REPLY);
	buf_adds(&out, "before|");
	assert_true(reply_write(reply, &out));
	assert_string_equal(buf_str(&out) + 7, text);
	buf_free(&out);
}

TEST(a_reply_has_its_length)
{
	struct reply *reply = *state;
	expect(reply, "Status: 200 OK\r\nContent-Length: 0\r\n\r\n");
	reply->status = 410;
	reply_header(reply, "A", "b");
	reply_headerf(reply, "C", "%d", 7);
	buf_adds(&reply->body, "猫");
	expect(reply, "Status: 410 Gone\r\nA: b\r\nC: 7\r\nContent-Length: 3\r\n\r\n猫");
	reply->status = 299;
	expect(reply, "Status: 299 Status\r\nA: b\r\nC: 7\r\nContent-Length: 3\r\n\r\n猫");
	reply_reset(reply);
	expect(reply, "Status: 200 OK\r\nContent-Length: 0\r\n\r\n");
}

TEST(some_have_no_body)
{
	struct reply *reply = *state;
	buf_adds(&reply->body, "not sent");
	reply->status = 304;
	expect(reply, "Status: 304 Not Modified\r\n\r\n");
	reply->status = 204;
	expect(reply, "Status: 204 No Content\r\n\r\n");
}

TEST(no_value_splits_a_header)
{
	struct reply *reply = *state;
	static const char *const values[] = {"a\r\nSet-Cookie: b", "a\nb", "a\rb", "a\tb", "a\x7f", "\x01"};
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		reply_header(reply, "X", values[i]);
	reply_headerf(reply, "X", "%s", "a\r\nb");
	reply_headerf(reply, "X", "%5000s", "too long");
	reply_header(reply, "X", "good");
	expect(reply, "Status: 200 OK\r\nX: good\r\nContent-Length: 0\r\n\r\n");
}

TEST(what_does_not_fit_is_not_begun)
{
	struct reply *reply = *state;
	struct buf out;
	buf_adds(&reply->body, "0123456789");
	buf_init(&out, 40);
	buf_adds(&out, "before");
	assert_false(reply_write(reply, &out));
	assert_int_equal(out.len, 6);
	buf_free(&out);
	for (int i = 0; i < 40; i++)
		reply_headerf(reply, "X", "%1000d", i); /* more than there is room for */
	assert_true(reply->headers.failed);
	buf_init(&out, LIMIT_REPLY);
	assert_false(reply_write(reply, &out));
	buf_free(&out);
}

/* A web server that keeps what it is sent. */
struct server {
	struct memory_request memory;
	struct buf sent;
	bool gone;
};

static bool
keep(struct transport *transport, const void *bytes, size_t len)
{
	struct server *server =
	    (struct server *)((char *)transport - offsetof(struct server, memory.transport));
	return !server->gone && buf_add(&server->sent, bytes, len);
}

static void
server_init(struct server *server)
{
	*server = (struct server){0};
	memory_request_init(&server->memory, "", "", 0);
	server->memory.transport.write = keep;
	buf_init(&server->sent, LIMIT_REPLY);
}

static void
server_free(struct server *server)
{
	buf_free(&server->sent);
	memory_request_free(&server->memory);
}

TEST(a_stream_is_its_head_and_then_its_pieces)
{
	struct reply *reply = *state;
	struct server server;
	server_init(&server);
	reply->status = 206;
	reply_header(reply, "A", "b");
	buf_adds(&reply->body, "not sent");
	assert_false(reply->streaming);
	assert_true(reply_stream_begin(reply, &server.memory.request));
	assert_true(reply->streaming);
	assert_string_equal(buf_str(&server.sent), "Status: 206 Partial Content\r\nA: b\r\n\r\n");
	buf_clear(&server.sent);
	assert_true(reply_stream(reply, &server.memory.request, "a\0b", 3));
	assert_true(reply_stream(reply, &server.memory.request, "c", 1));
	assert_int_equal(server.sent.len, 4);
	assert_memory_equal(server.sent.data, "a\0bc", 4);
	server.gone = true;
	assert_false(reply_stream(reply, &server.memory.request, "d", 1));
	server_free(&server);
}

TEST(a_stream_that_cannot_begin_says_so)
{
	struct reply *reply = *state;
	struct server server;
	server_init(&server);
	server.gone = true;
	assert_false(reply_stream_begin(reply, &server.memory.request));
	server.gone = false;
	reply->headers.failed = true;
	assert_false(reply_stream_begin(reply, &server.memory.request));
	assert_int_equal(server.sent.len, 0);
	server_free(&server);
}

#define WITH_SETUP(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_SETUP(a_reply_has_its_length),
	    WITH_SETUP(some_have_no_body),
	    WITH_SETUP(no_value_splits_a_header),
	    WITH_SETUP(what_does_not_fit_is_not_begun),
	    WITH_SETUP(a_stream_is_its_head_and_then_its_pieces),
	    WITH_SETUP(a_stream_that_cannot_begin_says_so),
	};
	return cmocka_run_group_tests_name("web/reply", tests, NULL, NULL);
}
