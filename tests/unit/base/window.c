/* Days, weeks and months in time zones: also those of 23 and of 25 hours, and those without a midnight. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/window.h"
#include "support/test.h"
#include "support/tmpdir.h"

enum { SECOND = 1000, HOUR = 60 * 60 * SECOND };

static int64_t
at(const char *text)
{
	int64_t ms;
	assert_true(clock_read_text(text, &ms));
	return ms;
}

static void
in_zone(const char *zone)
{
	assert_true(window_zone_known(zone));
	assert_true(window_zone_set(zone));
}

static void
check_day(int64_t ms, const char *expected)
{
	char text[WINDOW_DAY_SIZE];
	window_day_text(window_day(ms), text);
	assert_string_equal(text, expected);
}

/* A day with its length and its first moment; its last is a millisecond before the next one's first. */
static void
check_length(const char *zone, const char *day, const char *begins, int hours)
{
	struct window window;
	char text[CLOCK_TEXT_SIZE];
	in_zone(zone);
	window_at(WINDOW_DAY, false, at(begins), &window);
	clock_text(window.from, text);
	assert_string_equal(text, begins);
	assert_int_equal(window.until - window.from, (int64_t)hours * HOUR);
	check_day(window.from, day);
	check_day(window.until - 1, day);
	assert_int_equal(window_day(window.from - 1), window.first_day - 1);
	assert_int_equal(window_day(window.until), window.first_day + 1);
	for (int64_t ms = window.from; ms < window.until; ms += HOUR / 4)
		check_day(ms, day);
}

