/* What upstreams have told us. As in store.h. */
#ifndef STORE_INBOUND_H
#define STORE_INBOUND_H

#include <stdint.h>

#include "base/err.h"

struct store;

struct inbound {
	const char *id;          /* of the upstream's webhook, with its channel */
	int64_t expires_at;      /* when it may be forgotten */
	const char *channel;     /* that has sent it */
	const char *external_id; /* what it is about */
	int64_t now;
};

/* Remembers an upstream's webhook and makes the task that it is about due at `now`, if there is one, and it
 * has not ended. ERR_CONFLICT where the webhook was known already: nothing happens. ERR_BUSY where the
 * task is under a lease just now, perhaps a moment too early: roll back, and have the webhook sent again. */
enum err_code store_inbound_add(struct store *store, const struct inbound *inbound);

#endif
