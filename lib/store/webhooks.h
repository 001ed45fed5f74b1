/* The store's verbs about webhooks: the endpoints of users, what is sent there, and what upstreams have told
 * us. The transaction that moves a task to its end writes a delivery for each endpoint that wants to know. As
 * in store.h. */
#ifndef STORE_WEBHOOKS_H
#define STORE_WEBHOOKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/webhook.h"

struct arena;
struct store;

/* Adds an endpoint of the user (url, events, secret, created_at and key_id count; it is enabled) and writes
 * its id. ERR_NOT_FOUND where there is no such user. */
enum err_code
store_webhook_add(struct store *store, int64_t user_id, const struct webhook *webhook, int64_t *ret_id);

/* The endpoints of a user, the newest first; an array in the arena. */
enum err_code store_webhook_list(struct store *store, struct arena *arena, int64_t user_id,
                                 struct webhook **ret_webhooks, size_t *ret_count);

/* One of them. ERR_NOT_FOUND. */
enum err_code store_webhook_get(struct store *store, struct arena *arena, int64_t user_id, int64_t id,
                                struct webhook *ret_webhook);

/* Replaces url, events, enabled and key_id; what we had against it is forgotten. ERR_NOT_FOUND. */
enum err_code store_webhook_set(struct store *store, const struct webhook *webhook);

/* Replaces secret and key_id; is signed with the secret before that, too, until old_until. ERR_NOT_FOUND. */
enum err_code store_webhook_rotate(struct store *store, const struct webhook *webhook);

/* Deletes an endpoint: nothing more is sent there. ERR_NOT_FOUND. */
enum err_code store_webhook_delete(struct store *store, int64_t id);

/* Notes that it has taken a delivery. */
enum err_code store_webhook_works(struct store *store, int64_t id);

/* Notes that the endpoint of a delivery has not taken it, at tried_at, and since when that has been so.
 * ERR_NOT_FOUND where there is none any more, or it leads elsewhere than to the delivery's url. */
enum err_code
store_webhook_fails(struct store *store, const struct delivery *delivery, int64_t *ret_failing_since);

/* Disables it, with the reason. */
enum err_code store_webhook_disable(struct store *store, int64_t id, const char *note);

struct delivery_claim {
	const char *owner;    /* who takes the leases */
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
enum err_code store_delivery_settle(struct store *store, const struct delivery *delivery);

/* Gives the lease back as if nothing had been tried; due at due_at. ERR_CONFLICT likewise. */
enum err_code store_delivery_rest(struct store *store, const struct delivery *delivery);

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
enum err_code store_delivery_again(struct store *store, int64_t webhook_id, int64_t id, int64_t now);

/* Forgets at most `most` deliveries that ended and are from before `before`, and endpoints that were deleted
 * and have none left. */
enum err_code store_delivery_purge(struct store *store, int64_t before, int64_t most);

struct hearing {
	const char *id;          /* of the upstream's webhook, with its channel */
	int64_t expires_at;      /* when it may be forgotten */
	const char *channel;     /* whose it is */
	const char *external_id; /* what it is about */
	int64_t now;
};

/* Remembers an upstream's webhook and makes the task that it is about due at `now`, if there is one, and it
 * has not ended. ERR_CONFLICT where the webhook was known already: nothing happens. ERR_BUSY where somebody
 * is looking at the task just now, perhaps a moment too early: roll back, and have the webhook sent again. */
enum err_code store_hearing_add(struct store *store, const struct hearing *hearing);

#endif
