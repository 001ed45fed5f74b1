/* Deliveries to the endpoints of users. The transaction that ends a task adds one for each endpoint that
 * wants the event. Threads and errors as in store.h. */
#ifndef STORE_DELIVERY_H
#define STORE_DELIVERY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/webhook.h"

struct arena;
struct store;

struct delivery_claim {
	const char *owner;    /* the holder of the leases */
	int64_t now;          /* what is due by then is claimed */
	int64_t until;        /* when the leases end by themselves */
	int64_t limit;        /* deliveries */
	int64_t per_endpoint; /* leases at a time, of all pollers together */
	/* Asked for each delivery that would be claimed, inside the transaction: ret_wait > 0 (ms, at most
	 * DELIVERY_REST_MOST) is how long its endpoint is to rest instead. NULL = none rests. The store's
	 * errors. */
	enum err_code (*may)(void *cookie, const struct delivery *delivery, int64_t *ret_wait);
	void *cookie;
};

enum { DELIVERY_REST_MOST = 2 * 60 * 1000 };

/* Takes the leases of deliveries that are due: sets owner, and due_at to `until`. The array (in the arena)
 * has them as they were before. Where not all fit into the limit, users take turns: those with the fewest
 * leases come first. An endpoint that has had its rate rests. Deliveries to an endpoint that is disabled or
 * deleted, or whose user is disabled, end instead. */
enum err_code
store_delivery_claim(struct store *store, struct arena *arena, const struct delivery_claim *claim,
                     struct delivery **ret_deliveries, size_t *ret_count);

/* Returns when the next delivery is due, as seen at `now`; INT64_MAX where none is. Endpoints with
 * `per_endpoint` leases are left out. */
enum err_code
store_delivery_next_due(struct store *store, int64_t now, int64_t per_endpoint, int64_t *ret_due_at);

/* Writes the outcome of a try (due_at, tries, tried_at, status, error, delivered_at) and returns the lease of
 * `delivery->owner`. ERR_CONFLICT where the row has another owner. */
enum err_code store_delivery_end(struct store *store, const struct delivery *delivery);

/* Returns the lease as if nothing had been tried; due at due_at. ERR_CONFLICT as above. */
enum err_code store_delivery_return(struct store *store, const struct delivery *delivery);

struct delivery_page {
	int64_t before; /* ids below this */
	int64_t limit;
};

/* Lists the deliveries of an endpoint on that page, the newest first: an array in the arena, without url and
 * secrets. */
enum err_code
store_delivery_list(struct store *store, struct arena *arena, int64_t webhook_id,
                    const struct delivery_page *page, struct delivery **ret_deliveries, size_t *ret_count);

/* Makes a delivery due at `now`, from the beginning of the schedule. ERR_NOT_FOUND where it is not one of the
 * endpoint; ERR_CONFLICT while it is under a lease. */
enum err_code store_delivery_replay(struct store *store, int64_t webhook_id, int64_t id, int64_t now);

/* Removes at most `most` ended deliveries from before `before`, and at most as many deleted endpoints that
 * have none left. */
enum err_code store_delivery_purge(struct store *store, int64_t before, int64_t most);

#endif
