/* Times as text, at both ends of what a client may see. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "base/clock.h"

static void
test_text(void **state)
{
	static const struct {
		int64_t ms;
		const char *text, *http;
	} rows[] = {
	    {1764291402480, "2025-11-28T00:56:42.480Z", "Fri, 28 Nov 2025 00:56:42 GMT"},
	    {0, "1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 GMT"},
	    {-1, "1969-12-31T23:59:59.999Z", "Wed, 31 Dec 1969 23:59:59 GMT"},
	    {1709164800000, "2024-02-29T00:00:00.000Z", "Thu, 29 Feb 2024 00:00:00 GMT"},
	    {INT64_MAX, "9999-12-31T23:59:59.999Z", "Fri, 31 Dec 9999 23:59:59 GMT"},
	    {INT64_MIN, "0000-01-01T00:00:00.000Z", "Sat, 01 Jan 0000 00:00:00 GMT"},
	};
	char text[CLOCK_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		clock_text(rows[i].ms, text);
		assert_string_equal(text, rows[i].text);
		clock_http_text(rows[i].ms, text);
		assert_string_equal(text, rows[i].http);
	}
}

static void
test_clocks_run(void **state)
{
	int64_t wall = clock_wall_ms(), mono = clock_mono_ms();
	int64_t seconds = (int64_t)time(NULL);

	(void)state;
	assert_true(wall / 1000 <= seconds && wall / 1000 >= seconds - 10);
	for (int i = 0; i < 1000; i++) {
		int64_t next = clock_mono_ms();

		assert_true(next >= mono);
		mono = next;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_clocks_run),
	};

	return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}
