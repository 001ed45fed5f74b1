/* Endpoints of users, to which webhooks about their videos are delivered: which addresses are allowed, and
 * what a user may do with an endpoint. Functions make their own transactions on the caller's store. What is
 * sent, and when: see deliver.h. */
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
	WEBHOOK_OLD_MS = 24 * 60 * 60 * 1000 /* for so long a replaced secret signs, too */
};

/* Says what is wrong with an address, in one sentence that lives for ever; NULL = nothing. It must be https
 * (or http where the operator allows private addresses), without user name and password, and its host must
 * not be a private address as written; what a host name resolves to is checked when it is connected to.
 * Thread-safe. */
const char *webhook_url_fault(const struct config *config, const char *url);

/* Adds an endpoint of the user, with url, events and key_id of `wanted`: with that API key it ends.
 * ret_webhook has the secret, to be shown this once. ERR_TOO_MANY_WEBHOOKS, ERR_NO_MEMORY; the store's
 * errors. */
enum err_code webhook_add(struct store *store, struct arena *arena, int64_t user_id,
                          const struct webhook *wanted, struct webhook *ret_webhook);

/* The members to change; NULL leaves one as it is. */
struct webhook_change {
	const char *url;
	const bool *completed, *failed, *enabled;
	int64_t key_id; /* the API key of the request, with which the endpoint ends; 0 = a login, with none */
};

/* Changes an endpoint of the user. ERR_NOT_FOUND; the store's errors. */
enum err_code webhook_change(struct store *store, struct arena *arena, int64_t user_id, int64_t id,
                             const struct webhook_change *change, struct webhook *ret_webhook);

/* Gives an endpoint a new secret, to be shown this once; the old one signs, too, for WEBHOOK_OLD_MS. The
 * endpoint ends with the API key of the request, if any. ERR_NOT_FOUND, ERR_NO_MEMORY; the store's errors. */
enum err_code webhook_rotate(struct store *store, struct arena *arena, const struct user *user, int64_t id,
                             struct webhook *ret_webhook);

/* Deletes an endpoint: nothing more is sent there. ERR_NOT_FOUND; the store's errors. */
enum err_code webhook_delete(struct store *store, struct arena *arena, int64_t user_id, int64_t id);

/* A delivery that a user wants to have sent again. */
struct webhook_again {
	int64_t user_id;
	int64_t id; /* of the endpoint */
	int64_t delivery_id;
	int64_t per_minute; /* how many the user may have; 0 = any number */
};

/* Makes a delivery due again at once, under the same id. ERR_NOT_FOUND; ERR_WEBHOOK_DISABLED; ERR_BUSY while
 * it is being sent; ERR_RATE_LIMITED, for ret_wait_ms (else 0); the store's errors. */
enum err_code webhook_replay(struct store *store, struct arena *arena, const struct webhook_again *again,
                             int64_t *ret_wait_ms);

#endif