TEST(days_have_23_24_or_25_hours)
{
	static const struct {
		const char *zone, *day, *begins;
		int hours;
	} rows[] = {
	    {"UTC", "2026-11-30", "2026-11-30T00:00:00.000Z", 24},
	    {"Asia/Shanghai", "2026-11-30", "2026-11-29T16:00:00.000Z", 24},
	    {"Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00.000Z", 23},
	    {"Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00.000Z", 25},
	    {"America/New_York", "2026-03-08", "2026-03-08T05:00:00.000Z", 23},
	    {"America/New_York", "2026-11-01", "2026-11-01T04:00:00.000Z", 25},
	    {"Australia/Lord_Howe", "2026-10-05", "2026-10-04T13:00:00.000Z", 24},
	    {"Asia/Kathmandu", "2026-11-30", "2026-11-29T18:15:00.000Z", 24},
	    /* far beyond the table of the file: by its rule */
	    {"Europe/Berlin", "2150-03-29", "2150-03-28T23:00:00.000Z", 23},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_length(rows[i].zone, rows[i].day, rows[i].begins, rows[i].hours);
}

TEST(a_midnight_may_be_skipped_or_come_twice)
{
	/* Of years that are settled: what comes, tzdata changes (2026f that of Havana in 2026). */
	/* Clocks went from 23:59:59 to 01:00:00. */
	check_length("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00.000Z", 23);
	check_length("America/Sao_Paulo", "2018-11-03", "2018-11-03T03:00:00.000Z", 24);
	check_length("Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00.000Z", 23);
	/* … and from 23:59:59 back to 23:00:00: the day before is longer. */
	check_length("America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00:00.000Z", 25);
	check_length("Africa/Cairo", "2024-10-31", "2024-10-30T21:00:00.000Z", 25);
	/* … and from 00:59:59 back to 00:00:00: the day begins at the first of the two. */
	check_length("America/Havana", "2024-11-03", "2024-11-03T04:00:00.000Z", 25);
}

TEST(a_date_may_be_skipped)
{
	int64_t day;
	in_zone("Pacific/Apia");
	assert_true(window_day_read("2011-12-30", &day));
	assert_int_equal(window_day_begins(day), at("2011-12-30T10:00:00Z"));
	assert_int_equal(window_day_begins(day + 1), at("2011-12-30T10:00:00Z"));
	check_day(at("2011-12-30T09:59:59Z"), "2011-12-29");
	check_day(at("2011-12-30T10:00:00Z"), "2011-12-31");
}

static void
check_window(enum window_kind kind, bool sunday, const char *moment, const char *from, const char *until,
             const char *first, const char *last)
{
	struct window window;
	char text[CLOCK_TEXT_SIZE], day[WINDOW_DAY_SIZE];
	window_at(kind, sunday, at(moment), &window);
	clock_text(window.from, text);
	assert_string_equal(text, from);
	clock_text(window.until, text);
	assert_string_equal(text, until);
	window_day_text(window.first_day, day);
	assert_string_equal(day, first);
	window_day_text(window.last_day, day);
	assert_string_equal(day, last);
}

TEST(weeks_and_months)
{
	in_zone("Asia/Shanghai");
	check_window(WINDOW_WEEK, false, "2026-11-29T15:59:59.999Z", "2026-11-22T16:00:00.000Z",
	             "2026-11-29T16:00:00.000Z", "2026-11-23", "2026-11-29");
	check_window(WINDOW_WEEK, false, "2026-11-29T16:00:00Z", "2026-11-29T16:00:00.000Z",
	             "2026-12-06T16:00:00.000Z", "2026-11-30", "2026-12-06");
	check_window(WINDOW_WEEK, true, "2026-11-29T15:59:59.999Z", "2026-11-28T16:00:00.000Z",
	             "2026-12-05T16:00:00.000Z", "2026-11-29", "2026-12-05");
	check_window(WINDOW_MONTH, false, "2026-11-30T15:59:59.999Z", "2026-10-31T16:00:00.000Z",
	             "2026-11-30T16:00:00.000Z", "2026-11-01", "2026-11-30");
	check_window(WINDOW_MONTH, true, "2026-12-31T15:59:59.999Z", "2026-11-30T16:00:00.000Z",
	             "2026-12-31T16:00:00.000Z", "2026-12-01", "2026-12-31");
	in_zone("America/Sao_Paulo");
	/* A month that begins without a midnight would be one of 2018-11; so is a week. */
	check_window(WINDOW_WEEK, true, "2018-11-07T12:00:00Z", "2018-11-04T03:00:00.000Z",
	             "2018-11-11T02:00:00.000Z", "2018-11-04", "2018-11-10");
	in_zone("Europe/Berlin");
	check_window(WINDOW_MONTH, false, "2028-02-29T12:00:00Z", "2028-01-31T23:00:00.000Z",
	             "2028-02-29T23:00:00.000Z", "2028-02-01", "2028-02-29");
	check_window(WINDOW_MONTH, false, "2026-03-31T12:00:00Z", "2026-02-28T23:00:00.000Z",
	             "2026-03-31T22:00:00.000Z", "2026-03-01", "2026-03-31");
}

TEST(in_all_is_one_window)
{
	struct window window;
	in_zone("UTC");
	window_at(WINDOW_TOTAL, false, at("2026-11-30T00:00:00Z"), &window);
	assert_int_equal(window.from, 0);
	assert_int_equal(window.first_day, 0);
	assert_true(window.until == INT64_MAX && window.last_day == INT64_MAX);
	assert_string_equal(window_word(WINDOW_DAY), "day");
	assert_string_equal(window_word(WINDOW_WEEK), "week");
	assert_string_equal(window_word(WINDOW_MONTH), "month");
	assert_string_equal(window_word(WINDOW_TOTAL), "total");
}

TEST(every_day_of_two_centuries_is_the_day_after_the_one_before)
{
	static const char *const zones[] = {"UTC", "America/Sao_Paulo", "Africa/Cairo", "Pacific/Apia"};
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		in_zone(zones[i]);
		int64_t before = window_day_begins(0);
		for (int64_t day = 1; day < 73000; day++) {
			int64_t begins = window_day_begins(day), read;
			char text[WINDOW_DAY_SIZE];
			assert_true(begins - before <= 25 * HOUR || i == 3);
			assert_true(window_day(begins) >= day && window_day(begins - 1) < day);
			window_day_text(day, text);
			assert_true(window_day_read(text, &read) && read == day);
			before = begins;
		}
	}
}

