/* What a client wants to know the price of. */
#ifndef TASKS_QUOTE_FIELDS_H
#define TASKS_QUOTE_FIELDS_H

#include <stdint.h>

#include "base/err.h"
#include "model/tariff.h"

struct call;

/* Reads the body: the fields of a creation, or of what is made from a video (`videoId`, `job`), and how many
 * of it there are to be. What of these has no price is
 * ignored. Strings live as long as the request. ERR_BAD_FIELD,
 * ERR_TASK_NOT_FOUND. */
struct err quote_fields_read(struct call *call, struct priced *ret_priced, int64_t *ret_count);

#endif
