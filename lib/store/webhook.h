/* The endpoints of users, to which deliveries go. Threads and errors as in store.h. */
#ifndef STORE_WEBHOOK_H
#define STORE_WEBHOOK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/webhook.h"

struct arena;
struct store;

/* Adds an endpoint of the user, enabled (of `webhook` url, events, secret, created_at, key_id), and writes
 * its id. ERR_NOT_FOUND where there is no such user. */
enum err_code
store_webhook_add(struct store *store, int64_t user_id, const struct webhook *webhook, int64_t *ret_id);

/* Lists the endpoints of a user, the newest first: an array in the arena. */
enum err_code store_webhook_list(struct store *store, struct arena *arena, int64_t user_id,
                                 struct webhook **ret_webhooks, size_t *ret_count);

/* Finds an endpoint of the user. ERR_NOT_FOUND. */
enum err_code store_webhook_get(struct store *store, struct arena *arena, int64_t user_id, int64_t id,
                                struct webhook *ret_webhook);

/* Replaces url, events, enabled and key_id, and clears the failures noted before. ERR_NOT_FOUND. */
enum err_code store_webhook_set(struct store *store, const struct webhook *webhook);

/* Replaces secret and key_id; until old_until deliveries are signed with the old secret, too. ERR_NOT_FOUND.
 */
enum err_code store_webhook_rotate(struct store *store, const struct webhook *webhook);

/* Deletes an endpoint: nothing more is sent there. ERR_NOT_FOUND. */
enum err_code store_webhook_delete(struct store *store, int64_t id);

/* Notes that the endpoint has accepted a delivery. */
enum err_code store_webhook_works(struct store *store, int64_t id);

/* Notes that a delivery has failed at its tried_at, and returns since when those to its endpoint fail.
 * ERR_NOT_FOUND where the endpoint is gone, or has another url than the delivery. */
enum err_code
store_webhook_fails(struct store *store, const struct delivery *delivery, int64_t *ret_failing_since);

/* Disables an endpoint, with the reason. */
enum err_code store_webhook_disable(struct store *store, int64_t id, const char *note);

#endif
