/* The time that a report is about: `from` and `to` of a query, as moments in ms since the epoch or as days of
 * the configured time zone (2026-11-30). */
#ifndef TASKS_PERIOD_H
#define TASKS_PERIOD_H

#include <stdint.h>

#include "base/err.h"

struct period {
	int64_t from, until;         /* ms since the epoch; the latter is outside */
	int64_t first_day, last_day; /* base/window.h; where the period ends within a day, that is in it */
};

/* Reads both; NULL = not given. A day as `to` is in the period. By default it is the present month, or what
 * of it the other one leaves. ERR_BAD_FIELD. */
struct err period_read(const char *from, const char *to, struct period *ret_period);

#endif
