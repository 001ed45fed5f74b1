/* Sizes, and their classes by the shorter side. */

#include "base/size.h"
#include "support/test.h"

TEST(a_size_has_its_class)
{
	static const struct {
		const char *size;
		int lines, class;
	} rows[] = {
	    {"832x480", 480, 480},     {"1280x720", 720, 720},
	    {"720x1280", 720, 720},    {"1792x1024", 1024, 1080},
	    {"1920x1080", 1080, 1080}, {"2560x1440", 1440, 1440},
	    {"1441x5000", 1441, 2160}, {"3840x2160", 2160, 2160},
	    {"5000x5000", 5000, 5000}, {"1x1", 1, 480},
	    {"720p", 0, 480},          {"1280x720x", 0, 480},
	    {"0x720", 0, 480},         {NULL, 0, 480},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(size_lines(rows[i].size), rows[i].lines);
		assert_int_equal(size_class(rows[i].lines), rows[i].class);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_size_has_its_class),
	};
	return cmocka_run_group_tests_name("base/size", tests, NULL, NULL);
}
