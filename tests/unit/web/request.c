/* Requests from the variables of CGI: the path as the client sent it, lengths, ids and preferences, hostile
 * ones included. */

#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "web/transport.h"
#include "web/request.h"
#include "support/test.h"

#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

enum { VARIABLES = 8 };

struct environment {
	struct transport transport;
	const char *variables[VARIABLES]; /* "NAME=value" */
	const char *body;
	int64_t ms; /* that the last read was given */
};

static const char *
variable(struct transport *transport, const char *name)
{
	const struct environment *environment = (struct environment *)transport;
	size_t len = strlen(name);
	for (int i = 0; i < VARIABLES && environment->variables[i] != NULL; i++)
		if (strncmp(environment->variables[i], name, len) == 0 &&
		    environment->variables[i][len] == '=')
			return environment->variables[i] + len + 1;
	return NULL;
}

static ssize_t
read_body(struct transport *transport, void *bytes, size_t len, int64_t ms)
{
	struct environment *environment = (struct environment *)transport;
	environment->ms = ms;
	size_t left = strlen(environment->body);
	len = len < left ? len : left;
	memcpy(bytes, environment->body, len);
	environment->body += len;
	return (ssize_t)len;
}

static bool
drain_body(struct transport *transport, uint64_t left)
{
	struct environment *environment = (struct environment *)transport;
	size_t len = strlen(environment->body);
	environment->body += left < len ? left : len;
	return left <= len;
}

/* The request of these variables; its arena is the caller's to free. */
static struct request
begin(struct environment *environment)
{
	struct request request = {.arena = arena_new()};
	environment->transport =
	    (struct transport){.variable = variable, .read = read_body, .drain = drain_body};
	assert_true(request_begin(&request, &environment->transport));
	return request;
}

static const struct {
	const char *uri, *path, *info;
} paths[] = {
    {"REQUEST_URI=/a/b?c=d", "/a/b"},
    {"REQUEST_URI=/a%20b/%e7%8c%ab", "/a b/猫"},
    {"REQUEST_URI=http://host/a?b", "/a"},
    {"REQUEST_URI=/a#b", "/a"},
    {"REQUEST_URI=/a%2fb", ""}, /* would be another path */
    {"REQUEST_URI=/a%00b", ""},
    {"REQUEST_URI=/a%0ab", ""},
    {"REQUEST_URI=/a%7f", ""},
    {"REQUEST_URI=/a%ff", ""},
    {"REQUEST_URI=/a%4", ""},
    {"REQUEST_URI=/a%", ""},
    {"REQUEST_URI=/a%zz", ""},
    {"REQUEST_URI=http://host", ""},
    {"REQUEST_URI=nonsense", ""},
    {"SCRIPT_NAME=/script", "/script"}, /* a server that does not say REQUEST_URI, and decodes */
    {"SCRIPT_NAME=/a", "/a/b 猫", "PATH_INFO=/b 猫"},
    {"SCRIPT_NAME=/a", "", "PATH_INFO=/\n"},
    {"SCRIPT_NAME=/a", "", "PATH_INFO=/\x7f"},
    {"SCRIPT_NAME=/a", "", "PATH_INFO=/\xff"},
};

TEST(the_path_is_what_the_client_sent)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct environment environment = {.variables = {paths[i].uri, paths[i].info}};
		struct request request = begin(&environment);
		assert_string_equal(request.path, paths[i].path);
		arena_free(request.arena);
	}
}

TEST(what_is_missing_is_empty)
{
	struct environment environment = {.variables = {NULL}};
	struct request request = begin(&environment);
	assert_string_equal(request.method, "");
	assert_string_equal(request.query, "");
	assert_string_equal(request.content_type, "");
	assert_string_equal(request.remote_addr, "");
	assert_int_equal(request.content_length, 0);
	assert_null(request_header(&request, "X-Anything"));
	assert_null(request_header(&request,
	                           "A-Name-That-Is-Longer-Than-Any-Header-That-We-Could-Ever-Want-To-Read"));
	assert_int_equal(request_prefer_wait(&request), -1);
	arena_free(request.arena);
}

TEST(head_is_a_get_without_its_body)
{
	struct environment environment = {.variables = {"REQUEST_METHOD=HEAD"}};
	struct request request = begin(&environment);
	assert_string_equal(request.method, "GET");
	assert_true(request.head);
	arena_free(request.arena);
}

TEST(an_id_is_taken_over_where_it_is_sane)
{
	char longest[] = "HTTP_X_REQUEST_ID=" X64, longer[] = "HTTP_X_REQUEST_ID=" X64 "x";
	assert_int_equal(LIMIT_REQUEST_ID, strlen(X64));
	const struct {
		const char *variable;
		bool taken;
	} rows[] = {
	    {"HTTP_X_REQUEST_ID=mine-7", true},
	    {"HTTP_X_REQUEST_ID=", false},
	    {"HTTP_X_REQUEST_ID=a b", false},
	    {"HTTP_X_REQUEST_ID=a\nb", false},
	    {"HTTP_X_REQUEST_ID=猫", false},
	    {longest, true},
	    {longer, false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct environment environment = {.variables = {rows[i].variable}};
		struct request request = begin(&environment);
		const char *value = strchr(rows[i].variable, '=') + 1;
		assert_int_equal(strcmp(request.id, value) == 0, rows[i].taken);
		assert_true(strlen(request.id) > 0);
		arena_free(request.arena);
	}
}

static const struct {
	const char *value;
	int64_t seconds;
} waits[] = {
    {"HTTP_PREFER=wait=25", 25},
    {"HTTP_PREFER=respond-async, WAIT = \"10\"", 10},
    {"HTTP_PREFER=return=minimal; wait=3", 3},
    {"HTTP_PREFER=wait=0", 0},
    {"HTTP_PREFER=wait", -1},
    {"HTTP_PREFER=wait=", -1},
    {"HTTP_PREFER=wait=-5", -1},
    {"HTTP_PREFER=wait=x", -1},
    {"HTTP_PREFER=waiting=5", -1},
    {"HTTP_PREFER=wait=1.5", 1},
    {"HTTP_PREFER=wait=99999999999999999999999", INT64_MAX},
    {"HTTP_PREFER=", -1},
};

TEST(a_preference_to_wait_is_read)
{
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		struct environment environment = {.variables = {waits[i].value}};
		struct request request = begin(&environment);
		if (request_prefer_wait(&request) != waits[i].seconds)
			fail_msg("%s", waits[i].value);
		arena_free(request.arena);
	}
}

