/* Times as text, at both ends of what a client may see. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "support/test.h"

TEST(test_text)
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

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		clock_text(rows[i].ms, text);
		assert_string_equal(text, rows[i].text);
		clock_http_text(rows[i].ms, text);
		assert_string_equal(text, rows[i].http);
	}
}

/* Each day of the four-digit years is the one that the C library makes of it. */
TEST(test_every_day)
{
	char text[CLOCK_TEXT_SIZE], expected[64];
	struct tm tm;

	for (time_t second = -62167219200 + 45296; second < 253402300800; second += 86400) {
		gmtime_r(&second, &tm);
		clock_text((int64_t)second * 1000 + 7, text);
		snprintf(expected, sizeof expected, "%04d-%02d-%02dT12:34:56.007Z", tm.tm_year + 1900,
		         tm.tm_mon + 1, tm.tm_mday);
		assert_string_equal(text, expected);
		clock_http_text((int64_t)second * 1000, text);
		strftime(expected, sizeof expected, "%a, %d %b", &tm);
		assert_memory_equal(text, expected, strlen(expected));
	}
}

TEST(test_clocks_run)
{
	struct timespec now; /* time() lags behind by up to a tick of the kernel */
	int64_t wall = clock_wall_ms(), mono = clock_mono_ms();

	clock_gettime(CLOCK_REALTIME, &now);
	assert_true(wall / 1000 <= now.tv_sec && wall / 1000 >= now.tv_sec - 10);
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
	    cmocka_unit_test(test_every_day),
	    cmocka_unit_test(test_clocks_run),
	};

	return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}
