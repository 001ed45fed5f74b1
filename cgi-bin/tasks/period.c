/* The time that a report is about: see period.h. */
#include "period.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/window.h"

enum { DIGITS = 15 };

/* Reads a moment, or a day: its beginning, or where `end` that of the next one. */
static bool
read_moment(const char *text, bool end, int64_t *ret_ms)
{
	int64_t day;
	size_t len = strlen(text);
	if (window_day_read(text, &day)) {
		*ret_ms = window_day_begins(end ? day + 1 : day);
		return true;
	}
	if (len == 0 || len > DIGITS || strspn(text, "0123456789") != len)
		return false;
	*ret_ms = strtoll(text, NULL, 10);
	return true;
}

static struct err
bad(const char *name)
{
	return err_in_chinese(
	    err_say(ERR_BAD_FIELD, name, "%s must be a day such as 2026-11-30, or ms since 1970.", name),
	    "必须是日期（如 2026-11-30）或自 1970 年起的毫秒数。");
}

struct err
period_read(const char *from, const char *to, struct period *ret_period)
{
	struct window month;
	window_at(WINDOW_MONTH, false, clock_wall_ms(), &month);
	struct period period = {.from = month.from, .until = month.until};
	if (to != NULL && !read_moment(to, true, &period.until))
		return bad("to");
	if (to != NULL && period.until <= period.from) {
		window_at(WINDOW_MONTH, false, period.until - 1, &month);
		period.from = month.from;
	}
	if (from != NULL && !read_moment(from, false, &period.from))
		return bad("from");
	if (to == NULL && period.until <= period.from)
		period.until = INT64_C(253402300799999);
	if (period.until < period.from)
		period.until = period.from;
	period.first_day = window_day(period.from);
	period.last_day = period.until > period.from ? window_day(period.until - 1) : period.first_day - 1;
	*ret_period = period;
	return err_of(ERR_OK);
}
