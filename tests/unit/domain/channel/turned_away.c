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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_channel_is_known_by_its_whole_name_and_its_reason),
	    cmocka_unit_test(each_is_in_the_list_once),
	    cmocka_unit_test(a_reason_can_be_forgotten),
	};
	return cmocka_run_group_tests_name("domain/channel/turned_away", tests, NULL, NULL);
}
