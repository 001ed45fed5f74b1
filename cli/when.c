/* Times as options: see when.h. */
#include "when.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/window.h"

enum { DIGITS = 5 };

bool
when_read(const char *text, bool end, int64_t *ret_ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {{"m", 60000}, {"h", 3600000}, {"d", 86400000}};
	int64_t day;
	size_t len = strspn(text, "0123456789");

	if (window_day_read(text, &day)) {
		*ret_ms = window_day_begins(end ? day + 1 : day);
		return true;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (len >= 1 && len <= DIGITS && strcmp(text + len, units[i].unit) == 0) {
			*ret_ms = clock_wall_ms() + strtoll(text, NULL, 10) * units[i].ms;
			return true;
		}
	}
	return strchr(text, ':') != NULL && clock_read_text(text, ret_ms);
}
