/* What search takes for the same. */
#include <string.h>

#include "base/fold.h"
#include "support/test.h"

TEST(case_and_width_are_folded)
{
	static const struct {
		const char *text, *folded;
	} rows[] = {
	    {"The CAT [\\]^_`{@", "the cat [\\]^_`{@"},
	    {"ÀÖ×ØÞ ß ÿ", "àö×øþ ß ÿ"},
	    {"Āſ Ĺĺ Ŷ Ÿ Ž İ Ǎǚ", "ās ĺĺ ŷ ÿ ž i ǎǚ"},
	    {"ΑΣς ΆΈΌΎΏ Ω", "ασσ άέόύώ ω"},
	    {"ЖЯ ЁЀ Ҁ Ӂ Ӏ Ԯ", "жя ёѐ ҁ ӂ ӏ ԯ"},
	    {"ԱՖ", "աֆ"},
	    {"ẀẞỸ K Å", "ẁßỹ k å"},
	    {"ＡＺａｚ０９！～　", "azaz09!~ "},
	    {"夕阳下的猫", "夕阳下的猫"},
	    {"Ⅷ Ⓩ 🎥", "ⅷ ⓩ 🎥"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *a = rows[i].text, *b = rows[i].folded;
		uint32_t c;
		while ((c = fold_next(&a)) != 0) {
			const char *letter = b;
			uint32_t plain = fold_next(&b);
			if (c != plain)
				fail_msg("%s at %s: %X", rows[i].text, letter, c);
		}
		assert_int_equal(*b, '\0');
	}
}

TEST(folding_twice_is_folding_once)
{
	for (uint32_t c = 1; c < 0x110000; c++)
		assert_int_equal(fold_character(fold_character(c)), fold_character(c));
}

TEST(what_is_no_utf8_is_a_character_of_its_own)
{
	const char *bad = "\xC3"
	                  "A",
	           *good = "\xC3\x81";
	assert_int_equal(fold_next(&bad), 0xD8C3);
	assert_int_equal(fold_next(&bad), 'a');
	assert_int_equal(fold_next(&bad), 0);
	assert_int_equal(fold_next(&good), 0xE1);
}

TEST(texts_within_texts)
{
	static const struct {
		const char *text, *needle;
		bool contains;
	} rows[] = {
	    {"a red CAT", "Cat", true},      {"a red CAT", "cat ", false},    {"", "a", false},
	    {"aabaabaaab", "AABAAAB", true}, {"aabaabaab", "aabaaab", false}, {"ababababac", "ababac", true},
	    {"夕阳下的猫", "阳下", true},    {"夕阳下的猫", "夕下", false},   {"ＣＡＴ", "cat", true},
	    {"100% sure", "%", true},        {"snake_case", "e_C", true},     {"snakeXcase", "e_c", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fold_needle needle;
		fold_needle_init(&needle, rows[i].needle);
		if (fold_contains(rows[i].text, &needle) != rows[i].contains)
			fail_msg("%s in %s", rows[i].needle, rows[i].text);
	}
}

TEST(long_needle_is_cut)
{
	struct fold_needle needle;
	char text[LIMIT_SEARCH + 10];
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	fold_needle_init(&needle, text);
	assert_int_equal(needle.count, LIMIT_SEARCH);
	assert_true(fold_contains(text, &needle));
	assert_false(fold_contains(text + 11, &needle));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(case_and_width_are_folded),
	    cmocka_unit_test(folding_twice_is_folding_once),
	    cmocka_unit_test(what_is_no_utf8_is_a_character_of_its_own),
	    cmocka_unit_test(texts_within_texts),
	    cmocka_unit_test(long_needle_is_cut),
	};
	return cmocka_run_group_tests_name("base/fold", tests, NULL, NULL);
}
