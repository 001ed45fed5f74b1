/* Webhooks of upstreams: checked, and taken as a hint that a task is worth a look now. They move nothing:
 * what is true is what a poll says, so a lost one costs time only, and a false one a poll. */
#ifndef DOMAIN_CHANNEL_INBOUND_H
#define DOMAIN_CHANNEL_INBOUND_H

#include <stddef.h>

#include "base/err.h"

struct arena;
struct channels;
struct store;

enum { INBOUND_BODY = 64 * 1024 /* bytes; an event has a few hundred */ };

/* As it came; a header that is missing is NULL. */
struct inbound_webhook {
	const char *channel;
	const char *id, *timestamp, *signature; /* the headers webhook-… */
	const char *body;
	size_t len;
};

/* Brings the next look at the task that it is about forward to now, in a transaction of its own. ERR_OK also
 * where there is no such task, its event is none of ours, or it has been heard already. ERR_BAD_SIGNATURE
 * where it is unsigned, stale or wrong, and after the same work where there is no such channel, or it has no
 * secret; ERR_BUSY where the task is being looked at just now, and nothing of the webhook is remembered: the
 * upstream sends it again; ERR_BAD_JSON; the store's errors. */
enum err_code inbound_take(struct store *store, struct channels *channels, struct arena *arena,
                           const struct inbound_webhook *webhook);

#endif
