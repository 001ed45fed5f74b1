/* Delivering webhooks: what is due is claimed, signed, sent and written back, many at a time and few at one
 * endpoint. At least once: the lease of who dies runs out, and another sends again, under the same id. Used
 * by the poller; belongs to the loop's thread. */
#ifndef DOMAIN_WEBHOOK_DELIVER_H
#define DOMAIN_WEBHOOK_DELIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/webhook.h"

struct arena;
struct deliverer;
struct domain_env;

enum {
	DELIVER_MOST = 64,        /* deliveries in our hands */
	DELIVER_PER_ENDPOINT = 4, /* … and in those of all pollers, at one endpoint */
	DELIVER_EVENT_SIZE = 96,  /* bytes of an event's id, NUL included */
	DELIVER_FAILING_MS =
	    3 * 24 * 60 * 60 * 1000 /* an endpoint that takes nothing for so long is given up, once a delivery
	                               has come to the end of its schedule: a few tries are not enough */
};

/* A deliverer with an HTTP client of its own on the environment's loop; the environment is copied, what it
 * points to must outlive it. `on_end` is called by the loop's thread after each delivery that has ended, with
 * the cookie: its endpoint, and we, have room for another, so a pass is worth its while. NULL when memory is
 * short. */
struct deliverer *deliver_new(const struct domain_env *env, void (*on_end)(void *cookie), void *cookie);

/* Ends what is under way, as by deliver_abandon(), and frees it. NULL is fine. */
void deliver_free(struct deliverer *deliverer);

/* Claims what has been due at `due_by`, as far as there is room for it, and starts sending. Writes how many
 * it was. `arena` is for the pass only. The store's errors. */
enum err_code
deliver_pass(struct deliverer *deliverer, struct arena *arena, int64_t due_by, size_t *ret_claimed);

/* When to pass again (ms since the epoch); INT64_MAX = nothing is to be sent. The store's errors. */
enum err_code deliver_next_due(struct deliverer *deliverer, int64_t *ret_due_at);

/* Gives up what is under way: due at once, for whoever comes next, as if it had not been tried. For a stop.
 */
void deliver_abandon(struct deliverer *deliverer);

/* How many are under way. */
size_t deliver_active(const struct deliverer *deliverer);

/* The wait before the next try after `failures` failed ones: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h,
 * 24 h, ± 10 % by `dice` from 0 to 1 (the Standard Webhooks specification, "Deliverability and reliability"),
 * and never less than what the receiver asked for, up to a day. -1 after the tenth: there is none. Pure; ms.
 */
int64_t deliver_wait(int64_t failures, int64_t retry_after, double dice);

/* The id of the event: the same for every try and every endpoint, another for another attempt of the task. */
void deliver_event_id(const struct delivery *delivery, char ret_id[DELIVER_EVENT_SIZE]);

/* What is sent, made of what never changes, so that every try has the same bytes; in the arena, NULL when
 * memory is short. OpenAI's event, and two members of ours in `data`: clientRequestId and attempt. */
const char *deliver_body(struct arena *arena, const struct delivery *delivery);

#endif
