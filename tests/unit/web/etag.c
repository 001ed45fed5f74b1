/* If-None-Match (RFC 9110, section 13.1.2): weak comparison with one tag of a list. */

#include "web/etag.h"
#include "support/test.h"

static const struct {
	const char *value;
	bool matches;
} rows[] = {
    {NULL, false},
    {"", false},
    {"\"a-1\"", true},
    {"W/\"a-1\"", true},
    {"*", true},
    {" , \"x\" ,\t\"a-1\"", true},
    {"\"x\", W/\"y\", W/\"a-1\"", true},
    {"\"x,\"a-1\"", false},
    {"\"x, \", \"a-1\"", true},
    {"a-1", false},
    {"\"a-1", false},
    {"\"A-1\"", false},
    {"\"a-12\"", false},
    {"w/\"a-1\"", false},
    {"W/", false},
    {",,,,", false},
    {"\"\"", false},
};

TEST(one_of_the_list_must_be_the_tag)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (etag_matches(rows[i].value, "\"a-1\"") != rows[i].matches)
			fail_msg("%s", rows[i].value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_of_the_list_must_be_the_tag),
	};
	return cmocka_run_group_tests_name("web/etag", tests, NULL, NULL);
}
