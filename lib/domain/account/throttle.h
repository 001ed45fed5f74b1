/* The limit of login attempts. Guessing is slowed down where it comes from, so that the owner of an attacked
 * name is not locked out: an address block that a name has signed in from has a count of its own for this
 * name; all others share one count by address and one by name. Internal to this folder. Functions make their
 * own transactions on the caller's store. */
#ifndef DOMAIN_ACCOUNT_THROTTLE_H
#define DOMAIN_ACCOUNT_THROTTLE_H

#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/netblock.h"
#include "base/turns.h"

struct account_attempt;
struct config;
struct store;
struct user;

enum { THROTTLE_BUCKET_SIZE = 16 + 4 * LIMIT_USERNAME + NETBLOCK_SIZE, THROTTLE_BUCKETS = 2 };

/* What one attempt counts against. */
struct throttle {
	char buckets[THROTTLE_BUCKETS][THROTTLE_BUCKET_SIZE]; /* "" = none */
	char block[NETBLOCK_SIZE]; /* of the client's address, as places are noted */
	enum turns_queue queue;    /* where it waits for its password to be computed */
};

/* Finds out what the attempt counts against; `user` is all zero for an unknown name, which takes as long. The
 * store's errors. */
enum err_code throttle_find(struct store *store, const struct account_attempt *attempt,
                            const struct user *user, struct throttle *ret_throttle);

/* Counts the attempt, before its password is checked, so that many at once do not pass together. Beyond
 * config->rate_login a minute ERR_RATE_LIMITED, with the wait; the first bucket, where it had room, keeps its
 * count. The store's errors. */
enum err_code throttle_count(struct store *store, const struct config *config,
                             const struct throttle *throttle, int64_t *ret_wait_ms);

/* Undoes throttle_count() for an attempt whose password was not checked. */
void throttle_refund(struct store *store, const struct config *config, const struct throttle *throttle);

#endif
