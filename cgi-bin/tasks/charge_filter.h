/* Which charges a caller wants to see, and how one is shown. */
#ifndef TASKS_CHARGE_FILTER_H
#define TASKS_CHARGE_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "period.h"
#include "store/report.h"

struct call;

struct charge_filter {
	struct period period;
	const char *model;       /* NULL = any, as below */
	int64_t key;             /* -1 = any; 0 = by a login */
	enum charge_state state; /* CHARGE_NONE = any */
	int64_t before;          /* ids below it */
	int64_t limit;
	bool bom;
};

/* Reads a query of `from`, `to`, `model`, `key`, `state`, and `cursor` and `limit`, or with `csv` in place of
 * these `bom`. ERR_BAD_FIELD, ERR_BAD_CURSOR. */
struct err charge_filter_read(struct call *call, bool csv, struct charge_filter *ret_filter);

/* True where the charge is wanted. Pure. */
bool charge_filter_fits(const struct charge_filter *filter, const struct charge *charge);

/* True where neither it nor one before it can be wanted: it is of before the period. Charges are in the order
 * of their ids, which is that of their times, unless a clock was set. Pure. */
bool charge_filter_ends(const struct charge_filter *filter, const struct charge *charge);

#endif
