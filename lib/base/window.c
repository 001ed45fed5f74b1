/* Windows of time: see window.h. The zone is the C library's, which reads tzdata once and has its rules for
 * the years to come. Its functions only read after tzset(), under a lock. */
#include "base/window.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ZONE_SIZE = 64, PATH_SIZE = 512, SECOND_MS = 1000, DAY_S = 24 * 60 * 60, WEEK = 7 };

/* 1970-01-01 was a Thursday. */
enum { MONDAY_OFFSET = 3, SUNDAY_OFFSET = 4 };

/* ---- the zone ---- */

static bool
is_utc(const char *zone)
{
	return strcmp(zone, "UTC") == 0;
}

/* A name of the database, which may not lead out of its directory. Those below "right/" count leap seconds,
 * which our clocks do not. */
static bool
is_name(const char *zone)
{
	static const char characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
	size_t len = strlen(zone);
	/* What begins otherwise is none of IANA's: localtime, posixrules, and right/…, which has leap
	 * seconds. */
	bool begins = zone[0] >= 'A' && zone[0] <= 'Z';
	return begins && len < ZONE_SIZE && strspn(zone, characters) == len;
}

/* True where the file is one of compiled zones (RFC 8536, section 3.1). */
static bool
is_compiled(const char *path)
{
	char magic[4] = "";
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	bool is = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	          read(fd, magic, sizeof(magic)) == (ssize_t)sizeof(magic) &&
	          memcmp(magic, "TZif", sizeof(magic)) == 0;
	close(fd);
	return is;
}

bool
window_zone_known(const char *zone)
{
	char path[PATH_SIZE];
	const char *dir = getenv("TZDIR"); /* as the C library looks */
	if (is_utc(zone))
		return true;
	if (!is_name(zone))
		return false;
	int len = snprintf(path, sizeof(path), "%s/%s",
	                   dir != NULL && *dir != '\0' ? dir : "/usr/share/zoneinfo", zone);
	return len < (int)sizeof(path) && is_compiled(path);
}

bool
window_zone_set(const char *zone)
{
	char value[ZONE_SIZE + 1];
	/* The colon says that it is a file, whatever its name looks like; UTC needs none. */
	snprintf(value, sizeof(value), "%s%s", is_utc(zone) ? "" : ":", is_utc(zone) ? "UTC0" : zone);
	if (setenv("TZ", value, 1) != 0)
		return false;
	tzset();
	return true;
}

/* ---- the calendar (proleptic Gregorian; by eras of 400 years, each beginning in March) ---- */

enum { ERA_YEARS = 400, ERA_DAYS = 146097, ERA_OFFSET = 719468 /* days from 0000-03-01 to 1970-01-01 */ };

static int64_t
day_of_date(int64_t year, int month, int mday)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - (ERA_YEARS - 1)) / ERA_YEARS,
	        of_era = year - era * ERA_YEARS;
	int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + mday - 1;
	return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - ERA_OFFSET;
}

static void
date_of_day(int64_t day, int64_t *ret_year, int *ret_month, int *ret_mday)
{
	day += ERA_OFFSET;
	int64_t era = (day >= 0 ? day : day - (ERA_DAYS - 1)) / ERA_DAYS, of_era = day - era * ERA_DAYS;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153; /* March is 0 */
	*ret_mday = (int)(of_year - (153 * month + 2) / 5 + 1);
	*ret_month = (int)(month < 10 ? month + 3 : month - 9);
	*ret_year = era * ERA_YEARS + year + (*ret_month <= 2);
}

/* The remainder that is never negative. */
static int64_t
modulo(int64_t number, int64_t by)
{
	int64_t rest = number % by;
	return rest < 0 ? rest + by : rest;
}

/* ---- days ---- */

