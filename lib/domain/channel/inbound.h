/* Inbound webhooks, from upstreams: checked, and taken as a hint to poll a task now. They change no state: a
 * poll does. So a lost one costs only time, and a false one only a poll. */
#ifndef DOMAIN_CHANNEL_INBOUND_H
#define DOMAIN_CHANNEL_INBOUND_H

#include <stddef.h>

#include "base/err.h"

struct arena;
struct channels;
struct store;

enum { INBOUND_BODY = 64 * 1024 /* bytes; an event has a few hundred */ };

/* The request as received; an absent header is NULL. */
struct inbound_webhook {
	const char *channel;
	const char *id, *timestamp, *signature; /* the headers webhook-… */
	const char *token; /* of the address, for upstreams that do not sign; NULL = it must be signed */
	const char *body;
	size_t len;
};

/* Makes the task of the webhook due for a poll now (by its token, or else its signature), in a transaction of
 * its own. ERR_OK also where there is no such task, the event is another than completed or failed, or this
 * webhook was taken before. ERR_BAD_SIGNATURE where it is unsigned, stale or forged, and after the same work
 * where there is no such channel, or it has no secret. ERR_BUSY where a hundred others wait for the same
 * poll: nothing is recorded, and the upstream sends the webhook again. ERR_BAD_JSON; the store's
 * errors. */
enum err_code inbound_take(struct store *store, struct channels *channels, struct arena *arena,
                           const struct inbound_webhook *webhook);

/* Returns the text that an upstream wants back to see that the address is right (MiniMax's member challenge),
 * as JSON in the arena; NULL where it asks for none. */
const char *inbound_challenge(struct arena *arena, const struct inbound_webhook *webhook);

#endif
