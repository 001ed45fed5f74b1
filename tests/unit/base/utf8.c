/* UTF-8 at the borders of RFC 3629's table. */
#include <string.h>

#include "base/utf8.h"
#include "support/test.h"

TEST(test_count)
{
	static const struct {
		const char *bytes;
		ssize_t count;
	} rows[] = {
	    {"", 0},
	    {"abc", 3},
	    {"\x7F", 1},
	    {"\x80", -1},
	    {"\xBF", -1},
	    {"\xC0\x80", -1},
	    {"\xC1\xBF", -1},
	    {"\xC2\x80", 1},
	    {"\xC2", -1},
	    {"\xC2 ", -1},
	    {"\xDF\xBF", 1},
	    {"\xE0\x9F\xBF", -1},
	    {"\xE0\xA0\x80", 1},
	    {"\xE4\xBB\xBB\xE5\x8A\xA1", 2},
	    {"\xE4\xBB", -1},
	    {"\xE4\xBB"
	     "a",
	     -1},
	    {"\xED\x9F\xBF", 1},
	    {"\xED\xA0\x80", -1},
	    {"\xED\xBF\xBF", -1},
	    {"\xEE\x80\x80", 1},
	    {"\xEF\xBF\xBF", 1},
	    {"\xF0\x8F\xBF\xBF", -1},
	    {"\xF0\x90\x80\x80", 1},
	    {"\xF0\x9F\x8E", -1},
	    {"\xF0\x9F\x8E\xA5", 1},
	    {"\xF4\x8F\xBF\xBF", 1},
	    {"\xF4\x90\x80\x80", -1},
	    {"\xF5\x80\x80\x80", -1},
	    {"\xFF", -1},
	    {"good \xE2\x82\xAC then \xE2\x82", -1},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(utf8_count(rows[i].bytes, strlen(rows[i].bytes)), rows[i].count);
	assert_int_equal(utf8_count("a\0b", 3), 3);
	assert_int_equal(utf8_count("\xE2\x82\xAC", 2), -1);
}

TEST(test_cut)
{
	static const size_t lengths[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
	const char *text = "a\xC2\xA2\xE2\x82\xAC\xF0\x9F\x8E\xA5";

	for (size_t max = 0; max < sizeof lengths / sizeof *lengths; max++)
		assert_int_equal(utf8_cut(text, max), lengths[max]);
	assert_int_equal(utf8_cut(text, SIZE_MAX), 10);
	/* What is not UTF-8 is cut somewhere, but never far from where it was asked for. */
	assert_int_equal(utf8_cut("\x80\x80\x80\x80\x80\x80\x80\x80", 6), 6);
	assert_int_equal(utf8_cut("\x80\x80\x80", 1), 1);
}

TEST(test_has_control)
{
	assert_false(utf8_has_control("a\tb\r\nc \xC2\x80", 9));
	assert_true(utf8_has_control("a\0b", 3));
	assert_true(utf8_has_control("\x1B[0m", 4));
	assert_true(utf8_has_control("a\x7F", 2));
	assert_false(utf8_has_control("a\x7F", 1));
}

TEST(test_is_line)
{
	assert_true(utf8_is_line("", 0, 3));
	assert_false(utf8_is_line("", 1, 3));
	assert_true(utf8_is_line("模型 ", 1, 3));
	assert_false(utf8_is_line("模型 a", 1, 3));
	assert_false(utf8_is_line("a\tb", 1, 3));
	assert_false(utf8_is_line("a\n", 1, 3));
	assert_false(utf8_is_line("\r", 1, 3));
	assert_false(utf8_is_line("\x1B", 1, 3));
	assert_false(utf8_is_line("\xFF", 0, 3));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_count),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_has_control),
	    cmocka_unit_test(test_is_line),
	};

	return cmocka_run_group_tests_name("base/utf8", tests, NULL, NULL);
}
