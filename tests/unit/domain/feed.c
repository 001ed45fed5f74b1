/* Cursors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "domain/feed.h"

static void
a_cursor_comes_back_as_it_was(void **state)
{
	(void)state;
	const int64_t revs[] = {0, 1, 9, 10, 123456789, INT64_MAX};
	char cursor[FEED_CURSOR_SIZE], epoch[IDS_SHORT_SIZE];
	ids_short(epoch);
	for (size_t i = 0; i < sizeof(revs) / sizeof(revs[0]); i++) {
		int64_t rev = -1;
		feed_cursor_text(epoch, revs[i], cursor);
		assert_int_equal(feed_cursor_parse(cursor, epoch, INT64_MAX, &rev), ERR_OK);
		assert_int_equal(rev, revs[i]);
		assert_int_equal(feed_cursor_parse(cursor, epoch, revs[i], &rev), ERR_OK);
	}
}

static void
the_longest_cursor_has_room(void **state)
{
	(void)state;
	char cursor[FEED_CURSOR_SIZE];
	char epoch[IDS_SHORT_SIZE];
	memset(epoch, 'z', sizeof(epoch) - 1);
	epoch[sizeof(epoch) - 1] = '\0';
	int64_t rev = 0;
	feed_cursor_text(epoch, INT64_MAX, cursor);
	assert_int_equal(feed_cursor_parse(cursor, epoch, INT64_MAX, &rev), ERR_OK);
	assert_int_equal(rev, INT64_MAX);
}

static void
zero_is_the_beginning_of_any_database(void **state)
{
	(void)state;
	int64_t rev = -1;
	assert_int_equal(feed_cursor_parse("0", "abc", 5, &rev), ERR_OK);
	assert_int_equal(rev, 0);
}

static void
a_cursor_of_another_database_is_gone(void **state)
{
	(void)state;
	const char *const gone[] = {"abd-3", "ab-3", "abcd-3", "abc-6", "zzz-9223372036854775807"};
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
		int64_t rev = -1;
		assert_int_equal(feed_cursor_parse(gone[i], "abc", 5, &rev), ERR_CURSOR_GONE);
		assert_int_equal(rev, -1);
	}
}

static void
anything_else_is_no_cursor(void **state)
{
	(void)state;
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
	                           "abc-3x",
	                           "ABC-3",
	                           "a c-3",
	                           "abc-9223372036854775808",
	                           "abc-99999999999999999999999999",
	                           "\xc3\xa9-3",
	                           "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-3"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int64_t rev = -1;
		assert_int_equal(feed_cursor_parse(bad[i], "abc", 5, &rev), ERR_BAD_CURSOR);
		assert_int_equal(rev, -1);
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
	return cmocka_run_group_tests_name("domain/feed", tests, NULL, NULL);
}
