/* Delivers webhooks: claims what is due, signs it, sends it and writes the outcome back; many at a time, but
 * few to one endpoint. At least once: where a process dies, its lease runs out, and another sends again under
 * the same id. Used by the poller; belongs to the loop's thread. */
#ifndef DOMAIN_WEBHOOK_DELIVER_H
#define DOMAIN_WEBHOOK_DELIVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/webhook.h"

struct arena;
struct deliverer;
struct domain_env;

enum {
	DELIVER_MOST = 64,        /* deliveries under way in this process */
	DELIVER_PER_ENDPOINT = 4, /* deliveries under way to one endpoint, of all pollers */
	DELIVER_EVENT_SIZE = 96,  /* bytes of an event's id, NUL included */
	DELIVER_FAILING_MS = 3 * 24 * 60 * 60 * 1000 /* ms: an endpoint that takes nothing for so long is
	                                                disabled, once a delivery has used up its tries */
};

/* Makes a deliverer with an HTTP client of its own on the environment's loop; the environment is copied, what
 * it points to must outlive the deliverer. on_end() is called after each delivery that has ended: there may
 * be room for another, so a pass is due. NULL when memory is short. */
struct deliverer *deliver_new(const struct domain_env *env, void (*on_end)(void *cookie), void *cookie);

/* Gives up what is under way, as deliver_abandon(), and frees the deliverer. NULL is fine. */
void deliver_free(struct deliverer *deliverer);

/* Claims the deliveries that have been due at `due_by`, as far as there is room, and starts sending them;
 * returns their number in ret_claimed. `arena` may be reset after the call. The store's errors. */
enum err_code
deliver_pass(struct deliverer *deliverer, struct arena *arena, int64_t due_by, size_t *ret_claimed);

/* ret_due_at: the time of the next pass (ms since the epoch); INT64_MAX = nothing is to be sent. The store's
 * errors. */
enum err_code deliver_next_due(struct deliverer *deliverer, int64_t *ret_due_at);

/* Gives up what is under way, for a stop: it is due at once, for any poller, as if it had not been tried. */
void deliver_abandon(struct deliverer *deliverer);

/* Counts the deliveries under way. */
size_t deliver_active(const struct deliverer *deliverer);

/* Returns the wait before the next try after `failures` failed ones: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14
 * h, 20 h, 24 h, ± 10 % by `dice` from 0 to 1 (the Standard Webhooks specification, "Deliverability and
 * reliability"), and never less than the receiver asked for, up to a day. -1 after the tenth: no more tries.
 * Pure; ms. */
int64_t deliver_wait(int64_t failures, int64_t retry_after, double dice);

/* Writes the id of the event: the same for every try and every endpoint, another for another attempt of the
 * task. */
void deliver_event_id(const struct delivery *delivery, char ret_id[DELIVER_EVENT_SIZE]);

/* Makes the body, in the arena: OpenAI's event, with two members of ours in `data`, clientRequestId and
 * attempt. It is made of what never changes, so that every try sends the same bytes. NULL when memory is
 * short. */
const char *deliver_body(struct arena *arena, const struct delivery *delivery);

#endif
