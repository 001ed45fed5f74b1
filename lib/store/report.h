/* Charges and their sums, as they are shown. Threads and errors as in store.h; amounts in micro-units. */
#ifndef STORE_REPORT_H
#define STORE_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/charge.h"

struct arena;
struct store;

/* A charge with the names of what it belongs to. */
struct report_charge {
	struct charge charge;
	const char *username;
	const char *key;   /* the API key's name; NULL = by a login, or the key was revoked */
	const char *group; /* NULL = none, or it was removed */
	const char *video_id;
};

struct report_page {
	struct report_charge *items;
	size_t count;
};

/* Lists the charges of a user (0 = of all) with ids below `before` (INT64_MAX = all), the latest first:
 * `most` at most, an array in the arena. */
enum err_code store_report_charges(struct store *store, struct arena *arena, int64_t user_id, int64_t before,
                                   int64_t most, struct report_page *ret_page);

enum report_by {
	REPORT_BY_DAY,
	REPORT_BY_MODEL,
	REPORT_BY_KEY,
	REPORT_BY_USER,
	REPORT_BY_CHANNEL,
	REPORT_BY__MAX
};

struct report_span {
	int64_t user_id;             /* 0 = of all */
	int64_t first_day, last_day; /* base/window.h */
	enum report_by by;
};

struct report_usage {
	const char
	    *part; /* the day's number, the model ("" = none named), the key's or user's, the channel */
	int64_t completed, failed, cancelled;
	int64_t seconds; /* of the completed ones */
	int64_t charged, cost;
	int64_t unknown; /* of how many the cost is not known */
};

struct report_sums {
	struct report_usage *items;
	size_t count;
};

/* Sums up charges that have ended, by the day that they count for: an array in the arena, by `part`. */
enum err_code store_report_usage(struct store *store, struct arena *arena, const struct report_span *span,
                                 struct report_sums *ret_sums);

/* Returns "day", "model", "key", "user", "channel". Lives for ever. */
const char *report_by_word(enum report_by by);

#endif
