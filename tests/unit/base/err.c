/* The error table: every row is whole, words are unique, sentences are cut at characters. */
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "support/test.h"

TEST(test_rows_are_whole_and_unique)
{
	for (int a = 0; a < ERR__MAX; a++) {
		int status = err_status((enum err_code)a);

		assert_true(a == ERR_OK ? status == 200 : status >= 400 && status <= 599);
		assert_true(strspn(err_word((enum err_code)a), "abcdefghijklmnopqrstuvwxyz_") > 1);
		assert_true(utf8_count(err_text((enum err_code)a, "zh"),
		                       strlen(err_text((enum err_code)a, "zh"))) > 2);
		assert_string_not_equal(err_text((enum err_code)a, "zh"), err_text((enum err_code)a, NULL));
		for (int b = 0; b < a; b++) /* one word may have two statuses: a user's, and an operator's */
			if (err_status((enum err_code)b) == status)
				assert_string_not_equal(err_word((enum err_code)a),
				                        err_word((enum err_code)b));
	}
}

TEST(test_other_languages_and_codes)
{
	assert_string_equal(err_text(ERR_OK, "fr"), err_text(ERR_OK, "en"));
	assert_string_equal(err_word((enum err_code)ERR__MAX), "internal");
	assert_int_equal(err_status((enum err_code) - 1), 500);
}

TEST(test_say)
{
	struct err err = err_say(ERR_BAD_FIELD, "prompt", "%s is too long by %d.", "It", 3);

	assert_int_equal(err.code, ERR_BAD_FIELD);
	assert_string_equal(err.field, "prompt");
	assert_string_equal(err.detail, "It is too long by 3.");
	assert_string_equal(err_of(ERR_BUSY).detail, "");
	assert_int_equal(err_of(ERR_BUSY).code, ERR_BUSY);
}

TEST(test_say_cuts_at_a_character)
{
	char text[801];

	for (size_t shift = 0; shift < 4; shift++) {
		memset(text, 'x', shift);
		for (size_t i = shift; i + 4 < sizeof text; i += 4)
			memcpy(text + i, "\xF0\x9F\x8E\xA5", 5);
		struct err err = err_say(ERR_INTERNAL, NULL, "%s", text);
		size_t len = strlen(err.detail);
		assert_in_range(len, 508, 511);
		assert_true(utf8_count(err.detail, len) > 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows_are_whole_and_unique),
	    cmocka_unit_test(test_other_languages_and_codes),
	    cmocka_unit_test(test_say),
	    cmocka_unit_test(test_say_cuts_at_a_character),
	};

	return cmocka_run_group_tests_name("base/err", tests, NULL, NULL);
}
