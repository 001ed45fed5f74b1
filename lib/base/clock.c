/* The two clocks and their texts. The names of days and months are written here because strftime()
 * would take them from the locale, and HTTP knows only the English ones. */
#include "base/clock.h"

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

/* Breaks `wall_ms` down; what no four-digit year can hold becomes the nearest time that one can.
 * Returns the milliseconds that are left over. */
static int
break_down(int64_t wall_ms, struct tm *ret_tm)
{
	const int64_t least = -62167219200000; /* 0000-01-01T00:00:00.000Z */
	const int64_t most = 253402300799999;  /* 9999-12-31T23:59:59.999Z */

	if (wall_ms < least)
		wall_ms = least;
	if (wall_ms > most)
		wall_ms = most;
	int ms = (int)((wall_ms % 1000 + 1000) % 1000);
	time_t seconds = (time_t)((wall_ms - ms) / 1000);
	gmtime_r(&seconds, ret_tm);
	return ms;
}

/* Writes `digits` decimal digits. */
static void
put(char *to, int number, int digits)
{
	while (digits-- > 0) {
		to[digits] = (char)('0' + number % 10);
		number /= 10;
	}
}

void
clock_text(int64_t wall_ms, char ret_text[CLOCK_TEXT_SIZE])
{
	struct tm tm;

	/* Digit by digit: three of these stand in every task object, and printf is slow. */
	int ms = break_down(wall_ms, &tm);
	memcpy(ret_text, "0000-00-00T00:00:00.000Z", 25);
	put(ret_text, tm.tm_year + 1900, 4);
	put(ret_text + 5, tm.tm_mon + 1, 2);
	put(ret_text + 8, tm.tm_mday, 2);
	put(ret_text + 11, tm.tm_hour, 2);
	put(ret_text + 14, tm.tm_min, 2);
	put(ret_text + 17, tm.tm_sec, 2);
	put(ret_text + 20, ms, 3);
}

void
clock_http_text(int64_t wall_ms, char ret_text[CLOCK_TEXT_SIZE])
{
	static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
	                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct tm tm;
	char text[96];

	break_down(wall_ms, &tm);
	snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[tm.tm_wday], tm.tm_mday,
	         months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
	snprintf(ret_text, CLOCK_TEXT_SIZE, "%.29s", text);
}
