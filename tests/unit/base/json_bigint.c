/* Whole numbers of more digits than a double holds: they come out as they went in, and nothing else changes.
 */
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "support/test.h"

/* The text, parsed and written again. */
static void
comes_out(const char *text, const char *expected)
{
	struct arena *arena = arena_new();
	const struct json *root;
	assert_int_equal(json_parse_bigint(arena, text, strlen(text), &root), ERR_OK);
	assert_string_equal(json_text(arena, root), expected);
	arena_free(arena);
}

TEST(no_digit_of_a_whole_number_is_lost)
{
	comes_out("{\"id\":7412345678901234567}", "{\"id\":\"7412345678901234567\"}");
	comes_out("[ 123456789012345 , 1234567890123456,-9007199254740993 ]",
	          "[123456789012345,\"1234567890123456\",\"-9007199254740993\"]");
	comes_out("12345678901234567890123456789012345678901234567890",
	          "\"12345678901234567890123456789012345678901234567890\"");
	comes_out("[1111111111111111,2222222222222222,3333333333333333]",
	          "[\"1111111111111111\",\"2222222222222222\",\"3333333333333333\"]");
}

TEST(all_else_is_as_it_was)
{
	comes_out("{\"a\":1,\"b\":[true,null,-2.5]}", "{\"a\":1,\"b\":[true,null,-2.5]}");
	comes_out("[0.1234567890123456,12345678901234567e0,-0]", "[0.1234567890123456,12345678901234568,0]");
	comes_out("{\"1234567890123456\":\"1234567890123456\"}",
	          "{\"1234567890123456\":\"1234567890123456\"}");
	comes_out("[\"\\\"1234567890123456,\",1]", "[\"\\\"1234567890123456,\",1]");
	comes_out("[\"\\\\\",1234567890123456]", "[\"\\\\\",\"1234567890123456\"]");
}

TEST(what_is_no_json_stays_none)
{
	static const char *const bad[] = {"{1234567890123456:1}",
	                                  "[01234567890123456]",
	                                  "1234567890123456 1",
	                                  "\"1234567890123456",
	                                  "[1234567890123456",
	                                  "-",
	                                  "\"\\"};
	struct arena *arena = arena_new();
	const struct json *root;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(json_parse_bigint(arena, bad[i], strlen(bad[i]), &root), ERR_BAD_JSON);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_digit_of_a_whole_number_is_lost),
	    cmocka_unit_test(all_else_is_as_it_was),
	    cmocka_unit_test(what_is_no_json_stays_none),
	};

	return cmocka_run_group_tests_name("base/json_exact", tests, NULL, NULL);
}
