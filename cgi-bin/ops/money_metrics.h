/* The metrics of money. */
#ifndef OPS_MONEY_METRICS_H
#define OPS_MONEY_METRICS_H

#include "base/err.h"

struct buf;
struct call;

/* Appends what users have and have paid, in micro-units, whether the accounts add up, and how charges stand;
 * nothing without billing. The store's errors. */
enum err_code money_metrics(struct call *call, struct buf *out);

#endif
