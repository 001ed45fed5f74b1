/* What a client wants to know the price of. */
#ifndef TASKS_QUOTE_FIELDS_H
#define TASKS_QUOTE_FIELDS_H

#include <stdint.h>

#include "base/err.h"
#include "domain/money/check.h"
#include "model/tariff.h"

struct call;

struct quote_fields {
	struct priced priced;
	int64_t count; /* of videos */
	struct price_cap cap;
};

/* Reads the body: the fields of a creation, or of what is made from a video (`videoId`, `job`). What of these
 * has no price is ignored. Strings live as long as the request. ERR_BAD_FIELD, ERR_TASK_NOT_FOUND. */
struct err quote_fields_read(struct call *call, struct quote_fields *ret_fields);

#endif
