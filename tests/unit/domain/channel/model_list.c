/* Lists of models, and what the upstream is told. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "domain/channel/model_list.h"
#include "support/test.h"

TEST(a_list_is_read)
{
	char why[200];
	struct model_list models;
	struct arena *arena = arena_new();
	assert_true(model_list_read(arena, " sora-2=openai/sora-2,wan:2.6\tveo ", &models, why, sizeof(why)));
	assert_int_equal(models.count, 3);
	const struct channel channel = {.models = models.list, .model_count = models.count};
	assert_string_equal(channel_their_model(&channel, "sora-2"), "openai/sora-2");
	assert_string_equal(channel_their_model(&channel, "wan:2.6"), "wan:2.6");
	assert_string_equal(channel_their_model(&channel, "other"), "other");
	assert_string_equal(channel_their_model(&channel, NULL), "openai/sora-2");
	assert_true(model_list_read(arena, "", &models, why, sizeof(why)));
	const struct channel any = {.models = models.list, .model_count = models.count};
	assert_null(channel_their_model(&any, NULL));
	assert_string_equal(channel_their_model(&any, "m"), "m");
	arena_free(arena);
}

TEST(what_is_wrong_is_said)
{
	char why[200], many[LIMIT_MODELS * 5 + 6] = "", long_name[LIMIT_WORD + 2];
	struct model_list models;
	struct arena *arena = arena_new();
	memset(long_name, 'x', sizeof(long_name));
	long_name[LIMIT_WORD + 1] = '\0';
	const char *const bad[] = {"=a", "a=", "a b=", "a,a=b", "a\x7f", "\xff", long_name};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why[0] = '\0';
		if (model_list_read(arena, bad[i], &models, why, sizeof(why)) || why[0] == '\0')
			fail_msg("%s", bad[i]);
	}
	for (int i = 0; i <= LIMIT_MODELS; i++) {
		char name[16];
		snprintf(name, sizeof(name), "m%03d ", i);
		memcpy(many + 5 * i, name, 6);
	}
	assert_false(model_list_read(arena, many, &models, why, sizeof(why)));
	assert_non_null(strstr(why, "more than"));
	many[5 * LIMIT_MODELS] = '\0';
	assert_true(model_list_read(arena, many, &models, why, sizeof(why)));
	arena_free(arena);
}

TEST(names_are_read)
{
	char why[200], many[LIMIT_MODELS * 2 + 3];
	const char *const *names;
	struct arena *arena = arena_new();
	assert_true(name_list_read(arena, "", &names, why, sizeof(why)));
	assert_null(names[0]);
	assert_true(name_list_read(arena, " a, b.c\t=,,a", &names, why, sizeof(why)));
	assert_string_equal(names[0], "a");
	assert_string_equal(names[1], "b.c");
	assert_string_equal(names[2], "=");
	assert_string_equal(names[3], "a");
	assert_null(names[4]);
	assert_false(name_list_read(arena, "a \x7f", &names, why, sizeof(why)));
	assert_non_null(strstr(why, "cannot be a name"));
	for (size_t i = 0; i + 1 < sizeof(many); i++)
		many[i] = i % 2 ? ',' : 'a';
	many[sizeof(many) - 1] = '\0';
	assert_false(name_list_read(arena, many, &names, why, sizeof(why)));
	assert_string_equal(why, "there are more than 200 names");
	many[sizeof(many) - 3] = '\0';
	assert_true(name_list_read(arena, many, &names, why, sizeof(why)));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_list_is_read),
	    cmocka_unit_test(what_is_wrong_is_said),
	    cmocka_unit_test(names_are_read),
	};
	return cmocka_run_group_tests_name("domain/channel/model_list", tests, NULL, NULL);
}
