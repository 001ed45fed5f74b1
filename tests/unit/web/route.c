/* The route table: which row a path finds, and what it answers where there is none. */

#include <string.h>

#include "base/limits.h"
#include "support/memory_request.h"
#include "web/route.h"
#include "support/test.h"

struct call;

static struct err
here(struct call *call)
{
	(void)call;
	return err_of(ERR_OK);
}

static const struct route rows[] = {
    {"GET", "/", here, 0, ""},
    {"GET", "/tasks/:id", here, 1, ""},
    {"DELETE", "/tasks/:id", here, 2, ""},
    {"POST", "/tasks/remix", here, 3, ""},
    {"GET", "/tasks/:id/:what", here, 4, ""},
    {"GET", "/tasks/:id/content", here, 5, ""},
    {"PATCH", "/tasks/:id", NULL, 6, ""}, /* another program's */
    {"GET", "/models/*name", here, 7, ""},
    {"GET", "/models/all", here, 8, ""},
};
static const struct route_table table = {rows, sizeof(rows) / sizeof(rows[0])};

static const struct {
	const char *method, *path;
	enum err_code err;
	unsigned access;       /* of the row that is found */
	const char *params[2]; /* or what is allowed, in the first */
} cases[] = {
    {"GET", "/", ERR_OK, 0, {NULL}},
    {"GET", "/tasks/a", ERR_OK, 1, {"a"}},
    {"GET", "/tasks/猫", ERR_OK, 1, {"猫"}},
    {"DELETE", "/tasks/a", ERR_OK, 2, {"a"}},
    {"POST", "/tasks/remix", ERR_OK, 3, {NULL}},
    {"GET", "/tasks/remix", ERR_OK, 1, {"remix"}},
    {"GET", "/tasks/a/b", ERR_OK, 4, {"a", "b"}},
    {"GET", "/tasks/a/content", ERR_OK, 5, {"a"}},
    {"PUT", "/tasks/a", ERR_METHOD_NOT_ALLOWED, 0, {"GET, HEAD, DELETE, PATCH"}},
    {"PUT", "/tasks/remix", ERR_METHOD_NOT_ALLOWED, 0, {"GET, HEAD, DELETE, POST, PATCH"}},
    {"get", "/tasks/a", ERR_METHOD_NOT_ALLOWED, 0, {"GET, HEAD, DELETE, PATCH"}},
    {"PATCH", "/tasks/a", ERR_METHOD_NOT_ALLOWED, 0, {"GET, HEAD, DELETE, PATCH"}},
    {"GET", "/tasks", ERR_NOT_FOUND, 0, {NULL}},
    {"GET", "/tasks/", ERR_NOT_FOUND, 0, {NULL}},
    {"GET", "/tasks//content", ERR_NOT_FOUND, 0, {NULL}},
    {"GET", "/tasks/a/b/c", ERR_NOT_FOUND, 0, {NULL}},
    {"GET", "/tasks/a/", ERR_NOT_FOUND, 0, {NULL}},
    {"GET", "/Tasks/a", ERR_NOT_FOUND, 0, {NULL}},
    {"GET", "tasks/a", ERR_NOT_FOUND, 0, {NULL}},
    {"GET", "/models/a", ERR_OK, 7, {"a"}},
    {"GET", "/models/a/b/猫/", ERR_OK, 7, {"a/b/猫/"}},
    {"GET", "/models/all", ERR_OK, 8, {NULL}},
    {"GET", "/models/", ERR_NOT_FOUND, 0, {NULL}},
    {"GET", "/models", ERR_NOT_FOUND, 0, {NULL}},
    {"PUT", "/models/a/b", ERR_METHOD_NOT_ALLOWED, 0, {"GET, HEAD"}},
    {"GET", "", ERR_BAD_REQUEST, 0, {NULL}},
};