TEST(days_are_read_as_they_are_written)
{
	static const char *const bad[] = {"",           "2026-11-3",  "2026-11-300", "2026-11-31",
	                                  "2026-02-29", "2026-13-01", "2026-00-01",  "2026-01-00",
	                                  "1969-12-31", "2026/11/30", " 026-11-30",  "2026-11-30 ",
	                                  "-026-11-30"};
	int64_t day = 7;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(window_day_read(bad[i], &day));
	assert_int_equal(day, 7);
	assert_true(window_day_read("1970-01-01", &day));
	assert_int_equal(day, 0);
	assert_true(window_day_read("9999-12-31", &day));
	assert_int_equal(day, 2932896);
}

TEST(times_are_those_of_the_zone)
{
	char text[WINDOW_TIME_SIZE];
	in_zone("Asia/Shanghai");
	window_time_text(at("2026-11-30T15:59:59.999Z"), text);
	assert_string_equal(text, "2026-11-30 23:59:59");
	in_zone("America/Sao_Paulo");
	window_time_text(at("2018-11-04T03:00:00Z"), text);
	assert_string_equal(text, "2018-11-04 01:00:00");
}

TEST(what_is_no_zone_is_not_known)
{
	static const char *const bad[] = {
	    "",          "Mars/Olympus", "utc ",          "../zoneinfo/UTC", "/etc/localtime",
	    "Europe",    "tzdata.zi",    "zone.tab",      "right/UTC",       "posix/UTC",
	    "localtime", "posixrules",   "Europe/../UTC", ":Europe/Berlin",  "CET-1CEST,M3.5.0,M10.5.0/3"};
	char *dir = tmpdir_make(), path[256];
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(window_zone_known(bad[i]));
	/* A machine without tzdata knows UTC, and a name that hangs is none. */
	setenv("TZDIR", dir, 1);
	assert_true(window_zone_known("UTC"));
	assert_false(window_zone_known("Europe"));
	snprintf(path, sizeof(path), "%s/Europe", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_false(window_zone_known("Europe"));
	unsetenv("TZDIR");
	tmpdir_remove(dir);
}

static void *
ask(void *cookie)
{
	const struct window *expected = cookie;
	for (int i = 0; i < 20000; i++) {
		struct window window;
		window_at(WINDOW_MONTH, false, expected->from + i, &window);
		if (memcmp(&window, expected, sizeof(window)) != 0)
			return cookie;
	}
	return NULL;
}

TEST(threads_may_ask_at_the_same_time)
{
	pthread_t threads[4];
	struct window window;
	in_zone("America/New_York");
	window_at(WINDOW_MONTH, false, at("2026-11-30T00:00:00Z"), &window);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask, &window), 0);
	for (int i = 0; i < 4; i++) {
		void *wrong;
		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(days_have_23_24_or_25_hours),
	    cmocka_unit_test(a_midnight_may_be_skipped_or_come_twice),
	    cmocka_unit_test(a_date_may_be_skipped),
	    cmocka_unit_test(weeks_and_months),
	    cmocka_unit_test(in_all_is_one_window),
	    cmocka_unit_test(every_day_of_two_centuries_is_the_day_after_the_one_before),
	    cmocka_unit_test(days_are_read_as_they_are_written),
	    cmocka_unit_test(times_are_those_of_the_zone),
	    cmocka_unit_test(what_is_no_zone_is_not_known),
	    cmocka_unit_test(threads_may_ask_at_the_same_time),
	};
	return cmocka_run_group_tests_name("base/window", tests, NULL, NULL);
}
