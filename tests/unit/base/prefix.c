/* base/prefix: which paths may stand before all others. */
#include "base/prefix.h"
#include "support/test.h"

#include <string.h>

TEST(paths_are_prefixes)
{
	static const char *const good[] = {"", "/reel", "/a/b/c", "/~ada/reel-2.0_x", "/...", "/.a", "/a..b"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(prefix_valid(good[i]));
}

TEST(what_could_be_something_else_is_refused)
{
	static const char *const bad[] = {
	    "/",       "reel",      "/reel/",     "//reel",    "/a//b",  "/.",        "/..",  "/a/..",
	    "/a/../b", "/a b",      "/a\r\nX: y", "/a\t",      "/a%2e",  "/a?b",      "/a#b", "/a\"b",
	    "/a\\b",   "/a;b",      "/a,/b",      "/(a|b)",    "/a*",    "/\xc3\xa9", " /a",  "/a ",
	    "//host",  "https://x", "/a:b",       "/<script>", "/$HTTP", "/a'",       "/a&b"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (prefix_valid(bad[i]))
			fail_msg("%s", bad[i]);
}

TEST(a_long_one_is_refused)
{
	char text[PREFIX_SIZE + 1];
	memset(text, 'a', sizeof text);
	text[0] = '/';
	text[PREFIX_SIZE - 1] = '\0';
	assert_true(prefix_valid(text));
	text[PREFIX_SIZE - 1] = 'a';
	text[PREFIX_SIZE] = '\0';
	assert_false(prefix_valid(text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(paths_are_prefixes),
	    cmocka_unit_test(what_could_be_something_else_is_refused),
	    cmocka_unit_test(a_long_one_is_refused),
	};
	return cmocka_run_group_tests_name("base/prefix", tests, NULL, NULL);
}
