/* Inbound webhooks, which upstreams send. Threads and errors as in store.h. */
#ifndef STORE_INBOUND_H
#define STORE_INBOUND_H

#include <stdint.h>

#include "base/err.h"

struct store;

struct inbound {
	const char *id;      /* of the upstream's webhook, with its channel; NULL = it has none, and is not
	                        noted */
	int64_t expires_at;  /* when it may be forgotten */
	const char *channel; /* that has sent it */
	const char *external_id; /* what it is about */
	int64_t now;
};

/* Notes an inbound webhook and has its task looked at at once (TASK_LOOK_NOW), where there is one that has
 * not ended; a look that is under way is followed by another. ERR_CONFLICT where the webhook is known:
 * nothing happens. ERR_BUSY where as many as can be counted (TASK_LOOK_NOW_LAST) wait for one look: roll
 * back, and have the webhook sent again. */
enum err_code store_inbound_add(struct store *store, const struct inbound *inbound);

#endif
