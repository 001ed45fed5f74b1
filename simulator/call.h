/* A request while it is handled. Belongs to the thread that serves it. */
#ifndef SIMULATOR_CALL_H
#define SIMULATOR_CALL_H

#include <stdint.h>

#include "base/err.h"
#include "faults.h"
#include "web/reply.h"
#include "web/request.h"

struct arena;

/* What a route requires in Authorization: struct route's `access`. */
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

	/* How the handler's reply is sent. */
	enum fault fault;
	int64_t retry_after; /* seconds, for 429 and 503 */
	int64_t delay_ms;
};

#endif
