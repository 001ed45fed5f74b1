/* How the channels are doing, in Prometheus' text format. */
#ifndef OPS_CHANNEL_METRICS_H
#define OPS_CHANNEL_METRICS_H

#include "base/err.h"

struct buf;
struct call;

/* Appends the numbers of each channel: failures, cooldown, trouble of its account. Errors: the store's. */
enum err_code channel_metrics(struct call *call, struct buf *out);

#endif