/* The day at a moment in seconds. */
static int64_t
day_at(int64_t seconds)
{
	struct tm tm;
	time_t moment = (time_t)seconds;
	if (localtime_r(&moment, &tm) == NULL) /* a year beyond int: the clock is broken, not the zone */
		return (seconds - modulo(seconds, DAY_S)) / DAY_S;
	return day_of_date((int64_t)tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

int64_t
window_day(int64_t wall_ms)
{
	return day_at((wall_ms - modulo(wall_ms, SECOND_MS)) / SECOND_MS);
}

/* Finds the first moment of the day by halving: wherever a midnight is doubled or skipped. Zones are within a
 * day of UTC. */
static int64_t
search_begin(int64_t day)
{
	int64_t before = (day - 2) * DAY_S, after = (day + 2) * DAY_S;
	while (after - before > 1) {
		int64_t middle = before + (after - before) / 2;
		if (day_at(middle) >= day)
			after = middle;
		else
			before = middle;
	}
	return after;
}

int64_t
window_day_begins(int64_t day)
{
	int64_t year;
	struct tm tm = {.tm_isdst = -1};
	date_of_day(day, &year, &tm.tm_mon, &tm.tm_mday);
	tm.tm_year = (int)(year - 1900);
	tm.tm_mon--;
	int64_t begins = (int64_t)mktime(&tm); /* -1 for a failure is checked as any other */
	if (day_at(begins) < day || day_at(begins - 1) >= day)
		begins = search_begin(day);
	return begins * SECOND_MS;
}

/* ---- windows ---- */

static void
month_of(int64_t day, int64_t *ret_first, int64_t *ret_last)
{
	int64_t year;
	int month, mday;
	date_of_day(day, &year, &month, &mday);
	*ret_first = day - mday + 1;
	*ret_last = day_of_date(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1) - 1;
}

void
window_of_day(enum window_kind kind, bool sunday, int64_t day, struct window *ret_window)
{
	struct window window = {.first_day = day, .last_day = day};
	if (kind == WINDOW_WEEK) {
		window.first_day = day - modulo(day + (sunday ? SUNDAY_OFFSET : MONDAY_OFFSET), WEEK);
		window.last_day = window.first_day + WEEK - 1;
	} else if (kind == WINDOW_MONTH) {
		month_of(day, &window.first_day, &window.last_day);
	} else if (kind != WINDOW_DAY) {
		window.first_day = 0;
		window.last_day = INT64_MAX;
	}
	*ret_window = window;
}

void
window_at(enum window_kind kind, bool sunday, int64_t wall_ms, struct window *ret_window)
{
	struct window window;
	window_of_day(kind, sunday, window_day(wall_ms), &window);
	bool ends = window.last_day < INT64_MAX;
	window.from = ends ? window_day_begins(window.first_day) : 0;
	window.until = ends ? window_day_begins(window.last_day + 1) : INT64_MAX;
	*ret_window = window;
}

const char *
window_word(enum window_kind kind)
{
	static const char *const words[WINDOW__MAX] = {"day", "week", "month", "total"};
	return words[kind];
}

void
window_day_text(int64_t day, char ret_text[WINDOW_DAY_SIZE])
{
	int64_t year;
	int month, mday;
	date_of_day(day, &year, &month, &mday);
	snprintf(ret_text, WINDOW_DAY_SIZE, "%04d-%02d-%02d", (int)year, month, mday);
}

void
window_time_text(int64_t wall_ms, char ret_text[WINDOW_TIME_SIZE])
{
	struct tm tm;
	time_t moment = (time_t)((wall_ms - modulo(wall_ms, SECOND_MS)) / SECOND_MS);
	ret_text[0] = '\0';
	if (localtime_r(&moment, &tm) != NULL &&
	    strftime(ret_text, WINDOW_TIME_SIZE, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		ret_text[0] = '\0';
}

bool
window_day_read(const char *text, int64_t *ret_day)
{
	static const char form[] = "0000-00-00";
	int numbers[3] = {0}, at = 0;
	for (size_t i = 0; i < sizeof(form) - 1; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';
		if (form[i] == '0' ? !digit : text[i] != '-')
			return false;
		if (digit)
			numbers[at] = numbers[at] * 10 + (text[i] - '0');
		else
			at++;
	}
	if (text[sizeof(form) - 1] != '\0' || numbers[0] < 1970)
		return false;
	int64_t year, day = day_of_date(numbers[0], numbers[1], numbers[2]);
	int month, mday;
	date_of_day(day, &year, &month, &mday); /* 2026-02-30 would come back as 2026-03-02 */
	if (numbers[1] < 1 || numbers[1] > 12 || year != numbers[0] || month != numbers[1] ||
	    mday != numbers[2])
		return false;
	*ret_day = day;
	return true;
}
