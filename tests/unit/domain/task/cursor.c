/* Cursors. */

#include <string.h>

#include "domain/task/cursor.h"
#include "support/test.h"

TEST(a_cursor_comes_back_as_it_was)
{
	const int64_t revs[] = {0, 1, 9, 10, 123456789, INT64_MAX};
	char cursor[FEED_CURSOR_SIZE], epoch[IDS_SHORT_SIZE];
	ids_short(epoch);
	for (size_t i = 0; i < sizeof(revs) / sizeof(revs[0]); i++) {
		for (size_t j = i; j < sizeof(revs) / sizeof(revs[0]); j++) {
			struct feed_place place = {-1, -1};
			feed_cursor_text(epoch, (struct feed_place){revs[i], revs[j], j == i ? 0 : 7},
			                 cursor);
			assert_int_equal(feed_cursor_parse(cursor, epoch, INT64_MAX, &place), ERR_OK);
			assert_int_equal(place.all, revs[i]);
			assert_int_equal(place.one, revs[j]);
			assert_int_equal(place.id, j == i ? 0 : 7);
			assert_int_equal(feed_cursor_parse(cursor, epoch, revs[j], &place), ERR_OK);
		}
	}
}

TEST(the_longest_cursor_has_room)
{
	char cursor[FEED_CURSOR_SIZE];
	char epoch[IDS_SHORT_SIZE];
	memset(epoch, 'z', sizeof(epoch) - 1);
	epoch[sizeof(epoch) - 1] = '\0';
	struct feed_place place = {0};
	feed_cursor_text(epoch, (struct feed_place){INT64_MAX - 1, INT64_MAX, INT64_MAX}, cursor);
	assert_int_equal(feed_cursor_parse(cursor, epoch, INT64_MAX, &place), ERR_OK);
	assert_int_equal(place.one, INT64_MAX);
}

TEST(zero_is_the_beginning_of_any_database)
{
	struct feed_place place = {-1, -1};
	assert_int_equal(feed_cursor_parse("0", "abc", 5, &place), ERR_OK);
	assert_int_equal(place.all, 0);
	assert_int_equal(place.one, 0);
}

TEST(a_cursor_of_another_database_is_gone)
{
	const char *const gone[] = {"abd-3", "ab-3",      "abcd-3",
	                            "abc-6", "abc-3-6-1", "zzz-9223372036854775807"};
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
		struct feed_place place = {-1, -1};
		assert_int_equal(feed_cursor_parse(gone[i], "abc", 5, &place), ERR_CURSOR_GONE);
		assert_int_equal(place.all, -1);
	}
}

TEST(anything_else_is_no_cursor)
{
	const char *const bad[] = {"",
	                           "00",
	                           "1",
	                           "-",
	                           "abc",
	                           "abc-",
	                           "-3",
	                           "abc--3",
	                           "abc-+3",
	                           "abc- 3",
	                           "abc-3 ",
	                           "abc-03",
	                           "abc-3-",
	                           "abc-3-3-1",
	                           "abc-3-2-1",
	                           "abc-3-4",
	                           "abc-3-4-0",
	                           "abc-3-4-5-6",
	                           "abc-3x",
	                           "ABC-3",
	                           "a c-3",
	                           "abc-9223372036854775808",
	                           "abc-99999999999999999999999999",
	                           "\xc3\xa9-3",
	                           "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-3"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct feed_place place = {-1, -1};
		assert_int_equal(feed_cursor_parse(bad[i], "abc", 5, &place), ERR_BAD_CURSOR);
		assert_int_equal(place.all, -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_cursor_comes_back_as_it_was),
	    cmocka_unit_test(the_longest_cursor_has_room),
	    cmocka_unit_test(zero_is_the_beginning_of_any_database),
	    cmocka_unit_test(a_cursor_of_another_database_is_gone),
	    cmocka_unit_test(anything_else_is_no_cursor),
	};
	return cmocka_run_group_tests_name("domain/task/cursor", tests, NULL, NULL);
}