static const struct {
	const char *length, *body;
	ssize_t first, second; /* what two reads of 4 bytes give */
} bodies[] = {
    {"CONTENT_LENGTH=6", "abcdef", 4, 2},
    {"CONTENT_LENGTH=4", "abcdef", 4, 0}, /* what comes behind it is not ours */
    {"CONTENT_LENGTH=6", "abcd", 4, -1},  /* the web server went away */
    {"CONTENT_LENGTH=6", "", -1, -1},
    {"CONTENT_LENGTH=0", "abcd", 0, 0},
    {"CONTENT_LENGTH=-1", "abcd", 0, 0},
    {"CONTENT_LENGTH=4x", "abcd", 0, 0},
    {"CONTENT_LENGTH=99999999999999999999", "abcd", 0, 0},
    {"CONTENT_LENGTH=", "abcd", 0, 0},
};

TEST(a_body_is_as_long_as_it_says)
{
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		char bytes[4];
		struct environment environment = {.variables = {bodies[i].length}, .body = bodies[i].body};
		struct request request = begin(&environment);
		if (request_read(&request, bytes, 4) != bodies[i].first ||
		    request_read(&request, bytes, 4) != bodies[i].second)
			fail_msg("%s of %s", bodies[i].length, bodies[i].body);
		arena_free(request.arena);
	}
}

/* Apache hands a chunked body on without a length. */
TEST(a_body_without_a_length_is_read_to_its_end)
{
	char bytes[8];
	struct environment environment = {.variables = {"HTTP_TRANSFER_ENCODING=chunked"}, .body = "abc"};
	struct request request = begin(&environment);
	assert_int_equal(request.content_length, -1);
	assert_int_equal(request_read(&request, bytes, 8), 3);
	assert_int_equal(request_read(&request, bytes, 8), 0);
	arena_free(request.arena);
}

TEST(what_is_drained_is_read_to_its_end)
{
	struct environment environment = {.variables = {"CONTENT_LENGTH=6"}, .body = "abcdefgh"};
	struct request request = begin(&environment);
	request_drain(&request);
	assert_string_equal(environment.body, "gh");
	arena_free(request.arena);
}

/* What has been read already is not waited for again. */
TEST(what_is_drained_is_the_rest)
{
	char bytes[4];
	struct environment environment = {.variables = {"CONTENT_LENGTH=6"}, .body = "abcdefgh"};
	struct request request = begin(&environment);
	assert_int_equal(request_read(&request, bytes, 4), 4);
	request_drain(&request);
	assert_string_equal(environment.body, "gh");
	arena_free(request.arena);
}

/* 30 s, and its length at 16 kB/s: of all of it where that is known, else of what has come. */
static void
a_body_has_its_time(void **state)
{
	(void)state;
	char piece[8];
	struct environment known = {.variables = {"CONTENT_LENGTH=16000000"}, .body = "abcdefgh"};
	struct request request = begin(&known);
	assert_int_equal(request_read(&request, piece, 4), 4);
	assert_in_range(known.ms, 1029000, 1030000);
	request.started_ms -= 1031000;
	assert_int_equal(request_read(&request, piece, 4), -1);
	arena_free(request.arena);

	struct environment unknown = {.variables = {"HTTP_TRANSFER_ENCODING=chunked"}, .body = "abcdefgh"};
	request = begin(&unknown);
	request.body_read = 16000000;
	request.started_ms -= 1000000;
	assert_int_equal(request_read(&request, piece, 4), 4);
	assert_in_range(unknown.ms, 29000, 30000);
	request.started_ms -= 31000;
	assert_int_equal(request_read(&request, piece, 4), -1);
	arena_free(request.arena);
}

TEST(a_media_type_is_known_by_its_name)
{
	static const struct {
		const char *type;
		bool json;
	} rows[] = {
	    {"application/json", true},   {"Application/JSON; charset=utf-8", true},
	    {"application/json;", true},  {"application/json-patch+json", false},
	    {"application/jsonl", false}, {"", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct request request = {.content_type = rows[i].type};
		assert_int_equal(request_is_type(&request, "application/json"), rows[i].json);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_path_is_what_the_client_sent),
	    cmocka_unit_test(what_is_missing_is_empty),
	    cmocka_unit_test(head_is_a_get_without_its_body),
	    cmocka_unit_test(an_id_is_taken_over_where_it_is_sane),
	    cmocka_unit_test(a_preference_to_wait_is_read),
	    cmocka_unit_test(a_body_is_as_long_as_it_says),
	    cmocka_unit_test(a_body_without_a_length_is_read_to_its_end),
	    cmocka_unit_test(what_is_drained_is_read_to_its_end),
	    cmocka_unit_test(what_is_drained_is_the_rest),
	    cmocka_unit_test(a_body_has_its_time),
	    cmocka_unit_test(a_media_type_is_known_by_its_name),
	};
	return cmocka_run_group_tests_name("web/request", tests, NULL, NULL);
}
