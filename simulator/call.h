/* What a handler of the simulator is given. Belongs to the thread that serves the request. */
#ifndef SIMULATOR_CALL_H
#define SIMULATOR_CALL_H

#include <stdint.h>

#include "base/err.h"
#include "faults.h"
#include "web/reply.h"
#include "web/request.h"

struct arena;

/* What a route wants to see in Authorization; struct route's `access`. */
enum access {
	ACCESS_OPEN,  /* nothing */
	ACCESS_KEY,   /* anything but the empty string */
	ACCESS_BEARER /* "Bearer " and anything but the empty string */
};

struct call {
	struct request *request;
	struct reply *reply;
	struct arena *arena; /* of the request */
	const char *dir;     /* DATA/simulator */

	/* What becomes of the reply that the handler has written. */
	enum fault fault;
	int64_t retry_after; /* seconds; for the faults that say when to come again */
	int64_t delay_ms;
};

#endif
