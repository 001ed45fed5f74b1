/* What a task remembers of the channels that turned it away. */

#include <stddef.h>

#include "base/arena.h"
#include "domain/channel/turned_away.h"
#include "support/test.h"

TEST(a_channel_is_known_by_its_whole_name_and_its_reason)
{
	static const struct {
		const char *list;
		enum turned_away why;
		const char *channel;
		bool there;
	} rows[] = {
	    {NULL, TURNED_AWAY_ACCOUNT, "one", false},
	    {"account/one", TURNED_AWAY_ACCOUNT, "one", true},
	    {"account/one", TURNED_AWAY_MODEL, "one", false},
	    {"account/one", TURNED_AWAY_ACCOUNT, "on", false},
	    {"account/one", TURNED_AWAY_ACCOUNT, "one2", false},
	    {"account/two model/one", TURNED_AWAY_ACCOUNT, "one", false},
	    {"account/two model/one", TURNED_AWAY_MODEL, "one", true},
	    {"account/two model/one", TURNED_AWAY_ACCOUNT, "two", true},
	    {"account/model model/account", TURNED_AWAY_MODEL, "model", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (turned_away_by(rows[i].list, rows[i].why, rows[i].channel) != rows[i].there)
			fail_msg("row %zu", i);
}

TEST(each_is_in_the_list_once)
{
	struct arena *arena = arena_new();
	const char *list = turned_away_add(arena, NULL, TURNED_AWAY_MODEL, "one");
	list = turned_away_add(arena, list, TURNED_AWAY_ACCOUNT, "two");
	list = turned_away_add(arena, list, TURNED_AWAY_ACCOUNT, "one");
	list = turned_away_add(arena, list, TURNED_AWAY_ACCOUNT, "two");
	assert_string_equal(list, "model/one account/two account/one");
	arena_free(arena);
}

TEST(a_reason_can_be_forgotten)
{
	struct arena *arena = arena_new();
	assert_string_equal(turned_away_without(arena, NULL, TURNED_AWAY_LATER), "");
	assert_string_equal(turned_away_without(arena, "later/a", TURNED_AWAY_LATER), "");
	assert_string_equal(
	    turned_away_without(arena, "later/a model/later later/b account/b", TURNED_AWAY_LATER),
	    "model/later account/b");
	assert_string_equal(turned_away_add(arena, "", TURNED_AWAY_LATER, "a"), "later/a");
	arena_free(arena);
}

/* Each channel's own wait, in the list until it is over. */
TEST(a_wait_that_was_asked_for_is_remembered)
{
	struct arena *arena = arena_new();
	const char *list = turned_away_add_until(arena, NULL, "a", 1000, 5000);
	assert_string_equal(list, "until/a/1000/5000");
	list = turned_away_add(arena, list, TURNED_AWAY_LATER, "a");
	list = turned_away_add_until(arena, list, "ab", 1500, 3000);
	list = turned_away_add_until(arena, list, "a", 2000, 2500); /* a shorter one changes nothing */
	assert_int_equal(turned_away_until(list, "a", 2000), 5000);
	assert_int_equal(turned_away_until(list, "a", 4999), 5000);
	assert_int_equal(turned_away_until(list, "a", 5000), 0);
	assert_int_equal(turned_away_until(list, "ab", 2000), 3000);
	assert_int_equal(turned_away_until(list, "b", 2000), 0);
	assert_int_equal(turned_away_until(NULL, "a", 2000), 0);
	assert_int_equal(turned_away_until(list, "a", 10), 0); /* the clock was set back */
	assert_true(turned_away_by(list, TURNED_AWAY_LATER, "a"));
	list = turned_away_without(arena, list, TURNED_AWAY_LATER);
	assert_int_equal(turned_away_until(list, "a", 2000), 5000);
	assert_string_equal(turned_away_add_until(arena, list, "c", 2500, 7000),
	                    "until/c/2500/7000 until/a/2000/5000 until/ab/1500/3000");
	assert_string_equal(turned_away_from(arena, list, 4999), "until/a/2000/5000");
	assert_string_equal(turned_away_from(arena, "model/b until/a/2000/5000", 5000), "model/b");
	assert_string_equal(turned_away_from(arena, NULL, 5000), "");
	static const char *const broken[] = {"until/",    "until/a",    "until/a/",
	                                     "until/a/1", "until/a/1/", "until/a/x/9"};
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		assert_int_equal(turned_away_until(broken[i], "a", 5), 0);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_channel_is_known_by_its_whole_name_and_its_reason),
	    cmocka_unit_test(each_is_in_the_list_once),
	    cmocka_unit_test(a_reason_can_be_forgotten),
	    cmocka_unit_test(a_wait_that_was_asked_for_is_remembered),
	};
	return cmocka_run_group_tests_name("domain/channel/turned_away", tests, NULL, NULL);
}
