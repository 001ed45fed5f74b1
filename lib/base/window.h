/* Windows of time, as budgets and reports have them: the day, the week, the month of a moment, in one time
 * zone. A window is computed, never reset. A day is known by its number, so that sums by day need no zone to
 * be read. */
#ifndef BASE_WINDOW_H
#define BASE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

enum window_kind { WINDOW_DAY, WINDOW_WEEK, WINDOW_MONTH, WINDOW_TOTAL, WINDOW__MAX };

enum {
	WINDOW_DAY_SIZE = 16, /* bytes of a day as text, NUL included */
	WINDOW_TIME_SIZE = 32 /* … and of a time */
};

/* What a moment's window is. Of WINDOW_TOTAL, `from` and `first_day` are 0 and the others INT64_MAX. */
struct window {
	int64_t from;      /* its first moment, in ms since the epoch */
	int64_t until;     /* the first moment after it, when the next one begins */
	int64_t first_day; /* its first and its last day */
	int64_t last_day;
};

/* True for UTC, and for the IANA name of a time zone that this machine knows (tzdata), such as
 * America/Sao_Paulo. Thread-safe. */
bool window_zone_known(const char *zone);

/* Makes `zone`, which is known, that of the process: sets TZ in the environment, so only while there is one
 * thread. False when memory is short. */
bool window_zone_set(const char *zone);

/* Returns the number of the day that it is at `wall_ms` in the zone: that of 1970-01-01 is 0, and each date
 * of the calendar counts, also one that the zone has skipped. Thread-safe, as all below. */
int64_t window_day(int64_t wall_ms);

/* Returns the first moment of the day, in ms since the epoch: midnight, or where the clock skips that, the
 * first moment after it. */
int64_t window_day_begins(int64_t day);

/* Writes the window of that kind that `wall_ms` lies in. A week begins on Monday, or where `sunday` on
 * Sunday.
 */
void window_at(enum window_kind kind, bool sunday, int64_t wall_ms, struct window *ret_window);

/* Writes the days of the window of that kind that the day lies in; `from` and `until` are 0. */
void window_of_day(enum window_kind kind, bool sunday, int64_t day, struct window *ret_window);

/* Returns "day", "week", "month", "total". Lives for ever. */
const char *window_word(enum window_kind kind);

/* Writes the day as "2026-11-30". */
void window_day_text(int64_t day, char ret_text[WINDOW_DAY_SIZE]);

/* Writes the time that it is at `wall_ms` in the zone as "2026-11-30 23:59:59". */
void window_time_text(int64_t wall_ms, char ret_text[WINDOW_TIME_SIZE]);

/* Reads a day as window_day_text() writes it, of the years 1970 to 9999. False, and nothing written, for all
 * else. */
bool window_day_read(const char *text, int64_t *ret_day);

#endif
