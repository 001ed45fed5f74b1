/* A channel: an upstream, the key it knows us by, and the dialect it speaks. Plain data. */
#ifndef MODEL_CHANNEL_H
#define MODEL_CHANNEL_H

#include <stdbool.h>

struct dialect; /* lib/upstream knows what is in it */

struct channel {
	const char *name; /* "default"; stands in the task's row */
	const char *base; /* "https://api.example.com", no slash at its end */
	const char *key;  /* secret: goes into one header and nowhere else; "" = none */
	const struct dialect *dialect;
	const char *idempotency_header; /* by its value the upstream knows a repetition; NULL = it does not */
	bool allow_private;             /* whether its video links may lead to private addresses */
};

#endif
