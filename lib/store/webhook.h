/* The endpoints of users. As in store.h. */
#ifndef STORE_WEBHOOK_H
#define STORE_WEBHOOK_H

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

#endif
