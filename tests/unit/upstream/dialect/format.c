/* Sizes and ratios as upstreams want them. */
#include <string.h>

#include "base/arena.h"
#include "model/task.h"
#include "upstream/dialect/format.h"
#include "support/test.h"

TEST(a_size_has_many_words)
{
	static const struct {
		const char *size, *star, *resolution, *ratio;
	} rows[] = {
	    {"1280x720", "1280*720", "720p", "16:9"},
	    {"720x1280", "720*1280", "720p", "9:16"},
	    {"832x480", "832*480", "480p", "16:9"},
	    {"1792x1024", "1792*1024", "1080p", "16:9"},
	    {"1920x1080", "1920*1080", "1080p", "16:9"},
	    {"1024x1024", "1024*1024", "1080p", "1:1"},
	    {"3840x2160", "3840*2160", "2160p", "16:9"},
	    {"1000x500", "1000*500", "720p", "2:1"},
	    {"2000x1200", "2000*1200", "1440p", "5:3"},
	    {"large", NULL, NULL, NULL},
	    {"1280x720x", NULL, NULL, NULL},
	    {"0x720", NULL, NULL, NULL},
	    {"9999999x1", NULL, NULL, NULL},
	    {NULL, NULL, NULL, NULL},
	};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct task task = {.size = rows[i].size};
		const char *got[] = {format_size(arena, &task, TYPE_STAR),
		                     format_resolution(arena, &task, TYPE_PLAIN),
		                     format_aspect_ratio(arena, &task, TYPE_FROM_SIZE)};
		const char *const wanted[] = {rows[i].star, rows[i].resolution, rows[i].ratio};
		for (int k = 0; k < 3; k++)
			if ((got[k] == NULL) != (wanted[k] == NULL) ||
			    (got[k] != NULL && strcmp(got[k], wanted[k]) != 0))
				fail_msg("%s: %s", rows[i].size, got[k] ? got[k] : "-");
		assert_ptr_equal(format_size(arena, &task, TYPE_PLAIN), task.size);
		assert_null(format_aspect_ratio(arena, &task, TYPE_PLAIN));
	}
	arena_free(arena);
}

TEST(what_the_client_says_goes_first)
{
	const struct task task = {.size = "1280x720", .aspect_ratio = "1:1"};
	assert_string_equal(format_aspect_ratio(NULL, &task, TYPE_FROM_SIZE), "1:1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_size_has_many_words),
	    cmocka_unit_test(what_the_client_says_goes_first),
	};
	return cmocka_run_group_tests_name("upstream/wording", tests, NULL, NULL);
}
