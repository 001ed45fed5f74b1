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

TEST(test_texts_are_read)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
	    {"2025-11-28T00:56:42.480Z", 1764291402480},
	    {"2025-11-28t00:56:42.4807z", 1764291402480},
	    {"2025-11-28 00:56:42", 1764291402000},
	    {"2025-11-28T00:56", 1764291360000},
	    {"2025-11-28T08:56:42,48+08:00", 1764291402480},
	    {"2025-11-27T20:26:42.48-0430", 1764291402480},
	    {"2024-02-29T00:00:00Z", 1709164800000},
	    {"0001-01-01T00:00:00Z", -62135596800000},
	    {"9999-12-31T23:59:59.999Z", 253402300799999},
	    {"2016-12-31T23:59:60Z", 1483228800000}, /* a leap second */
	};
	static const char *const wrong[] = {
	    "",
	    "2025",
	    "2025-11-28",
	    "2025-13-01T00:00:00Z",
	    "2025-00-01T00:00:00Z",
	    "2025-11-32T00:00:00Z",
	    "2025-11-28T24:00:00Z",
	    "2025-11-28T00:60:00Z",
	    "2025-11-28T00:00:61Z",
	    "2025-11-28T00:00:00.Z",
	    "2025-11-28T00:00:00Zx",
	    "2025-11-28T00:00:00+8",
	    "2025-11-28T00:00:00+24:00",
	    "2025-11-28T0x:00:00Z",
	    "0000-11-28T00:00:00Z",
	    "Fri, 28 Nov 2025 00:56:42 GMT",
	    " 2025-11-28T00:00:00Z",
	};
	int64_t ms = 7;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (clock_read_text(wrong[i], &ms))
			fail_msg("%s", wrong[i]);
	assert_int_equal(ms, 7);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!clock_read_text(rows[i].text, &ms))
			fail_msg("%s", rows[i].text);
		assert_int_equal(ms, rows[i].ms);
	}
}

/* Each day is read as it is written. */
TEST(test_every_day_is_read)
{
	char text[CLOCK_TEXT_SIZE];
	for (int64_t day = -719162, ms; day < 2932896; day++) {
		clock_text(day * 86400000 + 45296007, text);
		assert_true(clock_read_text(text, &ms));
		assert_int_equal(ms, day * 86400000 + 45296007);
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
	    cmocka_unit_test(test_text),           cmocka_unit_test(test_every_day),
	    cmocka_unit_test(test_texts_are_read), cmocka_unit_test(test_every_day_is_read),
	    cmocka_unit_test(test_clocks_run),
	};

	return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}
