/* The handlers of ops.c's route table. */
#ifndef OPS_HANDLERS_H
#define OPS_HANDLERS_H

#include "base/err.h"

struct call;

struct err ops_health(struct call *call);
struct err ops_metrics(struct call *call);
struct err ops_ready(struct call *call);

#endif
