/* What is sent to the endpoints of users. The transaction that moves a task to its end writes a delivery for
 * each endpoint that wants to know. As in store.h. */
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
	int64_t per_endpoint; /* in the hands of all pollers together */
};

/* Takes the lease of deliveries that are due: sets owner and moves due_at to `until`. Handed out as they were
 * before. Where there is not room for all, users take turns: those with the least in hand come first. What
 * waits at an endpoint that is disabled or deleted, or whose user is disabled, ends instead. */
enum err_code
store_delivery_claim(struct store *store, struct arena *arena, const struct delivery_claim *claim,
                     struct delivery **ret_deliveries, size_t *ret_count);

/* When the next delivery falls due, as seen at `now`, endpoints that have `per_endpoint` in hand aside;
 * INT64_MAX = none will. */
enum err_code
store_delivery_next_due(struct store *store, int64_t now, int64_t per_endpoint, int64_t *ret_due_at);

/* Writes what came of a try and gives the lease of `delivery->owner` back (due_at, tries, tried_at, status,
 * error and delivered_at count). ERR_CONFLICT where it has another. */
enum err_code store_delivery_end(struct store *store, const struct delivery *delivery);

/* Gives the lease back as if nothing had been tried; due at due_at. ERR_CONFLICT likewise. */
enum err_code store_delivery_return(struct store *store, const struct delivery *delivery);

struct delivery_page {
	int64_t before; /* ids below this */
	int64_t limit;
};

/* The deliveries of an endpoint on that page, the newest first; an array in the arena,
 * without what is needed to send them. */
enum err_code
store_delivery_list(struct store *store, struct arena *arena, int64_t webhook_id,
                    const struct delivery_page *page, struct delivery **ret_deliveries, size_t *ret_count);

/* Has one sent again at `now`, from the beginning of the schedule. ERR_NOT_FOUND where it is none of the
 * endpoint; ERR_CONFLICT while it is being sent. */
enum err_code store_delivery_replay(struct store *store, int64_t webhook_id, int64_t id, int64_t now);

/* Forgets at most `most` deliveries that ended and are from before `before`, and endpoints that were deleted
 * and have none left. */
enum err_code store_delivery_purge(struct store *store, int64_t before, int64_t most);

#endif
