/* The profiles that stand as examples in conf/dialects/README.md are profiles. */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "upstream/dialect/dialect.h"
#include "support/test.h"

#define BEGIN "\n```json\n"
#define END   "\n```"

TEST(the_examples_are_profiles)
{
	struct buf text;
	size_t count = 0;
	buf_init(&text, LIMIT_ANSWER);
	assert_int_equal(file_read("conf/dialects/README.md", &text), ERR_OK);
	for (const char *p = buf_str(&text); (p = strstr(p, BEGIN)) != NULL; p = strstr(p, END)) {
		char why[512] = "";
		p += strlen(BEGIN);
		const char *end = strstr(p, END), *submit = strstr(p, "\"submit\"");
		assert_non_null(end);
		if (submit == NULL || submit > end)
			continue; /* a piece of one */
		struct dialect *dialect = dialect_parse("example", p, (size_t)(end - p), why, sizeof(why));
		if (!dialect)
			fail_msg("%s in %.200s", why, p);
		dialect_free(dialect);
		count++;
	}
	assert_true(count >= 2);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_examples_are_profiles)};
	return cmocka_run_group_tests_name("upstream/readme", tests, NULL, NULL);
}