TEST(paths_find_their_rows)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct memory_request memory;
		const struct route *route = NULL;
		const char *allow = NULL;
		memory_request_init(&memory, "", "", 0);
		memory.request.method = cases[i].method;
		memory.request.path = cases[i].path;
		if (route_find(&table, &memory.request, &route, &allow) != cases[i].err)
			fail_msg("%s %s", cases[i].method, cases[i].path);
		if (cases[i].err == ERR_OK) {
			assert_int_equal(route->access, cases[i].access);
			for (int p = 0; p < 2 && cases[i].params[p] != NULL; p++)
				assert_string_equal(memory.request.params[p], cases[i].params[p]);
		} else {
			assert_null(route);
			if (cases[i].params[0] != NULL)
				assert_string_equal(allow, cases[i].params[0]);
		}
		memory_request_free(&memory);
	}
}

static const char *raw; /* REQUEST_URI */

static const char *
variable(struct transport *transport, const char *name)
{
	(void)transport;
	return strcmp(name, "REQUEST_URI") == 0 ? raw : NULL;
}

/* What cannot be decoded as a whole, but may as a name. */
TEST(a_name_may_have_encoded_slashes)
{
	static const struct {
		const char *method, *raw;
		enum err_code err;
		const char *name;
	} names[] = {
	    {"GET", "/models/a%2Fb", ERR_OK, "a/b"},
	    {"GET", "/models/a%2fb/%E7%8C%AB?c=d", ERR_OK, "a/b/猫"},
	    {"GET", "http://host/models/a%2Fb", ERR_OK, "a/b"},
	    {"PUT", "/models/a%2Fb", ERR_METHOD_NOT_ALLOWED, NULL},
	    {"GET", "/tasks/a%2Fb", ERR_BAD_REQUEST, NULL},
	    {"GET", "/%6dodels/a%2Fb", ERR_BAD_REQUEST, NULL},
	    {"GET", "/models%2Fa", ERR_BAD_REQUEST, NULL},
	    {"GET", "/models/%2", ERR_BAD_REQUEST, NULL},
	    {"GET", "/models/a%2Fb%00", ERR_BAD_REQUEST, NULL},
	    {"GET", "/models/a%2Fb%0a", ERR_BAD_REQUEST, NULL},
	    {"GET", "/models/%ff", ERR_BAD_REQUEST, NULL},
	    {"GET", "/models/", ERR_BAD_REQUEST, NULL},
	    {"GET", "http://host", ERR_BAD_REQUEST, NULL},
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct memory_request memory;
		const struct route *route = NULL;
		const char *allow = NULL;
		memory_request_init(&memory, "", "", 0);
		memory.transport.variable = variable;
		memory.request.method = names[i].method;
		memory.request.path = "";
		raw = names[i].raw;
		if (route_find(&table, &memory.request, &route, &allow) != names[i].err)
			fail_msg("%s %s", names[i].method, names[i].raw);
		if (names[i].name != NULL)
			assert_string_equal(memory.request.params[0], names[i].name);
		memory_request_free(&memory);
	}
}

TEST(a_path_has_its_limit)
{
	char path[LIMIT_PATH + 2];
	struct memory_request memory;
	const struct route *route = NULL;
	const char *allow = NULL;
	memset(path, 'a', sizeof(path));
	memcpy(path, "/tasks/", 7);
	path[LIMIT_PATH + 1] = '\0';
	memory_request_init(&memory, "", "", 0);
	memory.request.method = "GET";
	memory.request.path = path;
	assert_int_equal(route_find(&table, &memory.request, &route, &allow), ERR_URI_TOO_LONG);
	path[LIMIT_PATH] = '\0';
	assert_int_equal(route_find(&table, &memory.request, &route, &allow), ERR_OK);
	assert_string_equal(memory.request.params[0], path + 7);
	memory_request_free(&memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(paths_find_their_rows),
	    cmocka_unit_test(a_name_may_have_encoded_slashes),
	    cmocka_unit_test(a_path_has_its_limit),
	};
	return cmocka_run_group_tests_name("web/route", tests, NULL, NULL);
}
