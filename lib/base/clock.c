/* The clocks and their texts. The names of days and months stand here because strftime() would take them from
 * the locale, and HTTP knows only the English ones. */
#include "base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t
read_ms(clockid_t clock)
{
	struct timespec now;

	/* Cannot fail: both clocks exist on every Linux and the address is good. */
	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_wall_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

int64_t
clock_mono_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

int64_t
clock_boot_ms(void)
{
	return read_ms(CLOCK_BOOTTIME);
}

struct moment {
	int year, month, day, weekday; /* 1 = January; 0 = Sunday */
	int hour, minute, second, ms;
};

/* Writes year, month and day of a day since 0000-03-01, in the proleptic Gregorian calendar: a year that
 * begins in March has its leap day at its end, and any five months in a row have 153 days. */
static void
date_of(int day, struct moment *moment)
{
	enum { ERA = 146097, CENTURY = 36524, FOUR_YEARS = 1461 }; /* days */
	int era = day / ERA, of_era = day % ERA;
	int year = (of_era - of_era / (FOUR_YEARS - 1) + of_era / CENTURY - of_era / (ERA - 1)) / 365;
	int of_year = of_era - (365 * year + year / 4 - year / 100);
	int month = (5 * of_year + 2) / 153; /* 0 = March */
	moment->day = of_year - (153 * month + 2) / 5 + 1;
	moment->month = month < 10 ? month + 3 : month - 9;
	moment->year = era * 400 + year + (month >= 10);
}

/* Breaks `wall_ms` down; a time outside of the years 0 to 9999 becomes the nearest inside. Not by gmtime_r(),
 * which locks the whole process and looks for a time zone: every task object has three times. */
static struct moment
break_down(int64_t wall_ms)
{
	const int64_t least = -62167219200000; /* 0000-01-01T00:00:00.000Z */
	const int64_t most = 253402300799999;  /* 9999-12-31T23:59:59.999Z */
	enum { DAY_MS = 86400000, MARCH = 60, ERA = 146097 };
	if (wall_ms < least)
		wall_ms = least;
	if (wall_ms > most)
		wall_ms = most;
	int64_t since = wall_ms - least;
	int day = (int)(since / DAY_MS), ms = (int)(since % DAY_MS);
	struct moment moment = {
	    .weekday = (day + 6) % 7, /* 0000-01-01 was a Saturday */
	    .hour = ms / 3600000,
	    .minute = ms / 60000 % 60,
	    .second = ms / 1000 % 60,
	    .ms = ms % 1000,
	};
	date_of(day - MARCH + ERA, &moment);
	moment.year -= 400;
	return moment;
}

/* Writes `digits` decimal digits. */
static void
put_digits(char *to, int number, int digits)
{
	while (digits-- > 0) {
		to[digits] = (char)('0' + number % 10);
		number /= 10;
	}
}

void
clock_text(int64_t wall_ms, char ret_text[CLOCK_TEXT_SIZE])
{
	/* Digit by digit, as printf is slow. */
	struct moment at = break_down(wall_ms);
	memcpy(ret_text, "0000-00-00T00:00:00.000Z", 25);
	put_digits(ret_text, at.year, 4);
	put_digits(ret_text + 5, at.month, 2);
	put_digits(ret_text + 8, at.day, 2);
	put_digits(ret_text + 11, at.hour, 2);
	put_digits(ret_text + 14, at.minute, 2);
	put_digits(ret_text + 17, at.second, 2);
	put_digits(ret_text + 20, at.ms, 3);
}

void
clock_http_text(int64_t wall_ms, char ret_text[CLOCK_TEXT_SIZE])
{
	static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
	                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	char text[96];
	struct moment at = break_down(wall_ms);
	snprintf(text, sizeof(text), "%s, %02d %s %04d %02d:%02d:%02d GMT", days[at.weekday], at.day,
	         months[at.month - 1], at.year, at.hour, at.minute, at.second);
	snprintf(ret_text, CLOCK_TEXT_SIZE, "%.29s", text);
}

/* Reads `digits` decimal digits and moves on; -1 where there are fewer. */
static int
take_digits(const char **p, int digits)
{
	int number = 0;
	for (; digits > 0; digits--, (*p)++) {
		if (!isdigit((unsigned char)**p))
			return -1;
		number = number * 10 + (**p - '0');
	}
	return number;
}

/* Reads a part with the sign before it, if it stands there; -1 where it is not as it must be. */
static int
take_part(const char **p, char sign, int most)
{
	if (**p != sign)
		return -1;
	(*p)++;
	int number = take_digits(p, 2);
	return number <= most ? number : -1;
}

/* Returns the day since the Unix epoch; see date_of(). */
static int64_t
day_of(int year, int month, int day)
{
	enum { ERA = 146097, EPOCH = 719468 }; /* days */
	int since = month <= 2 ? year - 1 : year, of_era = since % 400;
	int of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	return (int64_t)(since / 400) * ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH;
}

/* Reads the offset from UTC in minutes, and the end of the text. False where it is none. */
static bool
take_offset(const char *p, int *ret_minutes)
{
	int sign = *p == '+' ? 1 : -1, hours, minutes;
	*ret_minutes = 0;
	if (*p == 'Z' || *p == 'z' || *p == '\0')
		return *p == '\0' || p[1] == '\0';
	if (*p != '+' && *p != '-')
		return false;
	p++;
	hours = take_digits(&p, 2);
	p += *p == ':';
	minutes = take_digits(&p, 2);
	*ret_minutes = sign * (hours * 60 + minutes);
	return hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60 && *p == '\0';
}

bool
clock_read_text(const char *text, int64_t *ret_wall_ms)
{
	const char *p = text;
	int year = take_digits(&p, 4), month = year < 1 ? -1 : take_part(&p, '-', 12);
	int day = month < 1 ? -1 : take_part(&p, '-', 31);
	if (day < 1 || (*p != 'T' && *p != 't' && *p != ' '))
		return false;
	p++;
	int hour = take_digits(&p, 2), minute = hour < 0 || hour > 23 ? -1 : take_part(&p, ':', 59);
	if (minute < 0)
		return false;
	int second = *p == ':' ? take_part(&p, ':', 60) : 0, offset, ms = 0;
	if (second < 0)
		return false;
	if (*p == '.' || *p == ',') {
		p++;
		if (!isdigit((unsigned char)*p))
			return false;
		for (int unit = 100; isdigit((unsigned char)*p); unit /= 10, p++)
			ms += (*p - '0') * unit;
	}
	if (!take_offset(p, &offset))
		return false;
	*ret_wall_ms =
	    (((day_of(year, month, day) * 24 + hour) * 60 + minute - offset) * 60 + second) * 1000 + ms;
	return true;
}
