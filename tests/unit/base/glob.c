/* Which names a list of patterns holds. */
#include "base/glob.h"

#include <stdlib.h>
#include <string.h>

#include "support/test.h"

TEST(stars_stand_for_any_characters)
{
	static const struct {
		const char *list, *text;
		bool listed;
	} rows[] = {
	    {"wan2.6", "wan2.6", true},
	    {"wan2.6", "wan2.65", false},
	    {"wan2.6", "wan2", false},
	    {"wan*", "wan2.6-t2v", true},
	    {"wan*", "wan", true},
	    {"wan*", "Wan2.6", false},
	    {"wan*", "swan", false},
	    {"*-t2v", "wan2.6-t2v", true},
	    {"*-t2v", "wan2.6-t2v-x", false},
	    {"a*b*c", "aXbYbZc", true},
	    {"a*b*c", "aXcYb", false},
	    {"*", "", true},
	    {"**", "x", true},
	    {"", "", false},
	    {"", "x", false},
	    {"  ", "", false},
	    {"sora wan*,kling", "kling", true},
	    {"sora wan*,kling", "wan", true},
	    {"sora, kling", "sora", true},
	    {"sora kling", "sora kling", false},
	    {"wan?", "wan2", false},
	    {"[a-z]*", "b", false},
	    {"a*a", "a", false},
	    {"*a*a*", "banan", true},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (glob_listed(rows[i].list, rows[i].text) != rows[i].listed)
			fail_msg("%s in %s", rows[i].text, rows[i].list);
}

TEST(many_stars_take_no_time)
{
	enum { LENGTH = 20000 };
	char *text = malloc(LENGTH + 1);
	assert_non_null(text);
	memset(text, 'a', LENGTH);
	text[LENGTH] = '\0';
	assert_false(glob_listed("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", text));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stars_stand_for_any_characters),
	    cmocka_unit_test(many_stars_take_no_time),
	};
	return cmocka_run_group_tests_name("base/glob", tests, NULL, NULL);
}
