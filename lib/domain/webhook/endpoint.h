/* The endpoints at which users want to be told of their videos: what may be one, and what may be done with
 * it. Every function makes its own transactions on the caller's store. What is sent, and when, stands in
 * deliver.h. */
#ifndef DOMAIN_WEBHOOK_ENDPOINT_H
#define DOMAIN_WEBHOOK_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/webhook/signature.h"
#include "model/user.h"
#include "model/webhook.h"

struct arena;
struct config;
struct store;

enum {
	WEBHOOK_MOST = 10,                   /* of one user */
	WEBHOOK_URL = 2048,                  /* bytes of an address */
	WEBHOOK_OLD_MS = 24 * 60 * 60 * 1000 /* how long a secret that was replaced still signs */
};

/* What is wrong with an address, in one sentence that lives for ever; NULL = nothing. It is https (http only
 * where the operator allows private ones), without name and password, with a host that is no private address
 * on its face; what a name leads to is judged when it is connected to. */
const char *webhook_url_fault(const struct config *config, const char *url);

/* Adds an endpoint of the user (url, events and key_id count: with that key it ends). The secret is to be
 * shown this once. ERR_TOO_MANY_WEBHOOKS; the store's errors. */
enum err_code webhook_add(struct store *store, struct arena *arena, int64_t user_id,
                          const struct webhook *wanted, struct webhook *ret_webhook);

/* What is to become of an endpoint: NULL = as it is. */
struct webhook_change {
	const char *url;
	const bool *completed, *failed, *enabled;
	int64_t key_id; /* who does it: the endpoint ends with this key; 0 = a login, and it ends with none */
};

/* Changes an endpoint of the user. ERR_NOT_FOUND. */
enum err_code webhook_change(struct store *store, struct arena *arena, int64_t user_id, int64_t id,
                             const struct webhook_change *change, struct webhook *ret_webhook);

/* Gives it a new secret, to be shown this once; the one before that goes on signing for WEBHOOK_OLD_MS.
 * The endpoint ends with the key that the user has come by, if any. ERR_NOT_FOUND. */
enum err_code webhook_rotate(struct store *store, struct arena *arena, const struct user *user, int64_t id,
                             struct webhook *ret_webhook);

/* Deletes it: nothing more is sent there. ERR_NOT_FOUND. */
enum err_code webhook_delete(struct store *store, struct arena *arena, int64_t user_id, int64_t id);

/* Has a delivery sent again at once, under the same id. ERR_NOT_FOUND; ERR_WEBHOOK_DISABLED; ERR_BUSY while
 * it is being sent. */
enum err_code
webhook_replay(struct store *store, struct arena *arena, int64_t user_id, int64_t id, int64_t delivery_id);

#endif
