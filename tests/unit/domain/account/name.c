/* Which names may be registered, and which look alike. */

#include <stdio.h>
#include <string.h>

#include "domain/account/name.h"
#include "support/test.h"

static const char *const good[] = {
    "a",
    "zoe",
    "Z.o_e-1@x+y",
    "42",
    "_x",
    "admin",
    "ROOT",
    "zoë",
    "José",
    "Łukasz",
    "Nguyễn",
    "Ștefan",
    "猫",
    "小明",
    "𠀀",
    "小明2",
    "Tom小明",
    "たなか",
    "タナカ",
    "김철수",
    "田中さん",
    "Иван",
    "Юлія",
    "Γιώργος",
    "Άννα",
    "שלום",
    "محمد",
    "ნინო",
    "ada@example.com",
    "adam",
    "line",
    "Ђорђе",
    "پژمان",
    "hello.world_1",
};

static const char *const bad[] = {
    "",         " ",        "a b",        "a\tb",     "a\nb",     "a\x7f",    "a/b",         "a'b",
    "<a>",      "a|b",      "-rf",        "--data",   "-",        ".a",       "+a",          "@a",
    "a\u00a0b", "a\u00adb", "a\u200bb",   "a\u200db", "a\u202eb", "\u3000",   "\ufeffa",     "a\u2060b",
    "a\ufe0fb", "a\u3164b", "a\u115fb",   "a\u034fb", "a\u180eb", "a\u17b4b", "a\U000e0061", "a\uffa0b",
    "a\u0301",  "e\u0308",  "ａｄｍｉｎ", "𝐚𝐝𝐦𝐢𝐧",    "ⓐdmin",    "ªdmin",    "ſystem",      "ŉ",
    "ﬁn",       "ⅷ",        "١٢",         "аdmin",    "аdmіn",    "αdmin",    "admіn",       "ɑdmin",
    "ᴀdmin",    "сосо",     "СОМЕТ",      "ΑΒΕ",      "ο",        "а1",       "Ꭺdmin",       "admın",
    "ádmin",    "ADMÏN",    "adm1n",      "admln",    "adrnin",   "r00t",     "rооt",        "Иvan",
    "Иван猫",   "猫αβγ",    "adm丨n",     "÷",        "a×b",      "\xff",     "a\xc3",       "🐱",
    "〇",       "a\u0307",  "١",          "ԁ",        "admin_",   "_ROOT_",   "a.d.m.1.n",   "support+",
};

TEST(names_that_can_be_mistaken_are_refused)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (name_fault(good[i]) != NULL)
			fail_msg("%s: %s", good[i], name_fault(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (name_fault(bad[i]) == NULL)
			fail_msg("'%s' (%d)", bad[i], (int)i);
	assert_null(name_fault("が"));
	assert_non_null(name_fault("か\u3099")); /* the same, in two pieces */
}

TEST(length_is_in_characters)
{
	char name[4 * LIMIT_USERNAME + 4] = "";
	for (int i = 0; i < LIMIT_USERNAME; i++)
		strcat(name, "𠀀");
	assert_null(name_fault(name));
	strcat(name, "a");
	assert_non_null(name_fault(name));
}

TEST(names_that_look_alike_have_one_shape)
{
	static const char *const alike[][2] = {
	    {"ada", "ADA"},   {"line", "1ine"},   {"Iine", "line"},       {"b0b", "bob"},
	    {"born", "bom"},  {"vvill", "will"},  {"zoë", "ZOE"},         {"Łukasz", "lukasz"},
	    {"Иван", "иван"}, {"Семён", "семен"}, {"Γιώργος", "γιωργοσ"}, {"カ", "力"},
	    {"ロボ", "口ボ"}, {"ヘい", "へい"},   {"a-猫", "aー猫"},      {"Nguyễn", "nguyen"},
	    {"کتاب", "كتاب"},
	};
	static const char *const apart[][2] = {
	    {"ada", "adam"}, {"user1", "user2"}, {"猫", "犬"}, {"a.b", "a_b"}};
	char one[NAME_SHAPE_SIZE], other[NAME_SHAPE_SIZE];
	for (size_t i = 0; i < sizeof(alike) / sizeof(alike[0]); i++) {
		assert_true(name_shape(alike[i][0], one));
		assert_true(name_shape(alike[i][1], other));
		assert_string_equal(one, other);
	}
	for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]); i++) {
		assert_true(name_shape(apart[i][0], one));
		assert_true(name_shape(apart[i][1], other));
		assert_string_not_equal(one, other);
	}
	assert_false(name_shape("a b", one));
	assert_false(name_shape("", one));
	assert_false(name_shape("\xff", one));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_that_can_be_mistaken_are_refused),
	    cmocka_unit_test(length_is_in_characters),
	    cmocka_unit_test(names_that_look_alike_have_one_shape),
	};
	return cmocka_run_group_tests_name("domain/account/name", tests, NULL, NULL);
}
