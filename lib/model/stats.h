/* Statistics about tasks. Plain data. */
#ifndef MODEL_STATS_H
#define MODEL_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/task.h"

struct stats {
	int64_t counts[TASK_STATUS__MAX]; /* by status, of those that have ended */
	int64_t median_ms, p95_ms; /* of the completed ones, from creation to end; -1 = there are none */
	bool truncated;            /* more tasks exist than were counted: these are the latest */
};

#endif
